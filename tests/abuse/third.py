# SPDX-License-Identifier: Apache-2.0
"""Fields that callers should not set, volumes and tools of clusters; and much that looks like an attack and is none."""
import base64
import json

from estate import SEC, hash_of, wire
from ways import BAD_PATHS, BROWSER, frame, literal, post, spaced, target

SHAPES = [  # path of a write, of a read, (fields that people send), (field that the server decides about, its usual value, what a thief sends)
    ("PUT", "/users/%d/profile", "/users/%d", ("nickname", "email", "city"), ("role", "customer", "admin")),
    ("PATCH", "/customers/%d", "/customers/%d", ("address", "zip"), ("creditLimit", 5000, 900000)),
    ("POST", "/account/update", "/account/info?id=%d", ("nickName", "avatar"), ("isAdmin", False, True)),
    ("POST", "/member/modify", "/member/detail?id=%d", ("昵称", "地址"), ("会员等级", "普通", "钻石")),
    ("PUT", "/wallets/%d/settings", "/wallets/%d", ("label", "currency"), ("balance", 12, 99999)),
    ("POST", "/user/saveInfo.do", "/user/queryInfo.do?id=%d", ("mail", "hobby"), ("kyc_status", "PENDING", "PASSED"))]


def shape(e):
    return SHAPES[e.ids % len(SHAPES)]


def wrap(e, d):
    return {"code": 0, "data": d} if e.ids % 2 else d


def profile(e, ns, ip, user, n, extra=None, value=None, echo=True, refused=False, keep=()):
    """Somebody reads their own record and writes a part of it; extra: what is sent beside."""
    method, write, read, sent, (own, usual, _) = shape(e)
    fill = lambda p: e.base + (p % n if "%d" in p else p)  # noqa: E731
    state = {"id": n, **{f: "v%d" % (hash_of(user + f) % 997) for f in sent}, own: usual if value is None else value, "createdAt": "2024-02-0%d" % (n % 9 + 1)}
    body = {sent[hash_of(user) % len(sent)]: "w%d" % (n % 911)}
    if "%d" not in write:
        body["id"] = n
    if extra is not None:
        body[own] = extra
    for f in keep:
        body[f] = state[f]
    seen = json.dumps(wrap(e, state), ensure_ascii=False).encode()
    e.outer(ns, ip, "GET", fill(read), e.credential(user), b"", 200, seen, service="customer")
    if extra is not None and not refused:
        state[own] = extra
    answer = json.dumps(wrap(e, {**state, **body}) if echo else {"code": 0, "msg": "ok"}, ensure_ascii=False).encode()
    e.outer(ns + 3 * SEC, ip, method, fill(write), e.credential(user), json.dumps(body, ensure_ascii=False).encode(), 400 if refused else 200,
            b'{"code":400,"msg":"unknown field"}' if refused else answer, service="customer")
    e.outer(ns + 6 * SEC, ip, "GET", fill(read), e.credential(user), b"", 200, json.dumps(wrap(e, state), ensure_ascii=False).encode(), service="customer")


def assigning(e):
    """A field that answers show and nobody sends."""
    r, ip = e.rng, e.outside()
    for user, at in e.users[:50]:
        profile(e, e.at(0, 0.6), at, user, e.ids + hash_of(user) % 10**6, echo=bool(e.ids % 3))
    thief = "riser%d" % r.randrange(10**4)
    ns = e.start + int(e.length * r.uniform(0.75, 0.9))
    for k in range(r.randint(1, 3)):
        profile(e, ns + k * 20 * SEC, ip, thief, e.ids + 4242, extra=shape(e)[4][2], echo=bool(e.ids % 3), refused=k == 0 and e.ids % 4 == 0)
    return "mass_assignment", {ip}, target(e)


