#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A small API for tools to try: items in SQLite (one query joins strings), a login, a file by name, an OpenAPI document.

usage: demo_api.py ADDRESS PORT"""
import http.server
import json
import sqlite3
import sys
import threading
import urllib.parse

DB = sqlite3.connect(':memory:', check_same_thread=False)
DB.executescript('create table items(id integer, name text, price real);' +
                 ''.join("insert into items values(%d, 'item %d', %d.5);" % (n, n, n) for n in range(1, 40)))
LOCK = threading.Lock()


def parameter(name, where, kind='string'):
    return {'name': name, 'in': where, 'required': where == 'path', 'schema': {'type': kind}}


def operation(*parameters, body=None):
    o = {'parameters': list(parameters), 'responses': {'200': {'description': 'ok'}, '400': {'description': 'bad'}}}
    if body:
        schema = {'type': 'object', 'required': list(body), 'properties': {k: {'type': v} for k, v in body.items()}}
        o['requestBody'] = {'content': {'application/json': {'schema': schema}}}
    return o


OPENAPI = {'openapi': '3.0.0', 'info': {'title': 'demo', 'version': '1'}, 'paths': {
    '/api/items': {'get': operation(parameter('id', 'query'), parameter('page', 'query', 'integer')),
                   'post': operation(body={'name': 'string', 'price': 'number'})},
    '/api/items/{id}': {'get': operation(parameter('id', 'path', 'integer'))},
    '/api/login': {'post': operation(body={'username': 'string', 'password': 'string'})},
    '/api/files': {'get': operation(parameter('name', 'query'))}}}


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'
    server_version, sys_version = 'demo', ''

    def log_message(self, *args):
        pass

    def answer(self, status, value):
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header('Content-Type', 'application/json')
        self.send_header('X-Content-Type-Options', 'nosniff')
        self.send_header('Content-Length', str(len(body)))
        self.end_headers()
        if self.command != 'HEAD':
            self.wfile.write(body)

    def items(self, query):
        where = ' where id = ' + query['id'][0] if 'id' in query else ' limit 10'
        try:
            with LOCK:
                rows = DB.execute('select id, name, price from items' + where).fetchall()
        except sqlite3.Error as e:
            return self.answer(500, {'error': 'sqlite3.OperationalError: %s' % e})
        self.answer(200, {'items': [{'id': r[0], 'name': r[1], 'price': r[2]} for r in rows]})

    def handle_one(self, body):
        url = urllib.parse.urlsplit(self.path)
        query, path = urllib.parse.parse_qs(url.query), url.path
        if path == '/openapi.json':
            return self.answer(200, OPENAPI)
        if path == '/api/items' and self.command == 'GET':
            return self.items(query)
        if path == '/api/items' and self.command == 'POST':
            return self.answer(201 if isinstance(body, dict) and 'name' in body else 400, {'id': 41})
        if path.startswith('/api/items/') and path[11:].isdigit():
            return self.items({'id': [path[11:][:9]]})
        if path == '/api/files':
            return self.answer(404, {'error': 'no such file'})
        if path == '/api/login' and self.command == 'POST':
            good = isinstance(body, dict) and body.get('password') == 'Tr0ub4dor&3'
            return self.answer(200 if good else 401, {'ok': good})
        self.answer(404, {'error': 'not found'})

    def any(self):
        raw = self.rfile.read(int(self.headers.get('Content-Length') or 0))
        try:
            body = json.loads(raw) if raw else None
        except ValueError:
            body = None
            if b'=' in raw:
                body = {k: v[0] for k, v in urllib.parse.parse_qs(raw.decode('latin-1')).items()}
        self.handle_one(body)

    do_GET = do_POST = do_PUT = do_DELETE = do_HEAD = do_PATCH = do_OPTIONS = do_TRACE = any


if __name__ == '__main__':
    http.server.ThreadingHTTPServer.daemon_threads = True
    http.server.ThreadingHTTPServer((sys.argv[1], int(sys.argv[2])), Handler).serve_forever()
