# SPDX-License-Identifier: Apache-2.0
"""Odd but honest people and programs."""
import json
import struct

from estate import SEC, hash_of, wire
from inside import echo_pair
from ways import BROWSER, post, spaced


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
