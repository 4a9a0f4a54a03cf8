# SPDX-License-Identifier: Apache-2.0
"""Stories of people and programs that call from outside. Each gives its capture, files beside it and options."""
import json

from estate import SEC, wire
from story import BROWSER, JSON, START, Story
from ways import frame, literal

SPEC = {"openapi": "3.0.3", "info": {"title": "shop", "version": "1"}, "servers": [{"url": "http://shop.example"}], "paths": {
    "/items/{id}": {"get": {"parameters": [{"name": "id", "in": "path", "required": True, "schema": {"type": "integer"}},
                                           {"name": "page", "in": "query", "schema": {"type": "integer"}}],
                            "responses": {"200": {"description": "ok"}}}},
    "/old": {"get": {"deprecated": True, "responses": {"200": {"description": "ok"}}}},
    "/mine": {"get": {"security": [{"b": []}], "responses": {"200": {"description": "ok"}}}}},
    "components": {"securitySchemes": {"b": {"type": "http", "scheme": "bearer"}}}}


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


DAY = 86400 * SEC


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
