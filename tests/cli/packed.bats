# Captures that are packed, come through pipes, or still grow.
load helper

GZ=gz
same() { # FILE: what is said of it is what is said of $BAD
	sip analyze --format json "$1"
	is 1
	jq -S .exchanges "$T/out" >"$T/one"
	sip analyze --format json $BAD
	jq -S .exchanges "$T/out" >"$T/other"
	diff "$T/other" "$T/one"
}

has_zstd() {
	sip analyze "$T/x.zst"
	[[ $stderr != *"packed with zstd"* ]] || skip "built without zstd"
}

@test "gzip" {
	gzip -c $BAD >"$T/x.gz"
	same "$T/x.gz"
	gzip -c captures/mixed-link-types.pcapng >"$T/x.gz"
	sip analyze --format json "$T/x.gz"
	json '.summary.messages == 4'
}

@test "gzip in several members, with padding behind" {
	head -c 700 $BAD | gzip >"$T/x.gz"
	tail -c +701 $BAD | gzip >>"$T/x.gz"
	head -c 512 /dev/zero >>"$T/x.gz"
	same "$T/x.gz"
}

@test "zstd" {
	zstd -q -c $BAD >"$T/x.zst"
	has_zstd
	same "$T/x.zst"
	head -c 700 $BAD | zstd -q >"$T/x.zst"
	tail -c +701 $BAD | zstd -q >>"$T/x.zst"
	same "$T/x.zst"
}

@test "gzip through a pipe" {
	gzip -c $BAD >"$T/x.gz"
	sip_from "$T/x.gz" analyze -
	is 1
	says rejected
}

@test "a damaged gzip file: said once, what is before it is reported" {
	cat $BAD captures/register-401-ok.pcap | gzip -c >"$T/whole.gz"
	size=$(stat -c %s "$T/whole.gz")
	cp "$T/whole.gz" "$T/x.gz"
	for i in 1 2 3 4 5 6 7 8; do
		printf '\377' | dd of="$T/x.gz" bs=1 seek=$((size - 60 - i)) conv=notrunc status=none
	done
	sip analyze "$T/x.gz"
	is 2
	[[ $(wc -l <"$T/err") -le 2 ]] || fail "one line expected"
}

@test "every beginning of a gzip file" {
	gzip -c $BAD >"$T/x.gz"
	for ((n = 1; n < $(stat -c %s "$T/x.gz"); n += 37)); do
		head -c $n "$T/x.gz" >"$T/cut.gz"
		sip analyze "$T/cut.gz"
		is 2
		complains cut.gz
	done
}

@test "every beginning of a zstd file" {
	zstd -q -c $BAD >"$T/x.zst"
	has_zstd
	for ((n = 1; n < $(stat -c %s "$T/x.zst"); n += 37)); do
		head -c $n "$T/x.zst" >"$T/cut.zst"
		sip analyze "$T/cut.zst"
		is 2
	done
}

@test "what gzip hides is no capture" {
	gzip -c Makefile >"$T/x.gz"
	sip analyze "$T/x.gz"
	trouble
	complains "x.gz"
}

@test "a growing file is followed until Ctrl-C" {
	head -c 400 $BAD >"$T/grows.pcap"
	"$SIPAUTH" analyze --follow --format json "$T/grows.pcap" >"$T/out" 2>"$T/err" &
	pid=$!
	sleep 0.5
	tail -c +401 $BAD | head -c 1000 >>"$T/grows.pcap"
	sleep 0.5
	tail -c +1401 $BAD >>"$T/grows.pcap"
	sleep 1
	kill -INT $pid
	status=0
	wait $pid || status=$?
	is 1
	[[ ! -s $T/err ]] || fail "nothing expected on standard error: $(cat "$T/err")"
	json '.summary.messages == 4'
}

@test "Ctrl-C within a packet of a growing file is no truncation" {
	head -c 400 $BAD >"$T/grows.pcap"
	"$SIPAUTH" analyze --follow "$T/grows.pcap" >"$T/out" 2>"$T/err" &
	pid=$!
	sleep 0.5
	kill -INT $pid
	status=0
	wait $pid || status=$?
	[[ $(<"$T/err") != *inside* ]] || fail "$(cat "$T/err")"
}

@test "Ctrl-C at a pipe that is silent: a report of what came" {
	mkfifo "$T/pipe"
	"$SIPAUTH" analyze --format json - <"$T/pipe" >"$T/out" 2>"$T/err" &
	pid=$!
	exec 9>"$T/pipe"
	cat $BAD >&9
	sleep 0.7
	kill -INT $pid
	status=0
	wait $pid || status=$?
	exec 9>&-
	is 1
	json '.summary.messages == 4'
}

@test "rotated files in any order are one timeline" {
	editcap -c 1 $BAD "$T/part.pcap" 2>/dev/null || skip "no editcap"
	files=("$T"/part_*.pcap)
	sip analyze --format json "${files[3]}" "${files[1]}" "${files[0]}" "${files[2]}"
	is 1
	json '.exchanges | length == 1' \
		'.exchanges[0].outcome == "rejected"'
}
