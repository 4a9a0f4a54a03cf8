# SPDX-License-Identifier: Apache-2.0
"""More of what bad people and honest programs do: other ways to log in, sessions, money, containers, images, tunnels."""
import base64
import json
import struct

from estate import SEC, hash_of, wire
from kinds import BAD_PATHS, accounts, spaced, stuffing, target

BROWSER = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0 Safari/537.36"


def post(e, ns, ip, path, body, status=200, answer=None, service="auth", headers=(), agent=None):
    body = body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()
    answer = json.dumps({"code": 0} if answer is None else answer, ensure_ascii=False).encode()
    e.outer(ns, ip, "POST", path, headers, body, status, answer, service=service, agent=agent)


# other ways to log in
def login_way(e):
    """One of several dialects: (path, body of user and password, answer when wrong, answer when right)."""
    return e.rng.choice([
        ("/graphql", lambda u, p: {"query": "mutation($u:String!,$p:String!){login(username:$u,password:$p){token}}", "variables": {"u": u, "p": p}},
         {"data": {"login": None}, "errors": [{"message": "Invalid credentials"}]}, {"data": {"login": {"token": "a1b2c3"}}}),
        ("/graphql", lambda u, p: {"query": "mutation{signIn(input:{email:\"%s@x.cn\",password:\"%s\"}){token}}" % (u, p)},
         {"data": None, "errors": [{"message": "密码错误"}]}, {"data": {"signIn": {"token": "a1b2c3"}}}),
        ("/jsonrpc", lambda u, p: {"jsonrpc": "2.0", "id": 1, "method": "session.login", "params": [u, p]},
         {"jsonrpc": "2.0", "id": 1, "error": {"code": -32002, "message": "Access denied"}}, {"jsonrpc": "2.0", "id": 1, "result": "5f2d"}),
        ("/portal/dl.do", lambda u, p: {"用户名": u, "密码": p}, {"状态": "失败", "消息": "密码错误，还可尝试3次"}, {"状态": "成功", "令牌": "9fe0"}),
        ("/ebank/perlogin/signOn.do", lambda u, p: {"loginId": u, "encPwd": "%064x" % hash_of(p)},
         {"rspCode": "EB0021", "rspMsg": "登录密码错误"}, {"rspCode": "000000", "rspMsg": "交易成功", "sid": "77ab"}),
        ("/api/auth/token", lambda u, p: {"grantType": "password", "account": u, "secret": p},
         {"status": "FAIL", "errorCode": "AUTH_001", "errorMsg": "账号或密码错误"}, {"status": "SUCCESS", "accessToken": "77abff"}),
        ("/mcp/trans", lambda u, p: {"header": {"transCode": "USER_LOGIN", "seq": "1"}, "body": {"userNo": u, "password": p}},
         {"header": {"retCode": "E10023", "retMsg": "用户密码不正确"}}, {"header": {"retCode": "0000", "retMsg": "success"}, "body": {"sessionId": "5c"}})])


def dialect(e):
    """Stuffing in another dialect, among people who log in the same way."""
    r, ip, (path, body, wrong, right) = e.rng, e.outside(), login_way(e)
    status = r.choice([200, 200, 401]) if "graphql" not in path and "jsonrpc" not in path else 200
    for _ in range(40):
        user, at = r.choice(e.users)
        post(e, e.at(), at, path, body(user, "ok" + user), 200, right)
    for u, ns in zip(accounts(e, 80), spaced(e, 80, 0.2, 2)):
        post(e, ns, ip, path, body(u, "pw%06d" % r.randrange(10**6)), status, wrong)
    return "credential_stuffing", {ip}, target(e)


def dialect_one(e):
    r, ip, (path, body, wrong, right) = e.rng, e.outside(), login_way(e)
    user = accounts(e, 1)[0]
    for i, ns in enumerate(spaced(e, r.randint(30, 90), 0.3, 4)):
        post(e, ns, ip, path, body(user, "guess%05d" % i), 200, wrong)
    return "brute_force", {ip}, target(e)


