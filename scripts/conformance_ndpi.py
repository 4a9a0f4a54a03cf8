# SPDX-License-Identifier: Apache-2.0
"""pcap/ndpi: the protocol that ndpiReader names for each flow beside the one that we name (ours is nDPI 4.2, theirs a later one)."""
import collections
import re

from conformance_base import get

FLOW = re.compile(r"^\s*\d+\s+(TCP|UDP) (\[?[0-9a-fA-F:.]+\]?):(\d+) <?->? (\[?[0-9a-fA-F:.]+\]?):(\d+) .*?\[proto: [0-9./]+/([^\]]+)\]")
ALIAS = {"tls": {"tls", "https", "ssl"}, "http": {"http", "http_proxy", "http_connect", "websocket", "grpc"}, "dns": {"dns", "mdns", "llmnr"},
         "grpc": {"grpc", "http2"}}


def expected(path):
    for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
        m = FLOW.match(line)
        if m:
            yield m[1].lower(), (m[2].strip("[]"), int(m[3])), (m[4].strip("[]"), int(m[5])), m[6].lower().split(".")


def verdict(want, have):
    """same: the application or the carrier; none: unnamed; other: another name."""
    if not have:
        return "none"
    names = set(want)
    if have in names or any(have in ALIAS.get(n, ()) or n in ALIAS.get(have, ()) for n in names):
        return "same"
    return "other"


def run(table, runner, data):
    top = data / "pcap" / "ndpi"
    names = collections.defaultdict(collections.Counter)
    for result in sorted((top / "result").glob("*.out")):
        capture = top / "pcap" / result.name[:-4]
        if not capture.exists():
            continue
        ours = collections.defaultdict(list)
        for r in runner.records(capture) or []:
            if get(r, "event.dataset") == "tapscope.flow":
                key = frozenset([(get(r, "source.ip"), get(r, "source.port")), (get(r, "destination.ip"), get(r, "destination.port"))])
                ours[get(r, "network.transport"), key].append(get(r, "network.protocol", ""))
        for transport, one, two, want in expected(result):
            found = ours.get((transport, frozenset([one, two])), [])
            have = next((n for n in found if verdict(want, n) == "same"), next(filter(None, found), ""))
            word = "unknown" if want == ["unknown"] else verdict(want, have)
            if not found:
                word = "no flow"
            names[".".join(want[:2])][(word, have)] += 1
            if word != "unknown":
                table.case("ndpi", "flows", capture.name, [] if word == "same" else [("protocol", ".".join(want), have or word)])
    print("nDPI's name                    flows   same  none  other  as")
    for want, counts in sorted(names.items(), key=lambda kv: -sum(kv[1].values())):
        tally = collections.Counter()
        for (word, _), n in counts.items():
            tally[word] += n
        others = ", ".join("%s %d" % (have or "-", n) for (word, have), n in counts.most_common(4) if word == "other")
        print("%-30s %5d  %5d %5d  %5d  %s" % (want, sum(counts.values()), tally["same"], tally["none"] + tally["no flow"], tally["other"], others))
