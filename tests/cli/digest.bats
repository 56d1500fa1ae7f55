# sipauth digest: one digest, from options or from pasted header fields.
load helper

mufasa() { # PASSWORD OPTION...
	local password=$1
	shift
	printf '%s\n' "$password" >"$T/password"
	sip_from "$T/password" digest --user Mufasa --password-file - --realm testrealm@host.com --method GET \
		--uri /dir/index.html --nonce dcd98b7102dd2f0e8b11d0f600bfb0c093 --nc 00000001 \
		--cnonce 0a4f113b --qop auth "$@"
}

@test "the example of RFC 2617" {
	mufasa 'Circle Of Life'
	is 0
	says 6629fae49393a05397450978507c4ef1
}

@test "a response to check" {
	mufasa 'Circle Of Life' --response 6629fae49393a05397450978507c4ef1
	is 0
	mufasa 'Circle Of Lies' --response 6629fae49393a05397450978507c4ef1
	is 1
}

@test "the example of RFC 7616, from pasted header fields" {
	cat >"$T/pasted" <<-'END'
	WWW-Authenticate: Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm=SHA-256, nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"
	Authorization: Digest username="Mufasa", realm="http-auth@example.org", uri="/dir/index.html", algorithm=SHA-256, nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", nc=00000001, cnonce="f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ", qop=auth, response="753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"
	END
	export SIPAUTH_PASSWORD='Circle of Life'
	sip_from "$T/pasted" digest --method GET
	is 0
	export SIPAUTH_PASSWORD='Circle of Lies'
	sip_from "$T/pasted" digest --method GET
	is 1
}

@test "something is missing" {
	export SIPAUTH_PASSWORD=x
	sip digest
	is 2
	sip digest --user a --realm r --nonce n
	is 2
	unset SIPAUTH_PASSWORD
	sip digest --user a --realm r --nonce n --method REGISTER --uri sip:x
	is 2
}

@test "unknown values" {
	mufasa x --algorithm MD6
	is 2
	mufasa x --format xml
	is 2
}

@test "JSON" {
	mufasa 'Circle Of Life' --format json
	is 0
	jq -e . "$T/out" >/dev/null
	says 6629fae49393a05397450978507c4ef1
}

@test "rubbish on standard input" {
	head -c 20000 "$(command -v jq)" >"$T/rubbish"
	export SIPAUTH_PASSWORD=x
	sip_from "$T/rubbish" digest
	is 2
	printf 'Digest %0100000d' 0 >"$T/long"
	sip_from "$T/long" digest
	is 2
}
