#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Re-cut the TCP payloads of an Ethernet pcap or pcapng into segments of N bytes, times kept: recut.py IN N OUT [N OUT]...

Segments that follow each other in the file, of one direction, in sequence and of the same time are put together up to N bytes;
with N as in `9000join` whatever their times (the first one counts). A segment longer than N is split; frames that are not plain TCP are
kept as they are. Exit status 3: not Ethernet.
"""
import struct
import sys


def read(path):
    data = open(path, "rb").read()
    if data[:4] == b"\x0a\x0d\x0d\x0a":
        yield from read_pcapng(data)
        return
    magic = struct.unpack("<I", data[:4])[0] if len(data) >= 24 else 0
    if magic not in (0xA1B2C3D4, 0xA1B23C4D, 0xD4C3B2A1, 0x4D3CB2A1):
        sys.exit(3)
    end = "<" if magic in (0xA1B2C3D4, 0xA1B23C4D) else ">"
    unit = 1 if magic in (0xA1B23C4D, 0x4D3CB2A1) else 1000
    if struct.unpack(end + "I", data[20:24])[0] & 0xFFFF != 1:
        sys.exit(3)
    pos = 24
    while pos + 16 <= len(data):
        sec, sub, cap, wire = struct.unpack(end + "IIII", data[pos:pos + 16])
        yield sec * 10**9 + sub * unit, wire, data[pos + 16:pos + 16 + cap]
        pos += 16 + cap


def read_pcapng(data):
    pos, units = 0, []
    end = "<" if data[8:12] == b"\x4d\x3c\x2b\x1a" else ">"
    while pos + 12 <= len(data):
        kind, size = struct.unpack(end + "II", data[pos:pos + 8])
        body = data[pos + 8:pos + size - 4]
        if size < 12:
            return
        if kind == 1:
            if struct.unpack(end + "H", body[:2])[0] != 1:
                sys.exit(3)
            units.append(1 if struct.pack(end + "HHB", 9, 1, 9) in body else 1000)
        if kind == 6:
            where, hi, lo, cap, wire = struct.unpack(end + "IIIII", body[:20])
            yield ((hi << 32) | lo) * units[where], wire, body[20:20 + cap]
        pos += size


def split(frame, wire):
    """(bytes before TCP payload, payload, l3, l4), or None when it is not whole TCP over IPv4 or IPv6 without extensions."""
    off = 12
    while frame[off:off + 2] in (b"\x81\x00", b"\x88\xa8"):
        off += 4
    l3 = off + 2
    if len(frame) < l3 + 40 or wire != len(frame):
        return None
    if frame[off:off + 2] == b"\x08\x00" and frame[l3] >> 4 == 4 and frame[l3 + 9] == 6:
        if struct.unpack("!H", frame[l3 + 6:l3 + 8])[0] & 0x3FFF:
            return None
        l4, end = l3 + (frame[l3] & 15) * 4, l3 + struct.unpack("!H", frame[l3 + 2:l3 + 4])[0]
    elif frame[off:off + 2] == b"\x86\xdd" and frame[l3] >> 4 == 6 and frame[l3 + 6] == 6:
        l4 = l3 + 40
        end = l4 + struct.unpack("!H", frame[l3 + 4:l3 + 6])[0]
    else:
        return None
    if len(frame) < l4 + 20 or end > len(frame):
        return None
    start = l4 + (frame[l4 + 12] >> 4) * 4
    if start > end or start < l4 + 20:
        return None
    return frame[:start], frame[start:end], l3, l4


def build(head, l3, l4, seq, payload, ident, last, flags):
    out = bytearray(head + payload)
    if out[l3] >> 4 == 4:
        struct.pack_into("!H", out, l3 + 2, len(out) - l3)
        struct.pack_into("!H", out, l3 + 4, ident & 0xFFFF)
    else:
        struct.pack_into("!H", out, l3 + 4, len(out) - l4)
    struct.pack_into("!I", out, l4 + 4, seq & 0xFFFFFFFF)
    out[l4 + 13] = flags if last else flags & ~0x09
    return bytes(out)


class Writer:
    def __init__(self, path, n, whatever_time):
        self.f, self.n, self.any_time, self.ident = open(path, "wb"), n, whatever_time, 1
        self.f.write(struct.pack("<IHHiIII", 0xA1B23C4D, 2, 4, 0, 0, 262144, 1))
        self.held = None  # (ns, head, payload, l3, l4, seq)

    def frame(self, ns, wire, frame):
        self.f.write(struct.pack("<IIII", ns // 10**9, ns % 10**9, len(frame), wire) + frame)

    def flush(self):
        if not self.held:
            return
        ns, head, payload, l3, l4, seq = self.held
        self.held = None
        for at in range(0, len(payload), self.n):
            piece = payload[at:at + self.n]
            out = build(head, l3, l4, seq + at, piece, self.ident, at + self.n >= len(payload), head[l4 + 13])
            self.frame(ns, len(out), out)
            self.ident += 1

    def continues(self, ns, head, payload, l3, l4, seq):
        """The segment goes on where the held one ends, with the same addresses, ports and acknowledgement; none is more than data."""
        held = self.held
        return (held and (self.any_time or ns == held[0]) and held[3:5] == (l3, l4) and held[5] + len(held[2]) == seq and head[l4:l4 + 4] == held[1][l4:l4 + 4]
                and head[l4 + 8:l4 + 12] == held[1][l4 + 8:l4 + 12] and head[l3 + 8 if l4 - l3 == 40 else l3 + 12:l4] == held[1][l3 + 8 if l4 - l3 == 40 else l3 + 12:l4]
                and not (head[l4 + 13] | held[1][l4 + 13]) & 0xE7 and len(held[2]) + len(payload) <= self.n)

    def take(self, ns, wire, frame):
        parts = split(frame, wire)
        if not parts or not parts[1]:
            self.flush()
            self.frame(ns, wire, frame)
            return
        head, payload, l3, l4 = parts
        seq = struct.unpack("!I", head[l4 + 4:l4 + 8])[0]
        if self.continues(ns, head, payload, l3, l4, seq):
            held = self.held
            self.held = (held[0], held[1], held[2] + payload, l3, l4, held[5])
            return
        self.flush()
        self.held = (ns, head, payload, l3, l4, seq)


def main():
    outs = [Writer(path, min(int(n.replace("join", "")), 60000), n.endswith("join")) for n, path in zip(sys.argv[2::2], sys.argv[3::2])]
    for ns, wire, frame in read(sys.argv[1]):
        for out in outs:
            out.take(ns, wire, frame)
    for out in outs:
        out.flush()
        out.f.close()


main()
