# For tests/golden/check and tests/update: how the program is run.

unset SIPAUTH_PASSWORD NO_COLOR
KEYS=$work/keys
cp tests/golden/keys "$KEYS" && chmod 600 "$KEYS"

golden_run() { # ARGUMENTS OUTPUT: writes OUTPUT.txt and OUTPUT.err, sets golden_status
	eval "\"$program\" $1" >"$2.txt" 2>"$2.err" </dev/null
	golden_status=$?
	# names of this run, and what a sanitizer may add
	sed -i "s|$work/||g" "$2.txt" "$2.err"
}
