#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes bank-morning.pcapng: a quarter of an hour at an invented bank, in clear text at its gateway's mirror port.

Customers log in, look at accounts and pay; a partner and a nightly report pull lists; probes ask for health. Then one address
guesses a password, one tries SQL injection, and a forgotten service gives away customers without asking who calls. Two
frames are left out, as on a real mirror. All people are invented; numbers that carry check digits are computed.
"""
import base64
import gzip
import json
import pathlib
import random

from wire import Capture, Tcp, request, response

rnd = random.Random(20261120)
T0 = 1795120200 * 10**9
HOST = "api.harbour-bank.example"
GATEWAY, LEGACY = ("10.8.0.10", 80), ("10.8.0.31", 8080)
SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗"
GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂"
AREAS = ["110101", "310104", "440305", "330106", "510107", "320102", "420106", "610113"]


def resident_id():
    body = rnd.choice(AREAS) + "%04d%02d%02d" % (rnd.randint(1955, 2004), rnd.randint(1, 12), rnd.randint(1, 28)) + "%03d" % rnd.randint(1, 999)
    weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]
    return body + "10X98765432"[sum(int(d) * w for d, w in zip(body, weights)) % 11]


def card():
    body = rnd.choice(["622848", "621700", "622202", "621661"]) + "".join(rnd.choice("0123456789") for _ in range(12))
    total = sum(sum(divmod(int(d) * (2 if i % 2 == 0 else 1), 10)) for i, d in enumerate(reversed(body)))
    return body + str(-total % 10)


def person(n):
    return {"customerId": 70000 + n, "name": rnd.choice(SURNAMES) + "".join(rnd.choice(GIVEN) for _ in range(rnd.randint(1, 2))),
            "idNo": resident_id(), "mobile": rnd.choice(["138", "139", "150", "186", "199"]) + "%08d" % rnd.randint(0, 99999999),
            "email": "user%d@mail.example" % n, "cardNo": card()}


PEOPLE = [person(n) for n in range(160)]
cap = Capture(vlan=120)


def js(value):
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def token(p):
    def part(v):
        return base64.urlsafe_b64encode(js(v)).rstrip(b"=").decode()
    return "%s.%s.%s" % (part({"alg": "HS256", "typ": "JWT"}), part({"sub": "u%d" % p["customerId"], "iat": 1795120000}),
                         base64.urlsafe_b64encode(rnd.randbytes(32)).rstrip(b"=").decode())


def talk(at, client, server, exchanges):
    """One connection with its exchanges: (request, response, pause before in ns, server time in ns)."""
    tcp = Tcp(cap, T0 + at, client, rnd.randint(20000, 60999), *server, isn=rnd.randint(1, 2**31))
    for req, resp, pause, busy in exchanges:
        tcp.wait(pause)
        tcp.send(0, req)
        tcp.wait(busy)
        tcp.send(1, resp)
    tcp.close()


def think():
    return rnd.randint(200, 2500) * 10**6


def busy():
    return rnd.randint(2, 60) * 10**6


def packed(body, headers=()):
    return response(200, "application/json", gzip.compress(body, mtime=0), [("Content-Encoding", "gzip"), *headers])


def customer(at, n):
    p = PEOPLE[n]
    ip = "198.51.100.%d" % (n % 200 + 2)
    ua = ("User-Agent", rnd.choice(["HarbourBank/5.2 (Android 14)", "HarbourBank/5.2 (iOS 18.1)", "Mozilla/5.0 (Windows NT 10.0; Win64; x64)"]))
    auth = [ua, ("Authorization", "Bearer " + token(p))]
    accounts = [9000000 + n * 3 + i for i in range(rnd.randint(1, 3))]
    ex = [(request("POST", "/auth/v1/login", HOST, [ua, ("Content-Type", "application/json")], js({"username": "u%d" % p["customerId"], "password": "Pw-%06x!" % rnd.getrandbits(24)})),
           response(200, "application/json", js({"code": 0, "expiresIn": 1800})), think(), busy()),
          (request("GET", "/customer/v1/customers/%d" % p["customerId"], HOST, auth), response(200, "application/json;charset=UTF-8", js({"code": 0, "data": p})), think(), busy()),
          (request("GET", "/account/v1/accounts?page=1&size=20", HOST, auth),
           packed(js({"code": 0, "items": [{"accountId": a, "cardNo": card()[:6] + "******" + "%04d" % (a % 10000), "balance": rnd.randint(1, 10**7) / 100} for a in accounts]})), think(), busy())]
    for a in accounts:
        rows = [{"txnId": rnd.randint(10**17, 10**18), "time": 1795000000000 + i * 7000, "amount": rnd.randint(1, 10**6) / 100, "payee": PEOPLE[rnd.randrange(160)]["name"]} for i in range(rnd.randint(3, 30))]
        ex.append((request("GET", "/account/v1/accounts/%d/transactions" % a, HOST, auth), response(200, "application/json", js({"code": 0, "items": rows}), chunked=700), think(), busy()))
    if n % 3 == 0:
        q = PEOPLE[(n + 7) % 160]
        ex.append((request("POST", "/transfer/v1/transfers", HOST, auth + [("Content-Type", "application/json")], js({"from": accounts[0], "toCard": q["cardNo"], "payeeName": q["name"], "amount": "120.50"})),
                   response(201, "application/json", js({"code": 0, "transferId": "TR20261120%06d" % n})), think(), busy()))
    talk(at, ip, GATEWAY, ex)


def core_soap(at, n):
    p = PEOPLE[n]
    xml = '<?xml version="1.0" encoding="GBK"?><soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/"><soap:Body><c:%s xmlns:c="urn:core"><c:custName>%s</c:custName><c:certNo>%s</c:certNo></c:%s></soap:Body></soap:Envelope>'
    body = (xml % ("QueryCustomer", p["name"], p["idNo"], "QueryCustomer")).encode("gbk")
    reply = (xml % ("QueryCustomerResponse", p["name"], p["idNo"], "QueryCustomerResponse")).encode("gbk")
    talk(at, "10.8.0.10", ("10.8.0.20", 8088), [(request("POST", "/core/services/CustomerService", "core.harbour.svc", [("Content-Type", "text/xml; charset=GBK"), ("SOAPAction", '"urn:core#QueryCustomer"')], body),
                                                response(200, "text/xml; charset=GBK", reply), think(), busy())])


def guess(at):
    ex = []
    for i in range(60):
        body = js({"username": "u70042", "password": "Summer%04d" % i})
        last = i == 59
        ex.append((request("POST", "/auth/v1/login", HOST, [("User-Agent", "python-requests/2.31"), ("Content-Type", "application/json")], body),
                   response(200 if last else 401, "application/json", js({"code": 0 if last else 1001, "message": "ok" if last else "bad credentials"})), 300 * 10**6, busy()))
    talk(at, "203.0.113.77", GATEWAY, ex)


def inject(at):
    tries = ["1'%20OR%20'1'='1", "1'%20UNION%20SELECT%20username,password%20FROM%20users--%20", "1;%20DROP%20TABLE%20accounts--",
             "1'%20AND%20SLEEP(5)--%20", "1%27%20AND%20(SELECT%20COUNT(*)%20FROM%20information_schema.tables)%3E0--%20"]
    ex = [(request("GET", "/account/v1/accounts?id=" + t, HOST, [("User-Agent", "Mozilla/5.0")]), response(500 if i == 4 else 400, "application/json", js({"code": 400, "message": "bad parameter"})), 700 * 10**6, busy())
          for i, t in enumerate(tries)]
    talk(at, "203.0.113.80", GATEWAY, ex)


def forgotten(at):
    for k in range(4):
        rows = PEOPLE[k * 25:(k + 1) * 25]
        talk(at + k * 9 * 10**9, "203.0.113.91", LEGACY, [(request("GET", "/export/customers?batch=%d" % k, "legacy.harbour-bank.example:8080", [("User-Agent", "curl/8.5.0")]),
                                                          response(200, "application/json", js(rows)), think(), busy())])


def main():
    sec = 10**9
    for n in range(150):
        customer(rnd.randint(0, 780) * sec, n)
    for n in range(0, 150, 4):
        core_soap(rnd.randint(0, 780) * sec, n)
    for n in range(30):
        talk(n * 30 * sec, "10.8.0.2", GATEWAY, [(request("GET", "/healthz", HOST, [("User-Agent", "kube-probe/1.29")]), response(200, "text/plain", b"ok"), 10**6, 10**6)])
    guess(420 * sec)
    inject(510 * sec)
    forgotten(600 * sec)
    cap.write(pathlib.Path(__file__).with_name("bank-morning.pcapng"), drop=(3000, 5000))


main()
