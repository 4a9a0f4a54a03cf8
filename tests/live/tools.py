#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Print what was raised of one tool's run, and judge it.

usage: tools.py NAME RULES FILE     RULES: comma separated, one of which must be raised; "-": no attack at all"""
import collections
import json
import sys


def main():
    name, wanted, path = sys.argv[1:]
    findings, incidents, calls = {}, {}, 0
    for line in open(path, encoding='utf-8'):
        r = json.loads(line)
        t, kind = r['tapscope'], r['event']['dataset']
        calls += kind == 'tapscope.call'
        if kind == 'tapscope.finding' and t['category'] not in ('posture', 'leak'):
            findings[t['finding']['id']] = r['rule']['id']
        if kind == 'tapscope.incident':
            incidents[t['incident']['id']] = r['rule']['id']
    count = collections.Counter(findings.values())
    if wanted == '-':
        good = not findings
    else:
        good = any(w in count for w in wanted.split(',')) and len(incidents) <= 1 and len(findings) <= 6
    print('%-14s %5d calls  %d incident%s  %-4s %s' % (name, calls, len(incidents), 's'[:len(incidents) != 1], 'good' if good else 'BAD',
                                                      ', '.join('%s %d' % kv for kv in sorted(count.items())) or '-'))
    return not good


if __name__ == '__main__':
    sys.exit(main())
