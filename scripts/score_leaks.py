#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes a small capture for every form of leak and for what looks like one, replays each, and says which rules spoke.

usage: scripts/score leaks [--binary FILE] [-v]     exit status 1 when a leak is missed or a look-alike is told
"""
import argparse, gzip, io, json, os, subprocess, sys, tempfile, zipfile

HERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, os.path.join(HERE, 'pcaps'))
import wire  # noqa: E402

RULES = {'unauthenticated_personal_data', 'sensitive_data_in_url', 'sensitive_data_in_cookie', 'sensitive_data_in_error',
         'excessive_data', 'bulk_file', 'sensitive_data_to_outside', 'unmasked_data', 'plaintext_sensitive_data', 'new_data_class',
         'data_drag', 'secrets_in_response', 'data_policy_violation'}
T0, HOUR, DAY = 1735693200, 3600, 86400  # 01:00 UTC
MSS = 1400
GATE, OUT, OUT2, INSIDE, PARTNER = '10.20.1.11', '203.0.113.7', '198.51.100.80', '10.30.0.5', '192.0.2.9'


def id_card(i):
    body = '3301%02d19%02d%02d%02d%03d' % (2 + i % 7, 50 + i % 50, 1 + i // 50 % 12, 1 + i // 600 % 28, i * 7 % 1000)
    s = sum(int(c) * w for c, w in zip(body, (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)))
    return body + '10X98765432'[s % 11]


def card(i):
    body = '62220212%010d' % (i * 7919 % 10**10)
    s = 0
    for k, c in enumerate(reversed(body)):
        x = int(c) * 2 if k % 2 == 0 else int(c)
        s += x - 9 if x > 9 else x
    return body + str(-s % 10)


def mobile(i):
    return '138%08d' % (i * 104729 % 10**8)


def name(i):
    return '王李张刘陈杨黄赵吴周'[i % 10] + '伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平'[i // 10 % 20] + '华建国文林海玉春梅兰'[i // 200 % 10]


def person(i):
    return {'custName': name(i), 'idNo': id_card(i), 'mobile': mobile(i), 'cardNo': card(i), 'address': '浙江省杭州市西湖区文三路%d号' % (i + 1),
            'email': 'user%d@mail.example.com' % i}


class Calls:
    """Calls one after the other, each on a connection of its own."""

    def __init__(self):
        self.cap = wire.Capture()
        self.ns, self.port = T0 * 10**9, 20000

    def talk(self, client, server, parts, dport=8080, lose=None):
        """parts: (direction, bytes); lose: index of the part whose first segment never reaches the sensor."""
        self.port = self.port + 1 if self.port < 60000 else 20000
        tcp = wire.Tcp(self.cap, self.ns, client, self.port, server, dport, mss=MSS, step=50000)
        for n, (d, data) in enumerate(parts):
            if lose == n:
                tcp.miss(d, len(data[:MSS]))
                data = data[MSS:]
            tcp.send(d, data)
        tcp.close()
        self.ns = tcp.ns

    def call(self, path, body=b'{}', client=OUT, server=GATE, status=200, mime='application/json', auth='Bearer k3J9sQ2LmX8vT5wY7zR1pN4b', extra='',
             method='GET', request=b'', answer='', host='api.shop.example', lose=None):
        if isinstance(body, (dict, list)):
            body = json.dumps(body, ensure_ascii=False).encode()
        if isinstance(request, (dict, list)):
            request = json.dumps(request, ensure_ascii=False).encode()
        head = '%s %s HTTP/1.1\r\nHost: %s\r\nUser-Agent: shop/1\r\n' % (method, path, host)
        head += 'Authorization: %s\r\n' % auth if auth else ''
        head += 'Content-Type: application/json\r\nContent-Length: %d\r\n' % len(request) if request else ''
        back = 'HTTP/1.1 %d X\r\nContent-Type: %s\r\nContent-Length: %d\r\n%s\r\n' % (status, mime, len(body), answer)
        self.talk(client, server, [(0, (head + extra + '\r\n').encode() + request), (1, back.encode() + body)], lose=lose)

    def wait(self, seconds):
        self.ns += int(seconds * 10**9)


def sheet(people):
    cells = ''.join('<row r="%d">' % (r + 1) + ''.join(
        '<c r="%s%d" t="inlineStr"><is><t>%s</t></is></c>' % ('ABC'[k], r + 1, v) for k, v in enumerate(row)) + '</row>'
        for r, row in enumerate([('姓名', '身份证号', '手机号')] + [(name(i), id_card(i), mobile(i)) for i in people]))
    out = io.BytesIO()
    with zipfile.ZipFile(out, 'w', zipfile.ZIP_DEFLATED) as z:
        z.writestr('[Content_Types].xml', '<Types/>')
        z.writestr('xl/workbook.xml', '<workbook/>')
        z.writestr('xl/worksheets/sheet1.xml', '<worksheet><sheetData>%s</sheetData></worksheet>' % cells)
    return out.getvalue()


def table(people):
    return ('姓名,身份证号,手机号\n' + ''.join('%s,%s,%s\n' % (name(i), id_card(i), mobile(i)) for i in people)).encode()


def packed(people):
    out = io.BytesIO()
    with zipfile.ZipFile(out, 'w', zipfile.ZIP_DEFLATED) as z:
        z.writestr('customers.csv', table(people))
    return out.getvalue()


def dump(people):
    return ('-- MySQL dump 10.13\nINSERT INTO `customer` VALUES ' + ','.join("(%d,'%s','%s','%s')" % (i, name(i), id_card(i), mobile(i)) for i in people) + ';\n').encode()


def pages(c, n, size, who=0, gap=0.5, **kw):
    for p in range(n):
        c.call('/v1/customers?page=%d' % p, {'data': [person(who + p * size + i) for i in range(size)]}, **kw)
        c.wait(gap)


def peers(c, days=1):
    """Forty ordinary callers, each of whom sees a few people."""
    for d in range(days):
        for k in range(40):
            for j in range(3):
                c.call('/v1/customers/%d' % (k * 3 + j), person(k * 3 + j), client='203.0.113.%d' % (20 + k), auth='Bearer s%dQx7LmX8vT5wY7zR1pN4b%d' % (k, k))
            c.wait(120)
        c.wait(DAY - 40 * 120)


def cases():
    """(name, rules that must speak, function that fills the capture); an empty set: none of RULES may speak."""
    one = person(7)
    yield 'no authentication', {'unauthenticated_personal_data'}, lambda c: c.call('/v1/profile/7', one, auth='')
    yield 'no authentication, inside', set(), lambda c: c.call('/v1/profile/7', one, auth='', client=INSIDE)
    yield 'authentication lost on the way', set(), lambda c: c.call('/v1/profile/7', one, lose=0)
    yield 'hotline of a public page', set(), lambda c: c.call('/contact', {'service': {'mobile': mobile(3)}}, auth='')
    yield 'own number sent and echoed', set(), lambda c: c.call('/v1/otp', {'mobile': mobile(3)}, auth='', method='POST', request={'mobile': mobile(3)})
    yield 'identity number in the query', {'sensitive_data_in_url'}, lambda c: c.call('/v1/customers?idNo=' + id_card(9))
    yield 'password in the query', {'sensitive_data_in_url'}, lambda c: c.call('/v1/login?user=a&password=Qw7%21kdPz92', auth='')
    yield 'search box used once', set(), lambda c: c.call('/v1/search?q=' + id_card(9))
    yield 'search box as a habit', {'sensitive_data_in_url'}, lambda c: [c.call('/v1/search?q=' + id_card(i)) for i in range(40)]
    yield 'order number in the query', set(), lambda c: c.call('/v1/orders?orderNo=202411190534738985')
    yield 'personal data in a cookie', {'sensitive_data_in_cookie'}, lambda c: c.call('/v1/me', extra='Cookie: sid=8f2a; mobile=%s\r\n' % mobile(4))
    yield 'personal data in Set-Cookie', {'sensitive_data_in_cookie'}, lambda c: c.call('/v1/me', answer='Set-Cookie: idcard=%s; Path=/\r\n' % id_card(4))
    yield 'session cookie', set(), lambda c: c.call('/v1/me', extra='Cookie: JSESSIONID=8f2a0c8a9b7e4d2fa3b5c6d7e8f90123\r\n')
    yield 'identity number in an error', {'sensitive_data_in_error'}, lambda c: c.call('/v1/pay', {'error': 'duplicate key', 'row': one}, status=500)
    yield 'stack trace with a number', {'sensitive_data_in_error'}, lambda c: c.call(
        '/v1/pay', ('java.lang.IllegalStateException: %s\n\tat com.bank.Pay.run(Pay.java:33)\n\tat java.base/java.lang.Thread.run(Thread.java:840)' % id_card(3)).encode(), status=500, mime='text/plain')
    yield 'error that echoes', set(), lambda c: c.call('/v1/pay', {'error': 'bad number', 'idNo': id_card(3)}, status=400, method='POST', request={'idNo': id_card(3)})
    yield 'key in a script', {'secrets_in_response'}, lambda c: c.call('/static/app.js', b'var cfg = {ak: "LTAI4RDr0w1ykWeJYo3W2TIG", region: "cn"};', mime='application/javascript')
    yield 'whole records in a list', {'excessive_data'}, lambda c: c.call('/v1/contacts', {'data': [person(i) for i in range(50)]})
    yield 'list with masked records', set(), lambda c: c.call('/v1/contacts', {'data': [{'custName': name(i)[0] + '**', 'mobile': mobile(i)[:3] + '****' + mobile(i)[7:]} for i in range(50)]})
    yield 'list inside', set(), lambda c: c.call('/v1/contacts', {'data': [person(i) for i in range(50)]}, client=INSIDE)
    for kind, make, mime in (('csv', table, 'text/csv'), ('xlsx', sheet, 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'),
                             ('zip', packed, 'application/zip'), ('sql', dump, 'application/sql')):
        yield kind + ' file to the outside', {'bulk_file'}, lambda c, m=make, t=mime, k=kind: c.call('/v1/export/customers.' + k, m(range(300)), mime=t)
        yield kind + ' file of a few', set(), lambda c, m=make, t=mime, k=kind: c.call('/v1/export/mine.' + k, m(range(5)), mime=t)
    yield 'csv file inside', set(), lambda c: c.call('/v1/export/customers.csv', table(range(300)), mime='text/csv', client=INSIDE)
    yield 'to a server outside', {'sensitive_data_to_outside'}, lambda c: c.call('/collect', method='POST', request=one, client='10.20.2.9', server=OUT2, host='stat.vendor.example')
    yield 'to a partner', set(), lambda c: c.call('/verify', method='POST', request=one, client='10.20.2.9', server=PARTNER, host='id.partner.example')
    yield 'nothing private to the outside', set(), lambda c: c.call('/collect', method='POST', request={'version': '1.2.3', 'os': 'linux'}, client='10.20.2.9', server=OUT2)

    def masks(c, odd):
        for k in range(6):
            for i in range(30):
                m = mobile(i)
                c.call('/v1/%s/info' % 'abcdef'[k], {'mobile': m if odd and k == 5 else m[:3] + '****' + m[7:]})
    yield 'shown where others mask', {'unmasked_data'}, lambda c: masks(c, True)
    yield 'all mask', set(), lambda c: masks(c, False)

    def new_class(c, what):
        for i in range(90):
            c.call('/v1/cards/limits', {'custName': name(i), 'limit': i})
            c.wait(60)
        for i in range(5):
            c.call('/v1/cards/limits', {'custName': name(i), 'limit': i, **what(i)})
            c.wait(60)
    yield 'class for the first time', {'new_data_class'}, lambda c: new_class(c, lambda i: {'idNo': id_card(i)})
    yield 'field for the first time', set(), lambda c: new_class(c, lambda i: {'colour': 'red'})
    yield 'dragging by pages', {'data_drag'}, lambda c: (peers(c), pages(c, 60, 100, 5000, client=INSIDE, auth='Basic b3BzOnMzY3JldFB3'))
    yield 'dragging by enumeration', {'data_drag'}, lambda c: (peers(c), [c.call('/v1/customers/%d' % i, person(i), client=INSIDE) or c.wait(0.3) for i in range(9000, 10500)])

    def slow(c, each):
        for d in range(5):
            for h in range(24):
                for k in range(30):
                    if h % 8 == 0:
                        c.call('/v1/customers/%d' % k, person(k), client='203.0.113.%d' % (20 + k), auth='Bearer s%dQx7LmX8vT5wY7zR1pN4b%d' % (k, k))
                if each:
                    c.call('/v1/customers?page=%d' % h, {'data': [{'custName': name(i), 'mobile': mobile(i)} for i in range(d * 480 + h * each, d * 480 + (h + 1) * each)]}, client='203.0.113.200')
                c.wait(HOUR)
    yield 'dragging slowly over days', {'data_drag'}, lambda c: slow(c, 20)
    yield 'ordinary days', set(), lambda c: slow(c, 0)
    yield 'teller at work', set(), lambda c: (peers(c), [c.call('/v1/customers/%d' % i, person(i), client='10.88.1.4') or c.wait(40) for i in range(150)])

    def night(c):
        for d in range(4):
            c.wait(8 * HOUR)
            for h in range(9):
                for k in range(12):
                    c.call('/v1/customers/%d' % k, person(k), client='203.0.113.%d' % (20 + k), auth='Bearer s%dQx7LmX8vT5wY7zR1pN4b%d' % (k, k))
                c.wait(HOUR)
            c.wait(7 * HOUR)
        pages(c, 8, 50, 7000, gap=5, client='203.0.113.99')
    yield 'dragging at night', {'data_drag'}, night
    shop = lambda c: c.call('/v1/me', {'cardNo': card(5), 'mobile': mobile(5)}, client=PARTNER)
    yield 'card to a partner against a policy', {'data_policy_violation'}, shop, POLICIES
    yield 'mobile to a partner by a policy', set(), lambda c: c.call('/v1/me', {'mobile': mobile(5)}, client=PARTNER), POLICIES
    yield 'card from an excepted service', set(), lambda c: c.call('/v1/me', {'cardNo': card(5)}, client=PARTNER, host='clearing.shop.example'), POLICIES


    # the same in other clothes
    rows = lambda first, n: {'columns': ['xm', 'sfzhm', 'sjh', 'yhkh'], 'rows': [[name(i), id_card(i), mobile(i), card(i)] for i in range(first, first + n)]}
    page = '<html><table><tr><th>姓名</th><td>%s</td></tr><tr><th>身份证号</th><td>%s</td></tr></table></html>' % (name(1), id_card(1))
    yield 'no authentication, rows and columns', {'unauthenticated_personal_data'}, lambda c: c.call('/svc/rows', rows(1, 3), auth='')
    yield 'no authentication, page', {'unauthenticated_personal_data'}, lambda c: c.call('/d.jsp?id=3', page.encode(), auth='', mime='text/html')
    yield 'no authentication, page in GBK', {'unauthenticated_personal_data'}, lambda c: c.call('/d.jsp', page.encode('gbk'), auth='', mime='text/html; charset=gbk')
    yield 'identity number in the path', {'sensitive_data_in_url'}, lambda c: c.call('/v1/idcards/' + id_card(7) + '/status')
    yield 'whole records as rows', {'excessive_data'}, lambda c: c.call('/v1/contacts', rows(1, 60))
    yield 'csv in GBK without a type', {'bulk_file'}, lambda c: c.call('/dl/export', table(range(300)).decode().encode('gbk'), mime='application/octet-stream')
    yield 'csv packed by gzip', {'bulk_file'}, lambda c: c.call('/dl/export', gzip.compress(table(range(300))), mime='text/csv', answer='Content-Encoding: gzip\r\n')
    yield 'dragging by pages in the body', {'data_drag'}, lambda c: (peers(c), [c.call(
        '/v2/report/query', rows(8000 + p * 50, 50), client=INSIDE, method='POST', request={'page': p}) or c.wait(1) for p in range(80)])
    yield 'dragging by exports', {'data_drag'}, lambda c: (peers(c), [c.call(
        '/v2/export?branch=%d' % p, table(range(p * 400, p * 400 + 400)), mime='text/csv', client=INSIDE) or c.wait(60) for p in range(10)])
    yield 'dragging by one identity', {'data_drag'}, lambda c: (peers(c), [c.call(
        '/v1/customers/%d' % (30000 + p), person(30000 + p), client='10.77.%d.5' % (p % 20), auth='Bearer uSeR1dQx7LmX8vT5wY7zR1pN4b') or c.wait(0.4) for p in range(1500)])
    yield 'one at a time over a day', set(), lambda c: (peers(c), [c.call(
        '/v2/clients/search', rows(500 + i, 1), client='10.88.1.%d' % (4 + i % 9), method='POST', request={'q': i}) or c.wait(60) for i in range(120)])
    yield 'numbers of orders as rows', set(), lambda c: [c.call('/v1/stats', {
        'columns': ['uid', 'orderId', 'ts'], 'rows': [['138%08d' % (i * k + 7), '%d' % (10**17 + i), 1700000000 + i] for i in range(200)]}, auth='') for k in range(3)]

POLICIES = """places:
  acme: [192.0.2.0/24]
