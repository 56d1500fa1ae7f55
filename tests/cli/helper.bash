# For tests/cli/*.bats: runs at the top of the tree; $output and $status as bats sets them, $stderr beside them.

setup() {
	cd "$BATS_TEST_DIRNAME/../.." || return
	SIPAUTH=${SIPAUTH:-./sipauth}
	PATH=$(dirname "$(realpath "$SIPAUTH")"):$PATH
	for variable in ${!SIPAUTH_@}; do unset "$variable"; done
	unset NO_COLOR
	export LC_ALL=C.UTF-8 TZ=UTC
	T=$BATS_TEST_TMPDIR
	GOOD=captures/register-401-ok.pcap
	BAD=captures/wrong-password.pcap
	SECRET=Harbour-31
}

# Runs the program; standard output in $output, standard error in $stderr, both in files for long ones.
sip() {
	status=0
	"$SIPAUTH" "$@" >"$T/out" 2>"$T/err" </dev/null || status=$?
	text output "$T/out"
	text stderr "$T/err"
	sound
}

# As sip, with the bytes of a file on standard input.
sip_from() {
	local input=$1
	shift
	status=0
	"$SIPAUTH" "$@" >"$T/out" 2>"$T/err" <"$input" || status=$?
	text output "$T/out"
	text stderr "$T/err"
	sound
}

# text VARIABLE FILE: what is in it, without the last line break; a NUL is in no output
text() {
	[[ -e $2 ]] || fail "no $2"
	! IFS= read -r -d '' "$1" <"$2" || fail "a NUL in $2"
	printf -v "$1" %s "${!1%$'\n'}"
}

# Whatever happens: a status of the contract, and no word from a sanitizer.
sound() {
	[[ $status -le 2 ]] || fail "exit status $status: $stderr"
	[[ $stderr != *Sanitizer* && $stderr != *'runtime error'* ]] || fail "$stderr"
}

fail() {
	echo "$*"
	echo "status $status, output: ${output:0:2000}"
	echo "standard error: ${stderr:0:2000}"
	return 1
}

is() { [[ $status = "$1" ]] || fail "status $1 expected"; }
says() { [[ $output == *"$1"* ]] || fail "'$1' expected on standard output"; }
silent() { [[ -z $output ]] || fail 'nothing expected on standard output'; }
complains() { [[ $stderr == *"$1"* ]] || fail "'$1' expected on standard error"; }
quiet() { [[ -z $stderr ]] || fail 'nothing expected on standard error'; }
# Trouble: status 2, and lines that a person can use: "sipauth: ...", no more than a few.
trouble() {
	is 2
	[[ -n $stderr ]] || fail 'a line on standard error expected'
	! grep -qv '^sipauth: ' "$T/err" || fail 'lines of standard error begin with "sipauth: "'
	[[ $(wc -l <"$T/err") -le ${1:-2} ]] || fail 'too many lines'
}
# json CONDITION...: each is true of every value that was put out, wherever it is asked
json() {
	local all condition
	printf -v all '([%s] | . != [] and all) and ' "$@"
	jq -es "length > 0 and all(.[]; $all true)" "$T/out" >/dev/null && return
	for condition; do
		jq -es "length > 0 and all(.[]; [$condition] | . != [] and all)" "$T/out" >/dev/null ||
			fail "not so: $condition"
	done
	fail "not so together: $*"
}

# bytes FILE HEX...: a file with these bytes
bytes() {
	local file=$1
	shift
	printf '%b' "$(tr -d ' \n' <<<"$*" | sed 's/../\\x&/g')" >"$file"
}
