# The tests test: a wrong expectation must fail.
load helper

golden() { # what tests/golden/check says with an own list
	status=0 stderr=
	GOLDEN=$T/golden tests/golden/check "$SIPAUTH" >"$T/out" 2>&1 || status=$?
	output=$(<"$T/out")
}

list() {
	mkdir -p "$T/golden"
	printf '%s\n' "$@" >"$T/golden/LIST"
}

@test "golden: right, wrong text, wrong status, no expectation" {
	list 'one 0 explain wrong-password'
	"$SIPAUTH" explain wrong-password >"$T/golden/one.txt"
	golden
	is 0
	says 'ok 1 - one'
	echo 'one more line' >>"$T/golden/one.txt"
	golden
	is 1
	says 'not ok 1 - one'
	says '-one more line'
	"$SIPAUTH" explain wrong-password >"$T/golden/one.txt"
	list 'one 1 explain wrong-password'
	golden
	is 1
	says 'exit status 0 instead of 1'
	rm "$T/golden/one.txt"
	golden
	is 1
}

@test "golden: JSON" {
	list "one 0 explain wrong-password"
	"$SIPAUTH" explain wrong-password >"$T/golden/one.txt"
	"$SIPAUTH" explain wrong-password --format json | jq . >"$T/golden/one.json"
	golden
	is 0
	says 'ok 2 - one (json)'
	sed -i 's/digest-mismatch/digest-match/' "$T/golden/one.json"
	golden
	is 1
	says 'not ok 2 - one (json)'
}

@test "golden: a word on standard error that is not expected" {
	list 'one 2 explain no-such-finding'
	: >"$T/golden/one.txt"
	golden
	is 1
	"$SIPAUTH" explain no-such-finding 2>"$T/golden/one.err" || true
	golden
	is 0
}

@test "golden: every expectation has its line in the list" {
	for file in tests/golden/*.txt tests/golden/*.json tests/golden/*.err; do
		[ -e "$file" ] || continue
		name=$(basename "${file%.*}")
		grep -q "^$name " tests/golden/LIST || fail "$file is not in LIST"
	done
}

@test "layers: a wrong include, a door, a long function, a global" {
	mkdir -p "$T/tree/build/normal/auth"
	cp -r src "$T/tree/src"
	ln -s "$PWD"/build/normal/auth/*.o "$T/tree/build/normal/auth/"
	echo '#include "auth/tracker.h"' >>"$T/tree/src/base/slice.c"
	echo '#include <pcap.h>' >>"$T/tree/src/sip/uri.c"
	{ echo 'int long_one(void)'; echo '{'; seq 120 | sed 's/.*/;/'; echo '}'; } >>"$T/tree/src/base/buf.c"
	echo 'static int counter; int count(void); int count(void) { return counter++; }' >"$T/z.c"
	cc -c -o "$T/tree/build/normal/auth/z.o" "$T/z.c"
	sed -i 's/BASE_MAP_H/MAP_H/' "$T/tree/src/base/map.h"
	status=0 stderr=
	tests/layers "$T/tree" >"$T/out" || status=$?
	output=$(<"$T/out")
	is 1
	says 'src/base/slice.c includes auth/tracker.h'
	says 'src/sip/uri.c:pcap.h'
	says 'long_one'
	says 'z.o: counter'
	says 'base/map.h: no BASE_MAP_H'
}

@test "truth: what is missed and what is false is told" {
	{
		head -n 1 captures/truth.tsv
		grep '^wrong-password.pcap' captures/truth.tsv | sed 's/\trejected\t/\taccepted\t/'
		grep '^register-401-ok.pcap' captures/truth.tsv | sed 's/auth-ok|flow-register-ok/clock-jump/'
	} >"$T/truth.tsv"
	status=0 stderr=
	tests/truth "$SIPAUTH" "$T/truth.tsv" captures >"$T/out" || status=$?
	output=$(<"$T/out")
	is 1
	says 'outcome accepted is missing'
	says 'clock-jump is missing'
	! grep -q '^ok' "$T/out" || fail 'all of them are wrong'
}

@test "examples: a wrong one fails" {
	mkdir -p "$T/tree/tests" "$T/tree/man"
	cp tests/examples "$T/tree/tests/"
	ln -s "$(realpath "$SIPAUTH")" "$T/tree/sipauth"
	printf '```console\n$ sipauth explain wrong-password\ndigest-mismatch\n...\n$ sipauth explain wrong-password\nsomething else\n```\n' >"$T/tree/README.md"
	status=0 stderr=
	"$T/tree/tests/examples" >"$T/out" 2>&1 || status=$?
	output=$(<"$T/out")
	is 1
	says 'ok 1 - README.md'
	says 'not ok 2 - README.md'
}
