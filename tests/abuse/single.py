#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Small captures for rules that need files beside them or a story of several hosts: what is told, and what is not.

usage: single.py PROGRAM"""
import json
import os
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "pcaps"))
import wire  # noqa: E402

SEC = 10**9
START = 1740000000 * SEC
JSON = "application/json"
SPEC = {"openapi": "3.0.3", "info": {"title": "shop", "version": "1"}, "servers": [{"url": "http://shop.example"}], "paths": {
    "/items/{id}": {"get": {"parameters": [{"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}},
                                           {"name": "page", "in": "query", "schema": {"type": "integer"}}],
                            "responses": {"200": {"description": "ok"}}}},
    "/old": {"get": {"deprecated": True, "responses": {"200": {"description": "ok"}}}},
    "/mine": {"get": {"security": [{"b": []}], "responses": {"200": {"description": "ok"}}}}},
    "components": {"securitySchemes": {"b": {"type": "http", "scheme": "bearer"}}}}


class Story:
    def __init__(self):
        self.cap, self.ns, self.port = wire.Capture(), START, 20000

    def call(self, target, status=200, method="GET", client="36.1.2.3", server="10.1.0.5", port=8080, headers=(), body=b"", answer=b'{"a":1}',
             host="shop.example", ctype=JSON, extra=()):
        self.ns += SEC // 2
        self.port += 1
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
            return {json.loads(line)["rule"]["id"] for line in open(d + "/out")}


def specification(drift):
    s = Story()
    for i in range(6):
        s.call("/items/%d?page=2" % i)
        s.call("/mine", headers=[("Authorization", "Bearer abcdefabcdefabcdef")])
    if drift:
        for i in range(6):
            s.call("/items/%d?sort=%s" % (i, "ab"[i % 2]))
            s.call("/items/x%dy" % i)
            s.call("/items/%d" % i, 418)
            s.call("/old")
            s.call("/mine", client="36.1.2.9")
            s.call("/hidden/report")
    return s, {"shop.json": json.dumps(SPEC)}, ["analytics.specs_dir=@"]


def registry(name):
    s = Story()
    mime = "application/vnd.docker.distribution.manifest.v2+json"
    manifest = json.dumps({"schemaVersion": 2, "mediaType": mime, "config": {"digest": "sha256:%064x" % 5}, "layers": [{"digest": "sha256:%064x" % 6}]})
    s.call("/v2/base/jre/manifests/sha256:%064x" % 9, client="10.1.0.9", server="10.1.0.6", port=5000, host=name, answer=manifest.encode(), ctype=mime,
           headers=[("Authorization", "Bearer abcdefabcdefabcdef")],
           extra=[("Docker-Content-Digest", "sha256:%064x" % 9), ("Docker-Distribution-Api-Version", "registry/2.0")])
    return s, {"images": "registry,reg.bank.example\n"}, ["analytics.images_file=@/images"]


def chain(hit):
    """Someone runs a command on a host, and that host then looks around: it is told as one story of two hosts."""
    s = Story()
    for i in range(20):
        s.call("/status", client="10.1.0.5", server="10.1.0.7", port=9090)
    if hit:
        s.call("/ping?host=;cat%20/etc/passwd", answer=b"root:x:0:0:root:/root:/bin/bash\ndaemon:x:1:1:daemon:/usr/sbin:/usr/sbin/nologin\n", ctype="text/plain")
    for port in range(1, 80):
        t = wire.Tcp.__new__(wire.Tcp)
        t.cap, t.ns, t.mss, t.step = s.cap, s.ns + port * 50000000, 1448, 20000
        t.end, t.seq = (("10.1.0.5", 30000 + port), ("10.1.0.8", port)), [5, 0]
        t._segment(0, 0x02, b"")
        t.seq[0] += 1
        t._segment(1, 0x14, b"")
    s.ns += 60 * SEC
    for i in range(5):
        s.ns += 20 * SEC
        s.call("/status", client="10.1.0.5", server="10.1.0.7", port=9090)
    return s, {}, []


DRIFT = {"shadow_endpoint", "zombie_endpoint", "undocumented_parameter", "type_mismatch", "undocumented_status", "spec_auth_missing"}
CASES = [  # story, rules that must be told, rules that must not
    (specification(True), DRIFT, set()),
    (specification(False), set(), DRIFT),
    (registry("reg.evil.example"), {"registry_unknown"}, set()),
    (registry("reg.bank.example"), set(), {"registry_unknown"}),
    (chain(True), {"lateral_chain", "cmdi", "port_scan"}, set()),
    (chain(False), {"port_scan"}, {"lateral_chain"}),
]


def main():
    bad = 0
    for n, ((story, files, options), wanted, unwanted) in enumerate(CASES):
        found = story.run(sys.argv[1], files, options)
        wrong = ["missed " + r for r in sorted(wanted - found)] + ["raised " + r for r in sorted(unwanted & found)]
        bad += len(wrong)
        if wrong:
            print("case %d: %s; told: %s" % (n, ", ".join(wrong), sorted(found)))
    print("%d cases, %d wrong" % (len(CASES), bad))
    return bool(bad)


if __name__ == "__main__":
    sys.exit(main())
