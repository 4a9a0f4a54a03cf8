#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Loops a capture with shifted times and client ports: loop.py CAPTURE SECONDS > pcap on standard output.

Each round begins where the one before ended, with other client ports (the higher one of the two), so that every connection is new."""
import struct
import sys


def frames(path):
    with open(path, "rb") as f:
        data = f.read()
    magic = struct.unpack("<I", data[:4])[0]
    unit = {0xA1B2C3D4: 1000, 0xA1B23C4D: 1}.get(magic)
    if not unit or struct.unpack("<I", data[20:24])[0] != 1:
        sys.exit("loop: expected a little-endian pcap file of Ethernet frames")
    at = 24
    while at + 16 <= len(data):
        sec, sub, cap, wire = struct.unpack_from("<IIII", data, at)
        yield sec * 10**9 + sub * unit, wire, data[at + 16:at + 16 + cap]
        at += 16 + cap


def port_place(frame):
    """Where the client's port stands, or 0."""
    at = 14
    while frame[at - 2:at] in (b"\x81\x00", b"\x88\xa8"):
        at += 4
    if frame[at - 2:at] != b"\x08\x00" or len(frame) < at + 40 or frame[at + 9] not in (6, 17) or frame[at + 6] & 0x1F or frame[at + 7]:
        return 0
    at += (frame[at] & 15) * 4
    a, b = struct.unpack_from("!HH", frame, at)
    return 0 if max(a, b) < 1024 else at if a > b else at + 2


def main():
    path, seconds = sys.argv[1], float(sys.argv[2])
    all_frames = [(ns, wire, frame, port_place(frame)) for ns, wire, frame in frames(path)]
    first, last = all_frames[0][0], all_frames[-1][0]
    length = last - first + 10**8
    rounds = max(1, round(seconds * 1e9 / length))
    out = sys.stdout.buffer
    out.write(struct.pack("<IHHiIII", 0xA1B23C4D, 2, 4, 0, 0, 262144, 1))
    for n in range(rounds):
        shift, parts = n * length, []
        for ns, wire, frame, place in all_frames:
            if place:
                port = struct.unpack_from("!H", frame, place)[0]
                frame = frame[:place] + struct.pack("!H", 1024 + (port - 1024 + n * 7919) % 64512) + frame[place + 2:]
            ns += shift
            parts.append(struct.pack("<IIII", ns // 10**9, ns % 10**9, len(frame), wire) + frame)
        out.write(b"".join(parts))
    print(f"loop: {rounds} rounds of {length / 1e9:.1f} s, {rounds * len(all_frames)} frames", file=sys.stderr)


main()