def tiller(e):
    src, dst = e.net(2, 84), e.net(9, 44)
    t = wire.Tcp(e.cap, e.at(0.2, 0.8), src, e.port(src), dst, 44134, isn=7)
    head = b"".join(literal(*h) for h in ((":method", "POST"), (":scheme", "http"), (":path", "/hapi.services.tiller.ReleaseService/ListReleases"),
                                          (":authority", dst), ("content-type", "application/grpc"), ("te", "trailers"), ("x-helm-api-client", "2.14.3")))
    t.send(0, b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + frame(4, 0, 0, b"") + frame(1, 4, 1, head) + frame(0, 1, 1, b"\0\0\0\0\2\x0a\0"))
    t.wait(4000000)
    top = b"".join(literal(*h) for h in ((":status", "200"), ("content-type", "application/grpc")))
    t.send(1, frame(4, 0, 0, b"") + frame(1, 4, 1, top) + frame(0, 0, 1, b"\0\0\0\0\3\x0a\1a") + frame(1, 5, 1, literal("grpc-status", "0")))
    t.close()
    return "helm_tiller", {src}, {dst}


def pod_token(e):
    part = lambda d: base64.urlsafe_b64encode(json.dumps(d).encode()).rstrip(b"=").decode()  # noqa: E731
    return "%s.%s.%s" % (part({"alg": "RS256", "kid": "k"}), part({"iss": "https://kubernetes.default.svc.cluster.local", "sub": "system:serviceaccount:pay:api-%d" % (e.ids % 9),
                                                                  "aud": ["https://kubernetes.default.svc"], "exp": 1999999999}), "c2ln" * 40)


def token_outside(e):
    """A pod's token comes back from the internet."""
    ip = e.outside()
    if e.lb:
        ip = e.outside()
    for ns in spaced(e, 5, 3, 20):
        e.outer(ns, ip, "GET", "/api/v1/namespaces/pay/pods", [("Authorization", "Bearer " + pod_token(e))], b"", 200,
                b'{"kind":"PodList","apiVersion":"v1","items":[]}', agent="kubectl/v1.29.1")
    return "sa_token_outside|k8s_api", {ip}, target(e)


def scan_json(e):
    """A server that says 200 and an error's code in JSON to whatever it does not know."""
    r, ip = e.rng, e.outside()
    body = json.dumps({"retCode": "E0404", "retMsg": "服务不存在", "data": None}, ensure_ascii=False).encode()
    words = BAD_PATHS + ["/path%d" % k for k in range(80)]
    r.shuffle(words)
    for p, ns in zip(words, spaced(e, len(words), 0.02, 0.6)):
        e.outer(ns, ip, "GET", p, [], b"", 200, body, agent=r.choice([BROWSER, "Fuzz Faster U Fool v2.0"]))
    return "scanner", {ip}, target(e)


def soft(e, data=None):
    """An answer as older systems of banks give it: 200, and the code in the body."""
    return json.dumps({"retCode": "000000" if data is not None else "E3008", "retMsg": "成功" if data is not None else "无权查询该账户", "body": data}, ensure_ascii=False).encode()


def bola_soft(e):
    """Others' accounts one after the other by a form with Chinese names; refusals are 200 too."""
    r, ip, first = e.rng, e.outside(), e.ids + e.rng.randrange(10**6)
    path = e.base + r.choice(["/acct/balQry.do", "/mbank/account/query", "/cust/custInfoQuery.action"])
    name = r.choice(["acctNo", "客户号", "CUST_NO", "cardNo"])

    def call(ns, at, user, n, good=True):
        d = e.record(n)
        answer = soft(e, {"户名": d["name"], "手机号": d["mobile"], "证件号码": d["idNo"], "余额": d["balance"]} if good else None)
        e.outer(ns, at, "POST", path, e.credential(user), ("%s=%d&ver=2" % (name, n)).encode(), 200, answer, service="customer")
    for _ in range(60):
        user, at = r.choice(e.users)
        call(e.at(), at, user, e.ids + hash_of(user) % 10**6)
    ns = e.start + int(e.length * r.uniform(0.4, 0.6))
    for i in range(r.randint(60, 150)):
        ns += int(r.uniform(0.3, 2) * SEC)
        call(ns, ip, "walker%d" % first, first + i, r.random() < 0.8)
    return "bola_enumeration", {ip}, target(e)


