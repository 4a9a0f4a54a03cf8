#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes rpc.pcap and rpc-guessing.pcap: remote calls with customers in them, whose numbers are computed: Dubbo with Hessian 2 and with JSON, in any order, one-way, failing,
from both ends, cut into small segments and joined late; Hessian of both versions over HTTP; Thrift in both protocols, in frames and without, with losses.
"""
import pathlib
import struct

from wire import Capture, Tcp, request, response

T0 = 1795120200 * 10**9
cap = Capture()
ID, MOBILE, CARD = "11010119900307109X", "13812345678", "6222021234567890128"


def text(s):
    """Hessian 2: lengths in UTF-16 units, halves of a pair as three bytes each."""
    units = s.encode("utf-16-be")
    n = len(units) // 2
    data = b"".join(units[i:i + 2].decode("utf-16-be", "surrogatepass").encode("utf-8", "surrogatepass") for i in range(0, len(units), 2))
    head = bytes([n]) if n < 32 else bytes([0x30 + (n >> 8), n & 255]) if n < 1024 else struct.pack("!cH", b"S", n)
    return head + data


def table(**fields):
    return b"H" + b"".join(text(k) + v for k, v in fields.items()) + b"Z"


def customer(first=True):
    kind = b"C" + text("bank.dto.Customer") + b"\x94" + b"".join(map(text, ("name", "idCard", "mobile", "cards")))
    cards = b"\x71" + text("java.util.ArrayList") + (b"C" + text("bank.dto.Card") + b"\x91" + text("cardNo") if first else b"") + b"\x61" + text(CARD)
    return (kind if first else b"") + b"\x60" + text("张伟\U0001F600") + text(ID) + text(MOBILE) + cards


def message(flags, status, ident, body):
    return struct.pack("!HBBQI", 0xDABB, flags, status, ident, len(body)) + body


def call(ident, method, types, args, oneway=False, service="bank.CustomerService"):
    more = table(path=text(service), interface=text(service), version=text("1.0.0"), group=text("retail"), **{"remote.application": text("teller")})
    body = b"".join(map(text, ("2.0.2", service, "1.0.0", method, types))) + args + more
    return message(0x82 if oneway else 0xC2, 0, ident, body)


def answer(ident, value=None, status=20):
    if status != 20:
        return message(2, status, ident, text(value))
    return message(2, 20, ident, (b"\x95" if value is None else b"\x94" + value) + table(dubbo=text("2.0.2")))


def dubbo():
    tcp = Tcp(cap, T0, "10.9.1.2", 41001, "10.9.1.3", 23077)
    tcp.send(0, call(1, "find", "Ljava/lang/String;", text(ID)) + call(2, "save", "Lbank/dto/Customer;Z", customer() + b"T"))
    tcp.send(1, answer(2, b"T") + answer(1, customer()))  # the second first
    tcp.send(0, call(3, "note", "Ljava/lang/String;", text("seen"), oneway=True) + message(0xE2, 0, 4, b"N"))
    tcp.send(1, message(0x22, 20, 4, b"N"))
    tcp.send(1, call(1, "changed", "", b"", service="bank.CustomerListener"))  # the server calls back
    tcp.send(0, answer(1))
    tcp.send(0, call(5, "find", "Ljava/lang/String;", text("x")))
    tcp.send(1, message(2, 20, 5, b"\x93C" + text("bank.NoSuchCustomer") + b"\x91" + text("detailMessage") + b"\x60" + text("no such customer")))
    tcp.send(0, call(6, "lost", "", b""))
    tcp.send(1, answer(6, "no such method", 60))
    tcp.mss = 7
    tcp.send(0, call(7, "list", "Lbank/dto/Query;", table(page=b"\x91")))
    tcp.send(1, answer(7, table(items=b"\x7a" + customer() + customer(False))))
    tcp.close()
    tcp = Tcp(cap, T0 + 10**9, "10.9.1.2", 41002, "10.9.1.3", 23078)
    tcp.send(0, message(0xC6, 0, 9, b'"2.0.2"\n"bank.CardService"\n"1.0.0"\n"query"\n"Lbank/dto/Query;"\n{"cardNo":"%s"}\n{"path":"bank.CardService"}\n'
                        % CARD.encode()))
    tcp.send(1, message(6, 20, 9, b'4\n{"mobile":"%s"}\n{"dubbo":"2.0.2"}\n' % MOBILE.encode()))
    tcp.send(0, message(0xCC, 0, 10, b"\x0a\x05" + b"proto"))  # protostuff: not read
    tcp.send(1, message(0x0C, 20, 10, b"\x00"))
    tcp.close()


def dubbo_outside():
    """A registry's port open to the world: whoever asks gets customers; an exception repeats one."""
    tcp = Tcp(cap, T0 + 6 * 10**9, "203.0.113.7", 41007, "10.9.1.3", 23080)
    tcp.send(0, call(1, "search", "Ljava/lang/String;", text("wei")))
    tcp.send(1, answer(1, customer()))
    tcp.send(0, call(2, "open", "Ljava/lang/String;", text("wei")))
    tcp.send(1, message(2, 20, 2, b"\x93C" + text("bank.Duplicate") + b"\x92" + text("detailMessage") + text("idCard") + b"\x60" + text("there is one") + text(ID)))
    tcp.close()