def varint(n):
    return bytes([n]) if n < 128 else bytes([n & 127 | 128]) + varint(n >> 7)


def frame(kind, flags, stream, body):
    return struct.pack("!I", len(body))[1:] + bytes([kind, flags]) + struct.pack("!I", stream) + body


def literal(name, value):
    return b"\x00" + bytes([len(name)]) + name.encode() + bytes([len(value)]) + value.encode()


def grpc(e, ns, client, path, message, status, answer=b""):
    """One gRPC call over a connection of its own, straight to the auth service."""
    ip, port = e.services["auth"]
    t = wire.Tcp(e.cap, ns, client, e.port(client), ip, port + 1000, isn=7)
    head = b"".join(literal(*h) for h in ((":method", "POST"), (":scheme", "http"), (":path", path), (":authority", "auth"),
                                          ("content-type", "application/grpc"), ("te", "trailers")))
    t.send(0, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + frame(4, 0, 0, b"") + frame(1, 4, 1, head) +
           frame(0, 1, 1, b"\0" + struct.pack("!I", len(message)) + message))
    t.wait(4000000)
    top = b"".join(literal(*h) for h in ((":status", "200"), ("content-type", "application/grpc")))
    end = b"".join(literal(*h) for h in (("grpc-status", str(status)), ("grpc-message", "ok" if not status else "invalid credentials")))
    data = frame(0, 0, 1, b"\0" + struct.pack("!I", len(answer)) + answer) if not status else b""
    t.send(1, frame(4, 0, 0, b"") + frame(1, 4, 1, top) + data + frame(1, 5, 1, end))
    t.wait(1000000)
    t.close()


def text_fields(*values):
    return b"".join(bytes([i << 3 | 2]) + varint(len(v)) + v.encode() for i, v in enumerate(values, 1))


def grpc_guess(e):
    r, ip = e.rng, e.net(2, 75)
    for i, ns in enumerate(spaced(e, 60, 0.2, 2)):
        grpc(e, ns, ip, "/bank.auth.v1.AuthService/Login", text_fields("victim01", "guess%05d" % r.randrange(10**5)), 16)
    return "brute_force", {ip}, {e.services["auth"][0]}


def nat_guess(e):
    """From behind a NAT address that honest people share."""
    r, ip = e.rng, e.outside()
    for ns in spaced(e, 60, 5, 15):
        user = "natuser%03d" % r.randrange(200)
        e.try_login(ns, ip, user, "right" + user, True)
    victim = accounts(e, 1)[0]
    for i, ns in enumerate(spaced(e, r.randint(60, 120), 0.3, 2)):
        e.try_login(ns, ip, victim, "guess%d" % i, False, agent="python-requests/2.31")
    return "brute_force", {ip}, target(e)


def bombing_crowd(e):
    """Messages to one phone from many addresses."""
    r, ips, phone = e.rng, [e.outside() for _ in range(e.rng.randint(30, 60))], "139%08d" % e.rng.randrange(10**8)
    for ip, ns in zip(ips * 2, spaced(e, len(ips) * 2, 0.3, 3)):
        post(e, ns, ip, "/api/v1/sms/send", {"mobile": phone, "scene": "reg"}, service="notify")
    return "sms_bombing", set(ips), target(e) | {e.services["notify"][0]}


def codes_reset(e):
    """The code of a password reset."""
    r, ip = e.rng, e.outside()
    for i, ns in enumerate(spaced(e, 90, 0.1, 1)):
        post(e, ns, ip, "/user/password/reset", {"phone": "13700001111", "captcha": "%04d" % i, "newPassword": "Aa123456"}, 200,
             {"success": False, "message": "验证码不正确或已过期"})
    return "otp_brute_force", {ip}, target(e)


