# analyze --compare: two exchanges beside each other.
load helper

LOOP=captures/loop-wrong-header.pcap
WORKS=captures/register-407-ok.pcap
BOTH=captures/register-407-then-401.pcap

@test "the failing phone beside the working one, of two captures" {
	sip analyze --compare 1,1 $LOOP $WORKS
	is 1
	quiet
	says 'What differs, and matters'
	grep -q '^!   header field        Authorization               Proxy-Authorization$' "$T/out" || fail 'the header field'
	grep -q '^    file                captures/loop-wrong-header  captures/register-407-ok.p$' "$T/out" || fail 'the files'
	[[ $output != *'What is the same'* ]] || fail 'that is for -v'
	! grep -qE '.{80}' "$T/out" || fail 'a line over 79 columns'
}

@test "the same as JSON" {
	sip analyze --compare 1,1 --format json $LOOP $WORKS
	is 1
	json '.schema == 1 and .type == "comparison" and .left.n == 1 and .right.file == 2' \
		'.rows[] | select(.section == "Credentials" and .name == "header field")
			| .left == "Authorization" and .right == "Proxy-Authorization" and .state == "differs" and .matters'
	json '[.rows[] | select(.matters)] | length == '"$(jq .differences "$T/out")"
	json '[.rows[] | .state] | unique - ["same", "differs", "only-left", "only-right", "must-differ"] == []'
	sip analyze --compare 1,1 --format ndjson $LOOP $WORKS
	[[ $(wc -l <"$T/out") = 1 ]] || fail 'one object a line'
}

@test "two of one capture, in either order" {
	sip analyze --compare 1,2 $BOTH
	is 1
	says '#1 beside #2: 8 differences that matter'
	sip analyze --compare 2,1 --format json $BOTH
	json '.left.n == 2 and .right.n == 1 and .left.file == 1 and .right.file == 1' \
		'.rows[] | select(.name == "status" and .section == "Challenge") | .left == "401" and .right == "407"'
}

@test "nothing that matters: status 0, and --fail-on never always" {
	sip analyze --compare 1,1 -v $BOTH
	is 0
	says 'no difference that matters'
	says 'What is the same'
	sip analyze --compare 1,2 --fail-on never $BOTH
	is 0
}

@test "secrets are used, and not shown" {
	export SIPAUTH_PASSWORD=$SECRET
	sip analyze --compare 1,1 -v --user 1001 $BAD $GOOD
	is 1
	grep -q '^!   digest              mismatch                    match$' "$T/out" || fail 'the digests'
	[[ $output != *"$SECRET"* ]] || fail 'the password is shown'
}

@test "an exchange that is not there" {
	sip analyze --compare 1,9 $BOTH
	trouble
	complains "$BOTH has no exchange 9; it has 2, numbered from 1"
	silent
	sip analyze --compare 1,2 $LOOP $WORKS
	trouble
	complains "$WORKS has no exchange 2; it has 1"
}

@test "what cannot be compared" {
	for value in 1 1, ,1 0,1 1,0 a,b 1,2,3 '' 99999999999,1; do
		sip analyze --compare "$value" $BOTH
		trouble
		complains '--compare'
		silent
	done
	sip analyze --compare 1,1 $BOTH $LOOP $WORKS
	trouble
	complains 'one capture or two, not 3'
	sip analyze --compare 1,1 -w "$T/x" $BOTH
	trouble
	[[ ! -e $T/x ]] || fail 'a file was made'
	sip analyze --compare 1,1 --follow $BOTH
	trouble
	sip analyze --compare 1,1 --account 1001 $BOTH
	trouble
	complains 'leave out --account'
	sip analyze --compare 1,1 "$T/none" $BOTH
	trouble
	sip analyze --compare 1,1 /dev/null
	trouble
}

@test "-o, which is not emptied for nothing" {
	echo before >"$T/x"
	sip analyze --compare 1,9 -o "$T/x" $BOTH
	trouble
	[[ $(<"$T/x") = before ]] || fail 'it was emptied'
	sip analyze --compare 1,2 -o "$T/x" $BOTH
	is 1
	silent
	grep -q '#1 beside #2' "$T/x" || fail 'nothing was written'
}
