#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Re-cut the TCP payloads of an Ethernet/IPv4 pcap or pcapng into segments of N bytes, times kept: recut.py IN OUT N.

A segment longer than N is split; frames that are not plain TCP are kept as they are. Exit status 3: not Ethernet.
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
        sec, sub, cap, _ = struct.unpack(end + "IIII", data[pos:pos + 16])
        yield sec * 10**9 + sub * unit, data[pos + 16:pos + 16 + cap]
        pos += 16 + cap


def read_pcapng(data):
    pos, unit = 0, 1000
    while pos + 12 <= len(data):
        kind, size = struct.unpack("<II", data[pos:pos + 8])
        body = data[pos + 8:pos + size - 4]
        if size < 12:
            return
        if kind == 1:
            if struct.unpack("<H", body[:2])[0] != 1:
                sys.exit(3)
            unit = 1 if b"\x09\x00\x01\x00\x09" in body else 1000
        if kind == 6:
            hi, lo, cap = struct.unpack("<III", body[4:16])
            yield ((hi << 32) | lo) * unit, body[20:20 + cap]
        pos += size


def split(frame):
    """(bytes before TCP payload, payload, l3, l4), or None when it is not TCP over IPv4."""
    off = 12
    while frame[off:off + 2] in (b"\x81\x00", b"\x88\xa8"):
        off += 4
    l3 = off + 2
    if frame[off:off + 2] != b"\x08\x00" or len(frame) < l3 + 40 or frame[l3] >> 4 != 4 or frame[l3 + 9] != 6:
        return None
    if struct.unpack("!H", frame[l3 + 6:l3 + 8])[0] & 0x3FFF:
        return None
    l4 = l3 + (frame[l3] & 15) * 4
    start, end = l4 + (frame[l4 + 12] >> 4) * 4, l3 + struct.unpack("!H", frame[l3 + 2:l3 + 4])[0]
    if end > len(frame) or start > end:
        return None
    return frame[:start], frame[start:end], l3, l4


def build(head, l3, l4, seq, payload, ident, last, flags):
    out = bytearray(head + payload)
    struct.pack_into("!H", out, l3 + 2, len(out) - l3)
    struct.pack_into("!H", out, l3 + 4, ident & 0xFFFF)
    struct.pack_into("!I", out, l4 + 4, seq & 0xFFFFFFFF)
    out[l4 + 13] = flags if last else flags & ~0x09
    return bytes(out)


def main():
    src, dst, n = sys.argv[1], sys.argv[2], int(sys.argv[3])
    out, ident = [], 1
    for ns, frame in read(src):
        parts = split(frame)
        if not parts or not parts[1]:
            out.append((ns, frame))
            continue
        head, payload, l3, l4 = parts
        seq = struct.unpack("!I", head[l4 + 4:l4 + 8])[0]
        for at in range(0, len(payload), n):
            piece = payload[at:at + n]
            out.append((ns, build(head, l3, l4, seq + at, piece, ident, at + n >= len(payload), head[l4 + 13])))
            ident += 1
    with open(dst, "wb") as f:
        f.write(struct.pack("<IHHiIII", 0xA1B23C4D, 2, 4, 0, 0, 262144, 1))
        for ns, frame in out:
            f.write(struct.pack("<IIII", ns // 10**9, ns % 10**9, len(frame), len(frame)) + frame)


main()