def asking_login(e):
    """The login itself tells which accounts exist."""
    r, ip = e.rng, e.outside()
    for ns in spaced(e, 120, 0.2, 1):
        known = r.random() < .2
        post(e, ns, ip, "/api/v1/users/check-mobile", {"mobile": "13%09d" % r.randrange(10**9)}, 200, {"code": 0, "data": {"registered": known}})
    return "account_enumeration", {ip}, target(e)


# sessions
def hijack(e):
    r, mine, theirs = e.rng, e.outside(), e.outside()
    for i, ns in enumerate(spaced(e, 12, 15, 40)):
        own = e.ids + 4321
        e.read(ns, theirs if i % 2 else mine, "robbed", own, agent="curl/8.4" if i % 2 else "BankApp/6.2.1 (HarmonyOS)")
    return "session_hijack", {mine, theirs}, target(e)


def logged_out(e):
    r, ip, other = e.rng, e.outside(), e.outside()
    times = spaced(e, 6, 30, 60)
    e.read(times[0], ip, "leaver", e.ids + 99)
    e.outer(times[1], ip, "POST", e.base + r.choice(["/logout", "/auth/signout", "/user/logOff"]), e.credential("leaver"), b"{}", 200,
            b'{"code":0,"msg":"ok"}', service="auth")
    for ns in times[2:]:
        e.read(ns, other, "leaver", e.ids + 99)
    return "token_after_logout", {other}, target(e)


def functions(e):
    r, ip = e.rng, e.outside()
    names = r.sample(["users", "roles", "permissions", "audit-logs", "system/config", "export", "operators"], 5)
    for k in range(3):
        for i, ns in enumerate(spaced(e, 10, 20, 60)):
            e.outer(ns, "10.250.0.%d" % (k + 1), "GET", "%s/admin/%s" % (e.base, r.choice(names)), e.credential("root%d" % k), b"", 200, b'{"data":[]}',
                    service="customer")
    times = [e.start + int(e.length * 0.6) + k * 7 * SEC for k in range(11)]  # once the service's people are known
    for ns in times[:6]:
        e.read(ns, ip, "climber", e.ids + 777)
    for n, ns in zip(names, times[6:]):
        e.outer(ns, ip, "POST", "%s/admin/%s" % (e.base, n), e.credential("climber"), b'{"role":"admin"}', r.choice([200, 200, 403]), b'{"code":0}',
                service="customer")
    return "bfla", {ip}, target(e)


def orders(e, ns, ip, user, skip=False):
    flow = [("/orders", {"sku": "f1", "qty": 1}), ("/orders/risk-check", {"orderId": 5}), ("/orders/pay/confirm", {"orderId": 5})]
    for path, body in flow[2:] if skip else flow:
        post(e, ns, ip, e.base + path, body, service="pay", headers=e.credential(user))
        ns += 4 * SEC


def skipping(e):
    r, ip = e.rng, e.outside()
    for user, at in e.users[:60]:
        orders(e, e.at(0, 0.9), at, user)
    times = [e.start + int(e.length * 0.93) + k * 6 * SEC for k in range(9)]
    for ns in times[:5]:
        e.read(ns, ip, "skipper", e.ids + 1234)
    for ns in times[5:]:
        orders(e, ns, ip, "skipper", True)
    return "step_skipped", {ip}, target(e) | {e.services["pay"][0]}


def replaying(e):
    r, ip = e.rng, e.outside()
    sign = [("X-Signature", "%064x" % r.getrandbits(256)), ("X-Nonce", "%016x" % r.getrandbits(64)), ("X-Timestamp", "1740000000")]
    for ns in spaced(e, 8, 10, 40):
        post(e, ns, ip, e.base + "/transfer/submit", {"to": "6222020000000000", "amount": 500}, service="pay", headers=sign + e.credential("payer"))
    return "replayed_request", {ip}, target(e) | {e.services["pay"][0]}


