#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Small captures for rules that need files beside them or a story of several hosts: what is told, and what is not.

usage: single.py PROGRAM"""
import base64
import json
import os
import struct
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


DAY = 86400 * SEC
BROWSER = ("User-Agent", "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/126.0 Safari/537.36")


def login(s, user, client):
    s.call("/api/v1/login", method="POST", client=client, headers=[("Content-Type", JSON), BROWSER], body=json.dumps({"username": user, "password": "right" + user}).encode(),
           answer=b'{"code":0,"token":"%032x"}' % (s.ns // SEC))


def dormant(days, client):
    """An account is used for a week, rests, and is used again."""
    s = Story()
    for day in range(7):
        s.ns = START + day * DAY
        login(s, "sleeper", "36.1.2.3")
        for k in range(5):
            login(s, "other%d" % k, "39.%d.2.3" % k)
    s.ns = START + (7 + days) * DAY
    for k in range(5):
        login(s, "other%d" % k, "39.%d.2.3" % k)
    login(s, "sleeper", client)
    return s, {}, []


def administrator(hour, nights, method="POST"):
    """Five days of administration by day; then once at this hour (China's time)."""
    s = Story()
    midnight = START - START % DAY - 8 * 3600 * SEC
    head = [("Authorization", "Bearer 0a1b2c3d4e5f60718293"), BROWSER]
    for day in range(5):
        for k in range(8):
            s.ns = midnight + day * DAY + (10 * 3600 + k * 1200) * SEC
            s.call("/admin/users/%d/roles" % k, method=method, client="10.9.9.9", headers=head, body=b'{"role":"teller"}')
        for k in range(3 if nights else 0):
            s.ns = midnight + day * DAY + (23 * 3600 + k * 600) * SEC
            s.call("/admin/users/%d/roles" % k, method=method, client="10.9.9.9", headers=head, body=b'{"role":"teller"}')
    s.ns = midnight + 5 * DAY + hour * 3600 * SEC
    s.call("/admin/users/99/roles", method=method, client="10.9.9.9", headers=head, body=b'{"role":"admin"}')
    return s, {}, []


PLACES = "36.0.0.0/8,Beijing,39.9,116.4\n58.0.0.0/8,London,51.5,-0.1\n39.0.0.0/8,Tianjin,39.1,117.2\n"


def journey(client, minutes):
    s = Story()
    head = [("Authorization", "Bearer 99887766554433221100"), BROWSER]
    for k in range(3):
        s.call("/accounts/7", client="36.1.2.3", headers=head)
    s.ns += minutes * 60 * SEC
    s.call("/accounts/7", client=client, headers=head)
    return s, {"places": PLACES}, ["analytics.places_file=@/places"]


def stream(s, client, server, up, down, seconds=20, port=8443, turns=20):
    s.port += 1
    t = wire.Tcp(s.cap, s.ns, client, s.port, server, port, isn=77, step=50000)
    for _ in range(turns):
        for who, size in ((0, up), (1, down)):
            t.send(who, bytes((k * 37 + k * k * 11 + size) % 256 for k in range(256)) * (size // turns // 256 + 1))
        t.wait(seconds * SEC // turns)
    t.close()
    s.ns = t.ns


def volume(up, down, hosts):
    """Megabytes to a host outside."""
    s = Story()
    for k in range(hosts):
        stream(s, "10.1.0.%d" % (7 + k), "45.9.8.7", 20000, 20000)
    stream(s, "10.1.0.7", "45.9.8.7", up, down)
    return s, {}, ["analytics.exfil_mb=2"]


def endless(hours):
    s = Story()
    stream(s, "10.1.0.7", "45.9.8.7", 20000, 20000, seconds=hours * 3600, turns=hours * 60)
    return s, {}, []


def part(d):
    return base64.urlsafe_b64encode(json.dumps(d).encode()).rstrip(b"=").decode()


def pod_token(subject):
    s = Story()
    token = "%s.%s.%s" % (part({"alg": "RS256", "kid": "k"}), part({"iss": "https://kubernetes.default.svc", "sub": subject, "exp": 1999999999}), "c2ln" * 40)
    for k in range(5):
        s.call("/rates", client="10.1.0.20", server="10.1.0.30", headers=[("Authorization", "Bearer " + token), ("User-Agent", "Go-http-client/1.1")])
    return s, {}, []


MIME = "application/vnd.docker.distribution.manifest.v2+json"


def pull(s, node, name, layers, signed, tag=None):
    digest = "sha256:%064x" % sum(layers)
    manifest = json.dumps({"schemaVersion": 2, "mediaType": MIME, "config": {"digest": "sha256:%064x" % (sum(layers) + 5)}, "layers": [{"digest": "sha256:%064x" % n} for n in layers]})
    head = [("Authorization", "Bearer abcdefabcdefabcdef")]
    extra = [("Docker-Content-Digest", digest), ("Docker-Distribution-Api-Version", "registry/2.0")]
    s.call("/v2/%s/manifests/%s" % (name, tag or digest), client=node, server="10.1.0.6", port=5000, host="reg.bank.example", answer=manifest.encode(), ctype=MIME, headers=head, extra=extra)
    if signed:
        s.call("/v2/%s/manifests/%s.sig" % (name, digest.replace(":", "-")), client=node, server="10.1.0.6", port=5000, host="reg.bank.example", answer=manifest.encode(), ctype=MIME,
               headers=head, extra=extra)


def bad_layer(layer):
    """A layer that is on the list comes to two nodes in two images."""
    s = Story()
    pull(s, "10.1.0.9", "pay/api", [11, layer], True)
    pull(s, "10.1.0.10", "core/job", [12, layer], True)
    pull(s, "10.1.0.11", "core/web", [12, 13], True)
    return s, {"images": "deny,sha256:%064x\n" % 666}, ["analytics.images_file=@/images"]


def signatures(signed):
    s = Story()
    pull(s, "10.1.0.9", "pay/api", [11, 12], signed)
    for k in range(40):
        s.ns += 30 * SEC
        s.call("/status", client="10.1.0.5", server="10.1.0.7", port=9090)
    return s, {}, []


def segments(server):
    s = Story()
    for k in range(3):
        s.call("/status", client="10.1.0.5", server=server, port=9090)
    return s, {"seg": "allow,10.1.0.0/24,10.1.0.0/24\ndeny,10.1.0.0/24,10.2.0.0/16\n"}, ["analytics.segments_file=@/seg"]


def hurry(per_second, before):
    """Somebody calls far more often than others do, and than they did before."""
    s = Story()
    for k in range(240):
        s.call("/summary", client="36.%d.2.3" % (k % 48), headers=[("Authorization", "Bearer %020x" % (k % 48 + 7)), BROWSER])
    for minute in range(6):
        n = per_second * 60 if minute > 2 else before
        start = s.ns
        for k in range(n):
            s.ns = start + k * 60 * SEC // n - SEC // 2
            s.call("/summary", client="39.1.2.3", headers=[("Authorization", "Bearer fedcba98765432100000"), BROWSER])
        s.ns = start + 60 * SEC
    return s, {}, []


def left(status):
    """Somebody logs out; minutes later their own app still asks."""
    s = Story()
    head = [("Authorization", "Bearer 0123456789abcdef01234567"), BROWSER]
    s.call("/accounts/7", headers=head)
    s.call("/api/v1/logout", method="POST", headers=head, body=b"{}", answer=b'{"code":0}')
    for _ in range(3):
        s.ns += 400 * SEC
        s.call("/accounts/7", status, headers=head, answer=b'{"a":1}')
    return s, {}, []


def frame(kind, flags, stream, body):
    return struct.pack("!I", len(body))[1:] + bytes([kind, flags]) + struct.pack("!I", stream) + body


def literal(name, value):
    return b"\x00" + bytes([len(name)]) + name.encode() + bytes([len(value)]) + value.encode()


def resets(n, together):
    """Streams that are opened and reset: a flood, or a page that was left."""
    s = Story()
    head = b"".join(literal(*h) for h in ((":method", "GET"), (":scheme", "http"), (":path", "/list"), (":authority", "shop.example")))
    top = literal(":status", "200") + literal("content-type", JSON)
    t = wire.Tcp(s.cap, s.ns, "36.1.2.3", 30000, "10.1.0.5", 8080, isn=77)
    t.send(0, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + frame(4, 0, 0, b""))
    t.send(1, frame(4, 0, 0, b""))
    for k in range(n):
        stream = 2 * k + 1
        t.send(0, frame(1, 5, stream, head) + (frame(3, 0, stream, b"\0\0\0\x08") if together or k % 8 == 0 else b""))
        if not together and k % 8:
            t.wait(30000000)
            t.send(1, frame(1, 4, stream, top) + frame(0, 1, stream, b'{"a":1}'))
        t.wait(200000 if together else 400000000)
    t.close()
    return s, {}, []


def shell(server, port, talk, mss=1448):
    """A conversation of lines: who (0 the opener), text."""
    s = Story()
    t = wire.Tcp(s.cap, START, "10.1.0.7", 41000, server, port, isn=77, mss=mss)
    for who, text in talk:
        t.send(who, text)
        t.wait(SEC)
    t.close()
    return s, {}, []


WINDOWS = [(0, b"Microsoft Windows [Version 10.0.17763.1]\r\n(c) Microsoft\r\n\r\nC:\\app>"), (1, b"whoami\n"), (0, b"nt authority\\system\r\n")]
BOUND = [(0, b"id\n"), (1, b"uid=0(root) gid=0(root) groups=0(root)\n"), (0, b"cat /etc/passwd\n"), (1, b"root:x:0:0:root:/root:/bin/bash\n")]
LOGS = [(0, b"<86>Mar 1 10:00:0%d db1 sudo: session opened for user root(uid=0) by uid=0(root)\n" % i) for i in range(9)]


def cluster(path, agent, method="GET", answer=b"{}", port=8001, host="kubernetes.default.svc", token=True):
    s = Story()
    claims = {"iss": "https://kubernetes.default.svc.cluster.local", "sub": "system:serviceaccount:shop:web", "exp": 1900000000,
              "kubernetes.io": {"namespace": "shop", "pod": {"name": "web-1"}}}
    head = [("User-Agent", agent)]
    if token:
        head.append(("Authorization", "Bearer " + part({"alg": "RS256", "kid": "k"}) + "." + part(claims) + "." + "c2ln" * 20))
    s.call(path, client="10.244.1.9", server="10.96.0.1", port=port, host=host, method=method, headers=head, answer=answer)
    return s, {}, []


SECRETS = json.dumps({"kind": "SecretList", "apiVersion": "v1", "items": []}).encode()
DASHBOARD = json.dumps({"listMeta": {"totalItems": 1}, "secrets": [{"objectMeta": {"name": "a"}}]}).encode()
CONTROLLER = "controller/v1.2 (linux/amd64) kubernetes/abc"


def open_registry(login):
    s = Story()
    for k in range(2):
        digest = "sha256:%064x" % (9 + k)
        manifest = json.dumps({"schemaVersion": 2, "mediaType": MIME, "config": {"digest": "sha256:%064x" % 5}, "layers": [{"digest": digest}]})
        s.call("/v2/base/jre/manifests/v1.%d" % k, client="10.1.0.9", server="10.1.0.6", port=5000, host="reg.bank.example", answer=manifest.encode(), ctype=MIME,
               headers=[("Authorization", "Basic Y2k6cGFzcw==")] if login else [],
               extra=[("Docker-Content-Digest", digest), ("Docker-Distribution-Api-Version", "registry/2.0")])
    return s, {}, []


def luhn(body):
    total = sum(sum(divmod(int(c) * 2, 10)) if k % 2 == 0 else int(c) for k, c in enumerate(reversed(body)))
    return body + str(-total % 10)


def circle(newcomer, status=200, callers=2, agent="okhttp/4.9", head=(), others=40, allow="", names=()):
    """Cards are read by a few services only; then another host inside that calls other things reads them."""
    s = Story()
    cards = lambda k: json.dumps({"cardNo": luhn("62220202001122%04d" % (3000 + k))}).encode()  # noqa: E731
    for k in range(180):
        me = 11 + k % callers
        s.call("/vault/cards/%d" % (k % 7), client="10.1.0.%d" % me, host="vault.svc", headers=[("User-Agent", "okhttp/4.9"), ("X-Api-Key", "key-of-%d-0123456789" % me)], answer=cards(k))
        if k % 2:
            s.call("/vault/status/%d" % (k % 3), client="10.1.0.30", host="vault.svc", headers=[("User-Agent", "okhttp/4.9")])
        if k < others:
            s.call("/vault/rates/%d" % (k % 3), client=newcomer, host="vault.svc", headers=[("User-Agent", agent)])
            s.call("/rates/list", client="10.1.0.40", server=newcomer, host=names[0] if names else "rates.svc", port=8080)
            s.call("/pay/list", client="10.1.0.40", server="10.1.0.11", host="pay.svc", port=8080)
    for k in range(2):
        s.ns += 20 * SEC
        s.call("/vault/cards/%d" % k, status, client=newcomer, host="vault.svc", headers=[("User-Agent", agent)] + list(head), answer=cards(k) if status == 200 else b"{}")
    return s, {"seg": allow}, ["analytics.segments_file=@/seg"] if allow else []


def answerer(what):
    """A database proxy that only ever answered opens a connection to one of those that call it."""
    s = Story()
    for k in range(160):
        s.call("/rows/%d" % (k % 5), client="10.1.0.5", server="10.1.0.7", port=9090)
        s.call("/rates/%d" % (k % 5), client="10.1.0.6", server="10.1.0.5")
    s.ns += 30 * SEC
    if what == "back":
        stream(s, "10.1.0.7", "10.1.0.5", 4000, 4000, port=9100)
    elif what == "out":
        stream(s, "10.1.0.7", "10.1.0.99", 4000, 4000, port=9100)
    elif what == "ftp":
        s.port = 19
        stream(s, "10.1.0.7", "10.1.0.5", 4000, 4000, port=50123)
    elif what == "old":  # the tap saw only the end of a connection that the other opened, its answer first
        t = wire.Tcp(s.cap, s.ns, "10.1.0.5", 41000, "10.1.0.7", 9090, isn=77)
        first = len(s.cap.frames)
        t.send(0, b"\x01\x02\x03\x04" * 60)
        del s.cap.frames[first - 3:]
        t.send(1, b"\x01\x02\x03\x04" * 60)
        t.send(0, b"\x05\x02\x03\x04" * 60)
        t.close()
    return s, {}, []


def offer(what, gap=80, allow=""):
    """A server that kept to one port for more than an hour answers on another, or speaks something else."""
    s = Story()

    def day(n):
        for k in range(n):
            s.ns += gap * SEC
            for to in (5, 6, 8):
                s.call("/shop/%d" % (k % 5), client="10.1.0.%d" % (11 + k % 2), server="10.1.0.%d" % to, host="shop%d.svc" % to)

    def lines(server, port, client, first, second):
        t = wire.Tcp(s.cap, s.ns + SEC, client, 41007, server, port, isn=77)
        t.send(1, first)
        t.send(0, second)
        t.send(1, bytes(range(256)))
        t.send(0, bytes(range(255, -1, -1)))
        t.close()

    day(70)
    banners = (b"SSH-2.0-OpenSSH_8.9\r\n", b"SSH-2.0-Go\r\n")
    if what == "door":
        stream(s, "10.1.0.77", "10.1.0.5", 4000, 4000, port=4444)
    elif what == "shell":
        lines("10.1.0.5", 8080, "10.1.0.77", *banners)
    elif what == "jump":
        lines("10.1.0.5", 22, "10.1.0.77", *banners)
    elif what == "green":
        for k in range(8):
            s.call("/shop/%d" % k, client="10.1.0.%d" % (11 + k % 2), port=8081, host="shop5.svc")
        s.call("/shop/1", client="10.1.0.13", port=8081, host="shop5.svc")
    elif what == "monitor":
        for to in (5, 6, 8):
            stream(s, "10.1.0.88", "10.1.0.%d" % to, 400, 4000, port=10051)
    elif what == "probe":
        s.call("/metrics", client="10.1.0.88", port=9404, host="10.1.0.5:9404")
    elif what == "ftp":
        stream(s, "10.1.0.88", "10.1.0.5", 400, 400, port=21)
        stream(s, "10.1.0.88", "10.1.0.5", 400, 4000, port=30412)
    day(10)
    return s, {"seg": allow}, ["analytics.segments_file=@/seg"] if allow else []


ALLOW = "allow,10.1.0.0/24,10.1.0.0/24\n"
DRIFT = {"shadow_endpoint", "zombie_endpoint", "undocumented_parameter", "type_mismatch", "undocumented_status", "spec_auth_missing"}
CASES = [  # story, rules that must be told (once each, of whom, about whom: where it is known), rules that must not
    (specification(True), DRIFT, set()),
    (specification(False), set(), DRIFT),
    (registry("reg.evil.example"), {"registry_unknown": ({"10.1.0.9"}, {"10.1.0.6"})}, set()),
    (registry("reg.bank.example"), set(), {"registry_unknown"}),
    (chain(True), {"lateral_chain", "cmdi", "port_scan"}, set()),
    (chain(False), {"port_scan"}, {"lateral_chain"}),
    (dormant(60, "58.7.7.7"), {"dormant_account": ({"58.7.7.7"}, {"10.1.0.5"})}, set()),
    (dormant(60, "36.1.9.9"), set(), {"dormant_account"}),  # from where its owner always came
    (dormant(9, "58.7.7.7"), set(), {"dormant_account"}),
    (administrator(2, False), {"offhours_admin": ({"10.9.9.9"}, {"10.1.0.5"})}, set()),
    (administrator(15, False), set(), {"offhours_admin"}),
    (administrator(2, True), set(), {"offhours_admin"}),  # who often works at night
    (administrator(2, False, "GET"), set(), {"offhours_admin"}),
    (journey("58.7.7.7", 30), {"impossible_travel": ({"36.1.2.3", "58.7.7.7"}, {"10.1.0.5"})}, set()),
    (journey("58.7.7.7", 720), set(), {"impossible_travel"}),  # by plane
    (journey("39.7.7.7", 5), set(), {"impossible_travel"}),  # the next town
    (volume(3 << 20, 4000, 1), {"exfiltration": ({"10.1.0.7"}, {"45.9.8.7"})}, set()),
    (volume(3 << 20, 3 << 20, 1), set(), {"exfiltration"}),  # as much comes back
    (volume(4000, 3 << 20, 1), set(), {"exfiltration"}),
    (volume(3 << 20, 4000, 8), set(), {"exfiltration"}),  # where many send
    (endless(7), {"long_flow": ({"10.1.0.7"}, {"45.9.8.7"})}, set()),
    (endless(2), set(), {"long_flow"}),
    (pod_token("system:serviceaccount:pay:api"), {"sa_token_clear": (set(), {"10.1.0.30"})}, {"sa_token_outside"}),
    (pod_token("user17"), set(), {"sa_token_clear", "sa_token_outside"}),
    (bad_layer(666), {"image_denied": ({"10.1.0.9", "10.1.0.10"}, {"10.1.0.6"})}, set()),
    (bad_layer(667), set(), {"image_denied"}),
    (signatures(False), {"image_unsigned": (set(), {"10.1.0.6"})}, set()),
    (signatures(True), set(), {"image_unsigned"}),
    (segments("10.2.0.7"), {"segment_violation": ({"10.1.0.5"}, {"10.2.0.7"})}, set()),
    (segments("10.1.0.7"), set(), {"segment_violation"}),
    (hurry(20, 10), {"rate_anomaly": ({"39.1.2.3"}, {"10.1.0.5"})}, set()),
    (hurry(1, 10), set(), {"rate_anomaly", "scraping"}),
    (left(200), {"logout_ignored": (set(), {"10.1.0.5"})}, {"token_after_logout"}),
    (left(401), set(), {"logout_ignored", "token_after_logout"}),
    (resets(300, True), {"h2_rapid_reset": ({"36.1.2.3"}, {"10.1.0.5"})}, set()),
    (resets(80, False), set(), {"h2_rapid_reset"}),
    (open_registry(False), {"registry_open": (set(), {"10.1.0.6"})}, set()),
    (open_registry(True), set(), {"registry_open"}),
    (shell("45.9.8.7", 443, WINDOWS), {"reverse_shell": ({"10.1.0.7"}, {"45.9.8.7"})}, set()),
    (shell("45.9.8.7", 443, WINDOWS, 1), {"reverse_shell": ({"10.1.0.7"}, {"45.9.8.7"})}, set()),
    (shell("10.1.0.9", 31000, BOUND), {"reverse_shell": ({"10.1.0.7"}, {"10.1.0.9"})}, set()),
    (shell("10.1.0.9", 5514, LOGS), set(), {"reverse_shell"}),
    (cluster("/api/v1/namespaces/shop/secrets", "curl/8.1", answer=SECRETS), {"k8s_api": ({"10.244.1.9"}, {"10.96.0.1"})}, set()),
    (cluster("/api/v1/namespaces/shop/secrets", CONTROLLER, answer=SECRETS), set(), {"k8s_api"}),
    (cluster("/api/v1/namespaces/shop/configmaps", "curl/8.1"), set(), {"k8s_api"}),
    (cluster("/apis/rbac.authorization.k8s.io/v1/clusterrolebindings", "kubectl/v1.27", "POST"),
     {"k8s_api": ({"10.244.1.9"}, {"10.96.0.1"})}, set()),
    (cluster("/apis/rbac.authorization.k8s.io/v1/clusterrolebindings", CONTROLLER, "POST"), set(), {"k8s_api"}),
    (cluster("/logs/auth.log", "x/1", port=10255, token=False), {"pod_to_kubelet": ({"10.244.1.9"}, {"10.96.0.1"})}, set()),
    (cluster("/metrics/cadvisor", "Prometheus/2", port=10255, token=False), set(), {"pod_to_kubelet"}),
    (cluster("/api/v1/secret/shop", "Mozilla/5.0", answer=DASHBOARD, host="dash", token=False),
     {"cluster_dashboard": ({"10.244.1.9"}, {"10.96.0.1"})}, set()),
    (cluster("/api/v1/secret/shop", "Mozilla/5.0", host="vault", token=False), set(), {"cluster_dashboard"}),
    (circle("10.1.0.20"), {"new_sensitive_caller": ({"10.1.0.20"}, {"10.1.0.5"}, "made all 180 calls")}, {"new_edge"}),
    (circle("10.1.0.20", 403), {"new_sensitive_caller": ({"10.1.0.20"}, {"10.1.0.5"})}, {"new_edge"}),
    (circle("10.1.0.20", callers=9), set(), {"new_sensitive_caller"}),  # an endpoint of many
    (circle("10.1.0.20", agent=BROWSER[1]), set(), {"new_sensitive_caller"}),  # a person
    (circle("10.1.0.20", head=[("X-Forwarded-For", "36.1.2.3")]), set(), {"new_sensitive_caller"}),  # a gateway
    (circle("10.1.0.20", head=[("X-Api-Key", "key-of-11-0123456789")]), set(), {"new_sensitive_caller"}),  # the same program elsewhere
    (circle("10.1.0.20", names=["pay.svc"]), set(), {"new_sensitive_caller"}),  # a second pod of a service that reads them
    (circle("10.1.0.20", others=3), set(), {"new_sensitive_caller"}),  # too little is known of it
    (circle("10.1.0.20", allow=ALLOW), set(), {"new_sensitive_caller"}),
    (offer("door"), {"new_service_port": ({"10.1.0.77"}, {"10.1.0.5"}, "answers on port 4444")}, set()),
    (offer("shell"), {"new_service_port": ({"10.1.0.77"}, {"10.1.0.5"}, "port 8080 speaks")}, set()),
    (offer("door", gap=20), set(), {"new_service_port"}),  # not known for as long as the baseline
    (offer("door", allow=ALLOW), set(), {"new_service_port"}),
    (offer("jump"), set(), {"new_service_port"}),
    (offer("green"), set(), {"new_service_port"}),
    (offer("monitor"), set(), {"new_service_port"}),
    (offer("probe"), set(), {"new_service_port"}),
    (offer("ftp"), set(), {"new_service_port"}),
    (answerer("back"), {"new_edge": ({"10.1.0.7"}, {"10.1.0.5"}, "one of its own callers")}, set()),
    (answerer("out"), {"new_edge": ({"10.1.0.7"}, {"10.1.0.99"}, "never called any other inside")}, set()),
    (answerer("ftp"), set(), {"new_edge"}),
    (answerer("old"), set(), {"new_edge"}),
]


def judge(found, wanted, unwanted):
    wrong = ["missed " + r for r in sorted(set(wanted) - set(found))] + ["raised " + r for r in sorted(unwanted & set(found))]
    for rule in wanted if isinstance(wanted, dict) else ():
        actors, targets, *words = wanted[rule]
        told = list(found.get(rule, {}).values())
        if len(told) > 1:
            wrong.append("%s told %d times" % (rule, len(told)))
        for r in told:
            related = set(r["related"]["ip"])
            wrong += ["%s says %s" % (rule, r["message"]) for w in words if w not in r["message"]]
            if not (actors | targets) <= related:
                wrong.append("%s of %s" % (rule, sorted(related)))
            if actors and related - actors - targets:
                wrong.append("%s also of %s" % (rule, sorted(related - actors - targets)))
    return wrong


def main():
    bad = 0
    for n, ((story, files, options), wanted, unwanted) in enumerate(CASES):
        found = story.run(sys.argv[1], files, options)
        wrong = judge(found, wanted, unwanted)
        bad += len(wrong)
        if wrong:
            print("case %d: %s; told: %s" % (n, ", ".join(wrong), sorted(found)))
    print("%d cases, %d wrong" % (len(CASES), bad))
    return bool(bad)


if __name__ == "__main__":
    sys.exit(main())
