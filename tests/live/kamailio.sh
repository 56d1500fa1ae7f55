#!/bin/bash
# The probe against real servers in namespaces of their own: Kamailio as registrar and proxy, sipp as the called party. TAP.
. "$(dirname "$0")/lib.sh"
[ "$(id -u)" = 0 ] || skip_all 'needs root'
need jq kamailio sipp openssl ip tcpdump
ip netns add "sipauth-try-$$" 2>/dev/null && ip netns del "sipauth-try-$$" || skip_all 'no network namespaces here'
LAB=$PWD/tests/lab
OUR=$work
. tests/lab/lib.sh
export SIPAUTH_PASSWORD=Harbour-31

# In the lab's namespaces: every scene is a subshell that cleans up behind itself; its TAP lines go to one file.
probe() {
	phone_side "$OLDPWD_SIPAUTH" probe --format json "$@" >"$OUR/json" 2>"$OUR/err" </dev/null
	status=$?
}
case $SIPAUTH in /*) OLDPWD_SIPAUTH=$SIPAUTH ;; *) OLDPWD_SIPAUTH=$PWD/$SIPAUTH ;; esac
tap=$OUR/tap
scene() { # NAME FUNCTION: its verdicts, renumbered
	NAME=$1
	( n=0 failed=; work=$OUR; lab_open; work=$OUR; "$2" ) >"$tap" 2>"$OUR/scene.err"
	local s=$?
	while IFS= read -r line; do
		case $line in
		'ok '*) n=$((n + 1)); echo "ok $n - $1: ${line#* - }" ;;
		'not ok '*) n=$((n + 1)); failed=1; echo "not ok $n - $1: ${line#* - }" ;;
		*) echo "$line" ;;
		esac
	done <"$tap"
	if [ $s != 0 ]; then
		n=$((n + 1)); failed=1
		echo "not ok $n - $1: ended with $s"
		tail -5 "$OUR/scene.err" | sed 's/^/#   /'
	fi
}
said() { verdict "$1" "$(grep -cE "$2" "$WORK/log" | grep -qx "$3" || { echo "'$2' is not there $3 times"; grep -E 'REGISTERED' "$WORK/log" | tail -5; })"; }
good='.probe.steps[0].outcome == "accepted" and .probe.steps[0].status == 200'

plain() {
	server "$1" "${@:3}"
	probe "sip:1001@$SERVER"
	expect 'REGISTER' 0 "$good and .exchanges[0].attempts[0].response.status == $2"
	probe --transport tcp "sip:1001@$SERVER"
	expect 'REGISTER over TCP' 0 "$good and .exchanges[0].transport == \"TCP\""
	SIPAUTH_PASSWORD=wrong probe "sip:1001@$SERVER"
	expect 'a wrong password' 1 '.probe.steps[0].outcome == "rejected" and .exchanges[0].cause == "digest-correct-rejected"'
	probe "$SERVER"
	expect 'OPTIONS without a user' 0 '.probe.steps[0].outcome == "unanswered"'
}
scene_401() { plain 401 401; }
scene_407() { plain 407 407; }
scene_both401() { plain both-401 401; }
scene_both407() { plain both-407 407; }
scene_sha256() {
	server 401 algorithm=SHA-256
	probe "sip:1001@$SERVER"
	expect 'REGISTER' 0 "$good and .exchanges[0].attempts[1].credentials[0].algorithm == \"SHA-256\""
	probe --algorithm MD5 "sip:1001@$SERVER"
	expect '--algorithm MD5 is not offered' 0 '.probe.steps[0].outcome == "unanswered"'
}
scene_refused() {
	server 401 refuse=403
	SIPAUTH_PASSWORD=wrong probe "sip:1001@$SERVER"
	expect '403: one answer only' 1 '.exchanges[0].cause == "auth-rejected-403" or .exchanges[0].cause == "digest-correct-rejected"'
}
scene_stale() {
	server 401 lifetime=1 stale=yes
	probe --preempt --repeat 1 --steps register,options,register "sip:1001@$SERVER"
	expect 'nonces of one second' 0 "$good"
	probe --matrix --wait 3 "sip:1001@$SERVER"
	expect 'the matrix sees the lifetime' 0 '[(.probe.steps | map(select(.name == "nonce-after-wait"))[0].outcome == "stale"),
		(.probe.conclusions | map(test("nonce-expired")) | any)] | all'
}
scene_realms() {
	# a chain of two proxies, each with its own realm and password; the called party behind
	callee
	server 407 next=sip:$PROXY2
	server 407 at=$PROXY2 realm=beta.example next=sip:$CALLEE:5070
	printf '1001:voip.example:Harbour-31\n1001:beta.example:Lantern-58\n' >"$OUR/keys"
	chmod 600 "$OUR/keys"
	env -u SIPAUTH_PASSWORD true
	unset SIPAUTH_PASSWORD
	probe --credentials "$OUR/keys" --method invite --user 1001 "sip:2001@$SERVER"
	expect 'two challenges, two answers, one call' 0 "$good and .exchanges[0].rounds == 2 and
		(.exchanges[0].attempts[2].credentials | map(.realm) | sort == [\"beta.example\", \"voip.example\"])"
	verdict 'sipp agrees that the call was ended' "$(wait $LAST; :)"
}
called() { # SCENARIO: a sipp UAS that logs
	background "$S" sipp -sf "$1" -i $CALLEE -p 5070 -m 1 -nostdin -timeout 60s -trace_msg -message_file "$WORK/sipp.log"
	CALLED=$LAST
	wait_for callee sh -c "ip netns exec $S ss -Hlun 'src $CALLEE:5070' | grep -q ."
}
ended() { verdict "$1" "$(wait $CALLED || { echo "sipp ended with $?"; grep -E '^(INVITE|ACK|BYE|CANCEL|SIP/2.0)' "$WORK/sipp.log"; })"; }
scene_answers() {
	called "$LAB/sipp/uas.xml"
	server 407
	probe --steps register,invite --to 2001 "sip:1001@$SERVER"
	expect 'checklist 6-8' 0 '[.probe.steps[] | .name + " " + .outcome] == ["register accepted", "invite accepted"]'
	ended 'ended by ACK and BYE'
	probe --method options "sip:1001@$SERVER"
}
scene_busy() {
	called tests/live/uas-busy.xml
	server 407
	probe --method invite --user 1001 "sip:2001@$SERVER"
	expect 'the credentials were accepted' 0 '.probe.steps[0] | .outcome == "accepted" and .status == 486'
	ended 'the 486 was acknowledged'
}
scene_rings() {
	called tests/live/uas-ring.xml
	server 407
	probe --method invite --user 1001 --ring 2 "sip:2001@$SERVER"
	expect 'cancelled' 0 '.probe.steps[0] | .outcome == "accepted" and .status == 180'
	ended 'CANCEL, 487, ACK'
}
scene_silent() {
	# nobody answers: Kamailio says 100, then 408 after 30 s; here the probe gives up first
	server 407 next=sip:$CALLEE:5079
	ip netns exec "$S" iptables -A INPUT -p udp --dport 5079 -j DROP
	ip -n "$S" addr show dev lo >/dev/null
	background "$S" python3 -c "import socket,time; s=socket.socket(socket.AF_INET,socket.SOCK_DGRAM); s.bind(('$CALLEE',5079)); time.sleep(60)"
	probe --method invite --user 1001 --timeout 3 "sip:2001@$SERVER"
	expect 'timeout after 100 Trying' 1 '.probe.steps[0].outcome == "timeout"'
}
scene_loss() {
	# every third UDP packet in each direction, at each offset: the same as without loss
	server 407
	local summary='{steps: [.probe.steps[] | {name, outcome, status}],
		exchanges: [.exchanges[] | {method, outcome, status, cause, findings: ([.findings[].id] | sort)}]}'
	for offset in none 0 1 2; do
		called "$LAB/sipp/uas.xml"
		ip netns exec "$S" iptables -F
		[ $offset = none ] || for chain in 'INPUT -i' 'OUTPUT -o'; do
			# shellcheck disable=SC2086
			ip netns exec "$S" iptables -A $chain eth0 -p udp -m statistic --mode nth --every 3 --packet $offset -j DROP
		done
		probe --steps register,invite --to 2001 --hold 2 "sip:1001@$SERVER"
		{ echo "status $status"; jq "$summary" "$OUR/json"; } >"$OUR/loss.$offset" 2>&1
		ip netns exec "$S" iptables -F
		[ $offset = none ] || verdict "offset $offset" "$(diff "$OUR/loss.none" "$OUR/loss.$offset")"
		ended "offset $offset: ended by ACK and BYE"
	done
}
secure() {
	local run=$WORK/secure
	mkdir -p "$run"
	openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=test-ca -keyout "$run/ca.key" -out "$run/ca.pem" 2>>"$WORK/log"
	openssl req -newkey rsa:2048 -nodes -subj /CN=sip.voip.example -keyout "$run/key.pem" -out "$run/req.pem" 2>>"$WORK/log"
	printf 'subjectAltName=DNS:sip.voip.example,URI:sip:voip.example,IP:%s\n' "$SERVER" >"$run/ext"
	openssl x509 -req -in "$run/req.pem" -CA "$run/ca.pem" -CAkey "$run/ca.key" -CAcreateserial -days 2 -extfile "$run/ext" \
		-out "$run/cert.pem" 2>>"$WORK/log"
	cat >"$run/tls.cfg" <<-END
		[server:default]
		method = TLSv1.2+
		verify_certificate = no
		require_certificate = no
		private_key = $run/key.pem
		certificate = $run/cert.pem
	END
	background "$S" kamailio -DD -E -f "$OUR_LIVE/kamailio.cfg" -Y "$run" -P "$run/pid" -m 32 -M 8 \
		-A LISTEN_UDP=udp:$SERVER:5060 -A LISTEN_TLS=tls:$SERVER:5061 -A LISTEN_WS=tcp:$SERVER:8080 -A LISTEN_WSS=tls:$SERVER:8443 \
		-A "TLS_CONFIG=\"$run/tls.cfg\"" -A ONCE="$1"
	wait_for Kamailio listening $SERVER
	CA=$run/ca.pem
}
OUR_LIVE=$PWD/tests/live
scene_tls() {
	secure 0
	ip netns exec "$P" sh -c 'mkdir -p /etc/netns' 2>/dev/null
	probe --ca "$CA" "tls:$SERVER" --user 1001
	expect 'TLS, certificate for the address' 0 "$good and .exchanges[0].transport == \"TLS\""
	probe --ca "$CA" --domain voip.example --keylog "$OUR/keylog" "sips:1001@$SERVER"
	expect 'sips:' 0 "$good and (.exchanges[0].request_uri | startswith(\"sips:\"))"
	verdict 'the keys were written, for the owner only' "$([ -s "$OUR/keylog" ] && [ "$(stat -c %a "$OUR/keylog")" = 600 ] || ls -l "$OUR/keylog")"
	probe "tls:$SERVER" --user 1001
	expect 'an unknown certificate' 2 '.probe.steps[0] | .outcome == "tls-failure" and (.text | test("not trusted"))'
	probe --insecure "tls:$SERVER" --user 1001
	expect '--insecure' 0 "$good"
	ip -n "$S" addr add 10.77.0.3/24 dev eth0
	background "$S" python3 -c "
import socket, threading
l = socket.create_server(('10.77.0.3', 5061))
while True:
    c, _ = l.accept()
    d = socket.create_connection(('$SERVER', 5061))
    def pump(a, b):
        while (x := a.recv(65536)): b.sendall(x)
    [threading.Thread(target=pump, args=p, daemon=True).start() for p in ((c, d), (d, c))]"
	sleep 0.5
	probe --ca "$CA" tls:10.77.0.3 --user 1001
	expect 'a certificate for another name' 2 '.probe.steps[0] | .outcome == "tls-failure" and (.text | test("is not for 10.77.0.3"))'
	probe --ca "$CA" "tls:$SERVER:5060" --user 1001 --timeout 3
	expect 'TLS where there is none' 2 '.probe.steps[0].outcome | . == "tls-failure" or . == "port-unreachable"'
	said 'the server agrees: as many bindings removed as made' 'REGISTERED expires=0' 3
}
scene_ws() {
	secure 0
	probe "ws:$SERVER:8080" --user 1001
	expect 'WebSocket' 0 "$good and .exchanges[0].transport == \"WS\""
	probe --ca "$CA" "wss:$SERVER:8443" --user 1001
	expect 'secure WebSocket' 0 "$good and .exchanges[0].transport == \"WSS\""
	probe --timeout 3 "ws:$SERVER:8080" --user 1001 --ws-path /x
	expect 'the path is asked for' 0 "$good"
	said 'the bindings were removed' 'REGISTERED expires=0' 3
}
scene_once() {
	secure 1
	probe --steps register,options --preempt "sip:1001@$SERVER"
	expect 'one-time nonces are answered anew' 0 "$good and .probe.steps[1].outcome == \"accepted\""
	probe --matrix "sip:1001@$SERVER"
	expect 'and seen by the matrix' 0 '.probe.conclusions | map(test("nonce-one-time")) | any'
}
scene '401' scene_401
scene '407' scene_407
scene 'both in a 401' scene_both401
scene 'both in a 407' scene_both407
scene 'SHA-256' scene_sha256
scene 'refused for good' scene_refused
scene 'stale nonces' scene_stale
scene 'two realms' scene_realms
scene 'a UAS that answers' scene_answers
scene 'a UAS that is busy' scene_busy
scene 'a UAS that rings' scene_rings
scene 'a UAS that never replies' scene_silent
scene 'every third packet lost' scene_loss
scene 'TLS' scene_tls
scene 'WebSocket' scene_ws
scene 'one-time nonces' scene_once
finish