policies:
  - name: clearing may send cards
    service: "clearing.*"
    class: bank_card
    to: acme
    then: allow
  - name: no cards to partners
    class: [bank_card, cvv]
    to: [partner, acme]
    then: deny
    severity: critical
"""


def run(binary, fill, policies):
    more = []
    if policies:
        p = tempfile.NamedTemporaryFile('w', suffix='.yaml', delete=False)
        p.write(policies)
        p.close()
        more = ['--set', 'analytics.policies_file=' + p.name]
    calls = Calls()
    fill(calls)
    with tempfile.NamedTemporaryFile(suffix='.pcap', delete=False) as t:
        path = t.name
    calls.cap.write(path)
    out = path + '.jsonl'
    try:
        subprocess.run([binary, 'replay', '-q', '--only', 'finding', '--set', 'analytics.partner=192.0.2.0/24'] + more + ['-o', 'file:' + out, path], check=True)
        last = {}
        for line in open(out):
            r = json.loads(line)
            if r['event']['dataset'] == 'tapscope.finding':
                last[r['tapscope'].get('finding', {}).get('id', r['event']['id'])] = r
        return [r for r in last.values() if r['rule']['id'] in RULES]
    finally:
        for p in [path, out] + [m.partition('=')[2] for m in more if '=' in m]:
            if os.path.exists(p):
                os.unlink(p)


def main():
    a = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    a.add_argument('--binary', default=os.path.join(HERE, 'build', 'release', 'tapscope'))
    a.add_argument('-v', action='store_true')
    o = a.parse_args()
    found = leaks = quiet = calm = 0
    for title, want, fill, *policies in cases():
        said = run(o.binary, fill, *(policies or ['']))
        ids = {r['rule']['id'] for r in said}
        good = want <= ids if want else not ids
        # one finding for an endpoint or a caller, not one for each call
        many = [i for i in ids if sum(r['rule']['id'] == i for r in said) > 8]
        leaks += bool(want)
        found += bool(want) and good
        calm += not want
        quiet += not want and good
        if not good or many or o.v:
            print('%-4s %-34s %s' % ('ok' if good and not many else 'BAD', title, ', '.join(sorted(ids)) or '-'))
            if o.v and said:
                print('       ' + said[0]['message'])
    print('leaks found %d of %d, look-alikes silent %d of %d' % (found, leaks, quiet, calm))
    return 0 if found == leaks and quiet == calm else 1


if __name__ == '__main__':
    sys.exit(main())
