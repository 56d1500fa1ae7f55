#!/bin/bash
# Ways to run: the matrix, endpoints that are played, monitoring, repetition, what is written. TAP.
. "$(dirname "$0")/lib.sh"
need python3 jq
export SIPAUTH_PASSWORD=Harbour-31
row() { echo "((.probe.steps | map(select(.name == \"$1\"))[0].outcome) == \"$2\")"; }

server challenge=407
probe --matrix "sip:1001@127.0.0.1:$port"
expect 'matrix of a strict server' 0 "[$(row no-credentials challenged), ($(row right accepted)), ($(row wrong-password rejected)),
	($(row MD5 accepted)), ($(row SHA-256 not-offered)), ($(row qop-none accepted)), ($(row nonce-nc-2 accepted)),
	($(row nonce-nc-1 stale)), ($(row nonce-fabricated rejected)), ($(row other-field challenged) or $(row other-field rejected)),
	($(row other-uri accepted)), ($(row user-domain rejected)), ($(row realm-case rejected)), ($(row same-cseq accepted)),
	($(row nonce-after-wait not-tried))] | all"
expect 'what follows names the mode' 0 '.probe.conclusions | map(test("SS_AUTHCHALLENGEMODE 2")) | any'
verdict 'a refusal is followed by a success' "$(awk '/^refused/ { if (++r > 3) print "four refusals in a row" } /^accepted/ { r = 0 }' "$log")"
logged 'the binding is removed' '^REGISTER .* expires=0 ' 1
server_end
server once
probe --matrix --wait 1 "sip:1001@127.0.0.1:$port"
expect 'one-time nonces' 0 "[$(row nonce-nc-2 stale), (.probe.conclusions | map(test(\"nonce-one-time\")) | any)] | all"
server_end
server
SIPAUTH_PASSWORD=wrong probe --matrix "sip:1001@127.0.0.1:$port"
expect 'with a wrong password it stops' 1 "[$(row right rejected), ($(row wrong-password not-tried)), ($(row other-uri not-tried))] | all"
logged 'after one refusal' '^refused' 1
server_end

for phone in cisco grandstream softphone; do
	server challenge=407
	probe --as $phone "sip:1001@127.0.0.1:$port"
	expect "--as $phone meets 407" 1 '.exchanges[0] | .outcome == "unanswered" and .cause == "register-407-ignored"'
	logged 'and is silent' '^REGISTER' 1
	server_end
done
server
probe --as grandstream "sip:1001@127.0.0.1:$port"
expect '--as grandstream meets 401' 0 '.probe.steps[0].outcome == "accepted"'
server_end
server challenge=407
probe --as yealink "sip:1001@127.0.0.1:$port"
expect '--as yealink meets 407' 0 '.probe.steps[0].outcome == "accepted"'
server_end
server challenge=401
probe --as carrier --method invite --user 1001 "sip:2001@127.0.0.1:$port"
expect '--as carrier meets 401 to INVITE' 1 '.exchanges[0].outcome == "unanswered"'
server_end
server challenge=401
probe --as ims "sip:1001@127.0.0.1:$port"
expect '--as ims: empty credentials first' 0 '.exchanges[0] | .outcome == "accepted" and ([.findings[].id] | index("empty-credentials"))'
server_end

nagios() { timeout 20 "$SIPAUTH" probe --nagios --timeout 2 "$@" >"$work/line" 2>"$work/err" </dev/null; status=$?; }
said() { # NAME STATUS PATTERN
	verdict "$1" "$([ "$status" = "$2" ] && [ "$(wc -l <"$work/line")" = 1 ] && grep -qE "$3" "$work/line" || { echo "status $status"; cat "$work/line" "$work/err"; })"
}
server
nagios "sip:1001@127.0.0.1:$port"
said 'nagios: OK with performance data' 0 '^SIP OK - register accepted \(200\) \| register_rtt=[0-9.]+ms;;;0 register_time=[0-9.]+ms;;;0$'
nagios "127.0.0.1:$port"
said 'nagios: a keep-alive that is challenged' 0 '^SIP OK - options unanswered \(401\)'
SIPAUTH_PASSWORD=wrong nagios "sip:1001@127.0.0.1:$port"
said 'nagios: CRITICAL' 2 '^SIP CRITICAL - register rejected \(401\): .*\| register_rtt='
server_end
nagios sip:1001@127.0.0.1:9
said 'nagios: nothing listens' 2 '^SIP CRITICAL - register port-unreachable'
nagios --frobnicate
said 'nagios: UNKNOWN' 3 '^SIP UNKNOWN'
server challenge=407-www
nagios "sip:1001@127.0.0.1:$port"
said 'nagios: WARNING' 1 '^SIP WARNING'
server_end

