# How secrets come in, and that they never go out.
load helper

HA1=$(printf '1001:voip.example:Harbour-31' | md5sum | cut -c1-32)

keys() { # LINE...: a credentials file that only its owner may read
	printf '%s\n' "$@" >"$T/keys"
	chmod 600 "$T/keys"
}

verified() { json '[.exchanges[].attempts[].credentials[].verification] == ["match"]'; }

@test "every way to give a password" {
	keys "1001:*:$SECRET"
	sip analyze --format json --credentials "$T/keys" $GOOD
	verified
	quiet
	keys "1001:voip.example:{ha1}$HA1"
	sip analyze --format json --credentials "$T/keys" $GOOD
	verified
	echo "$SECRET" >"$T/password"
	chmod 600 "$T/password"
	sip analyze --format json --user 1001 --password-file "$T/password" $GOOD
	verified
	sip_from "$T/password" analyze --format json --user 1001 --password-file - $GOOD
	verified
	export SIPAUTH_PASSWORD=$SECRET
	sip analyze --format json --user 1001 $GOOD
	verified
	unset SIPAUTH_PASSWORD
	sip analyze --format json --user 1001 --password "$SECRET" $GOOD
	verified
}

@test "another realm, another user: no secret" {
	keys "1001:elsewhere.example:$SECRET" "1002:*:$SECRET"
	sip analyze --format json --credentials "$T/keys" $GOOD
	json '[.exchanges[].attempts[].credentials[].verification] == ["no-secret"]'
}

@test "comments, empty lines, line ends of DOS" {
	printf '# a comment\r\n\r\n1001:*:%s\r\n' "$SECRET" >"$T/keys"
	chmod 600 "$T/keys"
	sip analyze --format json --credentials "$T/keys" $GOOD
	[[ $status != 2 ]]
}

@test "a bad credentials file" {
	sip analyze --credentials "$T/none" $GOOD
	trouble
	complains none
	keys "no colon here"
	sip analyze --credentials "$T/keys" $GOOD
	complains keys:1
	[[ $stderr != *"no colon here"* ]] || fail "a line of secrets was printed"
	keys "1001:*:{ha1}xyz"
	sip analyze --credentials "$T/keys" $GOOD
	complains keys:1
	[[ $stderr != *xyz* ]] || fail "a secret was printed"
	sip analyze --credentials "$T" $GOOD
	trouble
}

@test "a file that others can read draws a warning" {
	keys "1001:*:$SECRET"
	chmod 644 "$T/keys"
	sip analyze --format json --credentials "$T/keys" $GOOD
	[[ -n $stderr && $status != 2 ]] || fail "a warning expected"
	verified
}

@test "--password draws a warning" {
	sip analyze --user 1001 --password "$SECRET" $GOOD
	[[ $stderr == *"--password"* && $stderr != *"$SECRET"* ]] || fail "a warning expected"
}

@test "a user without a password" {
	sip analyze --user 1001 $GOOD
	trouble
	complains password
}

@test "a password without a user is tried for every user" {
	export SIPAUTH_PASSWORD=$SECRET
	sip analyze --format json $GOOD
	verified
}

@test "an empty password file, and one that is not there" {
	sip analyze --user 1001 --password-file - $GOOD
	trouble
	sip analyze --user 1001 --password-file "$T/none" $GOOD
	trouble
	complains none
}

@test "no output holds a password or an HA1" {
	export SIPAUTH_PASSWORD=$SECRET
	for capture in captures/*.pcap; do
		for options in "-v --all" "--format json" "--format ndjson -v"; do
			sip analyze $options --user 1001 "$capture"
			[[ $output$stderr != *"$SECRET"* ]] || fail "$capture $options: the password"
			[[ $output$stderr != *"$HA1"* ]] || fail "$capture $options: the HA1"
		done
		sip analyze -w "$T/kept.pcapng" --user 1001 "$capture"
		[[ ! -e $T/kept.pcapng ]] || ! grep -qaF "$SECRET" "$T/kept.pcapng" || fail "$capture: -w"
	done
	sip digest --user 1001 --realm voip.example --nonce n --method REGISTER --uri sip:x
	is 0
	[[ $output$stderr != *"$SECRET"* && $output$stderr != *"$HA1"* ]] || fail "digest"
	for form in json ndjson; do
		sip digest --format $form --user 1001 --realm voip.example --nonce n --method REGISTER --uri sip:x
		[[ $output$stderr != *"$SECRET"* && $output$stderr != *"$HA1"* ]] || fail "digest --format $form"
	done
}

@test "--show-secrets shows them" {
	export SIPAUTH_PASSWORD=$SECRET
	sip digest --show-secrets --user 1001 --realm voip.example --nonce n --method REGISTER --uri sip:x
	says "$SECRET"
	says "$HA1"
}

@test "ps does not show the password for long" {
	mkfifo "$T/fifo"
	"$SIPAUTH" analyze --user 1001 --password "$SECRET" - <"$T/fifo" >/dev/null 2>&1 3>&- &
	pid=$!
	exec 9>"$T/fifo"
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		tr '\0' ' ' </proc/$pid/cmdline >"$T/seen" 2>/dev/null || true
		# until it is the program, and has overwritten its argument
		grep -q -- --password "$T/seen" && ! grep -qF -- "$SECRET" "$T/seen" && break
		sleep 0.2
	done
	exec 9>&-
	wait $pid || true
	cat "$T/seen"
	grep -q -- --password "$T/seen"
	! grep -qF -- "$SECRET" "$T/seen" || fail "not expected"
}

@test "ps does not show --password=TEXT either" {
	mkfifo "$T/fifo"
	"$SIPAUTH" analyze --user 1001 --password="$SECRET" - <"$T/fifo" >/dev/null 2>&1 3>&- &
	pid=$!
	exec 9>"$T/fifo"
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		tr '\0' ' ' </proc/$pid/cmdline >"$T/seen" 2>/dev/null || true
		grep -qF -- "$SECRET" "$T/seen" || break
		sleep 0.2
	done
	exec 9>&-
	wait $pid || true
	! grep -qF -- "$SECRET" "$T/seen" || fail "not expected"
}
