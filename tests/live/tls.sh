#!/bin/bash
# TLS: whose certificate is taken, and whose is not (RFC 5922); our own certificate; the keys. TAP.
. "$(dirname "$0")/lib.sh"
need python3 jq openssl
export SIPAUTH_PASSWORD=Harbour-31

openssl_quiet() { openssl "$@" 2>>"$work/openssl.log"; }
certificate() { # DIRECTORY NAME SUBJECT-ALT-NAMES
	mkdir -p "$work/$1"
	openssl_quiet req -newkey rsa:2048 -nodes -subj "/CN=$2" -keyout "$work/$1/key.pem" -out "$work/$1/req.pem"
	printf 'subjectAltName=%s\n' "$3" >"$work/$1/ext"
	openssl_quiet x509 -req -in "$work/$1/req.pem" -CA "$work/ca.pem" -CAkey "$work/ca.key" -CAcreateserial -days 2 \
		-extfile "$work/$1/ext" -out "$work/$1/cert.pem"
}
openssl_quiet req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=test-ca -keyout "$work/ca.key" -out "$work/ca.pem"
certificate host localhost DNS:localhost,IP:127.0.0.1
certificate domain host7.example URI:sip:localhost,DNS:host7.example
certificate user host7.example URI:sip:1001@localhost
certificate client 1001 DNS:phone.example

good='.probe.steps[0].outcome == "accepted" and .exchanges[0].transport == "TLS"'
refused() { echo ".probe.steps[0] | .outcome == \"tls-failure\" and (.text | test(\"$1\"))"; }
server tls="$work/host"
probe --ca "$work/ca.pem" "sip:1001@localhost:$port;transport=tls"
expect 'the name fits' 0 "$good"
probe --ca "$work/ca.pem" "sips:1001@127.0.0.1:$port"
expect 'the address fits; sips:' 0 "$good"
verdict 'sips: throughout' "$(grep -q 'REGISTER sips:127.0.0.1' "$log" || cat "$log")"
probe "tls:127.0.0.1:$port" --user 1001
expect 'not trusted by the system' 2 "$(refused 'not trusted')"
probe --insecure "tls:127.0.0.1:$port" --user 1001
expect '--insecure' 0 "$good"
probe --ca "$work/ca.pem" --keylog "$work/keys" "tls:127.0.0.1:$port" --user 1001
verdict '--keylog, for the owner only' "$([ -s "$work/keys" ] && [ "$(stat -c %a "$work/keys")" = 600 ] || ls -l "$work/keys")"
probe --ca /dev/null "tls:127.0.0.1:$port" --user 1001
expect 'no usable file of trusted certificates' 2 '.probe.steps[0].outcome == "local-trouble"'
server_end
server tls="$work/domain"
probe --ca "$work/ca.pem" "tls:localhost:$port" --user 1001
expect 'the SIP domain in the certificate fits' 0 "$good"
probe --ca "$work/ca.pem" "tls:127.0.0.1:$port" --user 1001
expect 'another name' 2 "$(refused 'is not for 127.0.0.1')"
server_end
server tls="$work/user"
probe --ca "$work/ca.pem" "tls:localhost:$port" --user 1001
expect 'a certificate of a user is none of a server' 2 "$(refused 'is not for localhost')"
server_end
server tls="$work/host" clientca="$work/ca.pem"
probe --ca "$work/ca.pem" --cert "$work/client/cert.pem" --key "$work/client/key.pem" "tls:localhost:$port" --user 1001
expect 'our own certificate' 0 "$good"
probe --ca "$work/ca.pem" "tls:localhost:$port" --user 1001
expect 'none, though one is wanted' 2 '.probe.steps[0].outcome == "tls-failure"'
probe --ca "$work/ca.pem" --cert "$work/client/cert.pem" --key "$work/host/key.pem" "tls:localhost:$port" --user 1001
expect 'a key that does not fit' 2 '.probe.steps[0].outcome == "local-trouble"'
server_end
finish
