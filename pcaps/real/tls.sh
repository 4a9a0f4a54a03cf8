#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# OpenSSL s_server and s_client: TLS 1.3, 1.2 with a chain, a client's certificate, resumption, an old suite, a refused version, STARTTLS no.
. "$(dirname "$0")/net.sh"
real_up tls
cd "$tmp"
quiet() { "$@" >/dev/null 2>&1; }
quiet openssl req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.crt -subj '/C=CN/O=Bank/CN=Bank Test Root' -days 3650
leaf() { # NAME SUBJECT OPTIONS…
  quiet openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout $1.key -out $1.csr -subj "$2"
  quiet openssl x509 -req -in $1.csr -CA ca.crt -CAkey ca.key -CAcreateserial -out $1.crt -days 30 -extfile <(printf "subjectAltName=DNS:$1.bank.example,IP:10.88.0.1\n")
}
leaf api '/C=CN/O=Bank/CN=api.bank.example'
leaf robot '/C=CN/O=Bank/CN=robot-7'
quiet openssl req -x509 -newkey rsa:1024 -nodes -keyout weak.key -out weak.crt -subj '/CN=weak.bank.example' -sha1 -days 1
cat ca.crt > chain.crt
real_srv openssl s_server -accept 4431 -key api.key -cert api.crt -cert_chain chain.crt -alpn h2,http/1.1 -www
real_srv openssl s_server -accept 4432 -key api.key -cert api.crt -cert_chain chain.crt -CAfile ca.crt -Verify 2 -tls1_2 -www
real_srv openssl s_server -accept 4433 -key weak.key -cert weak.crt -cipher 'ALL:@SECLEVEL=0' -tls1 -www
real_wait 4431; real_wait 4432; real_wait 4433
s() { # NAME PORT OPTIONS…
  n=$1 p=$2; shift 2
  out=$(echo Q | timeout 5 ip netns exec "real-cli-$$" openssl s_client -connect 10.88.0.1:$p "$@" 2>&1 || true)
  protocol=$(sed -n 's/^ *Protocol *: //p; s/^New, \(TLSv[0-9.]*\), Cipher.*/\1/p' <<< "$out" | head -1)
  cipher=$(sed -n 's/.*Cipher is //p' <<< "$out" | head -1)
  echo "{\"case\":\"$n\",\"protocol\":\"$protocol\",\"cipher\":\"$cipher\"}" >> "$here/$name.told"
}
s tls13 4431 -servername api.bank.example -alpn h2
s tls12 4431 -servername api.bank.example -tls1_2 -alpn http/1.1
s retry13 4431 -servername api.bank.example -groups X448:P-521 -tls1_3
s mutual 4432 -servername core.bank.example -cert robot.crt -key robot.key
s refused 4432 -tls1_3
s old 4433 -servername weak.bank.example -tls1 -cipher 'ALL:@SECLEVEL=0'
s resumed 4431 -servername api.bank.example -tls1_2 -sess_out "$tmp/sess"
s resumed 4431 -servername api.bank.example -tls1_2 -sess_in "$tmp/sess"
cd "$here"
real_done
