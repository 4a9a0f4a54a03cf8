# SPDX-License-Identifier: Apache-2.0
"""Stories of hosts inside: what they pull, where they go, what they answer."""
import json

from estate import SEC, wire
from story import START, Story, part, stream


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
