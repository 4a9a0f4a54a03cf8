#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# nginx with curl: HTTP/1.1 with gzip, chunks, ranges, HEAD, 100-continue, 304, 404, keep-alive, a POST through a proxy that buffers nothing;
# HTTP/2 by prior knowledge on the same server. Needs nginx, curl, python3.
. "$(dirname "$0")/net.sh"
real_up nginx
chmod 755 "$tmp"
mkdir -p "$tmp/www/accounts" "$tmp/body"
python3 - "$tmp/www" <<'PY'
import json, pathlib, sys
www = pathlib.Path(sys.argv[1])
(www / "accounts/list.json").write_text(json.dumps([{"id": i, "name": "name %d" % i, "balance": i * 10} for i in range(200)]))
(www / "plain.txt").write_text("hello\n")
(www / "range.bin").write_bytes(bytes(range(256)) * 8)
PY
cat > "$tmp/nginx.conf" <<CONF
daemon off; worker_processes 1; pid $tmp/pid; error_log $tmp/error.log;
events {}
http {
  types { application/json json; text/plain txt; } default_type application/octet-stream;
  access_log off; gzip on; gzip_types application/json; gzip_min_length 100;
  client_body_temp_path $tmp/body; proxy_temp_path $tmp/body; fastcgi_temp_path $tmp/body; uwsgi_temp_path $tmp/body; scgi_temp_path $tmp/body;
  server { listen 8080; root $tmp/www;
    location /echo { proxy_http_version 1.1; proxy_buffering off; proxy_request_buffering off; proxy_pass http://127.0.0.1:9000; }
    location /moved { return 301 /plain.txt; } location /teapot { return 418 "short"; } }
  server { listen 8081 http2; root $tmp/www; location /echo { proxy_http_version 1.1; proxy_pass http://127.0.0.1:9000; } }
}
CONF
cat > "$tmp/echo.py" <<'PY'
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
class Echo(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def do_POST(self):
        if self.headers.get("Transfer-Encoding"):
            body = b""
            while True:
                n = int(self.rfile.readline(), 16)
                body += self.rfile.read(n)
                self.rfile.readline()
                if not n:
                    break
        else:
            body = self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(201)
        self.send_header("Content-Type", self.headers["Content-Type"] or "text/plain")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for part in (body[:7], body[7:]):
            if part:
                self.wfile.write(b"%x\r\n%s\r\n" % (len(part), part))
        self.wfile.write(b"0\r\n\r\n")
    def log_message(self, *a): pass
ThreadingHTTPServer(("127.0.0.1", 9000), Echo).serve_forever()
PY
real_srv python3 "$tmp/echo.py"
real_srv nginx -e "$tmp/error.log" -c "$tmp/nginx.conf"
real_wait 8080; real_wait 8081; real_wait 9000
u=http://10.88.0.1:8080
head -c 3000 /dev/zero | tr '\0' x > "$tmp/big"
say='{"url":"%{url}","status":%{response_code},"version":"%{http_version}","down":%{size_download},"up":%{size_upload}}\n'
c() { real_cli curl -sS -o /dev/null -w "$say" "$@" || true; }
c $u/plain.txt --next -sS -o /dev/null -w "$say" -I $u/plain.txt --next -sS -o /dev/null -w "$say" $u/missing
c -H 'Accept-Encoding: gzip' $u/accounts/list.json
c $u/accounts/list.json
c -r 100-199 $u/range.bin
c -r 0-9,20-29 $u/range.bin
c -L $u/moved
c $u/teapot
c -H 'If-Modified-Since: Fri, 01 Jan 2100 00:00:00 GMT' $u/plain.txt
c -H 'Content-Type: application/json' -d '{"to":"acct-7","amount":12.5}' $u/echo
c -H 'Content-Type: text/plain' -H 'Transfer-Encoding: chunked' --data-binary "@$tmp/big" $u/echo
c -H 'Content-Type: text/plain' -H 'Expect: 100-continue' --data-binary "@$tmp/big" $u/echo
c -F file=@"$tmp/www/plain.txt" -F note=n $u/echo
c --http1.0 $u/plain.txt
h=http://10.88.0.1:8081
c --http2-prior-knowledge $h/plain.txt
c --http2-prior-knowledge -H 'Content-Type: application/json' -d '{"a":1}' $h/echo
c --http2-prior-knowledge -H 'Accept-Encoding: gzip' $h/accounts/list.json
c --http2-prior-knowledge -I $h/plain.txt
real_done
