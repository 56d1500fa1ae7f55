# Helpers of tests/lab/run: two network namespaces, a capture between them, peers that are stopped by process id.
# One capture is one subshell: lab_open ... peers ... lab_close. Everything dies with the subshell.
#
#   phone side  10.77.0.10 (the client), 10.77.0.99 (somebody else)
#   server side 10.77.0.1 (VOS or registrar), 10.77.0.2 (second proxy), 10.77.0.20 (the called party)

LIMIT=150		# seconds that any process may live
PHONE=10.77.0.10 OTHER=10.77.0.99 SERVER=10.77.0.1 PROXY2=10.77.0.2 CALLEE=10.77.0.20
VOS='VOS3000 V2.1.9.07'

say() { printf 'lab: %s: %s\n' "${NAME:-run}" "$*" >&2; }
die() { say "$*"; exit 1; }

need() {
	for tool; do
		command -v "$tool" >/dev/null || { printf 'lab: %s is missing, nothing was made\n' "$tool" >&2; exit 2; }
	done
}

lab_open() {
	WORK=$(mktemp -d) PIDS= DUMPS= KAMAILIO=
	trap lab_clean EXIT
	trap 'exit 143' INT TERM
	P=sipauth-lab-$$-$BASHPID-p S=sipauth-lab-$$-$BASHPID-s
	ip netns add "$P" && ip netns add "$S" || die 'cannot make network namespaces (root?)'
	ip link add eth0 netns "$P" address 02:00:0a:4d:00:0a type veth peer name eth0 netns "$S" address 02:00:0a:4d:00:01
	for a in $PHONE $OTHER; do ip -n "$P" addr add $a/24 dev eth0; done
	for a in $SERVER $PROXY2 $CALLEE; do ip -n "$S" addr add $a/24 dev eth0; done
	for n in "$P" "$S"; do
		ip netns exec "$n" sh -c 'echo 1 >/proc/sys/net/ipv6/conf/all/disable_ipv6'
		ip -n "$n" link set lo up
		ip -n "$n" link set eth0 up
	done
}

lab_clean() {
	trap - EXIT
	stop $DUMPS $PIDS
	for n in "$P" "$S"; do
		stop $(ip netns pids "$n" 2>/dev/null)
		ip netns del "$n" 2>/dev/null
	done
	rm -rf "$WORK"
}

# lab_abort: for the parent when it is interrupted; what runs in its namespaces ends, then its subshells clean up
lab_abort() {
	trap '' INT TERM
	kill $(jobs -p) 2>/dev/null
	for n in $(ip netns list | awk -v p="^sipauth-lab-$$-" '$1 ~ p { print $1 }'); do
		stop $(ip netns pids "$n")
	done
	wait
	exit 143
}

# stop PID...: ends them and waits for them
stop() {
	for p; do kill "$p" 2>/dev/null; done
	for p; do wait "$p" 2>/dev/null; done
}

inside() { n=$1; shift; timeout -k 2 $LIMIT ip netns exec "$n" "$@"; }
phone_side() { inside "$P" "$@"; }
server_side() { inside "$S" "$@"; }

# background NAMESPACE COMMAND...: leaves the process id in $LAST, output in $WORK/log
background() {
	timeout -k 2 $LIMIT ip netns exec "$@" >>"$WORK/log" 2>&1 </dev/null &
	LAST=$!
	PIDS="$PIDS $LAST"
}

# wait_for WHAT COMMAND...: up to 10 s until the command succeeds
wait_for() {
	what=$1; shift
	for i in $(seq 100); do "$@" >/dev/null 2>&1 && return; sleep 0.1; done
	tail -5 "$WORK/log" >&2
	die "no $what after 10 s"
}

# capture FILE NAMESPACE [TCPDUMP OPTION...] [FILTER]; the capture of most rows is "capture_phone"
capture() {
	file=$1 ns=$2; shift 2
	: >"$WORK/$file.err"
	timeout -k 2 $LIMIT ip netns exec "$ns" tcpdump -U -n -Z root --immediate-mode -w "$WORK/$file" "$@" 2>"$WORK/$file.err" </dev/null &
	DUMPS="$DUMPS $!"
	wait_for tcpdump grep -q 'listening on' "$WORK/$file.err"
}