def program_key(e):
    """A program's key in a person's browser."""
    r, host, ip = e.rng, e.net(2, 76), e.outside()
    key = [("X-Api-Key", "sk_%032x" % r.getrandbits(128))]
    sip, sport = e.services["account"]
    for ns in spaced(e, 60, 1, 4, 0.2):
        e.http(ns, host, sip, sport, "GET", "/internal/rates", key + [("User-Agent", "Java/17.0.2")], answer=b'{"r":1}')
    if e.lb:  # whose key it was cannot be told behind it; a browser inside can
        desk = e.net(88, 31)
        for ns in spaced(e, 12, 5, 30):
            e.http(max(ns, e.start + int(e.length * 0.7)), desk, sip, sport, "GET", "/internal/rates", key + [("User-Agent", BROWSER)], answer=b'{"r":1}')
        return "service_account_misuse", {desk}, {sip}
    for ns in spaced(e, 12, 5, 30):
        e.outer(max(ns, e.start + int(e.length * 0.7)), ip, "GET", e.base + "/rates", key + [("Accept-Language", "zh-CN"), ("Sec-Fetch-Mode", "navigate")], b"", 200,
                b'{"r":1}', service="account", agent=BROWSER)
    return "service_account_misuse", {ip}, target(e) | {sip}


# money
def coupons(e):
    r, ip = e.rng, e.outside()
    for i, ns in enumerate(spaced(e, 80, 0.3, 2)):
        post(e, ns, ip, e.base + r.choice(["/coupon/receive"]), {"couponCode": "NY%06d" % r.randrange(10**6)}, 200,
             {"code": 0 if r.random() < .3 else 4001}, service="pay", headers=e.credential("hunter"))
    return "coupon_abuse", {ip}, target(e) | {e.services["pay"][0]}


def mule(e):
    r, ip = e.rng, e.outside()
    for ns in spaced(e, 50, 3, 10):
        post(e, ns, ip, e.base + "/transfers", {"payeeAccount": "6217%012d" % r.randrange(10**12), "amount": r.randint(100, 999)}, 200,
             {"code": 0}, service="pay", headers=e.credential("mule"))
    return "transfer_abuse", {ip}, target(e) | {e.services["pay"][0]}


def scraping(e):
    r, ip = e.rng, e.outside()
    for i, ns in enumerate(spaced(e, 400, 0.3, 1.5)):
        e.outer(ns, ip, "GET", "%s/products?page=%d" % (e.base, i), [], b"", 200, json.dumps([{"sku": k, "price": 3} for k in range(20)]).encode(),
                service="pay", agent=r.choice(["python-requests/2.31"]))
    return "scraping", {ip}, target(e) | {e.services["pay"][0]}


def spoofing(e):
    """Another address in X-Forwarded-For with each try."""
    r, ip = e.rng, e.outside()
    if e.lb:
        return stuffing(e)
    for u, ns in zip(accounts(e, 90), spaced(e, 90, 0.2, 1.5)):
        post(e, ns, ip, e.login, {"username": u, "password": "pw%06d" % r.randrange(10**6)}, 401, {"error": "invalid_grant"},
             headers=[("X-Forwarded-For", e.outside())])
    return "credential_stuffing", {ip}, target(e)


def scan_soft(e):
    """The site shows its one page for whatever is asked."""
    r, ip = e.rng, e.outside()
    for ns in spaced(e, r.randint(80, 200), 0.05, 0.8):
        path = r.choice(BAD_PATHS) + r.choice(["", "", ".bak", "?x=%d" % r.randrange(99), "/%04x" % r.randrange(65536)])
        e.outer(ns, ip, "GET", path, [], b"", 200, b"<!doctype html><div id=app></div><script src=/app.3f2.js></script>", "text/html", agent=BROWSER)
    return "scanner", {ip}, target(e)