def drag_soft(e):
    """Pages of customers with Chinese names of fields."""
    r, ip = e.rng, e.outside()
    for i, ns in enumerate(spaced(e, 25, 0.5, 15)):
        rows = []
        for k in range(200):
            d = e.record(4 * 10**8 + i * 200 + k)
            rows.append({"客户姓名": d["name"], "联系电话": d["mobile"], "身份证号": d["idNo"], "余额": d["balance"]})
        e.outer(ns, ip, "POST", e.base + "/custMgr/queryCustList.do", e.credential("seller"), json.dumps({"页码": i + 1, "每页": 200}, ensure_ascii=False).encode(), 200,
                soft(e, {"总数": 5000, "列表": rows}), service="customer")
    return "data_drag", {ip}, target(e)


def functions_soft(e):
    """A customer calls the back office; its refusals are 200 with a code."""
    r, ip = e.rng, e.outside()
    names = r.sample(["userMgr", "roleMgr", "paramMgr", "auditQuery", "custExport", "operatorMgr"], 5)
    for k in range(3):
        for ns in spaced(e, 10, 20, 60):
            e.outer(ns, "10.251.0.%d" % (k + 1), "POST", "%s/admin/%s.do" % (e.base, r.choice(names)), e.credential("oper%d" % k), b'{"page":1}', 200, soft(e, {"rows": []}), service="customer")
    times = [e.start + int(e.length * 0.6) + k * 7 * SEC for k in range(11)]
    for ns in times[:6]:
        e.read(ns, ip, "climber2", e.ids + 778)
    for n, ns in zip(names, times[6:]):
        e.outer(ns, ip, "POST", "%s/admin/%s.do" % (e.base, n), e.credential("climber2"), b'{"page":1}', 200, soft(e, {"rows": []} if r.random() < 0.6 else None), service="customer")
    return "bfla", {ip}, target(e)


# honest ones
def whole_record(e):
    """An app that gives back the whole record it was given, with one field changed; and a filter by state."""
    r, ip = e.rng, e.outside()
    own = shape(e)[4]
    for k, ns in enumerate(spaced(e, 6, 20, 40)):
        profile(e, max(ns, e.start + int(e.length * 0.65)), ip, "oldapp", e.ids + 777, extra=own[1], keep=shape(e)[3], echo=bool(e.ids % 3))
    for ns in spaced(e, 6, 5, 20):
        post(e, max(ns, e.start + int(e.length * 0.65)), ip, e.base + "/users/search", {"role": "admin", "status": "LOCKED", "page": 1}, 200,
             wrap(e, {"list": [{"id": 5, "role": "admin", "status": "LOCKED"}]}), service="customer", headers=e.credential("oldapp"))
    return "whole_record", {ip}


def backoffice(e):
    """Staff set what people may not."""
    r = e.rng
    ips = [e.net(88, 140 + k) for k in range(3)]
    for k in range(12):
        ip = ips[k % 3]
        ns = e.at(0, 0.95)
        e.outer(ns, ip, "PUT", "%s/admin/users/%d" % (e.base, e.ids + k), e.credential("staff%d" % (k % 3)),
                json.dumps({"status": r.choice(["ACTIVE", "LOCKED"]), "role": "customer", "creditLimit": 100 * k}).encode(), 200, b'{"code":0}', service="customer", agent=BROWSER)
    return "backoffice", set(ips)


QUESTIONS = ["select the best savings product", "union pay card", "drop in centre near me", "O'Reilly Media", "rock 'n' roll", "where is my order", "insert coin", "1=1 proof",
             "C++ vs C#", "AT&T <3 you", "how to delete from history", "script for call centre", "${price} in template", "100% cotton", "a || b",
             "order by phone", "and 5 or 6", "table for 2; window seat", "like '%art%'", "cmd key on mac", "执行力 select 课程", "他说:“or 1=1 是什么意思?”", "`rm` command manual", "x' men",
             "D'Angelo and sons", "having lunch", "C:\\Program Files", "what is /etc/passwd used for", "exec summary", "ping pong 127.0.0.1", "null and void"]