SIP='port 5060 or icmp'
capture_phone() { capture out "$P" -i eth0 "${1:-$SIP}"; }

# capture_end: what is under way is written, then tcpdump stops
capture_end() {
	sleep 0.5
	stop $DUMPS
	DUMPS=
}

# ladder FILE: methods and status codes in order, on one line; an ICMP error is icmp, a keep-alive of CRLFs is crlf
ladder() {
	tshark -r "$1" -o tls.keylog_file:"$WORK/out.keys" -d tcp.port==5061,tls -d tcp.port==8080,http -T fields -e icmp.type -e sip.Method -e sip.Status-Code -e udp.length -Y 'sip or udp.length == 12 or icmp' 2>>"$WORK/log" |
	awk -F'\t' '{ printf "%s%s", (NR > 1 ? " " : ""), ($1 != "" ? "icmp" : $3 != "" ? $3 : $2 != "" ? $2 : "crlf") }'
}

# lab_close: ends the capture, compares it with the ladder of its row, puts it where it belongs
lab_close() {
	capture_end
	seen=$(ladder "$WORK/out")
	[ "$seen" = "$LADDER" ] || { tail -20 "$WORK/log" >&2; die "expected [$LADDER], got [$seen]"; }
	[ ! -s "$WORK/out.keys" ] || cp "$WORK/out.keys" "$OUT/${NAME%.pcap*}.keys"
	cp "$WORK/out" "$OUT/$NAME" && say "made, $(stat -c %s "$OUT/$NAME") bytes"
}

# server CHALLENGE [VARIABLE=VALUE...]: a Kamailio; see kamailio.cfg for the variables
server() {
	challenge=$1; shift
	at=$SERVER realm=voip.example agent=$VOS lifetime=60 stale=no refuse=no algorithm= next=sip:$CALLEE:5070
	for v; do eval "${v%%=*}=\${v#*=}"; done
	run=$WORK/kamailio.$at
	mkdir -p "$run"
	background "$S" kamailio -DD -E -f "$LAB/kamailio.cfg" -Y "$run" -P "$run/pid" -m 16 -M 8 \
		-A LISTEN_UDP=udp:$at:5060 -A LISTEN_TCP=tcp:$at:5060 -A "SERVER=\"Server: $agent\"" -A "REALM=\"$realm\"" \
		-A "CHALLENGE=\"$challenge\"" -A LIFETIME=$lifetime -A "STALE=\"$stale\"" -A "REFUSE=\"$refuse\"" \
		-A "ALGORITHM=\"$algorithm\"" -A "NEXT_HOP=\"$next\"" $KAMAILIO
	wait_for "Kamailio at $at" listening "$at"
}

# secure_server CHALLENGE: as server, with TLS at port 5061 and WebSocket at port 8080; the key log is $WORK/out.keys
secure_server() {
	openssl req -x509 -newkey rsa:2048 -nodes -days 30 -subj /CN=sip.voip.example -keyout "$WORK/key.pem" \
		-out "$WORK/cert.pem" 2>>"$WORK/log" || die 'no certificate'
	chmod 644 "$WORK/key.pem"
	KAMAILIO="-A LISTEN_TLS=tls:$SERVER:5061 -A LISTEN_WS=tcp:$SERVER:8080 -A CERTIFICATE=\"$WORK/cert.pem\" -A PRIVATE_KEY=\"$WORK/key.pem\""
	server "$@"
}

# lossy: every second datagram to the server is lost on its way
lossy() {
	inside "$S" iptables -A INPUT -p udp --dport 5060 -m statistic --mode nth --every 2 --packet 0 -j DROP ||
		die 'iptables cannot drop packets here'
}

listening() { ip netns exec "$S" ss -Hlun "src $1:5060" | grep -q .; }

