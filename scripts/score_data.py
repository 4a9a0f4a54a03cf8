#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Score data classification on labelled captures and texts.

Replays attack_pcap/pii.pcap (or the cases of pii/cn.jsonl), attack_pcap/gitleaks.pcap, a capture made here of presidio_en.jsonl,
and bankday/span.pcap; prints precision, recall and F1 by class and the hit rate by kind of decoy. --misses FILE writes each
miss and each false hit."""
import argparse, collections, json, os, re, subprocess, sys, tempfile

HERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, os.path.join(HERE, 'pcaps'))
import wire  # noqa: E402

SAME = {'aws_access_key': 'access_key'}  # pii/ calls every cloud's key id access_key
SECRET = {'aws_access_key', 'access_key', 'gcp_api_key', 'azure_secret', 'github_token', 'gitlab_token', 'slack_token', 'stripe_key',
          'url_credential', 'vendor_token', 'azure_client_secret', 'kubernetes_secret', 'command_credential', 'access_token', 'secret', 'jwt', 'private_key', 'password', 'password_hash'}
PRESIDIO = {'CREDIT_CARD': 'bank_card', 'EMAIL_ADDRESS': 'email', 'US_SSN': 'us_ssn', 'IBAN_CODE': 'iban', 'PHONE_NUMBER': 'phone_intl',
            'IP_ADDRESS': 'ip'}
BANKDAY = ['id_card', 'mobile', 'bank_card', 'name', 'address', 'email', 'passport', 'plate', 'uscc', 'cvv', 'password_hash',
           'aws_access_key', 'private_key']


def replay(binary, capture):
    out = tempfile.NamedTemporaryFile(suffix='.jsonl', delete=False)
    out.close()
    subprocess.run([binary, 'replay', '-q', '--only', 'call', '-o', 'file:' + out.name, capture], check=True)
    calls = [json.loads(line) for line in open(out.name)]
    os.unlink(out.name)
    return [c for c in calls if c['event']['dataset'] == 'tapscope.call']


def hits(call, side):
    return call['tapscope'].get(side, {}).get('data', [])


def shows(sample, value):
    """Whether a masked sample can come from value."""
    if not sample.strip('*'):
        return False
    pattern = '.*'.join(re.escape(p) for p in re.split(r'[*\s]+', sample))
    return re.fullmatch(pattern, re.sub(r'[ -]', '', value)) is not None or re.fullmatch(pattern, value) is not None


class Tally:
    def __init__(self):
        self.tp, self.fp, self.fn = collections.Counter(), collections.Counter(), collections.Counter()

    def add(self, want, got):
        for k in set(want) | set(got):
            n = min(want[k], got[k])
            self.tp[k] += n
            self.fn[k] += want[k] - n
            self.fp[k] += got[k] - n

    def show(self, title, only=None):
        print('%s\n  %-20s %7s %7s %7s %9s %7s %7s' % (title, 'class', 'found', 'missed', 'false', 'precision', 'recall', 'F1'))
        for k in sorted(set(self.tp) | set(self.fn) | (set(self.fp) if only is None else set())):
            if only is not None and k not in only:
                continue
            tp, fp, fn = self.tp[k], self.fp[k], self.fn[k]
            p, r = tp / (tp + fp) if tp + fp else 1.0, tp / (tp + fn) if tp + fn else 1.0
            print('  %-20s %7d %7d %7d %9.4f %7.4f %7.4f' % (k, tp, fn, fp, p, r, 2 * p * r / (p + r) if p + r else 0))


def score_pii(binary, data, misses):
    truth = {(c['client'], c['sport']): c for c in map(json.loads, open(data + '/attack_pcap/pii.truth.jsonl'))}
    tally, extra, decoys, hit = Tally(), collections.Counter(), collections.Counter(), collections.Counter()
    known = {s['type'] for c in truth.values() for s in c['spans']}
    for call in replay(binary, data + '/attack_pcap/pii.pcap'):
        c = truth.pop((call['source']['ip'], call['source']['port']), None)
        if c is None:
            continue
        side = 'request' if c['where'].startswith('req') else 'response'
        want, got = collections.Counter(s['type'] for s in c['spans']), collections.Counter()
        found = hits(call, side)
        for h in found:
            got[SAME.get(h['class'], h['class'])] += h['count']
        tally.add(want, collections.Counter({k: v for k, v in got.items() if k in known}))
        for k in got:
            if k not in known:
                extra[k] += got[k]
        for d in c['decoys']:
            decoys[d['kind']] += 1
            real = [s['value'] for s in c['spans']]
            by = [h['class'] for h in found if shows(h['sample'], d['value']) and not any(shows(h['sample'], v) for v in real)]
            hit[d['kind']] += any(SAME.get(k, k) in known for k in by)
            if by:
                misses.append(['decoy', d['kind'], d['value'], by, c['ct'], c['where']])
        if want != collections.Counter({k: v for k, v in got.items() if k in known}):
            diff = {k: [want[k], got[k]] for k in set(want) | {k for k in got if k in known} if want[k] != got[k]}
            misses.append(['pii', c['id'], c['ct'], c['where'], diff, [s['value'] for s in c['spans'] if s['type'] in diff],
                           [(h['class'], h['path'], h['sample']) for h in found if SAME.get(h['class'], h['class']) in diff]])
    for c in truth.values():
        tally.add(collections.Counter(s['type'] for s in c['spans']), collections.Counter())
    tally.show('attack_pcap/pii.pcap')
    print('  other classes reported:', dict(extra))
    print('  decoys hit: ' + ', '.join('%s %d/%d' % (k, hit[k], decoys[k]) for k in sorted(decoys)))


def score_gitleaks(binary, data, misses):
    truth = {(c['client'], c['sport']): c for c in map(json.loads, open(data + '/attack_pcap/gitleaks.truth.jsonl'))}
    texts = {'gl-%d' % i: json.loads(line)['text'] for i, line in enumerate(open(data + '/secrets/gitleaks_cases.jsonl'))}
    tp, fn, fp, tn, where = collections.Counter(), collections.Counter(), collections.Counter(), collections.Counter(), collections.Counter()
    for call in replay(binary, data + '/attack_pcap/gitleaks.pcap'):
        c = truth.pop((call['source']['ip'], call['source']['port']), None)
        if c is None:
            continue
        found = [h for side in ('request', 'response') for h in hits(call, side) if h['class'] in SECRET]
        if c['label']:
            (tp if found else fn)[c['cls']] += 1
            where[c['where'], bool(found)] += 1
        else:
            (fp if found else tn)[c['cls']] += 1
        if bool(found) != bool(c['label']):
            misses.append(['secret', c['label'], c['cls'], c['where'], [(h['class'], h['path']) for h in found], texts.get(c['id'], '')[:300]])
    p, n = sum(tp.values()), sum(fn.values())
    print('attack_pcap/gitleaks.pcap\n  secrets found %d of %d (%.4f), false %d of %d' % (p, p + n, p / max(1, p + n), sum(fp.values()), sum(fp.values()) + sum(tn.values())))
    print('  missed: ' + ', '.join('%s %d/%d' % (k, v, v + tp[k]) for k, v in fn.most_common(40)))
    print('  false: ' + ', '.join('%s %d/%d' % (k, v, v + tn[k]) for k, v in fp.most_common(40)))
    print('  by place:', dict(collections.Counter({str(k): v for k, v in where.items()})))


def score_presidio(binary, data, misses):
    cases = [json.loads(line) for line in open(data + '/pii/presidio_en.jsonl')]
    with tempfile.NamedTemporaryFile(suffix='.pcap', delete=False) as t:
        path = t.name
    cap, ns = wire.Capture(), 1735700000 * 10**9
    for n, c in enumerate(cases):
        body = c['full_text'].encode()
        head = 'HTTP/1.1 200 OK\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: %d\r\n\r\n' % len(body)
        parts = ((0, b'GET /notes/list HTTP/1.1\r\nHost: notes.example\r\n\r\n'), (1, head.encode() + body))
        client = '10.61.%d.%d' % (n >> 8 & 255, n & 255)
        ns = wire.exchange(cap, ns, client, 20000 + n % 40000, '10.20.1.11', 8080, parts, mss=1400, step=50000)
    cap.write(path)
    tally = Tally()
    for call in replay(binary, path):
        o = call['source']['ip'].split('.')
        c = cases[int(o[2]) * 256 + int(o[3])]
        want = collections.Counter(PRESIDIO[s['entity_type']] for s in c['spans'] if s['entity_type'] in PRESIDIO)
        got = collections.Counter()
        for h in hits(call, 'response'):
            k = 'phone_intl' if h['class'] in ('mobile', 'landline', 'phone_local') else h['class']
            got[k] += h['count']
        tally.add(want, got)
        if want != got:
            misses.append(['presidio', dict(want), dict(got), c['full_text'][:300]])
    tally.show('pii/presidio_en.jsonl (as text/plain)')
    os.unlink(path)


def score_bankday(binary, data, misses):
    truth, order = collections.defaultdict(list), collections.defaultdict(int)
    for t in map(json.loads, open(data + '/bankday/truth.jsonl')):
        truth[t['id'], t['client']].append(t)
    tally, seen = Tally(), 0
    for call in replay(binary, data + '/bankday/span.pcap'):
        ids = call.get('http', {}).get('request', {}).get('headers', {}).get('x-request-id') or [call.get('http', {}).get('request', {}).get('id', '')]
        key = (ids[0], '%s:%s' % (call['source']['ip'], call['source']['port']))
        if not truth.get(key):
            continue
        t = truth[key].pop(0)
        seen += 1
        for side, name in (('req_items', 'request'), ('resp_items', 'response')):
            want = collections.Counter()
            for i in t.get(side) or []:
                if not i.get('masked') and i['type'] in BANKDAY:
                    want[i['type']] += i.get('n', 1)
            got = collections.Counter()
            for h in hits(call, name):
                if h['class'] in BANKDAY:
                    got[h['class']] += h['count']
            tally.add(want, got)
            if want != got:
                diff = {k: [want[k], got[k]] for k in set(want) | set(got) if want[k] != got[k]}
                misses.append(['bankday', t['id'], t['service'], t['target'][:80], side, diff, t.get(name[:4] + '_decoys'),
                               [i for i in t.get(side) or [] if i['type'] in diff][:5],
                               [(h['class'], h['path'], h['sample']) for h in hits(call, name) if h['class'] in diff][:5]])
    left = sum(len(v) for v in truth.values())
    tally.show('bankday/span.pcap, occurrences by call (%d calls matched by id and client, %d not)' % (seen, left))


def main():
    a = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    a.add_argument('--data', default=os.path.join(HERE, 'build', 'data'))
    a.add_argument('--binary', default=os.path.join(HERE, 'build', 'release', 'tapscope'))
    a.add_argument('--only', choices=['pii', 'gitleaks', 'presidio', 'bankday'])
    a.add_argument('--misses')
    o = a.parse_args()
    misses = []
    for name, fn in (('pii', score_pii), ('gitleaks', score_gitleaks), ('presidio', score_presidio), ('bankday', score_bankday)):
        if o.only in (None, name):
            fn(o.binary, o.data, misses)
    if o.misses:
        with open(o.misses, 'w') as f:
            f.writelines(json.dumps(m, ensure_ascii=False) + '\n' for m in misses)


if __name__ == '__main__':
    sys.exit(main())
