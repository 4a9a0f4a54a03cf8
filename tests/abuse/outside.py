# SPDX-License-Identifier: Apache-2.0
"""What bad people outside do: logins, objects of others, messages, scans. Each writes its traffic and tells kind, actors and targets."""
import base64
import json

from estate import SEC, hash_of, new_uuid
from ways import BAD_PATHS, accounts, spaced, target


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


def basic_guess(e):
    r, ip = e.rng, e.outside()
    for i, ns in enumerate(spaced(e, 60, 0.1, 2)):
        e.outer(ns, ip, "GET", "/manager/status", [("Authorization", "Basic " + base64.b64encode(b"admin:pw%d" % i).decode())], b"", 401, b"no", "text/plain")
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
