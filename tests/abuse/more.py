# SPDX-License-Identifier: Apache-2.0
"""More of what bad people outside do: other ways to log in, sessions, money, whole tables."""
import base64
import json
import struct

from estate import SEC, hash_of, wire
from outside import stuffing
from ways import BAD_PATHS, BROWSER, accounts, frame, literal, post, spaced, target, varint


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