def walk(e, make):
    """Others' objects one after the other, beside people who read their own; make: (method, target, body) of a number."""
    r, ip, first = e.rng, e.outside(), e.ids + e.rng.randrange(10**6)
    name = "walker%06d" % r.randrange(10**6)

    def call(ns, at, user, n):
        method, path, body = make(n)
        e.outer(ns, at, method, path, e.credential(user), body, 200, json.dumps({"data": e.record(n)}, ensure_ascii=False).encode(), service="customer")
    for _ in range(60):
        user, at = r.choice(e.users)
        call(e.at(), at, user, e.ids + hash_of(user) % 10**6)
    ns = e.start + int(e.length * r.uniform(0.4, 0.6))  # once it is known how much people read
    for i in range(r.randint(60, 150)):
        ns += int(r.uniform(0.3, 2) * SEC)
        call(ns, ip, name, first + i)
    return "bola_enumeration", {ip}, target(e)


def bola_nested(e):
    return walk(e, lambda n: ("GET", "%s/users/%d/accounts/summary" % (e.base, n), b""))


def bola_coded(e):
    return walk(e, lambda n: ("GET", "%s/statements/%s" % (e.base, base64.urlsafe_b64encode(b"acct:%d" % n).decode().rstrip("=")), b""))


def bola_graph(e):
    return walk(e, lambda n: ("POST", "/graphql", json.dumps({"operationName": "Customer", "query": "query Customer($id:ID!){customer(id:$id){name mobile}}",
                                                              "variables": {"id": str(n)}}).encode()))


def bola_call(e):
    return walk(e, lambda n: ("POST", "/mcp/trans", json.dumps({"header": {"transCode": "QRY_ACCT", "seq": str(n * 7)}, "body": {"acctNo": "62%010d" % n}}).encode()))


def drag_cursor(e):
    r, ip, n = e.rng, e.outside(), 0
    for i, ns in enumerate(spaced(e, 30, 0.5, 10)):
        rows = [e.record(2 * 10**8 + n + k) for k in range(300)]
        n += 300
        e.outer(ns, ip, "POST", e.base + "/customers/search", e.credential("insider2"), json.dumps({"cursor": "%016x" % r.getrandbits(64), "limit": 300}).encode(), 200,
                json.dumps({"next": "x", "hits": rows}, ensure_ascii=False).encode(), service="customer")
    return "data_drag", {ip}, target(e)


def drag_file(e):
    ip = e.outside()
    for i, ns in enumerate(spaced(e, 4, 5, 60)):
        rows = "客户号,姓名,手机号,证件号\n" + "".join("%s,%s,%s,%s\n" % tuple(e.record(3 * 10**8 + i * 3000 + k)[f] for f in ("id", "name", "mobile", "idNo"))
                                                 for k in range(3000))
        e.outer(ns, ip, "GET", e.base + "/reports/customers/export?month=%d" % (i + 1), e.credential("insider3"), b"", 200, rows.encode(), "text/csv", service="customer",
                answer_headers=[("Content-Disposition", "attachment; filename=c.csv")])
    return "data_drag", {ip}, target(e)


def registering_slow(e):
    r, ip = e.rng, e.outside()
    for ns in spaced(e, 70 if e.dense else 200, 8, 40 if not e.dense else 12):
        post(e, ns, ip, "/user/signup", {"username": "bot%08d" % r.randrange(10**8), "password": "Aa1%07d" % r.randrange(10**7)}, 201)
    return "registration_bulk", {ip}, target(e)


# inside
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


