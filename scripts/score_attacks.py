#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Score the per-transaction detections on labelled requests.

Writes one capture with every case (each from a client address of its own), replays it and counts which cases have a finding of
category attack. Prints true- and false-positive rates by set and kind; --misses FILE writes what was missed or wrongly raised."""
import argparse, base64, collections, csv, glob, ipaddress, json, os, subprocess, sys, tempfile
from urllib.parse import quote_from_bytes, unquote_to_bytes

HERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, os.path.join(HERE, 'pcaps'))
import wire  # noqa: E402

FAMILY = {'913': 'scanner', '921': 'protocol', '930': 'lfi', '931': 'rfi', '932': 'rce', '933': 'php', '934': 'generic',
          '941': 'xss', '942': 'sqli', '943': 'session', '944': 'java'}
LISTS = [  # path below lists/, kind
    ('patt/SQL Injection__*', 'sqli'), ('patt/XSS Injection__Intruders__*', 'xss'), ('patt/Command Injection__*', 'cmdi'),
    ('patt/Directory Traversal__*', 'traversal'), ('patt/File Inclusion__Intruders__*raversal*', 'traversal'),
    ('patt/File Inclusion__Intruders__JHADDIX_LFI*', 'traversal'), ('patt/XXE Injection__*', 'xxe'),
    ('patt/LDAP Injection__Intruder__LDAP_FUZZ*', 'ldapi'), ('patt/NoSQL Injection__*', 'nosqli'),
    ('payloadbox/sql-*', 'sqli'), ('payloadbox/xss-*', 'xss'), ('fuzzdb/attack__xss__xss-*', 'xss'),
    ('fuzzdb/attack__sql-injection__*', 'sqli'), ('fuzzdb/attack__path-traversal__*', 'traversal'),
    ('fuzzdb/attack__lfi__JHADDIX*', 'traversal'), ('fuzzdb/attack__os-cmd-execution__command-*', 'cmdi'),
    ('fuzzdb/attack__server-side-include__*', 'ssi'), ('fuzzdb/attack__ldap__*', 'ldapi'),
    ('fuzzdb/attack__xpath__*', 'xpathi'), ('fuzzdb/attack__no-sql-injection__*', 'nosqli'),
    ('fuzzdb/attack__http-protocol__crlf*', 'crlf'), ('fuzzdb/attack__xml__*', 'xxe')]
NOT_PAYLOADS = ('event_handlers', 'jsonp_endpoint', 'Linux-files', 'Windows-files', 'LDAP_attributes', 'swf_fuzz')


def head(method, target, headers, body=b''):
    names = {k.lower() for k in headers}
    lines = ['%s %s HTTP/1.1' % (method, target)]
    if 'host' not in names:
        lines.append('Host: shop.example')
    lines += ['%s: %s' % kv for kv in headers.items()]
    if body and 'content-length' not in names:
        lines.append('Content-Length: %d' % len(body))
    return '\r\n'.join(lines).encode('utf-8', 'surrogateescape') + b'\r\n\r\n' + body


def carry(payload, turn):
    """The payload as a client would send it: query, form, JSON or a header by turns."""
    ua = {'User-Agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0', 'Accept': '*/*'}
    raw = payload.encode('utf-8', 'surrogateescape')
    turn %= 8
    if turn == 7 and ('\n' in payload or '\r' in payload or '\0' in payload):
        turn = 0
    if turn in (0, 3, 5):
        return head('GET', '/api/v1/items?page=2&q=' + quote_from_bytes(raw, safe=''), ua)
    if turn in (1, 4):
        body = b'name=smith&q=' + quote_from_bytes(raw, safe='').encode() + b'&size=20'
        return head('POST', '/api/v1/items', dict(ua, **{'Content-Type': 'application/x-www-form-urlencoded'}), body)
    if turn in (2, 6):
        body = json.dumps({'id': 17, 'q': raw.decode('utf-8', 'replace'), 'tags': ['a', 'b']}, ensure_ascii=turn == 2).encode()
        return head('POST', '/api/v1/items', dict(ua, **{'Content-Type': 'application/json'}), body)
    return head('GET', '/api/v1/items?page=2', dict(ua, **{'X-Note': payload.strip()}))


def crs(data):
    for line in open(os.path.join(data, 'crs_cases.jsonl')):
        c = json.loads(line)
        family, i = str(c['rule'])[:3], c['input']
        if family not in FAMILY or c['label'] is None:
            continue
        if c['label'] == 0 and family not in ('932', '941', '942', '933', '930'):
            continue
        body = i.get('data') or ''
        body = body if isinstance(body, str) else json.dumps(body)
        if i.get('encoded_request'):
            raw = base64.b64decode(i['encoded_request'])
        else:
            headers = dict(i.get('headers') or {})
            if body and not any(k.lower() == 'content-type' for k in headers):
                headers['Content-Type'] = 'application/x-www-form-urlencoded'
            headers = {k: v for k, v in headers.items() if k.lower() != 'content-length'}
            method = i.get('method') or 'GET'
            raw = head(method, i.get('uri') or '/', headers, body.encode('utf-8', 'surrogateescape'))
        yield {'set': 'crs', 'kind': FAMILY[family], 'label': c['label'], 'id': '%s-%s' % (c['rule'], c['test']), 'raw': raw}


def payloads(data):
    for n, row in enumerate(csv.DictReader(open(os.path.join(data, 'httpparams_train.csv')))):
        attack = row['label'] == 'anom'
        yield 'httpparams', row['attack_type'], int(attack), 'httpparams-%d' % n, row['payload']
    for path in sorted(glob.glob(os.path.join(data, 'libinjection', '*.txt'))):
        name = os.path.basename(path)
        benign = name.startswith('false_positives')
        kind = 'odd' if benign else 'sqli' if name.startswith('sqli') else 'xss'
        yield from lines(path, 'libinjection', kind, 0 if benign else 1, skip_comments=True)
    for pattern, kind in LISTS:
        for path in sorted(glob.glob(os.path.join(data, 'lists', pattern))):
            if not any(w in path for w in NOT_PAYLOADS):
                yield from lines(path, path.split('lists/')[1].split('/')[0], kind, 1, skip_comments=False)


def lines(path, dataset, kind, label, skip_comments):
    for n, line in enumerate(open(path, encoding='utf-8', errors='surrogateescape')):
        text = line.rstrip('\r\n')
        if not text.strip() or (skip_comments and (text == '#' or text.startswith('# '))):
            continue
        if dataset == 'libinjection':  # kept URL-encoded in these lists
            text = unquote_to_bytes(text.encode('utf-8', 'surrogateescape')).decode('utf-8', 'surrogateescape')
        yield dataset, kind, label, '%s-%d' % (os.path.basename(path), n + 1), text


def cases(data, limit):
    yield from crs(data)
    seen, per = set(), collections.Counter()
    for turn, (dataset, kind, label, name, text) in enumerate(payloads(data)):
        if (label, text) in seen:
            continue
        seen.add((label, text))
        per[(dataset, kind, name.rsplit('-', 1)[0])] += 1
        if limit and per[(dataset, kind, name.rsplit('-', 1)[0])] > limit:
            continue
        yield {'set': dataset, 'kind': kind, 'label': label, 'id': name, 'raw': carry(text, turn), 'text': text}


ANSWER = (b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nX-Content-Type-Options: nosniff\r\n'
          b'Content-Length: 13\r\n\r\n{"code":"OK"}')


def replay(binary, all_cases, keep):
    with tempfile.TemporaryDirectory() as tmp:
        path = os.path.join(keep or tmp, 'attacks.pcap')
        cap, ns = wire.Capture(), 1_790_000_000 * 10**9
        base = int(ipaddress.ip_address('60.0.0.1'))
        for n, c in enumerate(all_cases):
            c['client'] = str(ipaddress.ip_address(base + n))
            parts = ((0, c['raw']), (1, ANSWER))
            ns = wire.exchange(cap, ns, c['client'], 40000, '10.99.0.10', 80, parts, mss=1400, step=50000) + 2 * 10**6
        cap.write(path)
        out = os.path.join(keep or tmp, 'attacks.jsonl')
        subprocess.run([binary, 'replay', '-q', '-o', 'file:' + out, '--only', 'finding', path], check=True)
        hits = collections.defaultdict(set)
        for line in open(out, encoding='utf-8'):
            r = json.loads(line)
            if r['event']['dataset'] == 'tapscope.finding' and r['tapscope']['category'] == 'attack':
                for ip in r['related']['ip']:
                    hits[ip].add(r['rule']['id'])
        for c in all_cases:
            c['rules'] = sorted(hits.get(c['client'], ()))


def report(all_cases, misses):
    table = collections.defaultdict(lambda: [0, 0])
    wrong = []
    for c in all_cases:
        for key in ((c['label'], c['set'], c['kind']), (c['label'], 'all', '')):
            table[key][0] += 1
            table[key][1] += bool(c['rules'])
        if bool(c['rules']) != bool(c['label']):
            wrong.append(c)
    for label, title in ((1, 'attacks found'), (0, 'legitimate raised')):
        print('%s:' % title)
        for (l, dataset, kind), (n, hit) in sorted(table.items()):
            if l == label:
                print('  %-14s %-16s %6d of %6d  %7.3f %%' % (dataset, kind, hit, n, 100.0 * hit / n))
    if misses:
        with open(misses, 'w') as f:
            for c in wrong:
                f.write('%s\t%s\t%s\t%d\t%s\t%s\n' % (c['set'], c['kind'], c['id'], c['label'], ','.join(c['rules']),
                                                     json.dumps(c.get('text', c['raw'].decode('latin-1')))[:300]))


def main():
    p = argparse.ArgumentParser(prog='score attacks', description=__doc__)
    p.add_argument('--data', default=os.path.join(HERE, 'build', 'data', 'attack'))
    p.add_argument('--binary', default=os.path.join(HERE, 'build', 'release', 'tapscope'))
    p.add_argument('--limit', type=int, default=0, help='cases per file, 0 for all')
    p.add_argument('--misses', help='write what was missed or wrongly raised to this file')
    p.add_argument('--keep', help='leave the capture and the findings in this folder')
    a = p.parse_args()
    all_cases = list(cases(a.data, a.limit))
    replay(a.binary, all_cases, a.keep)
    report(all_cases, a.misses)
    return 0


if __name__ == '__main__':
    sys.exit(main())
