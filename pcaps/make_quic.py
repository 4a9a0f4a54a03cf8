#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes quic.pcap: QUIC handshakes as far as everybody can read them.

1. the client's and server's Initial of RFC 9001 Appendix A (SNI example.com, no server Handshake);
2. version 2 (RFC 9369): a hello of 2,300 bytes in CRYPTO frames cut small and out of order over two datagrams, padding and pings between, the
   server's Initial coalesced with a Handshake packet, then the client's Handshake packet;
3. version 1 with a Retry: the hello again under the keys of the new connection id, with a token.

Needs the Python module cryptography. The bytes are the same at each run.
"""
import hashlib
import hmac
import pathlib
import struct

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from wire import Capture

T0 = 1795120200 * 10**9
V1, V2 = 1, 0x6B3343CF
SALT = {V1: "38762cf7f55934b34d179ae6a4c80cadccbb7f0a", V2: "0dede3def700a6db819381be6e269dcbf9bd2ed9"}
LABEL = {V1: b"quic ", V2: b"quicv2 "}
HELLO = bytes.fromhex(
    "010000ed0303ebf8fa56f12939b9584a3896472ec40bb863cfd3e86804fe3a47f06a2b69484c00000413011302010000c000000010000e00000b6578616d706c652e636f6dff"
    "01000100000a00080006001d0017001800100007000504616c706e000500050100000000003300260024001d00209370b2c9caa47fbabaf4559fedba753de171fa71f50f1ce15d"
    "43e994ec74d748002b0003020304000d0010000e0403050306030203080408050806002d00020101001c00024001003900320408ffffffffffffffff05048000ffff07048000ff"
    "ff0801100104800075300901100f088394c8f03e51570806048000ffff")
SERVER_HELLO = bytes.fromhex(
    "020000560303eefce7f7b37ba1d1632e96677825ddf73988cfc79825df566dc5430b9a045a1200130100002e00330024001d00209d3c940d89690b84d08a60993c144eca684d10"
    "81287c834d5311bcf32bb9da1a002b00020304")


def expand(secret, label, n):
    info = struct.pack("!HB", n, 6 + len(label)) + b"tls13 " + label + b"\0\1"
    return hmac.new(secret, info, hashlib.sha256).digest()[:n]


class Keys:
    def __init__(self, version, dcid, side):
        initial = hmac.new(bytes.fromhex(SALT[version]), dcid, hashlib.sha256).digest()
        secret = expand(initial, side, 32)
        self.key, self.iv, self.hp = (expand(secret, LABEL[version] + w, n) for w, n in ((b"key", 16), (b"iv", 12), (b"hp", 16)))


def varint(n):
    return struct.pack("!B", n) if n < 64 else struct.pack("!H", 0x4000 | n) if n < 16384 else struct.pack("!I", 0x80000000 | n)


def long_packet(version, kind, dcid, scid, number, payload, keys, token=b""):
    bits = {V1: 0, V2: 1}[version] + {"initial": 0, "0rtt": 1, "handshake": 2, "retry": 3}[kind] & 3
    head = struct.pack("!BIB", 0xC3 | (bits & 3) << 4, version, len(dcid)) + dcid + struct.pack("B", len(scid)) + scid
    if kind == "initial":
        head += varint(len(token)) + token
    head += struct.pack("!H", 0x4000 | (4 + len(payload) + 16)) + struct.pack("!I", number)
    nonce = bytes(a ^ b for a, b in zip(keys.iv, struct.pack("!IQ", 0, number)))
    sealed = AESGCM(keys.key).encrypt(nonce, payload, head)
    cipher = Cipher(algorithms.AES(keys.hp), modes.ECB()).encryptor()
    mask = cipher.update(sealed[:16])
    first = head[0] ^ (mask[0] & 0x0F)
    number_bytes = bytes(a ^ b for a, b in zip(head[-4:], mask[1:5]))
    return bytes([first]) + head[1:-4] + number_bytes + sealed


def crypto(off, data):
    return b"\x06" + varint(off) + varint(len(data)) + data


def padded(payload, size):
    return payload + b"\0" * max(0, size - len(payload))


def hello(name, extra):
    """A ClientHello with a server name, ALPN h3 and a large key share."""
    def ext(kind, data):
        return struct.pack("!HH", kind, len(data)) + data
    sni = struct.pack("!HBH", len(name) + 3, 0, len(name)) + name
    exts = (ext(0, sni) + ext(16, b"\0\3\2h3") + ext(43, b"\2\3\4") + ext(10, b"\0\2\0\x1d") + ext(13, b"\0\2\4\3") +
            ext(51, struct.pack("!HHH", extra + 4, 0x1D, extra) + b"\x55" * extra) + ext(57, b"\1\4\x80\0\x75\x30"))
    body = b"\3\3" + b"\x11" * 32 + b"\0" + b"\0\4\x13\1\x13\2" + b"\1\0" + struct.pack("!H", len(exts)) + exts
    return b"\1" + struct.pack("!I", len(body))[1:] + body


def appendix_a(cap):
    dcid, scid = bytes.fromhex("8394c8f03e515708"), bytes.fromhex("f067a5502a4262b5")
    client, server = Keys(V1, dcid, b"client in"), Keys(V1, dcid, b"server in")
    assert client.key.hex() == "1f369613dd76d5467730efcbe3b1a22d" and server.hp.hex() == "c206b8d9b9f0f37644430b490eeaa314"
    packet = long_packet(V1, "initial", dcid, b"", 2, padded(crypto(0, HELLO), 1162), client)
    assert packet[:22].hex() == "c000000001088394c8f03e5157080000449e7b9aec34", packet[:22].hex()
    cap.udp(T0, "10.9.1.2", 50001, "10.9.1.3", 443, packet)
    cap.udp(T0 + 10**7, "10.9.1.3", 443, "10.9.1.2", 50001,
            long_packet(V1, "initial", b"", scid, 1, b"\2\0\0\0\0" + crypto(0, SERVER_HELLO), server))


def version_2(cap):
    dcid, scid, mine = b"\x01\x02\x03\x04\x05\x06\x07\x08", b"serverid", b"clientid"
    client, server = Keys(V2, dcid, b"client in"), Keys(V2, dcid, b"server in")
    text = hello(b"pay.bank.example", 1800)
    cut = [(i, text[i:i + 173]) for i in range(0, len(text), 173)]
    halves = cut[1::2][::-1], cut[0::2][::-1]
    t = T0 + 10**9
    for n, half in enumerate(halves):
        payload = b"\1\0\0".join(crypto(off, data) for off, data in half)
        cap.udp(t + n * 1000, "10.9.1.4", 50002, "10.9.1.5", 8443,
                long_packet(V2, "initial", dcid, mine, n, padded(payload, 1150), client))
    other = Keys(V2, b"unknown", b"server in")
    cap.udp(t + 10**6, "10.9.1.5", 8443, "10.9.1.4", 50002,
            long_packet(V2, "initial", mine, scid, 0, b"\2\1\0\0\0" + crypto(0, SERVER_HELLO), server) +
            long_packet(V2, "handshake", mine, scid, 0, b"\0" * 600, other))
    cap.udp(t + 2 * 10**6, "10.9.1.4", 50002, "10.9.1.5", 8443,
            long_packet(V2, "initial", scid, mine, 2, padded(b"\2\0\0\0\0", 40), client) +
            long_packet(V2, "handshake", scid, mine, 0, b"\0" * 60, other))


def retry(cap):
    first, second, mine = b"firstcid", b"retrycid", b"cc"
    text = hello(b"login.bank.example", 32)
    t = T0 + 2 * 10**9
    cap.udp(t, "10.9.1.6", 50003, "10.9.1.7", 443,
            long_packet(V1, "initial", first, mine, 0, padded(crypto(0, text), 1160), Keys(V1, first, b"client in")))
    cap.udp(t + 1000, "10.9.1.7", 443, "10.9.1.6", 50003,
            b"\xf0\0\0\0\1" + struct.pack("B", 2) + mine + struct.pack("B", 8) + second + b"token" * 40 + b"\x99" * 16)
    client, server = Keys(V1, second, b"client in"), Keys(V1, second, b"server in")
    cap.udp(t + 2000, "10.9.1.6", 50003, "10.9.1.7", 443,
            long_packet(V1, "initial", second, mine, 1, padded(crypto(0, text), 960), client, b"token" * 40))
    cap.udp(t + 3000, "10.9.1.7", 443, "10.9.1.6", 50003,
            long_packet(V1, "initial", mine, b"srv", 0, b"\2\1\0\0\0" + crypto(0, SERVER_HELLO), server))
    cap.udp(t + 4000, "10.9.1.6", 50003, "10.9.1.7", 443, b"\x41srv" + b"\x77" * 60)


if __name__ == "__main__":
    cap = Capture()
    appendix_a(cap)
    version_2(cap)
    retry(cap)
    cap.write(pathlib.Path(__file__).with_name("quic.pcap"))
