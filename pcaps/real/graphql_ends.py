# SPDX-License-Identifier: Apache-2.0
"""Server and client of graphql.sh. The client prints what graphql-core itself says of each document, and what the answer held."""
import http.client
import json
import sys
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from graphql import (GraphQLArgument, GraphQLField, GraphQLFloat, GraphQLID, GraphQLInt, GraphQLList, GraphQLObjectType, GraphQLSchema, GraphQLString,
                     graphql, parse)
from graphql.utils.introspection_query import introspection_query


def field(kind, **args):
    return GraphQLField(kind, args={k: GraphQLArgument(v) for k, v in args.items()}, resolver=lambda root, info, **kw: answer(root, info.field_name, kw))


def answer(root, name, args):
    if name in ("account", "transfer"):
        return {"id": args.get("id") or args.get("to"), "balance": 12.5, "owner": {"name": "N"}}
    if name == "me":
        return {"name": "M"}
    if name == "history":
        return [{"amount": i, "note": "n"} for i in range(args.get("first", 1))]
    if name == "accounts":
        return [answer(None, "account", {"id": str(i)}) for i in range(2)]
    return root.get(name)


ENTRY = GraphQLObjectType("Entry", {"amount": field(GraphQLFloat), "note": field(GraphQLString)})
PERSON = GraphQLObjectType("Person", lambda: {"name": field(GraphQLString), "accounts": field(GraphQLList(ACCOUNT))})
ACCOUNT = GraphQLObjectType("Account", lambda: {"id": field(GraphQLID), "balance": field(GraphQLFloat), "owner": field(PERSON),
                                                "history": field(GraphQLList(ENTRY), first=GraphQLInt)})
SCHEMA = GraphQLSchema(query=GraphQLObjectType("Query", {"account": field(ACCOUNT, id=GraphQLID), "me": field(PERSON)}),
                       mutation=GraphQLObjectType("Mutation", {"transfer": field(ACCOUNT, **{"to": GraphQLID, "amount": GraphQLFloat})}))


def run(request):
    result = graphql(SCHEMA, request.get("query") or "", variables=request.get("variables"), operation_name=request.get("operationName"))
    out = {"data": result.data}
    if result.errors:
        out["errors"] = [{"message": str(e)} for e in result.errors]
    return out


class Server(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self, data):
        body = json.dumps(data).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self):
        data = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.answer([run(r) for r in data] if isinstance(data, list) else run(data))

    def do_GET(self):
        query = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(self.path).query))
        query["variables"] = json.loads(query.get("variables", "null"))
        self.answer(run(query))

    def log_message(self, *args):
        pass


def names(request):
    ops = [d for d in parse(request["query"]).definitions if hasattr(d, "operation")]
    op = next((o for o in ops if o.name and o.name.value == request.get("operationName")), ops[0])
    return op.name.value if op.name else ",".join(s.name.value for s in op.selection_set.selections), op.operation


def client():
    con = http.client.HTTPConnection("10.88.0.1", 8080)
    requests = [
        {"query": "query GetAccount($id: ID!) { account(id: $id) { id balance owner { name } } }", "variables": {"id": "7"}, "operationName": "GetAccount"},
        {"query": "{ a: account(id: \"1\") { ...F } b: account(id: \"2\") { ...F } me { name } } fragment F on Account { id history(first: 3) { amount note } }"},
        {"query": "query A { me { name } } mutation Pay { transfer(to: \"2\", amount: 3.5) { id } }", "operationName": "Pay"},
        {"query": introspection_query},
        {"query": "query Bad { account(id: \"1\") { nothing } }"},
        [{"query": "query One { me { name } }"}, {"query": "query Two { me { accounts { id } } }"}],
    ]
    for r in requests + ["get"]:
        if r == "get":
            r = requests[0]
            con.request("GET", "/graphql?" + urllib.parse.urlencode({"query": r["query"], "variables": json.dumps(r["variables"])}))
        else:
            con.request("POST", "/graphql", json.dumps(r), {"Content-Type": "application/json"})
        answer = json.loads(con.getresponse().read())
        many, answers = r if isinstance(r, list) else [r], answer if isinstance(answer, list) else [answer]
        print(json.dumps({"operations": [names(x)[0] for x in many], "type": names(many[0])[1], "errors": sum(len(a.get("errors", [])) for a in answers)}))


ThreadingHTTPServer(("0.0.0.0", 8080), Server).serve_forever() if sys.argv[1] == "server" else client()