def joined_late():
    whole = Capture()
    tcp = Tcp(whole, T0 + 2 * 10**9, "10.9.1.2", 41003, "10.9.1.3", 23079)
    tcp.send(1, answer(20, text("before")))
    tcp.send(0, call(21, "late", "", b""))
    tcp.send(1, answer(21, text("ok")))
    cap.frames += whole.frames[3:]


def hessian():
    tcp = Tcp(cap, T0 + 3 * 10**9, "10.9.1.2", 41004, "10.9.1.4", 8080)
    head = [("Content-Type", "x-application/hessian")]
    tcp.send(0, request("POST", "/remoting/customers", "core.bank.example", head, b"H\2\0C" + text("findCustomer") + b"\x91" + text(MOBILE)))
    tcp.send(1, response(200, "application/x-hessian", b"H\2\0R" + customer()))
    old = b"c\1\0m\0\4findS\0\x0b" + MOBILE.encode() + b"z"
    tcp.send(0, request("POST", "/remoting/customers", "core.bank.example", head, old))
    tcp.send(1, response(200, "application/x-hessian", b"r\1\0Mt\0\x11bank.dto.CustomerS\0\x06mobileS\0\x0b" + MOBILE.encode() + b"S\0\6idCardS\0\x12" + ID.encode() + b"zz"))
    tcp.send(0, request("POST", "/remoting/customers", "core.bank.example", head, b"H\2\0C" + text("drop") + b"\x90"))
    tcp.send(1, response(200, "application/x-hessian", b"H\2\0F" + table(code=text("ServiceException"), message=text("no"))))
    tcp.close()


def thrift_string(field, s):
    return struct.pack("!BhI", 11, field, len(s.encode())) + s.encode()


def thrift_message(kind, name, seqid, body):
    return struct.pack("!HHI", 0x8001, kind, len(name)) + name.encode() + struct.pack("!i", seqid) + body + b"\0"


def framed(data):
    return struct.pack("!I", len(data)) + data


def varint(n):
    out = b""
    while n > 127:
        out, n = out + bytes([n & 127 | 128]), n >> 7
    return out + bytes([n])


def compact(kind, name, seqid, body):
    return bytes([0x82, kind << 5 | 1]) + varint(seqid) + varint(len(name)) + name.encode() + body + b"\0"


def thrift():
    tcp = Tcp(cap, T0 + 4 * 10**9, "10.9.1.2", 41005, "10.9.1.5", 23090)
    person = thrift_string(1, "张伟") + thrift_string(2, ID) + b"\0"
    tcp.send(0, framed(thrift_message(1, "Customers:find", 1, thrift_string(1, MOBILE))) + framed(thrift_message(1, "Customers:drop", 2, b"")))
    tcp.send(1, framed(thrift_message(2, "drop", 2, struct.pack("!Bh", 12, 1) + thrift_string(1, "no") + b"\0")))
    tcp.send(1, framed(thrift_message(2, "find", 1, struct.pack("!BhBI", 15, 0, 12, 1) + person)))
    tcp.send(0, framed(thrift_message(4, "Customers:seen", 3, b"")))
    tcp.mss = 3
    tcp.send(0, framed(thrift_message(1, "Customers:gone", 4, b"")))
    tcp.send(1, framed(thrift_message(3, "gone", 4, struct.pack("!Bhi", 8, 2, 1))))
    tcp.close()
    tcp = Tcp(cap, T0 + 5 * 10**9, "10.9.1.2", 41006, "10.9.1.5", 23091)
    for i, card in enumerate((CARD, "x")):
        tcp.send(0, compact(1, "findCard", 300 + i, b"\x18" + varint(len(card)) + card.encode()))
        tcp.send(1, compact(2, "findCard", 300 + i, b"\x0c\0\x18\x0b" + MOBILE.encode() + b"\0"))
    tcp.close()


def guessing():
    """Leaked pairs of account and password tried at a login by RPC, each refused with a flag in the answer."""
    tcp = Tcp(cap, T0, "203.0.113.9", 41010, "10.9.1.3", 23080)
    for i in range(60):
        tcp.wait(300 * 10**6)
        tcp.send(0, call(i, "login", "Ljava/lang/String;Ljava/lang/String;", text("138%08d" % (i * 7919)) + text("Passw0rd%d" % i), service="bank.UserService"))
        tcp.send(1, answer(i, table(success=b"F", message=text("bad password"))))
    tcp.close()


dubbo()
joined_late()
hessian()
thrift()
dubbo_outside()
cap.write(pathlib.Path(__file__).with_name("rpc.pcap"))
cap = Capture()
guessing()
cap.write(pathlib.Path(__file__).with_name("rpc-guessing.pcap"))
