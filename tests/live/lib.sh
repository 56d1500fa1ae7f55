# Helpers of the live tests: servers on loopback that are stopped by process id, probes of them, verdicts as TAP.
cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 2
SIPAUTH=${SIPAUTH:-./sipauth}
LIVE=tests/live
LIMIT=60			# seconds that any process may live
work=$(mktemp -d)
pids=
n=0 failed=

live_clean() {
	for p in $pids; do kill "$p" 2>/dev/null; done
	for p in $pids; do wait "$p" 2>/dev/null; done
	rm -rf "$work"
}
trap live_clean EXIT
trap 'exit 143' INT TERM

skip_all() { echo "ok 1 # SKIP $1"; echo '1..1'; exit 0; }
need() { for tool; do command -v "$tool" >/dev/null || skip_all "$tool is missing"; done; }

# server OPTION...: a scripted one; its port in $port, its log in $log
server() {
	log=$work/server.$((++servers)).log
	: >"$log" >"$work/port"
	timeout -k 2 $LIMIT python3 $LIVE/server.py "log=$log" "$@" >"$work/port" 2>"$work/server.err" </dev/null &
	server_pid=$!
	pids="$pids $server_pid"
	for i in $(seq 100); do
		read -r port <"$work/port" && return
		sleep 0.05
	done
	cat "$work/server.err" >&2
	exit 1
}
server_end() { kill "$server_pid" 2>/dev/null; wait "$server_pid" 2>/dev/null; }

# probe OPTION...: its JSON in $work/json, exit status in $status, standard error in $work/err
probe() {
	timeout -k 2 $LIMIT "$SIPAUTH" probe --format json "$@" >"$work/json" 2>"$work/err" </dev/null
	status=$?
}

# verdict NAME COMPLAINT: one TAP line
verdict() {
	n=$((n + 1))
	if [ -n "$2" ]; then
		echo "not ok $n - $1"
		sed 's/^/#   /' <<<"$2"
		failed=1
	else
		echo "ok $n - $1"
	fi
}

# expect NAME STATUS FILTER: the last probe ended so, and jq says true to the filter
expect() {
	local complaint=
	[ "$status" = "$2" ] || complaint="exit status $status instead of $2"
	jq -e "$3" "$work/json" >/dev/null 2>&1 || complaint="$complaint
not true: $3
$(jq -c '.probe, (.exchanges[] | {method, outcome, status, cause, rounds, findings: [.findings[].id]})' "$work/json" 2>&1 | head -20)"
	[ -z "$complaint" ] || complaint="$complaint
$(head -5 "$work/err")"
	verdict "$1" "${complaint#$'\n'}"
}

# logged NAME PATTERN COUNT: the server saw so many lines like this
logged() {
	local count
	count=$(grep -cE "$2" "$log")
	verdict "$1" "$([ "$count" = "$3" ] || { echo "$count times '$2' instead of $3"; cat "$log"; })"
}

finish() { echo "1..$n"; exit ${failed:-0}; }