# sipp SCENARIO USER PASSWORD USER-AGENT [OPTION...]: one run of a scenario as client
sipp_client() {
	scenario=$1 user=$2 password=$3 agent=$4; shift 4
	case $scenario in invite*) uri=2001@$SERVER ;; *) uri=$SERVER ;; esac	# what sipp hashes, else it adds the port
	phone_side sipp -sf "$LAB/sipp/$scenario.xml" -i $PHONE -p 5060 -s "$user" -au "$user" -ap "$password" -key ua "$agent" \
		-auth_uri "$uri" -m 1 -nostdin -timeout 100s -timeout_error "$@" $SERVER:5060 >>"$WORK/log" 2>&1 </dev/null
}

# linphone SECONDS: linphonec registers, stays so long, unregisters
linphone() {
	ip -n "$P" route add default via $SERVER	# it wants to see a way out
	mkdir -p "$WORK/.local/share/linphone"
	cat >"$WORK/linphonerc" <<-EOF
		[sip]
		sip_port=5060
		sip_tcp_port=0
		use_ipv6=0
		default_proxy=0
		[sound]
		playback_dev_id=none
		capture_dev_id=none
		[auth_info_0]
		username=1001
		passwd=Harbour-31
		realm=voip.example
		domain=$SERVER
		[proxy_0]
		reg_proxy=<sip:$SERVER>
		reg_identity=sip:1001@$SERVER
		reg_expires=3600
		reg_sendregister=1
		publish=0
	EOF
	(sleep "$1"; echo unregister; sleep 2; echo quit) |
		HOME=$WORK XDG_RUNTIME_DIR=$WORK PULSE_RUNTIME_PATH=$WORK/pulse phone_side linphonec -c "$WORK/linphonerc" >>"$WORK/log" 2>&1
}

# baresip_client SECONDS: baresip registers, stays so long, unregisters
baresip_client() {
	mkdir "$WORK/baresip"
	cat >"$WORK/baresip/config" <<-EOF
		sip_listen $PHONE:5060
		module_path /usr/lib/baresip/modules
		module_app account.so
	EOF
	echo "<sip:1001@$SERVER>;auth_user=1001;auth_pass=Harbour-31;regint=600" >"$WORK/baresip/accounts"
	phone_side baresip -f "$WORK/baresip" -t "$1" >>"$WORK/log" 2>&1 </dev/null
}

# pinger LIST: a Kamailio on the phone side that pings the targets in LIST with its dispatcher module
pinger() {
	mkdir "$WORK/pinger"
	cat >"$WORK/pinger.cfg" <<-EOF
		children=1
		log_stderror=yes
		auto_aliases=no
		dns=no
		user_agent_header="User-Agent: CarrierSBC/7.4"
		listen=udp:$PHONE:5060
		loadmodule "tm.so"
		loadmodule "sl.so"
		loadmodule "pv.so"
		loadmodule "dispatcher.so"
		modparam("dispatcher", "list_file", "$1")
		modparam("dispatcher", "ds_ping_interval", 5)
		modparam("dispatcher", "ds_ping_from", "sip:ping@$PHONE")
		modparam("dispatcher", "ds_probing_mode", 1)
		request_route { exit; }
	EOF
	background "$P" kamailio -DD -E -f "$WORK/pinger.cfg" -Y "$WORK/pinger" -P "$WORK/pinger/pid" -m 16 -M 8
}

# callee: answers one call with 180 and 200, ends with the BYE
callee() {
	background "$S" sipp -sf "$LAB/sipp/uas.xml" -i $CALLEE -p 5070 -m 1 -nostdin -timeout 60s
	wait_for callee sh -c "ip netns exec $S ss -Hlun 'src $CALLEE:5070' | grep -q ."
}

# scripted OPTION...: the client for faults that no real client makes
scripted() { phone_side python3 "$LAB/sipua.py" --local $PHONE --server $SERVER "$@" >>"$WORK/log" 2>&1; }

# elsewhere SECONDS: waits, then a third host sends a keep-alive, so that the capture is seen to have gone on
elsewhere() {
	phone_side sleep "$1"
	phone_side python3 -c "
import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(('$OTHER', 5060))
s.sendto(b'\r\n\r\n', ('$SERVER', 5060))"
}
