# SPDX-License-Identifier: Apache-2.0
"""pcap/ndpi: the protocol that ndpiReader names for each flow beside the one that we name (ours is nDPI 4.2, theirs a later one)."""
import collections
import re

from conformance_base import get

FLOW = re.compile(r"^\s*\d+\s+(TCP|UDP) (\[?[0-9a-fA-F:.]+\]?):(\d+) <?->? (\[?[0-9a-fA-F:.]+\]?):(\d+) .*?\[proto: [0-9./]+/([^\]]+)\](.*)")
ALIAS = {"tls": {"tls", "https", "ssl"}, "http": {"http", "http_proxy", "http_connect", "websocket", "grpc", "json-rpc"},
         "dns": {"dns", "dns-tcp", "mdns", "llmnr"}, "grpc": {"grpc", "http2"}, "redis": {"redis", "resp"}}
OWN = {"http", "http2", "grpc", "websocket", "tls", "quic", "dns", "mdns", "llmnr", "redis", "resp", "socks"}


def expected(path):
    """(transport, one end, the other, names, whether it was guessed from a port or an address)"""
    for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
        m = FLOW.match(line)
        if m:
            guess = re.search(r"^[^F]*?\[Confidence: (Match by port|Match by IP|IP address|DNS|Match by custom rule|nBPF)", m[7])
            yield m[1].lower(), (m[2].strip("[]"), int(m[3])), (m[4].strip("[]"), int(m[5])), m[6].lower().split("."), bool(guess)


def verdict(want, have):
    """same: the application or the carrier; none: unnamed; other: another name."""
    if not have:
        return "none"
    names = set(want)
    if have in names or any(have in ALIAS.get(n, ()) or n in ALIAS.get(have, ()) for n in names):
        return "same"
    return "other"


def flows(runner, data):
    """(capture, expected names, our name, verdict, guessed) of each flow."""
    top = data / "pcap" / "ndpi"
    for result in sorted((top / "result").glob("*.out")):
        capture = top / "pcap" / result.name[:-4]
        if not capture.exists():
            continue
        ours = collections.defaultdict(list)
        for r in runner.records(capture) or []:
            if get(r, "event.dataset") == "tapscope.flow":
                key = frozenset([(get(r, "source.ip"), get(r, "source.port")), (get(r, "destination.ip"), get(r, "destination.port"))])
                ours[get(r, "network.transport"), key].append(get(r, "network.protocol", ""))
        for transport, one, two, want, guess in expected(result):
            found = ours.get((transport, frozenset([one, two])), [])
            have = next((n for n in found if verdict(want, n) == "same"), next(filter(None, found), ""))
            word = "unknown" if want == ["unknown"] else verdict(want, have)
            yield capture.name, want, have, "no flow" if not found else word, guess


def run(table, runner, data):
    for capture, want, have, word, guess in flows(runner, data):
        if word != "unknown" and want != ["unknown"] and not guess:
            table.case("ndpi", "flows", capture, [] if word == "same" else [("protocol", ".".join(want), have or word)])
