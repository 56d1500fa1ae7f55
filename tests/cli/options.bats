# The command line of every command, and the exit status.
load helper

@test "no command, an unknown one, --help and --version" {
	sip
	is 2
	silent
	sip frobnicate
	trouble
	complains frobnicate
	sip --help
	is 0
	says analyze
	quiet
	sip --version
	is 0
	says sipauth
}

@test "help of every command" {
	for command in analyze digest explain; do
		sip $command --help
		is 0
		quiet
		says "usage: sipauth $command"
		[[ $(awk 'length > 80' "$T/out") = "" ]] || fail "lines over 80 columns"
	done
}

@test "an unknown option" {
	for command in analyze digest explain; do
		sip $command --frobnicate $GOOD
		trouble
		silent
		complains frobnicate
		sip $command -Z
		trouble
		complains Z
	done
}

@test "an option without its value" {
	sip analyze $GOOD --fail-on
	trouble
	complains fail-on
	sip explain --format
	trouble
}

@test "unknown values of options" {
	for option in --fail-on=sometimes --format=xml --vos-mode=4 --vos-mode=x --expect=REGISTER=200 \
		--expect=REGISTER --expect= --profile=nobody --loop-rounds=0 --loop-rounds=x \
		--loop-rounds=99999999999 --memory=31 --memory=1g --filter='port port'; do
		sip analyze "$option" $GOOD
		trouble
		silent
	done
}

@test "values that are right" {
	for option in --fail-on=never --format=ndjson --vos-mode=1 --expect=REGISTER=401,INVITE=407 \
		--expect=register=any --profile=grandstream --loop-rounds=4 --memory=32 --filter='udp port 5060'; do
		sip analyze "$option" $GOOD
		[[ $status != 2 ]] || fail "$option"
	done
}

@test "--fail-on: from which severity on" {
	sip analyze $BAD
	is 1
	sip analyze --fail-on error $BAD
	is 1
	sip analyze --fail-on never $BAD
	is 0
	says rejected
	sip analyze --fail-on error captures/one-way.pcap
	is 0
	sip analyze --fail-on warning captures/one-way.pcap
	is 1
	sip analyze --fail-on warning $GOOD
	is 0
	sip analyze --fail-on info $GOOD
	is 1
}

@test "the exit status agrees with the severities in the JSON" {
	for capture in captures/*.pcap; do
		found=()
		for level in error warning info; do
			sip analyze --format json --fail-on $level "$capture"
			found+=("$status")
		done
		# 2: nothing could be read, for example without the keys of TLS
		want=$(jq -r '[.exchanges[].findings[]?, .findings[] | .severity] as $seen
			| if .summary.messages == 0 then "2 2 2" else
				[["error"], ["error", "warning"], ["error", "warning", "info"]]
				| map(if any(.[]; IN($seen[])) then "1" else "0" end) | join(" ") end' "$T/out")
		[[ ${found[*]} = "$want" ]] || fail "$capture: '${found[*]}' instead of '$want'"
	done
}

@test "the options go before and after the files" {
	sip analyze $BAD --fail-on never
	is 0
	sip analyze --fail-on never -- $BAD
	is 0
	sip analyze -r $BAD
	is 1
}

@test "a filter leaves packets out" {
	sip analyze --format json --filter 'host 192.0.2.1' $BAD
	json '.exchanges == []'
	sip analyze --format json --filter 'udp' $BAD
	json '.exchanges | length == 1'
}

@test "without libpcap files are analysed, but no filters and interfaces" {
	: >"$BATS_TEST_TMPDIR/libpcap.so.0.8"
	export LD_LIBRARY_PATH=$BATS_TEST_TMPDIR
	sip analyze --fail-on never $BAD
	is 0
	for arguments in "--filter udp $BAD" '-i lo'; do
		sip analyze $arguments
		trouble
		complains "libpcap cannot be loaded"
	done
}

@test "-q is short, -v is long, --all is all" {
	sip analyze -q $BAD
	short=${#output}
	sip analyze $BAD
	plain=${#output}
	sip analyze -v $BAD
	[[ $short -lt $plain && $plain -le ${#output} ]] || fail "$short, $plain, ${#output}"
}

@test "no escape sequences but on a terminal" {
	sip analyze -v $BAD
	[[ $output != *$'\e'* ]] || fail "colour in a file"
	command -v script >/dev/null || skip "no script(1)"
	TERM=xterm script -qec "$SIPAUTH analyze $BAD" /dev/null >"$T/typescript" </dev/null || true
	grep -q $'\e\\[' "$T/typescript"
	NO_COLOR=1 TERM=xterm script -qec "$SIPAUTH analyze $BAD" /dev/null >"$T/typescript" </dev/null || true
	! grep -q $'\e\\[' "$T/typescript" || fail "not expected"
}

@test "explain: an unknown finding, with the nearest one" {
	sip explain chalenge-ignored
	trouble
	complains challenge-ignored
	sip explain ''
	trouble
	sip explain wrong-password no-such-finding
	is 2
	says digest-mismatch
}

@test "explain: every finding of the list" {
	sip explain
	is 0
	for id in $(awk '{ print $1 }' "$T/out"); do
		sip explain "$id"
		is 0
		says "$id"
		says Fix
	done
}

@test "explain: JSON" {
	sip explain --format json
	is 0
	json '.finding_kinds | length > 50' \
		'[.finding_kinds[].id] | length == (unique | length)'
	sip explain --format ndjson wrong-header-pair
	json '.id == "wrong-header-pair"'
}