# honest ones
def expired_app(e):
    """An app whose token ran out asks on and on, and its refresh fails."""
    r, ip = e.rng, e.outside()
    for ns in spaced(e, 120, 2, 6):
        e.read(ns, ip, "sleepy", e.ids + 31, 401)
        post(e, ns + SEC // 2, ip, "/oauth/token", b"grant_type=refresh_token&client_id=app&refresh_token=8d3fe1", 400, {"error": "invalid_grant"})
    return "expired_app", {ip}


def stuck_client(e):
    """A program that was not told of the new password: the same try, every so often."""
    r, ip = e.rng, e.net(2, 82)
    for ns in spaced(e, 60, 10, 30):
        e.try_login(ns, ip, "svc_report", "OldSecret1", False, agent="Apache-HttpClient/4.5.13 (Java/1.8)")
    return "stuck_client", {ip}


def crawler(e):
    """A search engine that follows old links: some are gone."""
    r, ip = e.rng, e.outside()
    for i, ns in enumerate(spaced(e, 90, 4, 20)):
        gone = r.random() < 0.25
        e.outer(ns, ip, "GET", "/news/2024/%d.html" % (1000 + i), [], b"", 404 if gone else 200, b"<html>gone</html>" if gone else b"<html>news</html>",
                "text/html", agent="Mozilla/5.0 (compatible; Baiduspider/2.0; +http://www.baidu.com/search/spider.html)")
    return "crawler", {ip}


def icons(e):
    """Many phones ask for icons that are not there."""
    r = e.rng
    ips = [e.outside() for _ in range(40)]
    for ip in ips:
        for p in ("/favicon.ico", "/apple-touch-icon.png", "/apple-touch-icon-precomposed.png", "/robots.txt", "/.well-known/assetlinks.json"):
            e.outer(e.at(), ip, "GET", p, [], b"", 404, b"no", "text/plain")
    return "icons", set(ips)


def balancer(e):
    """Health checks by opening and closing connections to every backend, some of them down."""
    src = e.net(0, 6)
    backs = [(e.net(2, 10 + 10 * i), p) for i in range(8) for p in (8080, 8081, 9090)]
    ns, step = e.start, (20 if e.dense else 600) * SEC
    while ns < e.start + e.length:
        for i, (h, p) in enumerate(backs):
            if i % 7 == 3:
                e.syn(ns + i * 5000000, src, h, p, True)
            else:
                t = wire.Tcp(e.cap, ns + i * 5000000, src, e.port(src), h, p, isn=3)
                t.wait(400000)
                t.close()
        ns += step
    return "balancer", {src}


def monitor(e):
    """Pings and scrapes of all hosts by the monitoring host; metrics of the kubelet."""
    r, src = e.rng, e.net(5, 91)
    ns, step, n = e.start, (15 if e.dense else 300) * SEC, 0
    plain = bytes(range(0x10, 0x38))
    while ns < e.start + e.length:
        for k in range(12):
            echo_pair(e, ns + k * 10000000, src, e.net(2, 10 * k), 5, n & 0xffff, struct.pack("!QQ", ns, ns) + plain)
        for p in ("/metrics", "/metrics/cadvisor", "/stats/summary"):
            e.http(ns + SEC, src, e.node, 10250, "GET", p, [("Authorization", "Bearer abcdef0123456789"), ("User-Agent", "Prometheus/2.45")], answer=b"up 1\n", ctype="text/plain")
        ns += step
        n += 1
    return "monitor", {src}


def mail(e):
    """A mail server: lists of bad addresses, reverse names, keys in TXT; a pod's search list; a browser's three probes."""
    r, src, pod = e.rng, e.net(3, 25), e.net(2, 83)
    for ns in spaced(e, 150, 0.5, 6):
        ip = "%d.%d.%d.%d" % tuple(r.randrange(1, 255) for _ in range(4))
        rcode = 0 if r.random() < .1 else 3
        e.ask(ns, src, ip + r.choice([".zen.spamhaus.org", ".bl.spamcop.net", ".in-addr.arpa"]), 1, bytes([127, 0, 0, 2]) if not rcode else None, rcode)
        if r.random() < .3:
            e.ask(ns, src, "s%d._domainkey.mail%d.example.com" % (r.randrange(9), r.randrange(40)), 16, b"\xc8" + b"v=DKIM1; k=rsa; p=" + b"A" * 182)
    for ns in spaced(e, 100, 0.5, 8):
        name = r.choice(["api.partner.com", "redis-master", "mq.bank.example", "oss-cn-hangzhou.aliyuncs.com"])
        for tail in (".pay.svc.cluster.local", ".svc.cluster.local", ".cluster.local"):
            e.ask(ns, pod, name + tail, 1, None, 3)
        e.ask(ns, pod, name, 1, bytes([10, 1, 2, 3]))
    for _ in range(3):
        e.ask(e.at(), e.net(88, 9), "".join(r.choice("abcdefghijklmnop") for _ in range(11)), 1, None, 3)
    return "mail", {src, pod, e.net(88, 9)}


def cloud_tools(e):
    """What is done with clouds every day: who am I, list of containers, pods by an operator with a token, pulls by digest, pushes by CI."""
    r, node, ops = e.rng, e.net(9, 50), e.net(8, 7)
    for ns, p in zip(spaced(e, 3, 1, 9), ("/latest/meta-data/instance-id", "/latest/meta-data/placement/availability-zone", "/latest/meta-data/local-ipv4")):
        e.http(ns, node, "169.254.169.254", 80, "GET", p, answer=b"i-0abc", ctype="text/plain", host="169.254.169.254")
    mime = "application/vnd.oci.image.manifest.v1+json"
    for ns in spaced(e, 8, 10, 60):
        digest = "sha256:%064x" % r.getrandbits(256)
        e.http(ns, node, e.net(6, 6), 5000, "GET", "/v2/base/jre/manifests/" + digest, [("Accept", mime), ("Authorization", "Bearer abcdef")],
               answer=json.dumps({"schemaVersion": 2, "mediaType": mime, "config": {"digest": digest}, "layers": [{"digest": digest}]}).encode(), ctype=mime,
               answer_headers=[("Docker-Content-Digest", digest), ("Docker-Distribution-Api-Version", "registry/2.0")])
    for ns in spaced(e, 20, 5, 60):
        e.http(ns, ops, e.apiserver, 8080, "GET", r.choice(["/api/v1/namespaces/pay/pods", "/apis/apps/v1/namespaces/pay/deployments", "/api/v1/nodes"]),
               [("Authorization", "Bearer abcdef0123456789"), ("User-Agent", "kubectl/v1.28.2 (linux/amd64)")], answer=b'{"kind":"PodList","apiVersion":"v1","items":[]}')
    return "cloud_tools", {node, ops}


def payroll(e):
    """A company pays its people by its own program; a shop is paid by many."""
    r, ip = e.rng, e.outside()
    for ns in spaced(e, 120, 0.2, 1):
        post(e, ns, ip, e.base + "/transfers", {"payeeAccount": "6217%012d" % r.randrange(10**12), "amount": 8000}, 200, {"code": 0}, service="pay",
             headers=[("X-Api-Key", "corp_%032x" % 77)], agent="Java/17")
    for user, at in e.users[:40]:
        post(e, e.at(), at, e.base + "/payments", {"merchantId": "M10086", "amount": r.randint(5, 99)}, 200, {"code": 0}, service="pay", headers=e.credential(user))
    return "payroll", {ip} | {a for _, a in e.users[:40]}


def payment_line(e):
    """Messages of a card network on a connection that stays open, outward."""
    r, src, dst = e.rng, e.services["pay"][0], e.outside()
    t = wire.Tcp(e.cap, e.at(0.1, 0.2), src, e.port(src), dst, 7788, isn=9)
    for _ in range(120):
        body = b"0200" + bytes([0x72, 0x3c, 0x44, 0x81, 0x28, 0xe0, 0x90, 0]) + b"".join(b"%d" % r.randrange(10) for _ in range(180))
        t.send(0, struct.pack("!H", len(body)) + body)
        t.wait(30000000)
        t.send(1, struct.pack("!H", 60) + b"0210" + r.randbytes(56))
        t.wait(int(r.uniform(0.5, 5) * SEC) if e.dense else int(r.uniform(2, 200) * SEC))
    t.close()
    return "payment_line", {src}


def signed_out(e):
    """People who log out; their app asks once more and is told so."""
    r = e.rng
    ips = []
    for k in range(20):
        ip, user = e.outside(), "goer%02d" % k
        ips.append(ip)
        a, b, c = spaced(e, 3, 20, 60)
        e.read(a, ip, user, e.ids + k)
        e.outer(b, ip, "POST", e.base + "/logout", e.credential(user), b"{}", 200, b'{"code":0}', service="auth")
        e.read(c, ip, user, e.ids + k, 401)
    return "signed_out", set(ips)


def strong(r):
    """A password that looks like the beginning of any language."""
    return r.choice(["@(", "*)(", "^", "${", "{{", "", ";", "|"]) + "".join(r.choice("abcXYZ0189!@#$^&*()_+|;:?/.{}") for _ in range(r.randint(7, 11)))


def registrar(e):
    """A branch opens accounts for its customers, some minutes apart."""
    ip = e.net(88, 77)
    for i, ns in enumerate(spaced(e, 15, 40, 240)):
        post(e, ns, ip, "/api/v1/register", {"username": "cust%05d" % i, "mobile": "18%09d" % e.rng.randrange(10**9), "password": strong(e.rng)}, 201)
    return "registrar", {ip}


def nat_codes(e):
    """Behind a carrier's address people ask for codes all day."""
    r, ip = e.rng, e.outside()
    for ns in spaced(e, 30 if not e.dense else 10, 50, 600 if not e.dense else 80):
        phone = "13%09d" % r.randrange(10**9)
        post(e, ns, ip, "/api/v1/sms/send", {"mobile": phone, "scene": "login"}, service="notify")
        ok = r.random() < 0.8
        post(e, ns + 20 * SEC, ip, "/api/v1/sms/verify", {"mobile": phone, "code": "%06d" % r.randrange(10**6)}, 200, {"code": 0 if ok else 4003, "msg": "ok" if ok else "验证码错误"})
    return "nat_codes", {ip}


def callcenter(e):
    """Tellers behind one address, each with a session, each with other customers."""
    r, ip = e.rng, e.net(88, 3)
    for ns in spaced(e, 60 if e.dense else 300, 4, 30):
        e.read(ns, ip, "agent%02d" % r.randrange(25), e.ids + r.randrange(10**6))
    return "callcenter", {ip}


def flash_sale(e):
    """Everyone takes a coupon at the same hour."""
    r = e.rng
    ns = e.start + int(e.length * 0.5)
    for user, at in e.users[:100]:
        post(e, ns + r.randrange(60) * SEC, at, e.base + "/coupon/receive", {"activityId": "618"}, 200, {"code": 0 if r.random() < .5 else 4002}, service="pay",
             headers=e.credential(user))
    return "flash_sale", {a for _, a in e.users[:100]}


def single_page(e):
    """People in a browser whose program takes many parts, and a few that are missing."""
    r = e.rng
    ips = [e.outside() for _ in range(12)]
    for ip in ips:
        ns = e.at(0, 0.9)
        for k in range(25):
            gone = k in (7, 19)
            e.outer(ns + k * SEC // 5, ip, "GET", "/static/chunk-%d.%06x.js%s" % (k, r.randrange(1 << 24) if gone else k, ".map" if gone else ""), [], b"", 404 if gone else 200, b"x", "text/javascript",
                    agent=BROWSER)
    return "single_page", set(ips)


ATTACKS = {f.__name__: f for f in (dialect, dialect_one, grpc_guess, nat_guess, bombing_crowd, codes_reset, asking_login, hijack, logged_out, functions,
                                   skipping, replaying, program_key, coupons, mule, scraping, etcd, dashboard, spread_smb, icmp_tunnel, pushed, spoofing, scan_soft, bola_nested,
                                   bola_coded, bola_graph, bola_call, drag_cursor, drag_file, registering_slow)}
HONEST = {f.__name__: f for f in (expired_app, stuck_client, crawler, icons, balancer, monitor, mail, cloud_tools, payroll, payment_line, signed_out,
                                  registrar, nat_codes, callcenter, flash_sale, single_page)}
