# What is believed against what is seen, and what a change of the challenge mode would break.
load helper

believe() { # NUMBER-OF-FINDINGS OPTION... FILE
	sip analyze --format json "${@:2}"
	[[ $(jq '[.exchanges[].findings[] | select(.id == "expected-mode-mismatch")] | length' "$T/out") = "$1" ]] ||
		fail "${*:2}: not $1"
}

@test "--expect" {
	believe 0 --expect REGISTER=401 $GOOD
	believe 1 --expect REGISTER=407 $GOOD
	believe 1 --expect REGISTER=both $GOOD
	believe 0 --expect REGISTER=any $GOOD
	believe 0 --expect INVITE=407 $GOOD
	believe 0 --expect INVITE=both captures/both-challenges-ok.pcap
	believe 0 --expect INVITE=407 captures/invite-407-ok.pcap
	believe 1 --expect INVITE=401 captures/invite-407-ok.pcap
	believe 1 --expect REGISTER=401,INVITE=407 captures/invite-401-expected-407.pcap
}

@test "--vos-mode, in findings and in the summary of the server" {
	believe 0 --vos-mode 1 $GOOD
	believe 1 --vos-mode 2 $GOOD
	json '.summary.challenge_mode[0] | .believed_mode == 2 and .observed_mode == 1'
	sip analyze --vos-mode 1 $GOOD
	says 'That is mode 1, as believed.'
	sip analyze --vos-mode 3 $GOOD
	says 'Mode 3 is believed: was the'
}

@test "--profile" {
	believe 1 --profile carrier captures/invite-401-ok.pcap
	believe 0 --profile carrier captures/invite-407-ok.pcap
	believe 1 --profile cisco captures/register-407-ok.pcap
	believe 0 --profile yealink captures/register-407-ok.pcap
}

@test "--advise: works, breaks, unknown, and why" {
	sip analyze -q --advise captures/register-407-then-401.pcap
	says 'works     breaks    works?    Grandstream GXP1625 1.0.4.132'
	says '1: answered 401 to REGISTER (frame 5)'
	says '2: ignored 407 to REGISTER (frame 2)'
	says 'mode 1: none; mode 2: 1 of 1 (2 of 2'
	sip analyze -q --advise captures/both-challenges-ok.pcap
	says 'works     works     works     Yealink'
	sip analyze -q captures/both-challenges-ok.pcap
	[[ $output != *SS_AUTHCHALLENGEMODE* ]] || fail 'nobody asked'
	sip analyze -q --advise captures/port-unreachable.pcap
	says 'No challenge was seen'
}

@test "the same in JSON, without being asked" {
	sip analyze --format json captures/register-407-then-401.pcap
	json '.summary.challenge_mode[0].endpoints[0].modes | map([.mode, .result, .basis]) ==
		[[1, "works", "observed"], [2, "breaks", "observed"], [3, "works", "profile"]]' \
		'all(.summary.challenge_mode[].endpoints[].modes[]; .evidence != "")'
}

@test "the endpoint of --profile where the User-Agent tells nothing" {
	sip analyze -q --advise --profile cisco captures/register-sha256-ok.pcap
	says 'breaks?'
	says 'profile cisco does not fit this mode'
}

@test "servers and accounts in the summary" {
	sip analyze --format json captures/*.pcap
	json '.summary.servers | length > 0' \
		'all(.summary.servers[]; .failed <= .exchanges
			and ([.over_time.exchanges[]] | add) == .exchanges
			and ([.over_time.failed[]] | add) == .failed)' \
		'[.summary.servers[].failed] | . == (sort | reverse)' \
		'[.summary.challenge_mode[].address] == [.summary.servers[].address]' \
		'.summary.accounts | length > 0 and length <= 100' \
		'all(.summary.accounts[]; .refused + .unanswered > 0 or .offline_since or .accepted > 0)' \
		'.summary.accounts_total >= (.summary.accounts | length)'
}

@test "software: the fix of what is seen" {
	[ -e ../shared/lab/pcap/h137.pcap ] || skip '../shared is not here'
	sip analyze ../shared/lab/pcap/h137.pcap
	says 'Kamailio: auth_db'
	[[ $output != *'VOS3000:'* ]] || fail 'advice for another software'
	sip analyze --format json ../shared/lab/pcap/h137.pcap
	json 'all(.exchanges[].findings[] | select(.id == "rejected-credentials"); .software.name == "Kamailio" and .vos3000 != "")'
	sip analyze --format json $BAD
	json 'all(.exchanges[].findings[]; has("software") | not)'
}
