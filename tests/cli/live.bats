# Live capture, HEP agents, watching. Root only where packets are captured: in a network namespace of its own.
load helper

# Runs the program in the background in the namespace; what came is in $T/out and $T/err after finish.
begin() {
	ip netns exec "$N" "$SIPAUTH" analyze "$@" >"$T/out" 2>"$T/err" 3>&- &
	pid=$!
	sleep 1
}

finish() {
	sleep 1
	kill -INT "$pid"
	status=0
	wait "$pid" || status=$?
	output=$(<"$T/out") stderr=$(<"$T/err")
	sound
}

namespace() {
	[ "$(id -u)" = 0 ] || skip "needs root"
	N=sipauth-live-$$-$BATS_TEST_NUMBER
	ip netns add "$N" 2>/dev/null || skip "no network namespaces here"
	ip -n "$N" link set lo up
}

teardown() {
	[[ -z ${N:-} ]] || ip netns del "$N"
}

# A refused registration over the loopback, or what a HEP agent tells of one.
say() { ip netns exec "$N" python3 tests/cli/speak.py "$@"; }

@test "an interface, until Ctrl-C" {
	namespace
	begin -i lo --format json
	say udp
	finish
	is 1
	json '.summary.messages == 4' \
		'.exchanges[0].outcome == "rejected"'
	[[ ! -s $T/err ]] || fail "nothing expected on standard error"
}

@test "two interfaces at a time, and --duration" {
	namespace
	ip -n "$N" link add veth0 type veth peer name veth1 2>/dev/null || skip "no veth"
	for i in 0 1; do ip -n "$N" link set veth$i up; done
	begin -i lo,veth0 --duration 5 --format json
	say udp
	status=0
	wait "$pid" || status=$?
	is 1
	json '.summary.messages == 4'
}

@test "any" {
	namespace
	begin -i any --format json
	say udp
	finish
	is 1
	json '.exchanges | length == 1' \
		'.exchanges[0].outcome == "rejected"'
}

@test "TCP live" {
	namespace
	begin -i lo --format json
	say tcp
	finish
	is 1
	json '.exchanges[0].transport == "TCP"'
}

@test "a filter" {
	namespace
	begin -i lo -f 'port 9' --format json
	say udp
	finish
	is 2
	json '.summary.packets == 0'
}

@test "a snap length is a truncation that is told" {
	namespace
	begin -i lo -s 100 --format json
	say udp
	finish
	json '[.exchanges[].findings[].id] | index("message-truncated") != null'
}

@test "-w: the packets of what failed, by who may not write there any more" {
	namespace
	begin -i lo -w "$T/kept.pcapng"
	say udp
	finish
	is 1
	sip analyze --format json "$T/kept.pcapng"
	is 1
	json '.summary.messages == 4'
}

@test "the rights of root are gone once the interface is open" {
	namespace
	begin -i lo
	running=$(pgrep -P "$pid" sipauth || echo "$pid")
	[[ $(stat -c %U "/proc/$running") != root ]] || grep -q '^Uid:.*65534' "/proc/$running/status"
	finish
}

@test "silence is told while nothing comes: ndjson" {
	namespace
	begin -i lo --format ndjson
	say udp
	sleep 1
	finish
	jq -es 'map(select(.type == "exchange")) | length == 1' "$T/out"
}

@test "statistics and alerts" {
	namespace
	begin -i lo --stats-interval 600 --alert 1 --fail-on never
	say udp
	finish
	is 0
	complains "server 127.0.0.1:5071: 1 challenges, 1 refusals (0.1 a minute)"
	[[ $stderr != *ALERT* ]] || fail "no alert expected"
	complains "account 1 (realm x) at 127.0.0.1:5071"
	sip analyze --alert 3 --fail-on never captures/wrong-password-loop.pcap
	is 1
	complains "ALERT "
	sip analyze --alert 4 --fail-on never captures/wrong-password-loop.pcap
	is 0
	quiet
}

@test "HEP over UDP and TCP, versions 2 and 3" {
	namespace
	for way in hep2 hep3 hep3-tcp; do
		begin --hep-listen 127.0.0.1:9060 --format json
		say $way
		finish
		is 1
		json '.summary.messages == 4' \
			'.exchanges[0].client == "192.0.2.1:5060"' \
			'.exchanges[0].outcome == "rejected"'
	done
}

@test "what is no HEP does no harm" {
	namespace
	begin --hep-listen 127.0.0.1 --format json
	ip netns exec "$N" python3 -c '
import os, socket
for i in range(20):
    socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"HEP3" + os.urandom(50), ("127.0.0.1", 9060))
    s = socket.create_connection(("127.0.0.1", 9060))
    s.sendall(os.urandom(100) if i % 2 else b"HEP3\xff\xff" + os.urandom(70000))
    s.close()'
	say hep3-tcp
	finish
	is 1
	json '.summary.messages == 4'
}

@test "an interface that is not there" {
	[ "$(id -u)" = 0 ] || skip "needs root"
	sip analyze -i nosuch0
	trouble
	complains nosuch0
}

@test "no right to capture" {
	[ "$(id -u)" = 0 ] || skip "needs root"
	cp "$SIPAUTH" "$T/sipauth"
	chmod 755 "$T" "$T/sipauth"
	status=0
	setpriv --reuid=65534 --regid=65534 --clear-groups "$T/sipauth" analyze -i lo >"$T/out" 2>"$T/err" || status=$?
	stderr=$(<"$T/err")
	is 2
	complains permission
}

@test "a wrong filter, a wrong address, files and interfaces together" {
	sip analyze --hep-listen 1.2.3:9
	trouble
	sip analyze --hep-listen 127.0.0.1:99999
	trouble
	sip analyze -i lo $BAD
	trouble
	complains "not both"
	sip analyze -i ,
	trouble
	[ "$(id -u)" = 0 ] || skip "needs root"
	sip analyze -i lo -f 'udp porrt 5060'
	trouble
	complains porrt
}

@test "an address that is taken" {
	namespace
	begin --hep-listen 127.0.0.1:9060
	status=0
	ip netns exec "$N" "$SIPAUTH" analyze --hep-listen 127.0.0.1:9060 2>"$T/second" || status=$?
	[[ $status = 2 && $(<"$T/second") == *"cannot listen"* ]]
	finish
}