TEXTS = [
    "```sql\nSELECT id, name FROM orders WHERE state = 'open' ORDER BY id DESC LIMIT 10;\n```\nThis is how the report is made.",
    "def f(x):\n    import os\n    return os.path.join('a', 'b')\n\nif __name__ == '__main__':\n    print(f(1))",
    "<p>Dear team,</p><p>please see <a href=\"https://wiki.bank.example/page?id=3\">the page</a> &amp; tell me.</p><img src=\"/img/a.png\" alt=\"x\"><table><tr><td>1</td></tr></table>",
    "# Title\n\n* item `a || b`\n* [link](../other/page.md)\n\n> quote's \"text\"\n\n| a | b |\n|---|---|\n",
    "^(?:[a-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\\.[a-z0-9]+)*)@(?:[a-z0-9-]+\\.)+[a-z]{2,}$", "(\\d{3})-(\\d{4})|\\b(?:and|or)\\b\\s+['\"]?\\w+",
    "public class A { private String s = \"x\"; public int run() { return Runtime.version().feature(); } }",
    "function a(b) { return document.getElementById('x').value || null; } // see docs",
    "2025-02-19 10:00:01 ERROR [http-nio-8080-exec-3] c.b.pay.PayService - timeout\n\tat com.bank.pay.PayService.call(PayService.java:88)\n\tat java.lang.Thread.run(Thread.java:750)\n",
    "<div style=\"color:red\" class=\"note\"><h2>Notice</h2><ul><li>1 &lt; 2</li></ul><blockquote>it's fine</blockquote></div>",
    "Hello {{ customer.name }},\n\nyour {{product}} is due on {{ date | format }}.\n", "SELECT count(*) FROM events e JOIN users u ON u.id = e.user_id WHERE e.ts > now() - interval '1 day' GROUP BY u.id",
    "kubectl get pods -n pay && kubectl logs api-0 | grep ERROR; echo done", "Use `curl -X POST https://api.bank.example/v1/pay -d '{\"a\":1}'` to try.",
    "#!/bin/bash\nset -e\nfor f in *.txt; do\n  cat \"$f\" | wc -l\ndone\n", "亲爱的同事：请查收附件；如有问题（例如 a=b、c||d），请回复。谢谢！"]


def searching(e):
    ip = e.outside()
    for i, ns in enumerate(spaced(e, len(QUESTIONS) * 2, 3, 20)):
        q = QUESTIONS[i % len(QUESTIONS)]
        from urllib.parse import quote
        if i < len(QUESTIONS):
            e.outer(ns, ip, "GET", "%s/search?q=%s&page=1" % (e.base, quote(q)), [], b"", 200, b'{"hits":[]}', service="account", agent=BROWSER)
        else:
            post(e, ns, ip, e.base + "/chat/messages", {"text": q, "room": 5}, 200, {"code": 0}, service="notify", headers=e.credential("asker"), agent=BROWSER)
    return "searching", {ip}


def editor(e):
    """People of a wiki, a ticket system, a rule editor."""
    r = e.rng
    ips = [e.outside() for _ in range(4)]
    for i, ns in enumerate(spaced(e, len(TEXTS) * 2, 5, 30)):
        ip = ips[i % 4]
        post(e, ns, ip, e.base + r.choice(["/articles", "/tickets/77/comments", "/rules/draft", "/snippets"]), {"title": "Note %d" % i, "content": TEXTS[i % len(TEXTS)], "tags": ["a", "b"]},
             201, {"code": 0, "id": i}, service="notify", headers=e.credential("writer%d" % (i % 4)), agent=BROWSER)
    return "editor", set(ips)


