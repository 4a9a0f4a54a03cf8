# SPDX-License-Identifier: Apache-2.0
"""A small capture of a few conversations, and what the program tells of it."""
import base64
import json
import os
import subprocess
import tempfile

from estate import SEC, wire

START = 1740000000 * SEC
JSON = "application/json"
BROWSER = ("User-Agent", "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/126.0 Safari/537.36")


class Story:
    def __init__(self):
        self.cap, self.ns, self.port = wire.Capture(), START, 20000

    def call(self, target, status=200, method="GET", client="36.1.2.3", server="10.1.0.5", port=8080, headers=(), body=b"", answer=b'{"a":1}',
             host="shop.example", ctype=JSON, extra=()):
        self.ns += SEC // 2
        self.port = self.port + 1 if self.port < 60000 else 20000
        t = wire.Tcp(self.cap, self.ns, client, self.port, server, port, isn=77)
        t.send(0, wire.request(method, target, host, headers, body))
        t.wait(3000000)
        t.send(1, wire.response(status, ctype, answer, extra))
        t.close()

    def run(self, program, files, options):
        with tempfile.TemporaryDirectory() as d:
            for name, text in files.items():
                open(os.path.join(d, name), "w").write(text)
            self.cap.write(os.path.join(d, "c.pcap"))
            args = [x for o in options for x in ("--set", o.replace("@", d))]
            subprocess.run([program, "replay", "-q", "--only", "finding", "-o", "file:" + d + "/out"] + args + [d + "/c.pcap"], check=True)
            found = {}
            for line in open(d + "/out"):
                r = json.loads(line)
                found.setdefault(r["rule"]["id"], {})[r["tapscope"]["finding"]["id"]] = r
            return found


def stream(s, client, server, up, down, seconds=20, port=8443, turns=20):
    s.port += 1
    t = wire.Tcp(s.cap, s.ns, client, s.port, server, port, isn=77, step=50000)
    for _ in range(turns):
        for who, size in ((0, up), (1, down)):
            t.send(who, bytes((k * 37 + k * k * 11 + size) % 256 for k in range(256)) * (size // turns // 256 + 1))
        t.wait(seconds * SEC // turns)
    t.close()
    s.ns = t.ns


def part(d):
    return base64.urlsafe_b64encode(json.dumps(d).encode()).rstrip(b"=").decode()
