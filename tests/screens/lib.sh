# For the sessions of tests/screens: the viewer in a terminal of its own (tmux, with its own socket), keys, and what
# the screen shows then, compared with files of expected/. Nothing waits for a fixed time: a screen is looked at until
# it is as expected, or for LIMIT seconds. UPDATE=1 writes what is shown instead, once it is still.

cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 2
SIPAUTH=$(realpath "${SIPAUTH:-./sipauth}")
LIMIT=${LIMIT:-15}
export LC_ALL=${LC_ALL:-C.UTF-8} TZ=UTC
unset NO_COLOR COLORFGBG TMUX SIPAUTH_PASSWORD SSLKEYLOGFILE

work=$(mktemp -d)
trap 'terminal kill-server 2>/dev/null; rm -rf "$work"' EXIT
trap 'exit 130' INT TERM
ASAN_OPTIONS="${ASAN_OPTIONS:+$ASAN_OPTIONS:}log_path=$work/asan"
UBSAN_OPTIONS="${UBSAN_OPTIONS:+$UBSAN_OPTIONS:}log_path=$work/asan"
export ASAN_OPTIONS UBSAN_OPTIONS
mkdir -p "$work/home" "$work/save"

n=0 failed=0

verdict() { # NAME OK [FILE WITH WHAT IS WRONG]
	n=$((n + 1))
	if [ "$2" = 1 ]; then
		echo "ok $n - $1"
	else
		echo "not ok $n - $1"
		[ -n "$3" ] && head -n 60 "$3" | sed 's/^/#   /'
		failed=1
	fi
}

finish() {
	cat "$work"/asan.* 2>/dev/null >"$work/sanitizer"
	[ ! -s "$work/sanitizer" ] || verdict 'no word of a sanitizer' 0 "$work/sanitizer"
	echo "1..$n"
	exit $failed
}

session=0
terminal() { tmux -S "$work/tmux$session" -f /dev/null "$@"; }

# begin COLUMNS ROWS color|mono COMMAND...: in a new terminal; the status of the command is shown at its end
begin() {
	columns=$1 rows=$2 color=$3
	shift 3
	size=${columns}x$rows
	[ "$color" = mono ] || size=$size-color
	terminal kill-server 2>/dev/null
	# the old server may still be on its way out
	session=$((session + 1))
	{
		echo "export HOME='$work/home' TERM=${TERMINAL:-tmux-256color} LC_ALL='$LC_ALL' ASAN_OPTIONS='$ASAN_OPTIONS'"
		echo "unset XDG_CONFIG_HOME COLORFGBG TMUX; PS1='prompt> '; cd '$PWD'"
		[ "$color" = color ] || echo 'export NO_COLOR=1'
		printf '%s\n' "$*" 'status=$?' 'echo "[status $status]"'
		# the terminal is as it was: echo, line editing, no other screen
		echo 'stty -a | grep -qE "(^| )echo( |;)" && stty -a | grep -qE "(^| )icanon( |;)" && echo "[terminal restored]"'
		echo 'exec cat'
	} >"$work/script"
	terminal new-session -d -x "$columns" -y "$rows" "bash --norc '$work/script'"
	terminal set -s set-clipboard on
	terminal set -g status off
}

key() { terminal send-keys "$@"; }
typed() { terminal send-keys -l "$1"; }
screen() { terminal capture-pane -p; }
styled() { terminal capture-pane -p -e | tests/screens/styles; }

# Two looks in a row are the same.
still() {
	local before now
	before=$(screen)
	for _ in $(seq 40); do
		sleep 0.15
		now=$(screen)
		[ "$now" != "$before" ] || return 0
		before=$now
	done
}

# waits TEXT: until it is on the screen
waits() {
	local end=$((SECONDS + LIMIT))
	while [ $SECONDS -le $end ]; do
		[[ $(terminal capture-pane -p) != *"$1"* ]] || return 0
		sleep 0.03
	done
	return 1
}

# has NAME TEXT: it is on the screen, or comes
has() {
	if waits "$2"; then
		verdict "$size $1" 1
	else
		{ echo "expected: $2"; screen; } >"$work/seen"
		verdict "$size $1" 0 "$work/seen"
	fi
}

# compare HOW FILE NAME: until what HOW says is as in the file
compare() {
	local expected=tests/screens/expected/$2 end=$((SECONDS + LIMIT))
	if [ -n "$UPDATE" ]; then
		mkdir -p "${expected%/*}"
		still
		$1 >"$expected"
	fi
	while :; do
		$1 >"$work/seen"
		if cmp -s "$expected" "$work/seen"; then
			verdict "$3" 1
			return
		fi
		[ $SECONDS -le $end ] || break
		sleep 0.03
	done
	diff "$expected" "$work/seen" >"$work/difference" 2>&1
	verdict "$3" 0 "$work/difference"
}

# shows NAME: the text of the whole screen is as expected; looks NAME: and its colors and attributes
shows() { compare screen "${columns}x$rows/$1" "$size $1"; }
looks() { compare styled "$size-styles/$1" "$size $1, styles"; }

# ends STATUS: the viewer is gone, with this status, and the terminal as it was
ends() {
	if waits "[status $1]" && waits '[terminal restored]'; then
		verdict "$size ends with status $1, the terminal as it was" 1
	else
		screen >"$work/seen"
		verdict "$size ends with status $1, the terminal as it was" 0 "$work/seen"
	fi
}
