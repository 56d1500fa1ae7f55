# What may be wrong with the input of analyze. Bad files are made here, from a few bytes.
load helper

PCAP_HEAD='d4c3b2a1 0200 0400 00000000 00000000 ffff0000'
PCAPNG_HEAD='0a0d0d0a 1c000000 4d3c2b1a 0100 0000 ffffffffffffffff 1c000000'
PCAPNG_ETHERNET='01000000 14000000 0100 0000 00000000 14000000'

@test "no file" {
	sip analyze
	trouble
	silent
	complains "FILE"
}

@test "a file that does not exist" {
	sip analyze "$T/none.pcap"
	trouble
	complains "none.pcap"
}

@test "a directory" {
	sip analyze "$T"
	trouble
	complains directory
}

@test "no permission" {
	[ "$(id -u)" != 0 ] || skip "root may read everything"
	cp $GOOD "$T/secret.pcap"
	chmod 0 "$T/secret.pcap"
	sip analyze "$T/secret.pcap"
	trouble
	complains "secret.pcap"
	[[ ${stderr,,} == *permission* ]] || fail "permission expected"
}

@test "an empty file" {
	: >"$T/empty.pcap"
	sip analyze "$T/empty.pcap"
	trouble
	complains "empty.pcap"
}

@test "text instead of a capture" {
	sip analyze Makefile
	trouble
	complains "Makefile"
}

@test "binary rubbish" {
	head -c 5000 "$(command -v jq)" >"$T/rubbish"
	sip analyze "$T/rubbish"
	trouble
	complains rubbish
}

@test "every beginning of a capture file" {
	for n in $(seq 1 40) 100 1000; do
		head -c "$n" $GOOD >"$T/cut.pcap"
		sip analyze "$T/cut.pcap"
		[[ -n $stderr ]] || fail "not a word of $n bytes"
	done
}

@test "a pcap header and nothing else: no packets" {
	bytes "$T/head.pcap" $PCAP_HEAD 01000000
	sip analyze "$T/head.pcap"
	[[ -n $output$stderr ]] || fail "not a word"
}

@test "an unknown link type" {
	bytes "$T/strange.pcap" $PCAP_HEAD fe000000 00000000 00000000 04000000 04000000 00112233
	sip analyze "$T/strange.pcap"
	[[ $output$stderr == *"link type"* ]] || fail "the link type expected"
}

@test "a pcap packet longer than any packet" {
	bytes "$T/long.pcap" $PCAP_HEAD 01000000 00000000 00000000 ffffff7f ffffff7f 00112233
	sip analyze "$T/long.pcap"
	complains long.pcap
}

@test "a pcapng block with a wrong length" {
	bytes "$T/block.pcapng" $PCAPNG_HEAD $PCAPNG_ETHERNET 06000000 03000000 00000000
	sip analyze "$T/block.pcapng"
	complains block.pcapng
}

@test "a pcapng block whose two lengths differ" {
	bytes "$T/block.pcapng" $PCAPNG_HEAD $PCAPNG_ETHERNET 05000000 10000000 00000000 14000000
	sip analyze "$T/block.pcapng"
	is 2
	[[ -n $stderr ]] || fail "not a word"
}

@test "a pcapng packet of an interface that is not there" {
	bytes "$T/block.pcapng" $PCAPNG_HEAD \
		06000000 24000000 05000000 00000000 00000000 04000000 04000000 00112233 24000000
	sip analyze "$T/block.pcapng"
	complains block.pcapng
}

@test "a damaged pcapng file: what was before the damage is reported" {
	capture=captures/mixed-link-types.pcapng
	head -c $(($(stat -c %s $capture) - 200)) $capture >"$T/damaged.pcapng"
	printf 'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA' >>"$T/damaged.pcapng"
	sip analyze "$T/damaged.pcapng"
	complains damaged.pcapng
	[[ -n $output ]] || fail "a report expected"
}

@test "a truncated last packet is a warning: the findings decide" {
	head -c -10 $BAD >"$T/cut.pcap"
	sip analyze "$T/cut.pcap"
	complains cut.pcap
	[[ $status != 2 ]] || fail "status 0 or 1 expected"
	sip analyze --format json "$T/cut.pcap"
	json '.summary.truncated == true'
	printf '\0\0\0' >"$T/tail"
	cat $BAD "$T/tail" >"$T/more.pcap"
	sip analyze "$T/more.pcap"
	is 1
	cat $GOOD "$T/tail" >"$T/more.pcap"
	sip analyze "$T/more.pcap"
	is 0
}

@test "standard input" {
	sip_from $BAD analyze -
	is 1
	says rejected
	sip_from $GOOD analyze --format json -
	is 0
	json '.summary.exchanges == 1'
	sip_from /dev/null analyze -
	trouble
}

@test "standard input that is a pipe, in small pieces" {
	(head -c 30 $BAD; sleep 0.1; tail -c +31 $BAD) | "$SIPAUTH" analyze --format json - >"$T/piped" || [ $? = 1 ]
	"$SIPAUTH" analyze --format json $BAD >"$T/direct" || [ $? = 1 ]
	diff "$T/direct" "$T/piped"
}

@test "several files are one timeline" {
	sip analyze --format json $GOOD $BAD captures/mixed-link-types.pcapng
	is 1
	json '.summary.files == 3' \
		'[.exchanges[].file] | unique | length == 3' \
		'.exchanges | map(.time) | length > 2'
	cp "$T/out" "$T/first"
	sip analyze --format json $BAD captures/mixed-link-types.pcapng $GOOD
	json '.summary.files == 3'
	[[ $(jq -c '.summary.outcomes' "$T/first") = "$(jq -c '.summary.outcomes' "$T/out")" ]]
}

@test "one of several files is bad: the rest is reported, status 2" {
	: >"$T/empty.pcap"
	sip analyze $BAD "$T/empty.pcap"
	is 2
	complains empty.pcap
	says rejected
}

@test "a capture without SIP" {
	bytes "$T/other.pcap" $PCAP_HEAD 01000000 00000000 00000000 2a000000 2a000000 \
		ffffffffffff 020000000001 0806 0001 0800 0604 0001 020000000001 0a000001 000000000000 0a000002
	sip analyze "$T/other.pcap"
	[[ -n $output$stderr ]] || fail "not a word"
	sip analyze --format json "$T/other.pcap"
	json '.exchanges == []'
}

@test "each byte of a small capture changed" {
	size=$(stat -c %s $GOOD)
	for ((at = 0; at < size; at += 97)); do
		cp $GOOD "$T/changed.pcap"
		printf '\377' | dd of="$T/changed.pcap" bs=1 seek=$at conv=notrunc status=none
		sip analyze --format json "$T/changed.pcap"
		[[ ! -s $T/out ]] || json '.schema == 1'
	done
}
