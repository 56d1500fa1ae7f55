#!/bin/bash
# Each fault has its own outcome and exit status. TAP.
. "$(dirname "$0")/lib.sh"
need python3 jq
export SIPAUTH_PASSWORD=Harbour-31

# try NAME SERVER-OPTIONS PROBE-OPTIONS STATUS OUTCOME [FILTER]
try() {
	# shellcheck disable=SC2086
	server $2
	# shellcheck disable=SC2086
	probe --timeout 2 $3 "sip:1001@127.0.0.1:$port"
	expect "$1" "$4" "(.probe.steps[0].outcome == \"$5\") and (${6:-true})"
	server_end
}
try 'silence' fault=silent '' 1 no-reply '.exchanges[0].cause == "no-reply-to-request" and .exchanges[0].findings[0].confidence == "proven"'
try 'a reply that is no SIP' fault=junk '' 1 not-sip '.probe.steps[0].text | test("HTTP/1.0 400")'
try 'a redirect is not followed' 'fault=redirect challenge=none' '' 1 redirected '.probe.steps[0] | .status == 302 and (.text | test("192.0.2.7"))'
try '503 with one address' fault=503 '' 0 unchallenged '.probe.steps[0].status == 503'
try 'another branch in the reply' fault=branch '' 1 no-reply '.probe.steps[0].text | test("branch is not ours")'
try 'the branch in upper case' fault=branch-case '' 1 no-reply '.probe.steps[0].text | test("upper and lower case")'
try 'the 401 lacks its last line breaks' fault=cut '' 0 accepted
try 'two final responses' fault=two-finals '' 0 accepted '[.exchanges[].findings[].id] | index("two-final-responses")'
try 'the server closes the connection at once' 'tcp fault=close' '--transport tcp' 1 closed
try 'it closes after each response' 'tcp fault=close-after' '--transport tcp' 0 accepted '.exchanges[0].rounds == 1'
try 'TCP' tcp '--transport tcp' 0 accepted '.exchanges[0].transport == "TCP"'
try 'TLS where there is none' tcp '--transport tls' 2 tls-failure
try 'WebSocket where there is none' tcp '--transport ws' 1 timeout '.probe.steps[0].text | test("WebSocket")'

server challenge=407 invite=busy
probe --method invite --user 1001 --header "X-Long: $(printf 'x%.0s' $(seq 1200))" "sip:2001@127.0.0.1:$port"
expect 'more than 1300 bytes over UDP: sent, and told' 0 '.exchanges[0] | .outcome == "accepted" and ([.findings[].id] | index("large-request"))'
server_end

probe --timeout 2 sip:1001@127.0.0.1:9
expect 'nothing listens: ICMP' 2 '.probe.steps[0].outcome == "port-unreachable" and .exchanges[0].cause == "port-unreachable"'
probe --timeout 2 tcp:127.0.0.1:9 --user 1001
expect 'nothing listens: TCP' 2 '.probe.steps[0].outcome == "port-unreachable"'
probe --timeout 2 --dns 127.0.0.1:9 sip:1001@nowhere.example
expect 'the name cannot be resolved' 2 '.probe.steps[0].outcome == "dns-failure"'
probe --timeout 2 --local 192.0.2.55 sip:1001@127.0.0.1
expect 'a local address that is not ours' 2 '.probe.steps[0].outcome == "local-trouble"'
for word in dns-failure port-unreachable; do
	case $word in dns-failure) set -- --dns 127.0.0.1:9 sip:1001@nowhere.example ;; *) set -- sip:1001@127.0.0.1:9 ;; esac
	probe --timeout 1 "$@"
	verdict "$word has one line on standard error that says what to do" \
		"$([ "$(wc -l <"$work/err")" = 1 ] && grep -q "$word: .*; check" "$work/err" || cat "$work/err")"
done
# The command line: status 2, one line, nothing sent.
wrong() { # OPTION...
	timeout 10 "$SIPAUTH" probe "$@" >"$work/out" 2>"$work/err" </dev/null
	local s=$?
	verdict "wrong: $*" "$([ $s = 2 ] && [ "$(wc -l <"$work/err")" = 1 ] && [ ! -s "$work/out" ] || { echo "status $s"; cat "$work/err" "$work/out"; })"
}
wrong
wrong sip:
wrong sip:1001@
wrong 127.0.0.1:70000
wrong 127.0.0.1:x
wrong 'sip:1001@a b'
wrong sctp:127.0.0.1
wrong 'sip:127.0.0.1;transport=sctp'
wrong 'sips:127.0.0.1;transport=udp'
wrong 127.0.0.1 127.0.0.2
wrong --method INVITE sip:1001@127.0.0.1
wrong --method INVITE 127.0.0.1
wrong --method FROB 127.0.0.1
wrong --steps register,frob sip:1001@127.0.0.1
wrong --steps register --method options sip:1001@127.0.0.1
wrong --method register 127.0.0.1
wrong --header 'no colon' 127.0.0.1
wrong --transport carrier-pigeon 127.0.0.1
wrong --algorithm MD4 127.0.0.1
wrong --attempts 9 127.0.0.1
wrong --as nobody 127.0.0.1
wrong --matrix --steps register sip:1001@127.0.0.1
wrong --body /nonexistent 127.0.0.1
wrong --local nowhere 127.0.0.1
if [ "$(id -u)" = 0 ] && ip netns add "sipauth-none-$$" 2>/dev/null; then
	ip netns exec "sipauth-none-$$" timeout 20 "$SIPAUTH" probe --format json --timeout 2 sip:1001@192.0.2.1 >"$work/json" 2>"$work/err"
	status=$?
	ip netns del "sipauth-none-$$"
	expect 'no route' 2 '.probe.steps[0].outcome == "no-route"'
else
	n=$((n + 1)); echo "ok $n - no route # SKIP needs root"
fi
finish
