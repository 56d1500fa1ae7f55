#!/bin/bash
# RFC 3263 through a real DNS server (dnsmasq), in a namespace of its own. TAP.
. "$(dirname "$0")/lib.sh"
[ "$(id -u)" = 0 ] || skip_all 'needs root'
need jq python3 dnsmasq ip
N=sipauth-dns-$$
ip netns add "$N" 2>/dev/null || skip_all 'no network namespaces here'
end() {
	for p in $pids; do kill "$p" 2>/dev/null; done
	for p in $(ip netns pids "$N" 2>/dev/null); do kill "$p" 2>/dev/null; done
	wait
	ip netns del "$N"
	rm -rf "$work"
}
trap end EXIT
ip -n "$N" link set lo up
for a in 10.77.1.1 10.77.1.2 10.77.1.3; do ip -n "$N" addr add $a/32 dev lo; done
ip -n "$N" addr add fd77::1/128 dev lo nodad
inside() { timeout -k 2 $LIMIT ip netns exec "$N" "$@"; }
export SIPAUTH_PASSWORD=Harbour-31

cat >"$work/dnsmasq.conf" <<'END'
no-resolv
no-hosts
port=5353
listen-address=10.77.1.3
bind-interfaces
log-queries
keep-in-foreground
user=root
address=/one.example/10.77.1.1
address=/two.example/10.77.1.2
address=/dead.example/10.77.1.3
address=/plain.example/10.77.1.1
address=/six.example/fd77::1
# NAPTR -> SRV -> A: TCP is preferred
naptr-record=naptr.example,10,50,s,SIP+D2T,,_sip._tcp.naptr.example
naptr-record=naptr.example,20,50,s,SIP+D2U,,_sip._udp.naptr.example
srv-host=_sip._tcp.naptr.example,one.example,5070,10,10
srv-host=_sip._udp.naptr.example,two.example,5080,10,10
# no NAPTR: SRV
srv-host=_sip._udp.srv.example,two.example,5080,10,10
# the first one is dead, the second one answers
srv-host=_sip._udp.over.example,dead.example,5090,10,10
srv-host=_sip._udp.over.example,two.example,5080,20,10
srv-host=_sip._udp.busy.example,one.example,5081,10,10
srv-host=_sip._udp.busy.example,two.example,5080,20,10
srv-host=_sip._udp.mute.example,one.example,5082,10,10
srv-host=_sip._udp.mute.example,two.example,5080,20,10
srv-host=_sip._tcp.over.example,dead.example,5090,10,10
srv-host=_sip._tcp.over.example,one.example,5070,20,10
END
inside dnsmasq -C "$work/dnsmasq.conf" --pid-file="$work/dnsmasq.pid" >"$work/dns.log" 2>&1 </dev/null &
pids="$pids $!"
serve() { # OPTION...: a server in the namespace
	inside python3 $LIVE/server.py "$@" >"$work/port" 2>"$work/server.err" </dev/null &
	pids="$pids $!"
}
serve tcp host=10.77.1.1 port=5070 log="$work/tcp.log"
serve host=10.77.1.2 port=5080 log="$work/udp.log" challenge=407
serve host=10.77.1.1 port=5060 log="$work/a.log"
serve host=10.77.1.1 port=5081 fault=503
serve host=10.77.1.1 port=5082 fault=silent
serve host=fd77::1 port=5060 log="$work/six.log"
for i in $(seq 100); do
	[ "$(inside ss -Hlntu | grep -cE ':(5060|5070|508[0-2]|5353) ')" -ge 8 ] && break
	sleep 0.1
done
probe() {
	: >"$work/dns.mark"
	asked=$(wc -l <"$work/dns.log")
	inside "$SIPAUTH" probe --format json --dns 10.77.1.3:5353 "$@" >"$work/json" 2>"$work/err" </dev/null
	status=$?
	queries=$(tail -n +$((asked + 1)) "$work/dns.log" | grep -oE 'query\[[A-Z]+\] [^ ]+' | sed -E 's/query\[(.*)\]/\1/' | tr '\n' ' ')
}
ok='.probe.steps[0].outcome == "accepted"'
last='.exchanges | map(select(.method == "REGISTER" and .outcome == "accepted"))[0]'

probe sip:1001@naptr.example
expect 'NAPTR chooses transport and SRV' 0 "$ok and ($last | .transport == \"TCP\" and .target == \"10.77.1.1:5070\")"
verdict 'the preferred one only' "$(grep -q '^NAPTR naptr.example SRV _sip._tcp.naptr.example A one.example' <<<"$queries" || echo "$queries")"
probe --transport udp sip:1001@naptr.example
expect '--transport: SRV of that transport' 0 "$ok and ($last | .transport == \"UDP\" and .target == \"10.77.1.2:5080\")"
verdict 'no NAPTR then' "$(grep -q NAPTR <<<"$queries" && echo "$queries")"
probe sip:1001@srv.example
expect 'SRV without NAPTR' 0 "$ok and ($last | .target == \"10.77.1.2:5080\")"
probe sip:1001@plain.example
expect 'A without SRV: UDP, 5060' 0 "$ok and ($last | .transport == \"UDP\" and .target == \"10.77.1.1:5060\")"
probe sip:1001@plain.example:5060
expect 'an explicit port' 0 "$ok"
verdict 'asks for addresses only' "$(grep -qE 'SRV|NAPTR' <<<"$queries" && echo "$queries")"
probe sip:1001@10.77.1.1
expect 'a numeric host' 0 "$ok"
verdict 'asks for nothing' "$queries"
probe sip:1001@six.example
expect 'AAAA' 0 "$ok and ($last | .target == \"[fd77::1]:5060\" and (.request_uri == \"sip:six.example\"))"
probe sip:1001@[fd77::1]
expect 'an IPv6 address' 0 "$ok and ($last | .request_uri == \"sip:[fd77::1]\")"
probe sip:1001@over.example
expect 'fail-over after ICMP' 1 "$ok and ($last | .target == \"10.77.1.2:5080\") and .exchanges[0].cause == \"port-unreachable\""
verdict 'the answer goes to the server that challenged' "$(jq -e '[.exchanges[] | select(.outcome == "accepted") | .findings[].id] | index("retry-to-other-server") | not' "$work/json" >/dev/null || cat "$work/json")"
probe --transport tcp sip:1001@over.example
expect 'fail-over after a refused connection' 0 "$ok and ($last | .target == \"10.77.1.1:5070\")"
probe sip:1001@busy.example
expect 'fail-over after 503' 0 "$ok and ($last | .target == \"10.77.1.2:5080\")"
probe --timeout 2 sip:1001@mute.example
expect 'fail-over after a time-out' 1 "$ok and .exchanges[0].cause == \"no-reply-to-request\""
probe --timeout 2 sip:1001@nowhere.example
expect 'a name that does not exist' 2 '.probe.steps[0].outcome == "dns-failure"'
probe -4 sip:1001@six.example
expect '-4 of a name with AAAA only' 2 '.probe.steps[0].outcome == "dns-failure"'
probe --domain plain.example --proxy sip:srv.example sip:1001@plain.example
expect 'an outbound proxy' 0 "$ok and ($last | .target == \"10.77.1.2:5080\" and .request_uri == \"sip:plain.example\")"
verdict 'with a Route' "$(grep -q 'REGISTER sip:plain.example .*route=<sip:srv.example;lr>' "$work/udp.log" || tail -3 "$work/udp.log")"
finish
