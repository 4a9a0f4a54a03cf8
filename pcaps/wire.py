# SPDX-License-Identifier: Apache-2.0
"""Builds captures: TCP conversations and UDP datagrams as frames, written as pcap or pcapng with nanoseconds.

Used by the scripts beside it and under scripts/ and bench/. Nothing here is random: callers bring their own seed.
"""
import socket
import struct


def checksum(data):
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack("!%dH" % (len(data) // 2), data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def mac(ip):
    return b"\x02\x00" + socket.inet_aton(ip)


class Capture:
    """Frames with their time; write() sorts them."""

    def __init__(self, vlan=None):
        self.frames = []
        self.vlan = vlan
        self.ident = 0

    def ip(self, ns, src, dst, proto, payload):
        self.ident = (self.ident + 1) & 0xFFFF
        head = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(payload), self.ident, 0x4000, 64, proto, 0,
                           socket.inet_aton(src), socket.inet_aton(dst))
        head = head[:10] + struct.pack("!H", checksum(head)) + head[12:]
        tag = struct.pack("!HH", 0x8100, self.vlan) if self.vlan else b""
        self.frames.append((ns, mac(dst) + mac(src) + tag + b"\x08\x00" + head + payload))

    def udp(self, ns, src, sport, dst, dport, data):
        self.ip(ns, src, dst, 17, struct.pack("!HHHH", sport, dport, 8 + len(data), 0) + data)

    def write(self, path, drop=()):
        """pcapng where the name says so, else pcap; both with nanoseconds. drop: indices of frames to leave out."""
        self.frames.sort(key=lambda f: f[0])
        drop = set(drop)
        frames = [f for i, f in enumerate(self.frames) if i not in drop]
        with open(path, "wb") as out:
            if str(path).endswith(".pcapng"):
                write_pcapng(out, frames)
            else:
                out.write(struct.pack("<IHHiIII", 0xA1B23C4D, 2, 4, 0, 0, 262144, 1))
                for ns, frame in frames:
                    out.write(struct.pack("<IIII", ns // 10**9, ns % 10**9, len(frame), len(frame)) + frame)


def write_pcapng(out, frames):
    def block(kind, body):
        body += b"\0" * (-len(body) % 4)
        out.write(struct.pack("<II", kind, len(body) + 12) + body + struct.pack("<I", len(body) + 12))

    block(0x0A0D0D0A, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1))
    block(1, struct.pack("<HHI", 1, 0, 262144) + struct.pack("<HHB3xHH", 9, 1, 9, 0, 0))
    for ns, frame in frames:
        block(6, struct.pack("<IIIII", 0, ns >> 32, ns & 0xFFFFFFFF, len(frame), len(frame)) + frame)


class Tcp:
    """One connection. send() cuts into segments and acknowledges; times in nanoseconds move on by themselves."""

    def __init__(self, cap, ns, client, cport, server, sport, isn=1000, mss=1448, step=20000):
        self.cap, self.ns, self.mss, self.step = cap, ns, mss, step
        self.end = ((client, cport), (server, sport))
        self.seq = [isn, isn * 7 + 11]
        self._segment(0, 0x02, b"")
        self.seq[0] += 1
        self._segment(1, 0x12, b"")
        self.seq[1] += 1
        self._segment(0, 0x10, b"")

    def _segment(self, who, flags, data):
        (src, sport), (dst, dport) = self.end[who], self.end[1 - who]
        ack = self.seq[1 - who] if flags & 0x10 else 0
        seg = struct.pack("!HHIIBBHHH", sport, dport, self.seq[who] & 0xFFFFFFFF, ack & 0xFFFFFFFF, 0x50, flags, 64240, 0, 0)
        self.cap.ip(self.ns, src, dst, 6, seg + data)
        self.ns += self.step

    def send(self, who, data):
        """who: 0 client, 1 server."""
        for at in range(0, len(data), self.mss):
            part = data[at:at + self.mss]
            self._segment(who, 0x18 if at + self.mss >= len(data) else 0x10, part)
            self.seq[who] += len(part)
        self._segment(1 - who, 0x10, b"")

    def miss(self, who, n):
        """n bytes are sent, and are not in the capture."""
        self.seq[who] += n

    def wait(self, ns):
        self.ns += ns

    def close(self):
        for who in (0, 1):
            self._segment(who, 0x11, b"")
            self.seq[who] += 1
        self._segment(0, 0x10, b"")


def exchange(cap, ns, client, cport, server, sport, parts, **how):
    """A connection on which parts, pairs of who and bytes, are said in turn; how: as for Tcp. Gives the time after its end."""
    tcp = Tcp(cap, ns, client, cport, server, sport, **how)
    for who, data in parts:
        tcp.send(who, data)
    tcp.close()
    return tcp.ns


def request(method, target, host, headers=(), body=b""):
    lines = ["%s %s HTTP/1.1" % (method, target), "Host: " + host]
    lines += ["%s: %s" % h for h in headers]
    if body or method in ("POST", "PUT", "PATCH"):
        lines.append("Content-Length: %d" % len(body))
    return ("\r\n".join(lines) + "\r\n\r\n").encode() + body


def response(status, ctype, body=b"", headers=(), chunked=0):
    """chunked: size of the chunks, 0 for Content-Length."""
    names = {200: "OK", 201: "Created", 204: "No Content", 302: "Found", 400: "Bad Request", 401: "Unauthorized",
             403: "Forbidden", 404: "Not Found", 500: "Internal Server Error"}
    lines = ["HTTP/1.1 %d %s" % (status, names.get(status, "-")), "Content-Type: " + ctype]
    lines += ["%s: %s" % h for h in headers]
    if chunked:
        lines.append("Transfer-Encoding: chunked")
        parts = [body[i:i + chunked] for i in range(0, len(body), chunked)]
        body = b"".join(b"%x\r\n%s\r\n" % (len(p), p) for p in parts) + b"0\r\n\r\n"
    else:
        lines.append("Content-Length: %d" % len(body))
    return ("\r\n".join(lines) + "\r\n\r\n").encode() + body