def uploads(e):
    """Pictures in base64, a form with a document, XML, logs in lines, compressed bytes."""
    r, ip = e.rng, e.outside()
    png = b"\x89PNG\r\n\x1a\n" + r.randbytes(3000)
    for k, ns in enumerate(spaced(e, 18, 5, 20)):
        if k % 6 == 0:
            post(e, ns, ip, e.base + "/kyc/photo", {"image": "data:image/png;base64," + base64.b64encode(png).decode()}, 200, service="customer", headers=e.credential("photo"))
        elif k % 6 == 1:
            body = (b"--xyz\r\nContent-Disposition: form-data; name=\"file\"; filename=\"scan (1).pdf\"\r\nContent-Type: application/pdf\r\n\r\n%%PDF-1.7\n" + r.randbytes(2000) +
                    b"\r\n--xyz\r\nContent-Disposition: form-data; name=\"remark\"\r\n\r\nmy card's scan; see page 2\r\n--xyz--\r\n")
            e.outer(ns, ip, "POST", e.base + "/documents", e.credential("photo"), body, 200, b'{"url":"/files/2025/scan1.pdf"}', service="customer")
        elif k % 6 == 2:
            body = b'<?xml version="1.0" encoding="UTF-8"?><!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Strict//EN" "http://www.w3.org/TR/xhtml1/DTD/xhtml1-strict.dtd"><html xmlns="http://www.w3.org/1999/xhtml"><body><p>a</p></body></html>'
            e.http(ns, e.net(2, 85), *e.services["notify"], "POST", "/render", [("Content-Type", "application/xml")], body)
        elif k % 6 == 3:
            body = "\n".join(json.dumps({"ts": ns, "level": "WARN", "msg": m}) for m in TEXTS[:6]).encode()
            e.http(ns, e.net(2, 86), *e.services["notify"], "POST", "/loki/api/v1/push", [("Content-Type", "application/x-ndjson")], body, 204, b"")
        elif k % 6 == 4:
            e.http(ns, e.net(2, 86), *e.services["notify"], "POST", "/v1/traces", [("Content-Type", "application/x-protobuf")], r.randbytes(1500), 200, b"", ctype="application/x-protobuf")
        else:
            post(e, ns, ip, e.base + "/report/pdf", {"html": "<html><head><style>td{color:#333}</style></head><body><h1>R</h1></body></html>", "dpi": 96}, 200,
                 service="notify", headers=e.credential("photo"))
    return "uploads", {ip, e.net(2, 85), e.net(2, 86)}


def graph(e):
    """A page that asks by GraphQL, with fragments and aliases as frameworks make them."""
    ip = e.outside()
    asks = [("Home", "query Home($id:ID!){me{...U} accounts(first:20){edges{node{id balance currency}}} a:rate(c:\"EUR\") b:rate(c:\"USD\")} fragment U on User{id name}", {"id": "5"}),
            ("Save", "mutation Save($input:NoteInput!){saveNote(input:$input){id}}", {"input": {"text": "it's a note -- see above; select one"}}),
            ("Feed", "query Feed($after:String,$filter:F){feed(after:$after,filter:$filter){items{id title} next}}", {"after": "Y3Vyc29yOjEw", "filter": {"tag": {"$in": ["a", "b"]}}})]
    for i, ns in enumerate(spaced(e, 24, 2, 12)):
        name, query, variables = asks[i % 3]
        post(e, ns, ip, "/graphql", {"operationName": name, "query": query, "variables": variables}, 200, {"data": {}}, service="account", headers=e.credential("grapher"), agent=BROWSER)
    return "graph", {ip}


def hooks(e):
    """A code host tells the build server of pushes, the build server a chat."""
    r, src, ci = e.rng, e.net(6, 9), e.net(6, 8)
    for k, ns in enumerate(spaced(e, 10, 20, 90)):
        body = {"ref": "refs/heads/feature/drop-table", "before": "%040x" % r.getrandbits(160), "repository": {"name": "pay", "url": "http://git.bank.example/pay.git", "ssh_url": "git@git.bank.example:pay.git"},
                "commits": [{"id": "%040x" % r.getrandbits(160), "message": r.choice(["fix: escape ' in select * from users; --no-verify", "feat(sql): DROP TABLE old_orders; migrate", "revert \"exec(cmd)\"",
                                                                                    "docs: ../README.md; use ${HOME}/bin"]),
                             "added": ["src/main/java/com/bank/Exec.java", "db/V12__drop_table.sql"], "modified": ["docs/x.yml", ".env.example", ".github/workflows/ci.yml"]}]}
        e.http(ns, src, ci, 8080, "POST", "/project/pay", [("Content-Type", "application/json"), ("X-Gitlab-Event", "Push Hook"), ("User-Agent", "GitLab/16.4.1"), ("X-Gitlab-Token", "abc")],
               json.dumps(body, ensure_ascii=False).encode())
    return "hooks", {src}


