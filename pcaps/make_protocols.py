#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes protocols.pcap: Redis commands (one in many small segments), DNS over UDP and TCP, mDNS and LLMNR with a call to a host that only they name, and a TLS 1.2 handshake with a self-signed, expired
certificate. Needs the openssl command; key and certificate are thrown away, so the capture differs at each run in its random bytes only.
"""
import pathlib
import ssl
import struct
import subprocess
import tempfile

from wire import Capture, Tcp

T0 = 1795120200 * 10**9
cap = Capture()


def command(*words):
    return b"*%d\r\n" % len(words) + b"".join(b"$%d\r\n%s\r\n" % (len(w), w) for w in words)


def redis():
    tcp = Tcp(cap, T0, "10.9.0.2", 40001, "10.9.0.3", 26001)
    tcp.send(0, command(b"CONFIG", b"GET", b"dir"))
    tcp.send(1, b"*2\r\n$3\r\ndir\r\n$5\r\n/data\r\n")
    tcp.send(0, command(b"SET", b"k", b"z" * 9000))
    tcp.send(1, b"+OK\r\n")
    tcp.send(0, command(b"GET", b"missing") + command(b"PING") + command(b"INCR", b"k"))
    tcp.send(1, b"$-1\r\n+PONG\r\n-ERR value is not an integer or out of range\r\n")
    tcp.mss = 3
    tcp.send(0, command(b"HGETALL", b"h"))
    tcp.send(1, b"%1\r\n$1\r\na\r\n$1\r\nb\r\n")
    tcp.close()


def dns_query(ident, name, kind, flags=0x0100, answers=b"", count=0):
    q = b"".join(struct.pack("B", len(p)) + p.encode() for p in name.split(".")) + b"\0"
    return struct.pack("!HHHHHH", ident, flags, 1, count, 0, 0) + q + struct.pack("!HH", kind, 1) + answers


def dns():
    a = b"\xc0\x0c" + struct.pack("!HHIH", 1, 1, 60, 4) + bytes([10, 9, 0, 10])
    cap.udp(T0, "10.9.0.2", 40100, "10.9.0.53", 53, dns_query(7, "core.svc.example", 1))
    cap.udp(T0 + 10**6, "10.9.0.53", 53, "10.9.0.2", 40100, dns_query(7, "core.svc.example", 1, 0x8180, a, 1))
    cap.udp(T0 + 2 * 10**6, "10.9.0.2", 40101, "10.9.0.53", 53, dns_query(8, "gone.example", 28))
    cap.udp(T0 + 3 * 10**6, "10.9.0.53", 53, "10.9.0.2", 40101, dns_query(8, "gone.example", 28, 0x8183))
    tcp = Tcp(cap, T0 + 4 * 10**6, "10.9.0.2", 40102, "10.9.0.53", 25300)
    q = dns_query(9, "txt.example", 16)
    tcp.send(0, struct.pack("!H", len(q)) + q)
    r = dns_query(9, "txt.example", 16, 0x8180, b"\xc0\x0c" + struct.pack("!HHIH", 16, 1, 60, 6) + b"\5hello", 1)
    tcp.send(1, struct.pack("!H", len(r)) + r)
    tcp.close()


def local_names():
    """A printer that announces itself, a host that answers LLMNR from another flow, and calls to both, without a Host that tells."""
    name = b"\7printer\5local\0"
    announce = struct.pack("!HHHHHH", 0, 0x8400, 0, 1, 0, 0) + name + struct.pack("!HHIH", 1, 0x8001, 120, 4) + bytes([10, 9, 0, 77])
    cap.udp(T0 + 10**7, "10.9.0.77", 5353, "224.0.0.251", 5353, announce)
    cap.udp(T0 + 11 * 10**6, "10.9.0.2", 5353, "224.0.0.251", 5353, dns_query(0, "printer.local", 1, 0))
    answer = b"\xc0\x0c" + struct.pack("!HHIH", 1, 1, 30, 4) + bytes([10, 9, 0, 78])
    cap.udp(T0 + 12 * 10**6, "10.9.0.2", 40110, "224.0.0.252", 5355, dns_query(21, "filer", 1, 0))
    cap.udp(T0 + 13 * 10**6, "10.9.0.78", 5355, "10.9.0.2", 40110, dns_query(21, "filer", 1, 0x8000, answer, 1))
    for host in ("10.9.0.77", "10.9.0.78"):
        tcp = Tcp(cap, T0 + 10**9, "10.9.0.2", 40111, host, 8080)
        tcp.send(0, b"GET /status HTTP/1.0\r\n\r\n")
        tcp.send(1, b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok")
        tcp.close()


def tls():
    with tempfile.TemporaryDirectory() as tmp:
        key, crt = tmp + "/k", tmp + "/c"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:1024", "-nodes", "-keyout", key, "-out", crt, "-days", "1", "-subj",
                        "/CN=old.bank.example", "-addext", "subjectAltName=DNS:old.bank.example,DNS:older.bank.example"], check=True, capture_output=True)
        server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        server.set_ciphers("DEFAULT@SECLEVEL=0")
        server.load_cert_chain(crt, key)
        server.maximum_version = ssl.TLSVersion.TLSv1_2
        server.set_alpn_protocols(["http/1.1"])
        client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        client.set_ciphers("DEFAULT@SECLEVEL=0")
        client.check_hostname, client.verify_mode = False, ssl.CERT_NONE
        client.set_alpn_protocols(["h2", "http/1.1"])
    a_in, a_out, b_in, b_out = (ssl.MemoryBIO() for _ in range(4))
    a = client.wrap_bio(a_in, a_out, server_hostname="old.bank.example")
    b = server.wrap_bio(b_in, b_out, server_side=True)
    # long after the certificate's one day
    tcp = Tcp(cap, T0 + 400 * 86400 * 10**9, "10.9.0.2", 40200, "10.9.0.4", 20443)
    for step in (a.do_handshake, b.do_handshake) * 3 + (lambda: a.write(b"GET / HTTP/1.1\r\n\r\n"), lambda: b.read(100)):
        try:
            step()
        except ssl.SSLWantReadError:
            pass
        for who, out, other in ((0, a_out, b_in), (1, b_out, a_in)):
            data = out.read()
            if data:
                tcp.send(who, data)
                other.write(data)
    tcp.close()


redis()
dns()
local_names()
tls()
cap.write(pathlib.Path(__file__).with_name("protocols.pcap"))
