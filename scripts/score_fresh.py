#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Score data classes on traffic made anew: values by their standards, keys and layouts drawn from a seed, decoys among them.

usage: scripts/score fresh [--seed N] [--cases N] [--layout NAME…] [--misses FILE] [--binary FILE]
Exit status 1 where a class with a checksum falls below 0.98 recall or 0.99 precision, or another below 0.95.
"""
import argparse, collections, json, os, random, sys, tempfile

HERE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, os.path.join(HERE, 'scripts'))
from fresh_layouts import LAYOUTS
from fresh_values import CHECKED, CLASSES, DECOYS, FILLERS, PROSE
from score_data import Tally, hits, replay, shows, wire

SAME = {}


def style(r, key):
    """The same words as custName, cust_name, CUST_NAME, cust-name…"""
    if not key.isascii() or ' ' not in key:
        return key
    words = key.split(' ')
    how = r.randrange(6)
    if how < 3:
        return words[0] + ''.join(w.capitalize() for w in words[1:])
    return ('_'.join(words), '_'.join(words).upper(), ''.join(words))[how - 3]


def columns(r):
    """Key and maker of each column of a case: classes, fillers, decoys, no key twice."""
    wanted = r.sample(sorted(CLASSES), r.randint(2, 6))
    cols, seen = [], set()
    for c in wanted:
        make, keys = CLASSES[c]
        cols.append((style(r, r.choice(keys)), c, make))
    for make, keys in r.sample(FILLERS, r.randint(1, 4)):
        cols.append((style(r, r.choice(keys)), None, make))
    for kind in r.sample(sorted(DECOYS), r.randint(0, 3)):
        make, keys = DECOYS[kind]
        cols.append((style(r, r.choice(keys)), '!' + kind, make))
    r.shuffle(cols)
    return [c for c in cols if not (c[0].lower() in seen or seen.add(c[0].lower()))]


def table(r):
    cols = columns(r)
    rows = [[(k, c, str(make(r))) for k, c, make in cols] for _ in range(r.choice((1, 1, 2, 3, 6, 12)))]
    return rows


def prose(r):
    """Sentences; what they hold stands in them without a key of its own."""
    rows, text = [], []
    for _ in range(r.randint(1, 5)):
        row, words = [], r.choice(PROSE)
        for piece in words:
            if isinstance(piece, tuple):
                value = str(CLASSES[piece[0]][0](r))
                row.append(('', piece[0], value))
                text.append(value)
            else:
                text.append(piece)
        rows.append(row)
    return rows, ''.join(text)


def make_cases(seed, count, only):
    names = sorted(only or LAYOUTS)
    for n in range(count):
        r = random.Random('%d/%d' % (seed, n))
        layout = names[n % len(names)]
        if layout.startswith('prose'):
            rows, text = prose(r)
            yield n, layout, rows, LAYOUTS[layout](r, text)
        else:
            rows = table(r)
            keep = getattr(LAYOUTS[layout], 'only', None)
            if keep:
                rows = [[x for x in row if x[1] in keep or x[1] is None] for row in rows]
            yield n, layout, rows, LAYOUTS[layout](r, rows)


def main():
    a = argparse.ArgumentParser(description=__doc__.split('\n')[0])
    a.add_argument('--seed', type=int, default=1)
    a.add_argument('--cases', type=int, default=3000)
    a.add_argument('--layout', nargs='*')
    a.add_argument('--misses')
    a.add_argument('--keep', help='leave the capture here')
    a.add_argument('--binary', default=os.path.join(HERE, 'build', 'release', 'tapscope'))
    o = a.parse_args()
    path = o.keep or tempfile.mktemp(suffix='.pcap')
    cap, ns, cases = wire.Capture(), 1735700000 * 10**9, {}
    for n, layout, rows, (request, response) in make_cases(o.seed, o.cases, o.layout):
        client, port = '10.61.%d.%d' % (n >> 8 & 255, n & 255), 20000 + n % 40000
        ns = wire.exchange(cap, ns, client, port, '10.20.1.11', 8080, [(0, request), (1, response)], mss=1400, step=50000)
        cases[client, port] = (layout, rows)
    cap.write(path)
    tally, by_layout, decoys, struck, misses = Tally(), collections.defaultdict(Tally), collections.Counter(), collections.Counter(), []
    keys = collections.defaultdict(collections.Counter)
    unseen = set(cases)
    for call in replay(o.binary, path):
        at = (call['source']['ip'], call['source']['port'])
        if at not in cases:
            continue
        unseen.discard(at)
        layout, rows = cases[at]
        want, got = collections.Counter(), collections.Counter()
        for row in rows:
            for key, c, value in row:
                if c and c[0] == '!':
                    decoys[c[1:]] += 1
                elif c:
                    want[c] += 1
        found = hits(call, 'request') + hits(call, 'response')
        for h in found:
            got[SAME.get(h['class'], h['class'])] += h['count']
        tally.add(want, got)
        by_layout[layout].add(collections.Counter({'all': sum(want.values())}), collections.Counter(
            {'all': sum(min(want[k], got[k]) for k in want)}))
        by_layout[layout].fp['all'] += sum(max(0, got[k] - want[k]) for k in got)
        for k in set(want) | set(got):
            if want[k] != got[k]:
                names = sorted({key for row in rows for key, c, v in row if c == k})
                for name in names:
                    keys[k][name] += want[k] - got[k]
                misses.append({'class': k, 'layout': layout, 'want': want[k], 'got': got[k], 'keys': names,
                               'values': [v for row in rows for key, c, v in row if c == k][:3],
                               'hits': [(h['class'], h['path'], h['sample'], h['count']) for h in found if h['class'] == k],
                               'else': {key: v for key, c, v in rows[0] if c is None or c[0] == '!'}, 'at': at})
        for row in rows:
            for key, c, value in row:
                if c and c[0] == '!':
                    last = [h for h in found if h['path'].rstrip('[]').split('.')[-1] == key and shows(h['sample'], value)]
                    struck[c[1:]] += bool(last)
    if not o.keep:
        os.unlink(path)
    tally.show('seed %d, %d cases (%d without a call)' % (o.seed, o.cases, len(unseen)))
    print('layout                found  missed   false')
    for k in sorted(by_layout):
        t = by_layout[k]
        print('  %-18s %7d %7d %7d' % (k, t.tp['all'], t.fn['all'], t.fp['all']))
    print('decoys hit: ' + ', '.join('%s %d/%d' % (k, struck[k], decoys[k]) for k in sorted(decoys)))
    if o.misses:
        with open(o.misses, 'w') as f:
            f.writelines(json.dumps(m, ensure_ascii=False) + '\n' for m in misses)
    low = []
    for k in set(tally.tp) | set(tally.fn) | set(tally.fp):
        tp, fp, fn = tally.tp[k], tally.fp[k], tally.fn[k]
        recall, precision = tp / (tp + fn) if tp + fn else 1, tp / (tp + fp) if tp + fp else 1
        least = (0.98, 0.99) if k in CHECKED else (0.95, 0.95)
        if recall < least[0] or precision < least[1]:
            low.append('%s (precision %.3f, recall %.3f)' % (k, precision, recall))
    print('%d classes; below the aim: %s' % (len(tally.tp), ', '.join(sorted(low)) or 'none'))
    return 1 if low or unseen else 0


if __name__ == '__main__':
    sys.exit(main())
