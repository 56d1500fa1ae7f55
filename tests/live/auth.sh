#!/bin/bash
# Every kind of challenge, from a scripted server that verifies digests by itself. TAP.
. "$(dirname "$0")/lib.sh"
need python3 jq openssl
export SIPAUTH_PASSWORD=Harbour-31

# try NAME SERVER-OPTIONS PROBE-OPTIONS STATUS FILTER
try() {
	# shellcheck disable=SC2086
	server $2
	# shellcheck disable=SC2086
	probe $3 "sip:1001@127.0.0.1:$port"
	expect "$1" "$4" "$5"
	server_end
}
accepted='.probe.steps[0].outcome == "accepted" and .probe.steps[0].status == 200 and .exchanges[0].rounds'
wire() { echo "[.exchanges[0].attempts[].credentials[] | .$1]"; }

try '401' '' '' 0 "$accepted == 1"
try '407' 'challenge=407' '' 0 "$accepted == 1 and .exchanges[0].attempts[1].credentials[0].header == \"Proxy-Authorization\""
try 'both kinds in one 401: both are answered' 'challenge=both-401' '' 0 \
	"$accepted == 1 and (.exchanges[0].attempts[1].credentials | map(.header) | sort == [\"Authorization\", \"Proxy-Authorization\"])"
try 'both kinds in one 407' 'challenge=both-407' '' 0 "$accepted == 1 and (.exchanges[0].attempts[1].credentials | length == 2)"
try '401, then 407: the first answer is kept' 'challenge=401+407' '' 0 \
	"$accepted == 2 and (.exchanges[0].attempts[2].credentials | length == 2)"
try 'two realms one after the other' 'challenge=407+407' '' 0 \
	"$accepted == 2 and (.exchanges[0].attempts[2].credentials | map(.realm) | sort == [\"other.example\", \"voip.example\"])"
