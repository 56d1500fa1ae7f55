# Selections: what is shown changes, what is known does not.
load helper

MANY="captures/wrong-password.pcap captures/register-401-ok.pcap captures/invite-407-silent.pcap captures/two-proxies-ok.pcap"

# sel OPTION...: the numbers of the exchanges that are shown
sel() {
	sip analyze --format json "$@" $MANY
	[[ $status != 2 ]] || fail "$*"
	numbers=$(jq -r '[.exchanges[].n] | sort | map(tostring) | join(" ")' "$T/out")
}

shows() { # NUMBERS OPTION...
	sel "${@:2}"
	[[ $numbers = "$1" ]] || fail "${*:2}: '$numbers' is shown instead of '$1'"
}

@test "each condition against jq over everything" {
	sip analyze --format json $MANY
	cp "$T/out" "$T/all"
	check() { # JQ-CONDITION OPTION...
		want=$(jq -r "[.exchanges[] | select($1) | .n] | sort | map(tostring) | join(\" \")" "$T/all")
		[[ -n $want ]] || fail "no example for ${*:2}"
		shows "$want" "${@:2}"
	}
	check '.method == "INVITE"' --method invite
	check '.method == "INVITE" or .method == "BYE"' --method INVITE --method bye
	check '.outcome == "rejected"' --outcome rejected
	check '.cause' --only failed
	check '.call_id == "1-13990@10.77.0.10"' --call-id 13990@10.77
	check '[.findings[].id] | index("rejected-credentials")' --finding wrong-password --finding rejected-credentials
	check '.client | startswith("10.77.0.10:")' --address 10.77.0.10
	check '.file == 1' --only failed --method register
	check '[.attempts[].credentials[].realm] | index("alpha.example")' --account 1001@alpha.example
}

@test "conditions of different kinds must all be met" {
	shows '' --method register --outcome unanswered
	shows '' --account nobody
	shows '' --address 192.0.2.0/24
	shows '' --finding nonce-missing
}

@test "the summary counts everything, and says what is shown" {
	sip analyze --format json $MANY
	everything=$(jq -c '.summary | del(.shown)' "$T/out")
	sip analyze --format json --outcome rejected $MANY
	json '.summary.shown == {"exchanges": 1, "findings": 0}'
	[[ $(jq -c '.summary | del(.shown)' "$T/out") = "$everything" ]] || fail 'another summary'
	sip analyze --outcome accepted $MANY
	says '2 exchanges failed'
	says "exchanges shown, 0 failed"
	[[ $output != *'What failed'* ]] || fail 'what is not shown is told'
}

@test "the exit status is that of what is shown" {
	sip analyze $MANY
	is 1
	sip analyze --outcome accepted $MANY
	is 0
	sip analyze --outcome rejected $MANY
	is 1
	sip analyze --account nobody $MANY
	is 0
	says '0 of '
}

@test "servers and accounts of what is shown" {
	sip analyze -v --only failed --method register $MANY
	says 'VOS3000 V2.1.9.07)'
	[[ $output != *'CarrierSBC'* ]] || fail 'another server'
	[[ $output != *'Alpha SBC'* ]] || fail 'another server'
}

@test "times: of day, dates, and offsets" {
	# 09:42:38, and 36 s later
	FILE=captures/register-407-ignored.pcap
	count() { # NUMBER OPTION...
		sip analyze --format json "${@:2}" $FILE
		[[ $(jq '.exchanges | length' "$T/out") = "$1" ]] || fail "${*:2}: not $1"
	}
	first=$(sip analyze --format json $FILE; jq -r '.exchanges[0].time' "$T/out")
	count 2
	count 1 --since 20
	count 1 --since 0m20s
	count 1 --until +20s
	count 0 --since 1h
	count 2 --since 0 --until 1h30m
	count 1 --until "$first"
	count 1 --until "${first:0:19}Z"
	count 2 --since "${first:0:10} 00:00" --until "${first:0:10}T23:59:59.999"
	count 2 --since "${first:11:5}"
	count 0 --until 00:00:01
}

@test "the packets of what is shown" {
	sip analyze -q --outcome accepted --method register -w "$T/some.pcapng" $MANY
	sip analyze --format json "$T/some.pcapng"
	json '[.exchanges[].outcome] == ["accepted"]'
}

@test "wrong values: one line with the nearest right one" {
	wrong() { # PART-OF-THE-COMPLAINT OPTION...
		sip analyze "${@:2}" $GOOD
		trouble 1
		silent
		complains "$1"
	}
	wrong REGISTER --method regster
	wrong "did you mean 'rejected'" --outcome rejekted
	wrong "did you mean 'wrong-password'" --finding wrong-pasword
	wrong "did you mean 'failed'" --only succeeded
	wrong "did you mean 'cisco'" --profile cisko
	wrong 'no IP address' --address 10.0.0.1:5060
	wrong 'from 0 to 32' --address 10.0.0.0/33
	wrong 'from 0 to 128' --address 2001:db8::/129
	wrong 'no time' --since yesterday
	wrong 'no time' --until 24:00
	wrong 'no time' --since 5x
	wrong 'no time' --since 5s5m
	wrong 'no time' --since 99999999999999999999d
	wrong 'before --since' --since 10 --until 5
	wrong 'not empty' --account ''
	wrong 'not empty' --call-id ''
}

@test "a deviation, and one that is none" {
	sip analyze --finding digest-deviation/realm-asterisk $GOOD
	is 0
	sip analyze --finding digest-deviation/ $GOOD
	trouble
}
