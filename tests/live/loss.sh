#!/bin/bash
# Every third UDP packet lost in each direction, at each of the three offsets: the same outcome, cause and findings. TAP.
. "$(dirname "$0")/lib.sh"
[ "$(id -u)" = 0 ] || skip_all 'needs root'
need jq python3 iptables ip
N=sipauth-loss-$$
ip netns add "$N" 2>/dev/null || skip_all 'no network namespaces here'
end() {
	for p in $(ip netns pids "$N" 2>/dev/null); do kill "$p" 2>/dev/null; done
	wait
	ip netns del "$N"
	rm -rf "$work"
}
trap end EXIT
ip -n "$N" link set lo up
inside() { timeout -k 2 120 ip netns exec "$N" "$@"; }
inside iptables -A INPUT -p udp -m statistic --mode nth --every 3 --packet 0 -j ACCEPT 2>/dev/null || skip_all 'no statistic match here'
export SIPAUTH_PASSWORD=Harbour-31

# To the server's port and from it: one rule each, so that each direction loses every third packet.
lose() { # OFFSET, or "none"
	inside iptables -F
	[ "$1" = none ] && return
	inside iptables -A INPUT -p udp --dport 5060 -m statistic --mode nth --every 3 --packet "$1" -j DROP
	inside iptables -A INPUT -p udp --sport 5060 -m statistic --mode nth --every 3 --packet "$1" -j DROP
}
summary='{steps: [.probe.steps[] | {name, outcome, status}],
	exchanges: [.exchanges[] | {method, outcome, status, cause, findings: ([.findings[].id] | sort)}]}'
# scene NAME SERVER-OPTIONS PROBE-OPTIONS...
scene() {
	local name=$1 options=$2; shift 2
	for offset in none 0 1 2; do
		lose $offset
		: >"$work/log.$offset"
		# shellcheck disable=SC2086
		inside python3 $LIVE/server.py host=127.0.0.1 port=5060 log="$work/log.$offset" $options >"$work/port" 2>"$work/server.err" </dev/null &
		sleep 0.7
		inside "$SIPAUTH" probe --format json "$@" >"$work/json" 2>"$work/err" </dev/null
		echo "status $?" >"$work/result.$offset"
		jq "$summary" "$work/json" >>"$work/result.$offset" 2>&1
		for p in $(ip netns pids "$N"); do kill "$p" 2>/dev/null; done
		wait
		[ $offset = none ] || verdict "$name, offset $offset" "$(diff "$work/result.none" "$work/result.$offset")"
		verdict "$name, offset $offset: the server agrees that all was ended" "$(awk '
			/^accepted INVITE/ { up = 1 } /^BYE|^CANCEL/ { up = 0 }
			/^REGISTER/ { wanted = !/expires=0 / } /^accepted REGISTER/ { bound = wanted }
			END { if (up) print "a call is up"; if (bound) print "a binding is left" }' "$work/log.$offset")"
	done
}
scene 'REGISTER' '' sip:1001@127.0.0.1
scene 'a wrong password' '' --user 1001 --password wrong sip:1001@127.0.0.1
scene 'a call that is answered' challenge=407 --user 1001 --method invite sip:2001@127.0.0.1
scene 'a call that rings' 'challenge=407 invite=ring' --user 1001 --method invite --ring 3 sip:2001@127.0.0.1
scene 'two realms' challenge=407+407 sip:1001@127.0.0.1
finish
