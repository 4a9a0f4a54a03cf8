# SPDX-License-Identifier: Apache-2.0
"""A made-up estate on the wire: a gateway, services behind it, people outside; its manners differ with the seed."""
import base64
import json
import os
import random
import struct
import sys
import uuid

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "pcaps"))
import wire  # noqa: E402

SEC = 10**9
AGENTS = ["Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X)", "okhttp/4.9.3", "Mozilla/5.0 (Windows NT 10.0) Chrome/120",
          "Dalvik/2.1.0 (Linux; U; Android 13)", "BankApp/6.2.1 (HarmonyOS)"]
LOGINS = ["/auth/login", "/api/v1/login", "/oauth/token", "/user/signin", "/uaa/doLogin", "/passport/logon", "/api/session",
          "/mobile/user/login.do", "/gateway/auth/authenticate"]
WRONG = ["用户名或密码错误", "Invalid username or password", "Bad credentials", "账号不存在或密码不正确", "login failed"]


class Estate:
    """Draws its manners from the seed, keeps the clock in nanoseconds, writes calls as TCP conversations."""

    def __init__(self, seed, dense=None):
        self.rng = r = random.Random(seed)
        self.cap = wire.Capture()
        self.dense = r.random() < 0.5 if dense is None else dense
        self.start = 1740000000 * SEC + r.randrange(86400) * SEC
        self.length = (r.randint(12, 25) * 60 if self.dense else r.randint(20, 60) * 3600) * SEC
        net = r.choice(["10.%d" % r.randint(1, 200), "172.%d" % r.randint(16, 31), "192.168"])
        self.net = lambda third, fourth: "%s.%d.%d" % (net, third, fourth)
        self.gw, self.gw_port = self.net(1, 10), r.choice([80, 8080, 8000, 9000])
        self.lb = self.net(0, 5) if r.random() < 0.3 else None
        self.services = {n: (self.net(2, 10 + 10 * i), r.choice([8080, 8081, 9090]))
                         for i, n in enumerate(["auth", "customer", "account", "pay", "notify"])}
        self.db, self.redis, self.pod = self.net(4, 60), self.net(4, 70), self.net(2, 80)
        self.node, self.prom, self.dns = self.net(9, 1), self.net(5, 90), self.net(0, 53)
        self.registry, self.apiserver = self.net(6, 5), self.net(9, 2)
        self.host = r.choice(["api.bank.example", "m.bank.example", self.gw, "open.yinhang.example"])
        self.hops = r.choice(["none", "headers", "xff", "bare"])  # is the inner call seen, and what does it carry
        self.login = r.choice(LOGINS)
        self.body = r.choice(["json", "form", "nested", "phone"])
        self.fail = r.choice(["401", "200code", "200success", "400", "mixed"])
        self.token = r.choice(["bearer", "jwt", "cookie", "xtoken"])
        self.kind = r.choice(["customers", "accounts", "cards", "users", "policies"])
        self.base = r.choice(["/api/v1", "/v2", "/rest", "/mobile/api/v3", "/openapi"])
        self.prefix = r.choice(["", "", "C", "AC00"])
        self.ids = r.randint(100000, 90000000)
        self.ports = {}
        self.users = [("user%06d%d" % (r.randrange(10**6), i), self.outside()) for i in range(120)]
        self.tokens = {}
        self.keep, self.calls = seed % 3 == 2, []  # are connections kept for the next call, whoever makes it

    def outside(self):
        r = self.rng
        while True:
            a = r.choice([1, 14, 27, 36, 39, 42, 58, 60, 101, 110, 111, 112, 113, 114, 115, 116, 117, 118, 119, 120, 121, 122, 123,
                          125, 171, 175, 180, 182, 183, 202, 210, 218, 219, 220, 221, 222, 223])
            ip = "%d.%d.%d.%d" % (a, r.randrange(256), r.randrange(256), r.randint(1, 254))
            return ip

    def port(self, ip):
        self.ports[ip] = self.ports.get(ip, 20000 + hash_of(ip) % 20000) + 1
        if self.ports[ip] > 64000:
            self.ports[ip] = 20001
        return self.ports[ip]

    def at(self, lo=0.0, hi=1.0):
        return self.start + int(self.length * self.rng.uniform(lo, hi))

    # calls
    def http(self, ns, client, server, port, method, target, headers=(), body=b"", status=200, answer=b"{}",
             ctype="application/json", host=None, answer_headers=()):
        self.exchange(ns, client, server, port, wire.request(method, target, host or server, headers, body),
                      wire.response(status, ctype, answer, answer_headers), self.rng.randint(1, 15) * 1000000)

    def exchange(self, ns, client, server, port, request, response, took):
        """One call: on a connection of its own, or later on one that is kept."""
        isn = self.rng.randrange(1 << 31)
        if self.keep:
            self.calls.append((ns, len(self.calls), client, server, port, request, response, took, isn))
            return
        t = wire.Tcp(self.cap, ns, client, self.port(client), server, port, isn=isn)
        self.talk(t, ns, request, response, took)
        t.close()

    def talk(self, t, ns, request, response, took):
        t.ns = max(t.ns, ns) + 200000
        t.send(0, request)
        t.wait(took)
        t.send(1, response)
        t.wait(300000)

    def kept(self):
        """Calls between two hosts share connections that are idle."""
        pools = {}
        for ns, _, client, server, port, request, response, took, isn in sorted(self.calls):
            pool = pools.setdefault((client, server, port), [])
            free = [t for t in pool if t.ns <= ns and t.ns + 50 * SEC > ns]
            if not free:
                free = [wire.Tcp(self.cap, ns, client, self.port(client), server, port, isn=isn)]
                pool[:] = [t for t in pool if t.ns + 50 * SEC > ns] + free
            self.talk(free[0], ns, request, response, took)
        self.calls = []

    def outer(self, ns, client, method, target, headers=(), body=b"", status=200, answer=b"{}", ctype="application/json",
              service=None, answer_headers=(), agent=None):
        """A call from outside through the load balancer, if any, to the gateway, and on to a service where hops are seen."""
        r = self.rng
        headers = list(headers) + [("User-Agent", agent or AGENTS[hash_of(client) % len(AGENTS)])]
        if body:
            headers.append(("Content-Type", "application/x-www-form-urlencoded" if body[:1] not in b"{[-" else
                            "application/json" if body[:1] in b"{[" else "multipart/form-data; boundary=xyz"))
        sender = client
        if self.lb:
            sender = self.lb
            headers.append(("X-Forwarded-For", client))
        if service and self.hops != "none":
            sip, sport = self.services[service]
            self.exchange(ns, sender, self.gw, self.gw_port, wire.request(method, target, self.host, headers, body),
                          wire.response(status, ctype, answer, answer_headers), 24000000)
            inner = list(headers)
            if self.hops == "headers":
                inner += [("traceparent", "00-%032x-%016x-01" % (r.getrandbits(128), r.getrandbits(64)))]
                t_headers = [h for h in inner if h[0] != "X-Forwarded-For"] + [("X-Forwarded-For", client)]
            elif self.hops == "xff":
                t_headers = [h for h in inner if h[0] != "X-Forwarded-For"] + [("X-Forwarded-For", client)]
            else:
                t_headers = [h for h in inner if h[0] not in ("X-Forwarded-For", "User-Agent")]
            self.http(ns + 1500000, self.gw, sip, sport, method, "/" + target.split("/", 2)[-1], t_headers, body, status, answer, ctype,
                      service, answer_headers)
            return
        self.http(ns, sender, self.gw, self.gw_port, method, target, headers, body, status, answer, ctype, self.host, answer_headers)

    def credential(self, user):
        """Headers that a logged-in user sends."""
        if user not in self.tokens:
            r = self.rng
            raw = "%040x" % r.getrandbits(160)
            part = lambda d: base64.urlsafe_b64encode(json.dumps(d).encode()).rstrip(b"=").decode()  # noqa: E731
            jwt = "%s.%s.%s" % (part({"alg": "HS256", "typ": "JWT"}), part({"sub": user, "iat": 1740000000}), raw)
            self.tokens[user] = {"bearer": ("Authorization", "Bearer " + raw), "jwt": ("Authorization", "Bearer " + jwt),
                                 "cookie": ("Cookie", "JSESSIONID=%s; lang=zh" % raw), "xtoken": ("X-Auth-Token", raw)}[self.token]
        return [self.tokens[user]]

    def try_login(self, ns, client, user, password, good, agent=None):
        r = self.rng
        body = {"json": lambda: json.dumps({"username": user, "password": password}),
                "form": lambda: "username=%s&password=%s&remember=1" % (user, password),
                "nested": lambda: json.dumps({"head": {"ver": "1", "chan": "APP"}, "data": {"loginName": user, "pwd": password}}),
                "phone": lambda: json.dumps({"mobile": "138%08d" % (hash_of(user) % 10**8), "loginPwd": password})}[self.body]()
        if self.login == "/oauth/token":
            body = "grant_type=password&client_id=app&username=%s&password=%s" % (user, password)
        fail = self.fail if self.fail != "mixed" else r.choice(["401", "200code"])
        if good:
            answer, status = json.dumps({"code": 0, "token": "%032x" % r.getrandbits(128), "expires": 3600}), 200
        elif fail == "200code":
            answer, status = json.dumps({"code": 10021, "msg": WRONG[hash_of(self.login) % 5]}, ensure_ascii=False), 200
        elif fail == "200success":
            answer, status = json.dumps({"success": False, "message": WRONG[hash_of(self.login) % 5]}, ensure_ascii=False), 200
        else:
            answer, status = json.dumps({"error": "invalid_grant"}), int(fail)
        self.outer(ns, client, "POST", self.login, [], body.encode(), status, answer.encode(), service="auth", agent=agent)

    def object(self, n):
        return "%s%d" % (self.prefix, n)

    def record(self, n):
        r = random.Random(n)
        return {"id": self.object(n), "name": r.choice("王李张刘陈杨") + r.choice(["伟", "芳", "娜", "敏", "静", "磊"]) + r.choice(["", "华", "平"]),
                "mobile": "13%09d" % r.randrange(10**9), "idNo": id_card(r), "balance": round(r.random() * 1e5, 2)}

    def read(self, ns, client, user, n, status=200, sub="", agent=None):
        answer = json.dumps(self.record(n) if status == 200 else {"error": "no such object"}, ensure_ascii=False).encode()
        self.outer(ns, client, "GET", "%s/%s/%s%s" % (self.base, self.kind, self.object(n), sub), self.credential(user), b"", status,
                   answer, service="customer", agent=agent)

    def syn(self, ns, client, server, port, refused):
        t = wire.Tcp.__new__(wire.Tcp)
        t.cap, t.ns, t.mss, t.step = self.cap, ns, 1448, 20000
        t.end = ((client, self.port(client)), (server, port))
        t.seq = [self.rng.randrange(1 << 31), 0]
        t._segment(0, 0x02, b"")
        if refused:
            t.seq[0] += 1
            t._segment(1, 0x14, b"")

    def raw(self, ns, client, server, port, talk):
        t = wire.Tcp(self.cap, ns, client, self.port(client), server, port, isn=self.rng.randrange(1 << 31))
        for who, data in talk:
            t.send(who, data)
            t.wait(2000000)
        t.close()

    def ask(self, ns, client, name, kind=1, answer=None, rcode=0, server=None):
        r = self.rng
        ident, sport = r.randrange(65536), 30000 + r.randrange(30000)
        q = b"".join(bytes([len(p)]) + p.encode() for p in name.split(".")) + b"\0" + struct.pack("!HH", kind, 1)
        self.cap.udp(ns, client, sport, server or self.dns, 53, struct.pack("!HHHHHH", ident, 0x0100, 1, 0, 0, 0) + q)
        rr = b""
        if answer is not None:
            rr = b"\xc0\x0c" + struct.pack("!HHIH", kind, 1, 60, len(answer)) + answer
        self.cap.udp(ns + 2000000, server or self.dns, 53, client, sport,
                     struct.pack("!HHHHHH", ident, 0x8180 | rcode, 1, 1 if rr else 0, 0, 0) + q + rr)

    # an ordinary day
    def background(self, sessions=None):
        r = self.rng
        for _ in range(sessions or r.randint(160, 260)):
            user, ip = r.choice(self.users)
            ns = self.at(0, 0.97)
            if r.random() < 0.08:
                self.try_login(ns, ip, user, "typo", False)
                ns += r.randint(4, 20) * SEC
            self.try_login(ns, ip, user, "right" + user, True)
            own = self.ids + hash_of(user) % 5000000
            for k in range(r.randint(1, 4)):
                ns += r.randint(2, 30) * SEC
                self.read(ns, ip, user, own + (k % 2) * 77777)
        step = (10 if self.dense else 1200) * SEC
        for i, (sip, sport) in enumerate(self.services.values()):
            ns = self.start + i * SEC
            while ns < self.start + self.length:
                self.http(ns, self.prom, sip, sport, "GET", "/metrics", [("User-Agent", "Prometheus/2.45")], answer=b"up 1\n", ctype="text/plain")
                ns += step
        a, c = self.services["account"], self.services["customer"]
        for _ in range(r.randint(80, 150)):
            self.http(self.at(), a[0], c[0], c[1], "GET", "/internal/v1/cust/%d" % (self.ids + r.randrange(9999)), host="customer",
                      answer=json.dumps({"level": r.randint(1, 5)}).encode())
        for _ in range(r.randint(60, 120)):
            self.ask(self.at(), r.choice(list(self.services.values()))[0], r.choice(["auth", "customer", "db", "mq"]) + ".svc.cluster.local",
                     1, bytes([10, 1, 1, r.randint(1, 200)]))

    def write(self, path, loss=0.0, shape=""):
        """loss: share of the frames that the tap did not see. shape: mid (from a tenth on), dup, reorder: as taps do it."""
        self.kept()
        r = random.Random(len(self.cap.frames))
        frames = [f for f in self.cap.frames if r.random() >= loss]
        if shape in ("mid", "dup", "reorder"):
            frames.sort(key=lambda f: f[0])
        if shape == "mid":
            frames = frames[len(frames) // 10:]
        if shape == "dup":
            frames = [f for f in frames for _ in (0, 1)]
        if shape == "reorder":
            times = [f[0] for f in frames]
            for i in range(0, len(frames) - 1, 2):
                if r.random() < 0.3 and frames[i + 1][0] - frames[i][0] < 10**6:
                    frames[i], frames[i + 1] = frames[i + 1], frames[i]
            frames = [(t, *f[1:]) for t, f in zip(times, frames)]
        self.cap.frames = frames
        self.cap.write(path)


def hash_of(text):
    n = 0
    for c in text.encode():
        n = (n * 131 + c) % 2147483647
    return n


def id_card(r):
    body = r.choice(["110101", "310104", "440305", "330106", "510107"]) + "%d%02d%02d%03d" % (
        r.randint(1960, 2003), r.randint(1, 12), r.randint(1, 28), r.randrange(1000))
    return body + "10X98765432"[sum(int(d) * w for d, w in zip(body, (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2))) % 11]


def new_uuid(r):
    return str(uuid.UUID(int=r.getrandbits(128), version=4))
