#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# nghttpd and nghttpx with their own clients: prior knowledge, upgrade from HTTP/1.1 (nghttpx), push, trailers, padding, a body sent, twenty streams at once (h2load).
# Needs nghttp2-server, nghttp2-proxy, nghttp2-client, curl.
. "$(dirname "$0")/net.sh"
real_up http2
mkdir -p "$tmp/www"
for i in 1 2 3; do head -c $((i * 700)) /dev/zero | tr '\0' "$i" > "$tmp/www/f$i.txt"; done
echo '{"a":1}' > "$tmp/www/a.json"
real_srv nghttpd --no-tls -d "$tmp/www" -p /a.json=/f1.txt --trailer 'x-sum: 7' -b 16 8080
real_wait 8080
u=http://10.88.0.1:8080
real_cli nghttp -ns $u/f1.txt $u/f2.txt $u/missing
real_srv nghttpx -f '0.0.0.0,8081;no-tls' -b 127.0.0.1,8080\;\;proto=h2 --no-ocsp --accesslog-file=/dev/null --errorlog-file="$tmp/nghttpx.log"
real_wait 8081
real_cli nghttp -nus http://10.88.0.1:8081/f2.txt
real_cli curl -sS --http2 -o /dev/null -w '{"status":%{response_code},"version":"%{http_version}"}\n' http://10.88.0.1:8081/f1.txt
real_cli nghttp -ns $u/a.json
real_cli nghttp -ns -b 32 -H ':method: POST' -d "$tmp/www/f3.txt" --trailer 'x-end: 1' $u/f1.txt
real_cli h2load -c 2 -m 20 -n 40 $u/f1.txt $u/f3.txt
real_done
