# Why is a digest wrong? The search, its limits, and what it must not tell.
load helper

@test "a stored HA1 of another realm" {
	export SIPAUTH_PASSWORD=$SECRET
	sip analyze --user 1001 --format json captures/realm-stored-ha1.pcap
	is 1
	json '.exchanges[0].cause == "digest-deviation"' \
		'[.exchanges[].findings[] | select(.id == "digest-deviation")] | length == 1 and
			.[0].fault == "config" and
			.[0].deviations == [{id: "realm-asterisk", value: "asterisk", also: []}]'
	sip analyze --user 1001 -v captures/realm-stored-ha1.pcap
	says '1001:asterisk:<hidden>  <-- realm-asterisk'
	[[ $output != *$SECRET* ]] || fail 'the password is told'
	sip analyze --user 1001 -v --show-secrets captures/realm-stored-ha1.pcap
	says "1001:asterisk:$SECRET"
}

@test "no time: said and counted" {
	export SIPAUTH_PASSWORD=$SECRET
	sip analyze --user 1001 --format json --search-time 0 captures/realm-stored-ha1.pcap
	is 1
	json '.exchanges[0].cause == "digest-mismatch" and (.exchanges[0].verdict | contains("no time"))' \
		'.summary.dropped.searches == 1'
	sip analyze --user 1001 --search-time soon captures/realm-stored-ha1.pcap
	trouble
}

@test "many wrong responses of one client are one search and one statement" {
	tests/wrong-digests "$T/many.pcap" 2000 1 realm
	sip analyze --format json --credentials "$T/many.pcap.keys" "$T/many.pcap"
	is 1
	json '.summary.groups == [.summary.groups[0]] and .summary.groups[0].cause == "digest-deviation"' \
		'[.findings[] | select(.id == "digest-deviation")] | length == 1 and .[0].count == 2000 and
			.[0].scope == "account" and (.[0].message | startswith("All 2000 wrong responses"))'
}

@test "the time is a limit for all searches together" {
	tests/wrong-digests "$T/many.pcap" 300 300
	SECONDS=0
	sip analyze --format json --search-time 1 --credentials "$T/many.pcap.keys" "$T/many.pcap"
	[[ $SECONDS -le 20 ]] || fail "$SECONDS s"
	is 1
	json '.summary.dropped.searches > 0 and .summary.outcomes.rejected == 300'
}

@test "Ctrl-C ends the searches, not the report" {
	tests/wrong-digests "$T/many.pcap" 1500 1500
	"$SIPAUTH" analyze --format json --search-time 600 --credentials "$T/many.pcap.keys" "$T/many.pcap" \
		>"$T/out" 2>"$T/err" &
	sleep 2
	kill -INT $!
	status=0
	wait $! || status=$?
	is 1
	grep -q interrupted "$T/err"
	json '.summary.outcomes.rejected == 1500 and .summary.dropped.searches > 0'
}

@test "progress, on a terminal only" {
	command -v script >/dev/null || skip "no script(1)"
	tests/wrong-digests "$T/many.pcap" 200 200
	TERM=xterm script -qec "$SIPAUTH analyze -q --search-time 4 --credentials $T/many.pcap.keys $T/many.pcap" \
		/dev/null >"$T/typescript" </dev/null || true
	grep -q 'looking for what makes the digests wrong' "$T/typescript"
	sip analyze -q --search-time 4 --credentials "$T/many.pcap.keys" "$T/many.pcap"
	quiet
}

@test "digest: what was done instead, without telling the password" {
	local hash
	hash=$(printf '1001:r:sesame\n' | md5sum | cut -c-32)
	hash=$(printf '%s:n:%s' "$hash" "$(printf 'REGISTER:sip:r' | md5sum | cut -c-32)" | md5sum | cut -c-32)
	export SIPAUTH_PASSWORD=sesame
	sip digest --user 1001 --realm r --nonce n --uri sip:r --response "$hash"
	is 1
	says 'MISMATCH: the response is right if the password has a line feed at its end.'
	[[ $output != *sesame* ]] || fail 'the password is told'
	sip digest --user 1001 --realm r --nonce n --uri sip:r --response "$hash" --format json
	json '.digests[0].explanations[0].deviations == [{id: "pw-newline", also: ["order-a1-newline"]}]'
	sip digest --user 1001 --realm r --nonce n --uri sip:r --response "$hash" --format json --show-secrets
	json '.digests[0].explanations[0].deviations[0].value == "sesame\n"'
}

@test "digest: HA1 alone, and what that leaves out" {
	sip digest --user 1001 --realm r --nonce n --uri sip:r --ha1 00000000000000000000000000000000 \
		--response 11111111111111111111111111111111
	is 1
	says 'from HA1 alone the user name, the realm and the password cannot be varied'
}

@test "digest: an ACK has the credentials of its INVITE" {
	local a1 a2
	a1=$(printf '1001:r:sesame' | md5sum | cut -c-32)
	a2=$(printf 'INVITE:sip:2@r' | md5sum | cut -c-32)
	cat >"$T/pasted" <<-END
	ACK sip:2@192.0.2.9 SIP/2.0
	Authorization: Digest username="1001", realm="r", nonce="n", uri="sip:2@r", response="$(printf '%s:n:%s' "$a1" "$a2" | md5sum | cut -c-32)"
	END
	export SIPAUTH_PASSWORD=sesame
	sip_from "$T/pasted" digest
	is 0
	says 'those of its INVITE'
}

@test "digest: --deep" {
	export SIPAUTH_PASSWORD=sesame
	sip digest --deep --user 1001 --realm r --nonce n --uri sip:r --response 11111111111111111111111111111111
	is 1
	says 'do not explain it'
	[[ $output != *'try --deep'* ]] || fail 'it was tried'
}