try 'two realms in one response' 'challenge=two-realms' '' 0 "$accepted == 1"
try '407 with WWW-Authenticate: answered by the header field' 'challenge=407-www' '' 0 \
	"$accepted == 1 and .exchanges[0].attempts[1].credentials[0].header == \"Authorization\" and
	([.exchanges[0].findings[].id] | index(\"status-header-mismatch\"))"
try '401 without a challenge' 'challenge=bare' '' 1 '.exchanges[0].cause == "challenge-missing"'
for algorithm in MD5 MD5-sess SHA-256 SHA-256-sess SHA-512-256 SHA-512-256-sess; do
	try "$algorithm" "algorithms=$algorithm" '' 0 "$accepted == 1"
	try "$algorithm, auth-int" "algorithms=$algorithm qop=auth-int" '' 0 \
		"$accepted == 1 and $(wire qop) == [\"auth-int\"]"
done
try 'no qop' 'qop=none' '' 0 "$accepted == 1 and $(wire nc) == [null]"
try 'auth is taken from a list' 'qop=auth-int,auth' '' 0 "$accepted == 1 and $(wire qop) == [\"auth\"]"
try '--qop auth-int' 'qop=auth-int,auth' '--qop auth-int' 0 "$accepted == 1 and $(wire qop) == [\"auth-int\"]"
try '--qop none' '' '--qop none' 0 "$accepted == 1 and $(wire qop) == [null]"
try 'an empty opaque comes back' 'opaque' '' 0 "$accepted == 1 and $(wire opaque) == [\"\"]"
try 'the topmost algorithm (RFC 8760)' 'algorithms=SHA-256,MD5' '' 0 "$accepted == 1 and $(wire algorithm) == [\"SHA-256\"]"
try 'the topmost one that is known' 'algorithms=SHA3-256,MD5' '' 0 "$accepted == 1 and $(wire algorithm) == [\"MD5\"]"
try '--algorithm MD5' 'algorithms=SHA-256,MD5' '--algorithm MD5' 0 "$accepted == 1 and $(wire algorithm) == [\"MD5\"]"
try '--algorithm strongest' 'algorithms=MD5,SHA-512-256,SHA-256' '--algorithm strongest' 0 \
	"$accepted == 1 and ($(wire algorithm)[0] | startswith(\"SHA-\"))"
try 'a challenge as libosip2 cannot read it' 'sloppy' '' 0 "$accepted == 1"
try 'stale=true with a new nonce' 'stale=1' '' 0 "$accepted == 2"
try 'stale=true for ever: 2 answers' 'stale=99' '' 1 \
	'.probe.steps[0].outcome == "rejected" and .exchanges[0].cause == "stale-loop" and ([.exchanges[0].attempts[].credentials | length] == [0, 1, 1])'
try 'stale=true for ever: --attempts 3' 'stale=99' '--attempts 3' 1 \
	'[.exchanges[0].attempts[].credentials | length] == [0, 1, 1, 1]'
try 'one-time nonces: the removal is answered anew' 'once' '' 0 "$accepted == 1 and .exchanges[1].outcome == \"accepted\""

# the nonce is used again with nc 2, in the same Call-ID
server
probe "sip:1001@127.0.0.1:$port"
expect 'nonce reuse' 0 '.exchanges[1].attempts[0].credentials[0].nc == "00000002" and .exchanges[1].outcome == "accepted"'
logged 'the binding was removed' '^REGISTER .* expires=0 ' 1
probe --steps register,options --preempt "sip:1001@127.0.0.1:$port"
expect '--preempt: no challenge to the second step' 0 '.exchanges | map(select(.method == "OPTIONS"))[0] | .rounds == 0 and .outcome == "accepted"'
probe --steps register,options "sip:1001@127.0.0.1:$port"
expect 'without it the second step is challenged' 0 '.exchanges | map(select(.method == "OPTIONS"))[0].rounds == 1'
server_end

server fresh
SIPAUTH_PASSWORD=wrong probe "sip:1001@127.0.0.1:$port"
expect 'wrong password: two answers, then it ends' 1 \
	'.probe.steps[0].outcome == "rejected" and ([.exchanges[0].attempts[].credentials | length] == [0, 1, 1])'
SIPAUTH_PASSWORD=wrong probe --attempts 1 "sip:1001@127.0.0.1:$port"
expect '--attempts 1' 1 '[.exchanges[0].attempts[].credentials | length] == [0, 1]'
server_end

server challenge=407
SIPAUTH_PASSWORD=wrong probe --steps register,options,register,options,register "sip:1001@127.0.0.1:$port"
verdict 'a warning before the account is locked' "$(grep -q 'lock the account' "$work/err" || cat "$work/err")"
logged 'and never the answer that could lock it' '^refused' 5
server_end

server
env -u SIPAUTH_PASSWORD "$SIPAUTH" probe --format json "sip:1001@127.0.0.1:$port" >"$work/json" 2>"$work/err"; status=$?
expect 'no password: the challenge is reported, not answered' 0 \
	'.probe.steps[0].outcome == "unanswered" and .probe.steps[0].text == "no secret for realm \"voip.example\""'
server_end

printf '1001:voip.example:Harbour-31\n' >"$work/keys"; chmod 600 "$work/keys"
server
env -u SIPAUTH_PASSWORD "$SIPAUTH" probe --format json --credentials "$work/keys" --method register --from "sip:9@x" "127.0.0.1:$port" \
	>"$work/json" 2>"$work/err"; status=$?
expect 'the user comes from the credentials file' 0 "$accepted == 1 and $(wire username) == [\"1001\"]"
server_end
ha1=$(printf 1001:voip.example:Harbour-31 | md5sum | cut -d' ' -f1)
printf '1001:*:{ha1}%s\n' "$ha1" >"$work/keys"
server
env -u SIPAUTH_PASSWORD "$SIPAUTH" probe --format json --credentials "$work/keys" "sip:1001@127.0.0.1:$port" >"$work/json" 2>"$work/err"; status=$?
expect 'HA1 in place of a password' 0 "$accepted == 1"
server_end
k=465b5ce8b199b49faa5f0a2ee238a6bc opc=cd63cb71954a9f4e48a5994e37a02baf
printf '1001:*:{aka}K=%s,OPC=%s\n' $k $opc >"$work/keys"
server aka=$k,$opc
env -u SIPAUTH_PASSWORD "$SIPAUTH" probe --format json --credentials "$work/keys" "sip:1001@127.0.0.1:$port" >"$work/json" 2>"$work/err"; status=$?
expect 'AKAv1-MD5 from K and OPc' 0 "$accepted == 1 and $(wire algorithm) == [\"AKAv1-MD5\"]"
verdict 'no secret in what was written' "$(grep -iE "$k|$opc|Harbour" "$work/json" "$work/err")"
server_end
finish
