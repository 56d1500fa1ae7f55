# Where the report goes, and in which form.
load helper

@test "JSON: the document of the contract" {
	sip analyze --format json $BAD
	is 1
	quiet
	json '.schema == 1 and (.exchanges | length == 1) and (.findings | type == "array")' \
		'.summary.type == "summary" and .summary.exchanges == 1 and .summary.outcomes.rejected == 1' \
		'.exchanges[0] | .type == "exchange" and .n == 1 and .final == true and .method == "REGISTER"
			and .outcome == "rejected" and .status == 401 and .rounds == 2 and .file == 1' \
		'.exchanges[0].attempts | length == 2 and (.[0].credentials == []) and .[1].frame == 3' \
		'.exchanges[0].attempts[1].credentials[0] | .username == "1001" and .verification == "no-secret"' \
		'.exchanges[0].verdict | length > 20' \
		'.exchanges[0].findings[] | has("id") and has("severity") and has("fault") and has("confidence")
			and has("message") and has("fix") and has("source") and has("frames") and has("frames_total")'
}

@test "ndjson: one object a line, the same as in the document" {
	sip analyze --format json captures/*.pcap
	cp "$T/out" "$T/document"
	sip analyze --format ndjson captures/*.pcap
	[[ $(jq -c 'select(.type == "summary")' "$T/out" | wc -l) = 1 ]]
	[[ $(tail -n 1 "$T/out" | jq -r .type) = summary ]]
	diff <(jq -cS '.exchanges[], .findings[], .summary' "$T/document") <(jq -cS . "$T/out")
	[[ $(wc -l <"$T/out") = $(jq -c . "$T/out" | wc -l) ]]
}

@test "JSON of every capture" {
	for capture in captures/*.pcap*; do
		sip analyze --format json "$capture"
		json '.schema == 1' \
			'[.exchanges[] | .outcome | IN("accepted", "unchallenged", "rejected", "unanswered", "no-reply", "unknown")] | all' \
			'[.exchanges[] | select(.outcome | IN("rejected", "unanswered", "no-reply") | not) | has("cause")] | any | not' \
			'[.exchanges[].findings[], .findings[] | .severity | IN("error", "warning", "info", "ok")] | all' \
			'[.exchanges[].findings[], .findings[] | .fault
				| IN("client", "server", "middlebox", "config", "network", "capture", "none")] | all' \
			'[.exchanges[] | select(.outcome | IN("rejected", "unanswered", "no-reply") | not)
				| .findings[] | select(.severity == "error")] == []'
	done
}

@test "-o: into a file" {
	sip analyze -o "$T/report" $BAD
	is 1
	silent
	quiet
	grep -q rejected "$T/report"
	sip analyze -o "$T/no/such/directory" $BAD
	trouble
	sip analyze -o "$T/report.json" --format json $BAD
	jq -e '.schema == 1' "$T/report.json"
}

@test "-w: the packets of the reported exchanges" {
	sip analyze -w "$T/kept.pcapng" captures/wrong-password.pcap captures/register-401-ok.pcap
	is 1
	[[ -s $T/kept.pcapng ]]
	sip analyze --format json "$T/kept.pcapng"
	is 1
	json '.exchanges | length == 1 and .[0].outcome == "rejected"'
	sip analyze -w "$T/no/such/directory" $BAD
	is 2
}

@test "-o and -w do not overwrite the capture" {
	cp $BAD "$T/in.pcap"
	sip analyze -w "$T/in.pcap" "$T/in.pcap"
	is 2
	cmp $BAD "$T/in.pcap"
	sip analyze -o "$T/in.pcap" "$T/in.pcap"
	is 2
	cmp $BAD "$T/in.pcap"
}

@test "a broken pipe" {
	for form in text json ndjson; do
		set +e
		{ timeout 20 "$SIPAUTH" analyze -v --all --format $form captures/*.pcap captures/*.pcap captures/*.pcap 2>"$T/err"
			echo $? >"$T/status"; } | head -n 1 >"$T/line"
		set -e
		[[ -s $T/line ]]
		! grep -qi 'sanitizer\|runtime error' "$T/err" || fail "not expected"
		[[ $(<"$T/status") != 124 ]]
		[[ $(wc -l <"$T/err") -le 1 ]]
	done
}

@test "a full disk" {
	[ -c /dev/full ] || skip "no /dev/full"
	for arguments in "analyze -v $BAD" "analyze --format json $BAD" "explain" "explain --man" "analyze -o /dev/full $BAD"; do
		status=0
		"$SIPAUTH" $arguments >/dev/full 2>"$T/err" </dev/null || status=$?
		stderr=$(<"$T/err") output=
		sound
		is 2
		[[ -n $stderr ]] || fail "$arguments: a line on standard error expected"
	done
}

@test "a closed standard output" {
	status=0
	"$SIPAUTH" analyze $BAD >&- 2>"$T/err" || status=$?
	[[ $status = 2 ]]
}

@test "bytes of a message cannot drive the terminal" {
	LC_ALL=C sed 's/Yealink/x\x1b[2J\x07\xff/' $BAD >"$T/hostile.pcap"
	[[ $(stat -c %s "$T/hostile.pcap") = $(stat -c %s $BAD) ]] || fail "lengths differ"
	sip analyze -v --all "$T/hostile.pcap"
	! grep -q $'[\x01-\x08\x0b-\x1f\x7f]' "$T/out" || fail "control characters"
	sip analyze --format json "$T/hostile.pcap"
	json '.schema == 1'
	! LC_ALL=C grep -q $'\xff' "$T/out" || fail "not expected"
}
