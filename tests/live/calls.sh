#!/bin/bash
# Calls are ended, bindings removed, whatever happens: the server's own log agrees. TAP.
. "$(dirname "$0")/lib.sh"
need python3 jq
export SIPAUTH_PASSWORD=Harbour-31
call() { probe --user 1001 --method invite "$@" "sip:2001@127.0.0.1:$port"; }

server challenge=407
call
expect 'answered: accepted' 0 '.probe.steps[0] | .outcome == "accepted" and .status == 200'
logged 'one BYE, with credentials' '^BYE .*auth=0\+1' 1
verdict 'the ACK carries the credentials of the INVITE' "$(grep -q '^ACK .* cseq=2 auth=0+1' "$log" || grep ACK "$log")"
logged 'the refused INVITE was acknowledged' '^ACK .* cseq=1 ' 1
server_end

server challenge=407 invite=busy
call
expect 'busy: the credentials were accepted' 0 '.probe.steps[0] | .outcome == "accepted" and .status == 486'
logged 'no CANCEL, no BYE' '^(CANCEL|BYE)' 0
server_end

server challenge=407 invite=ring
call --ring 1
expect 'it rings: cancelled after --ring' 0 '.probe.steps[0] | .outcome == "accepted" and .status == 180'
logged 'one CANCEL, without credentials' '^CANCEL .*auth=0\+0' 1
server_end

server challenge=407 invite=trying
call --timeout 2
expect 'only 100 Trying: timeout' 1 '.probe.steps[0].outcome == "timeout"'
logged 'and a CANCEL' '^CANCEL' 1
server_end

server challenge=407 invite=late
call --ring 0
expect 'a 2xx that crosses the CANCEL' 0 '.probe.steps[0].outcome == "accepted"'
logged 'is ended by a BYE' '^BYE' 1
logged 'and acknowledged' '^ACK .* cseq=2 ' 1
server_end

server challenge=407 invite=fork
call
expect 'forked: two parties answered' 0 '.probe.steps[0] | .outcome == "accepted" and (.text | test("2 parties"))'
logged 'both calls are ended' '^BYE' 2
server_end

server challenge=407 invite=silent
call --timeout 2
expect 'no answer to the INVITE with credentials' 1 '.exchanges[0] | .outcome == "no-reply" and .cause == "answered-but-no-reply"'
logged 'no CANCEL without a provisional response' '^CANCEL' 0
server_end

server
probe --steps register,invite --to 2001 "sip:1001@127.0.0.1:$port"
expect 'register and call in one run' 0 '[.probe.steps[] | .name + " " + .outcome] == ["register accepted", "invite accepted"]'
verdict 'the binding goes last' "$([ "$(grep -cE '^(BYE|REGISTER .*expires=0 )' "$log")" = 2 ] && tail -2 "$log" | grep -q 'REGISTER .*expires=0 \|accepted REGISTER' || cat "$log")"
for method in OPTIONS SUBSCRIBE MESSAGE PUBLISH; do
	probe --method $method --user 1001 "sip:2001@127.0.0.1:$port"
	expect "$method" 0 '.probe.steps[0].outcome == "accepted"'
done
logged 'what was published was removed' '^PUBLISH .*expires=0 ' 1
probe --method register --keep-binding "sip:1001@127.0.0.1:$port"
logged '--keep-binding' '^REGISTER .*expires=0 ' 1
server_end

# interrupt NAME PATTERN OPTIONS...: Ctrl-C as soon as the server saw a new line like this; ends in less than 5 s
interrupt() {
	local name=$1 pattern=$2 before begin end; shift 2
	before=$(grep -cE "$pattern" "$log")
	timeout -k 2 $LIMIT "$SIPAUTH" probe --format json "$@" >"$work/json" 2>"$work/err" </dev/null &
	local p=$!
	for i in $(seq 300); do
		[ "$(grep -cE "$pattern" "$log")" -gt "$before" ] && break
		sleep 0.05
	done
	sleep 0.5 # the answer is on its way
	# timeout hands the signal on
	kill -INT "$(pgrep -P $p)" 2>/dev/null || kill -INT $p
	begin=$(date +%s%N)
	wait $p; status=$?
	end=$(date +%s%N)
	verdict "$name: ends within 5 s" "$([ $(((end - begin) / 1000000)) -lt 5000 ] || echo $(((end - begin) / 1000000)) ms)"
}
server challenge=407 invite=ring
interrupt 'Ctrl-C while it rings' '^INVITE .*auth=0\+1' --user 1001 --method invite --ring 30 "sip:2001@127.0.0.1:$port"
logged 'CANCEL' '^CANCEL' 1
server_end
server challenge=407 invite=late
interrupt 'Ctrl-C, and a 2xx crosses the CANCEL' '^INVITE .*auth=0\+1' --user 1001 --method invite --ring 30 "sip:2001@127.0.0.1:$port"
logged 'BYE' '^BYE' 1
server_end
server challenge=407 invite=silent
interrupt 'Ctrl-C before any provisional response' '^INVITE .*auth=0\+1' --user 1001 --method invite "sip:2001@127.0.0.1:$port"
logged 'no CANCEL' '^CANCEL' 0
server_end
server
interrupt 'Ctrl-C with a binding, between two runs' '^accepted REGISTER' --repeat 0 --interval 30 "sip:1001@127.0.0.1:$port"
logged 'removed' '^REGISTER .*expires=0 ' 1
interrupt 'Ctrl-C with a binding, in a call' '^ACK .*cseq=2 ' --steps register,invite --to 2001 --hold 30 "sip:1001@127.0.0.1:$port"
logged 'BYE was sent' '^BYE' 1
logged 'the binding was removed, too' '^REGISTER .*expires=0 ' 2
server_end
finish