server
probe --local 127.0.0.2 "sip:1001@127.0.0.1:$port"
expect '--local' 0 '.exchanges[0].client | startswith("127.0.0.2:")'
probe --local :15999 "sip:1001@127.0.0.1:$port"
expect '--local with a port alone' 0 '.exchanges[0].client == "127.0.0.1:15999"'
probe --method options --from sip:me@here.example --to sip:you@there.example --request-uri sip:x@y.example --route 'sip:r1.example;lr' \
	--header 'X-One: 1' --header 'X-Two: 2' --user-agent 'Phone 7' --user 1001 -w "$work/own.pcapng" "127.0.0.1:$port"
text=$(tr -d '\r\0' <"$work/own.pcapng")
verdict 'what the user wants stands in the request' "$(for line in 'OPTIONS sip:x@y.example SIP/2.0' 'From: <sip:me@here.example>;tag=' \
	'To: <sip:you@there.example>' 'Route: <sip:r1.example;lr>' 'X-One: 1' 'X-Two: 2' 'User-Agent: Phone 7'; do
		grep -qaF -- "$line" <<<"$text" || echo "missing: $line"; done)"
probe --domain voip.example --contact sip:me@192.0.2.5:5070 --proxy "sip:127.0.0.1:$port" --user 1001 -w "$work/own.pcapng" sip:voip.example
text=$(tr -d '\r\0' <"$work/own.pcapng")
verdict '--domain, --contact, --proxy' "$(for line in 'REGISTER sip:voip.example SIP/2.0' 'From: <sip:1001@voip.example>;tag=' \
	'Contact: <sip:me@192.0.2.5:5070>' "Route: <sip:127.0.0.1:$port;lr>"; do grep -qaF -- "$line" <<<"$text" || echo "missing: $line"; done)"
server_end

server
"$SIPAUTH" probe --format ndjson --repeat 3 --interval 1 "sip:1001@127.0.0.1:$port" >"$work/lines" 2>"$work/err"; status=$?
verdict '--repeat: one probe object for each run' "$([ $status = 0 ] && [ "$(jq -s 'map(select(.type == "probe")) | length' "$work/lines")" = 3 ] || cat "$work/lines" "$work/err")"
logged 'and each binding is removed' '^REGISTER .* expires=0 ' 3
probe -w "$work/kept.pcapng" "sip:1001@127.0.0.1:$port"
cp "$work/json" "$work/probe.json"
"$SIPAUTH" analyze --format json "$work/kept.pcapng" >"$work/again.json" 2>"$work/err"
strip='[.exchanges[] | {method, call_id, outcome, status, rounds, findings: [.findings[] | {id, frames}]}]'
verdict '-w: analyze finds the same in the file' "$(diff <(jq "$strip" "$work/probe.json") <(jq "$strip" "$work/again.json"))"
verdict '-w: only its owner may read it' "$([ "$(stat -c %a "$work/kept.pcapng")" = 600 ] || stat -c %a "$work/kept.pcapng")"
"$SIPAUTH" probe "sip:1001@127.0.0.1:$port" >"$work/text" 2>"$work/err"
verdict 'the walk, then the result' "$(grep -q -- '-> REGISTER' "$work/text" && grep -q '^register: accepted (200)' "$work/text" &&
	grep -q '^No exchange failed' "$work/text" || cat "$work/text")"
verdict 'no secret in it, nor in ps' "$(grep -E 'Harbour|response=' "$work/text")"
server_end
finish