def cluster(e):
    """A cluster at work: leases, watches, controllers that read secrets with their tokens, the kubelet's own probes, an operator's exec by TLS not seen."""
    r = e.rng
    nodes = [e.net(9, 60 + k) for k in range(4)]
    bearer = [("Authorization", "Bearer " + "ab12" * 10)]
    for k, ns in enumerate(spaced(e, 120, 0.5, 8)):
        node = nodes[k % 4]
        m, p = r.choice([("GET", "/api/v1/nodes/n%d?resourceVersion=0" % (k % 4)), ("PUT", "/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/n%d" % (k % 4)),
                         ("GET", "/api/v1/pods?fieldSelector=spec.nodeName%%3Dn%d&watch=true" % (k % 4)), ("GET", "/api/v1/namespaces/pay/configmaps/kube-root-ca.crt"),
                         ("POST", "/api/v1/namespaces/pay/serviceaccounts/api/token"), ("PATCH", "/api/v1/namespaces/pay/pods/api-0/status"), ("GET", "/api/v1/namespaces/pay/secrets/api-tls"),
                         ("GET", "/healthz"), ("GET", "/readyz?verbose"), ("GET", "/openapi/v2?timeout=32s"), ("POST", "/api/v1/namespaces/default/events")])
        e.http(ns, node, e.apiserver, 8080, m, p, bearer + [("User-Agent", "kubelet/v1.28.2 (linux/amd64) kubernetes/89a4ea3")], b'{"kind":"Lease"}' if m in ("PUT", "POST", "PATCH") else b"",
               200, b'{"kind":"Status","apiVersion":"v1","metadata":{}}')
    for k, ns in enumerate(spaced(e, 40, 3, 15)):
        e.http(ns, nodes[0], e.services["pay"][0], e.services["pay"][1], "GET", r.choice(["/actuator/health/liveness", "/healthz", "/ready"]), [("User-Agent", "kube-probe/1.28")], answer=b'{"status":"UP"}')
    return "cluster", set(nodes)


def app_start(e):
    """An app that asks for many small things when it starts; most answers look the same. Old services end in .do, some are gone."""
    ips = [e.outside() for _ in range(6)]
    names = ["banner", "notice", "config", "version", "menu", "hot", "adverts", "skin", "dict", "branchConfig", "feature", "swagger-less", "coupon/tips", "backup/policy", "help", "rate"]
    for ip in ips:
        ns = e.at(0, 0.9)
        for k, n in enumerate(names * 2):
            e.outer(ns + k * SEC // 3, ip, "GET", "%s/%s%s" % (e.base, n, ".do" if e.ids % 2 else ""), [], b"", 200, b'{"code":0,"data":[]}', service="account")
    return "app_start", set(ips)


def mobile_nat(e):
    """Hundreds of phones behind one carrier's address: log in, mistype, look at their own."""
    r, ip = e.rng, e.outside()
    for k, ns in enumerate(spaced(e, 120 if e.dense else 300, 1, 4 if e.dense else 20)):
        user = "cell%05d" % r.randrange(20000)
        if r.random() < 0.08:
            e.try_login(ns, ip, user, "typo%d" % k, False)
            ns += 5 * SEC
        e.try_login(ns, ip, user, "right" + user, True)
        e.read(ns + 2 * SEC, ip, user, e.ids + hash_of(user) % 4000000)
    return "mobile_nat", {ip}
