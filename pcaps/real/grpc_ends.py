# SPDX-License-Identifier: Apache-2.0
"""Server and client of grpc.sh: messages are made from a descriptor built here, so that no generated code is needed."""
import json
import sys
import time
from concurrent import futures

import grpc
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

F = descriptor_pb2.FieldDescriptorProto
FILE = descriptor_pb2.FileDescriptorProto(name="bank.proto", package="bank.v1", syntax="proto3")


def add(name, *fields):
    m = FILE.message_type.add(name=name)
    for number, (field, kind, label, of) in enumerate(fields, 1):
        m.field.add(name=field, number=number, type=kind, label=label, **({"type_name": of} if of else {}))


ONE, MANY = F.LABEL_OPTIONAL, F.LABEL_REPEATED
add("Query", ("account_id", F.TYPE_STRING, ONE, ""), ("id_no", F.TYPE_STRING, ONE, ""), ("limit", F.TYPE_SINT32, ONE, ""))
add("Entry", ("amount", F.TYPE_DOUBLE, ONE, ""), ("tags", F.TYPE_INT64, MANY, ""), ("note", F.TYPE_STRING, ONE, ""))
add("Page", ("entries", F.TYPE_MESSAGE, MANY, ".bank.v1.Entry"), ("more", F.TYPE_BOOL, ONE, ""))
SERVICE = FILE.service.add(name="Ledger")
METHODS = {"Get": ("Query", "Page"), "Upload": ("Entry", "Page"), "Watch": ("Query", "Entry"), "Chat": ("Entry", "Entry"), "Fail": ("Query", "Page"),
           "Slow": ("Query", "Page")}
for method, (ask, answer) in METHODS.items():
    SERVICE.method.add(name=method, input_type=".bank.v1." + ask, output_type=".bank.v1." + answer)
pool = descriptor_pool.DescriptorPool()
pool.Add(FILE)
T = {n: message_factory.MessageFactory(pool).GetPrototype(pool.FindMessageTypeByName("bank.v1." + n)) for n in ("Query", "Entry", "Page")}


def page(n):
    return T["Page"](entries=[T["Entry"](amount=i + 0.5, tags=[i, i * 1000], note="note %d" % i) for i in range(n)], more=n > 2)


def fail(request, context):
    context.abort(grpc.StatusCode.NOT_FOUND, "no such account")


def slow(request, context):
    time.sleep(1.5)
    return page(1)


def chat(requests, context):
    for r in requests:
        yield T["Entry"](amount=-r.amount, note=r.note.upper())


def handlers():
    io = dict(request_deserializer=None, response_serializer=lambda m: m.SerializeToString())

    def with_(name, make, f):
        return make(f, **{**io, "request_deserializer": T[METHODS[name][0]].FromString})
    return grpc.method_handlers_generic_handler("bank.v1.Ledger", {
        "Get": with_("Get", grpc.unary_unary_rpc_method_handler, lambda q, c: page(q.limit)),
        "Upload": with_("Upload", grpc.stream_unary_rpc_method_handler, lambda it, c: page(sum(1 for _ in it))),
        "Watch": with_("Watch", grpc.unary_stream_rpc_method_handler, lambda q, c: iter(page(q.limit).entries)),
        "Chat": with_("Chat", grpc.stream_stream_rpc_method_handler, chat),
        "Fail": with_("Fail", grpc.unary_unary_rpc_method_handler, fail),
        "Slow": with_("Slow", grpc.unary_unary_rpc_method_handler, slow)})


def server(path):
    with open(path, "wb") as out:
        out.write(descriptor_pb2.FileDescriptorSet(file=[FILE]).SerializeToString())
    s = grpc.server(futures.ThreadPoolExecutor(8))
    s.add_generic_rpc_handlers((handlers(),))
    s.add_insecure_port("0.0.0.0:50051")
    s.start()
    s.wait_for_termination()


def call(channel, method, kind, request, **more):
    f = getattr(channel, kind)("/bank.v1.Ledger/" + method, request_serializer=lambda m: m.SerializeToString(),
                               response_deserializer=T[METHODS[method][1]].FromString)
    told = {"method": "bank.v1.Ledger/" + method}
    try:
        answer = f(request, metadata=[("authorization", "Bearer t0ken")], **more)
        told["messages"] = sum(1 for _ in answer) if kind.endswith("stream") else 1
        told["status"] = 0
    except grpc.RpcError as e:
        told["status"] = e.code().value[0]
    print(json.dumps(told), flush=True)


def client():
    query = T["Query"](account_id="6222021234567890123", id_no="110101199003070011", limit=3)
    entries = [T["Entry"](amount=i, note="n%d" % i) for i in range(5)]
    with grpc.insecure_channel("10.88.0.1:50051") as ch:
        call(ch, "Get", "unary_unary", query)
        call(ch, "Upload", "stream_unary", iter(entries))
        call(ch, "Watch", "unary_stream", query)
        call(ch, "Chat", "stream_stream", iter(entries))
        call(ch, "Fail", "unary_unary", query)
        call(ch, "Slow", "unary_unary", query, timeout=0.5)
    with grpc.insecure_channel("10.88.0.1:50051", compression=grpc.Compression.Gzip) as ch:
        call(ch, "Get", "unary_unary", T["Query"](account_id="a" * 200, limit=40))


server(sys.argv[2]) if sys.argv[1] == "server" else client()
