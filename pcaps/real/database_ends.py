# SPDX-License-Identifier: Apache-2.0
"""Client and service of database.sh. The client prints what its drivers told of each statement."""
import json
import sys
import tempfile
from http.server import BaseHTTPRequestHandler, HTTPServer

import psycopg
import pymysql

WHERE = {"host": "10.88.0.1", "user": "app", "password": "Correct-7-horses"}
PEOPLE = [(1, "王芳", "110101199003074514", "13800138000", "1024.50"), (2, "李强", "31010519491231002X", "13912345678", "88.00"),
          (3, "O'Hara", None, "15012345678", "-7.25")]
CARD = "6222020200000123451"
TABLE = "CREATE TABLE customer (id INT PRIMARY KEY, name VARCHAR(40), id_card VARCHAR(18), mobile VARCHAR(16), balance DECIMAL(12,2))"


def told(server, operation, **more):
    print(json.dumps(dict(server=server, operation=operation, **more)), flush=True)


def mysql(compress):
    c = pymysql.connect(database="bank", local_infile=True, autocommit=True, **WHERE)
    told("mariadb", "login", ok=True)
    cur = c.cursor()

    def run(operation, sql, args=None):
        try:
            cur.execute(sql, args)
            told("mariadb", operation, ok=True, rows=cur.rowcount if cur.description else None, affected=None if cur.description else cur.rowcount)
        except pymysql.Error as e:
            told("mariadb", operation, ok=False, code=str(e.args[0]))

    run("CREATE customer", TABLE)
    cur.executemany("INSERT INTO customer (id, name, id_card, mobile, balance) VALUES (%s, %s, %s, %s, %s)", PEOPLE)
    told("mariadb", "INSERT customer", ok=True, affected=3)
    run("SELECT customer", "SELECT * FROM customer WHERE mobile LIKE %s ORDER BY id", ("1%",))
    run("SELECT customer", "SELECT COUNT(*), MAX(mobile), 'secret words' FROM customer")
    run("UPDATE customer", "UPDATE customer SET balance = balance + 1, mobile = %s WHERE id_card = %s", ("13700137000", "110101199003074514"))
    run("INSERT customer", "INSERT INTO customer VALUES (1, 'again', NULL, NULL, 0)")
    run("SELECT", "SELECT * FROM nothing")
    run("OTHER", "SELEC 1")
    run("CREATE several", "CREATE PROCEDURE several() BEGIN SELECT name FROM customer; SELECT mobile FROM customer; END")
    cur.execute("CALL several()")
    while cur.nextset():
        pass
    told("mariadb", "CALL several", ok=True, rows=6)
    with tempfile.NamedTemporaryFile("w", suffix=".tsv") as f:
        f.write("7\t赵敏\t\\N\t13611112222\t5.00\n8\tTab\\tbed\t\\N\t13611113333\t6.00\n")
        f.flush()
        run("LOAD customer", "LOAD DATA LOCAL INFILE '%s' INTO TABLE customer (id, name, id_card, mobile, balance)" % f.name)
    cur.execute("PREPARE p FROM 'SELECT name FROM customer WHERE id = ?'")
    told("mariadb", "PREPARE", ok=True)
    c.select_db("mysql")
    told("mariadb", "USE mysql", ok=True)
    c.ping(reconnect=False)
    told("mariadb", "PING", ok=True)
    c.close()
    try:
        pymysql.connect(**dict(WHERE, password="wrong"))
    except pymysql.Error as e:
        told("mariadb", "login", ok=False, code=str(e.args[0]))


def postgres():
    c = psycopg.connect(dbname="postgres", autocommit=True, **WHERE)
    told("postgresql", "login", ok=True)

    def run(operation, sql, args=None, **how):
        try:
            cur = c.execute(sql, args, **how)
            told("postgresql", operation, ok=True, rows=cur.rowcount if cur.description else None, affected=None if cur.description else max(cur.rowcount, 0))
        except psycopg.Error as e:
            told("postgresql", operation, ok=False, code=e.sqlstate)

    run("CREATE customer", TABLE)
    run("CREATE card", "CREATE TABLE card (id int, bank_card text, opened date, at timestamptz, token uuid, extra jsonb, good bool)")
    for p in PEOPLE:
        run("INSERT customer", "INSERT INTO customer (id, name, id_card, mobile, balance) VALUES (%s, %s, %s, %s, %s)", p, prepare=True)
    for i in range(3):
        run("INSERT card", "INSERT INTO card VALUES (%s, %s, '1999-12-31', '2024-02-29 12:34:56+00', '00112233-4455-6677-8899-aabbccddeeff', '{\"cvv\":\"123\"}', true)",
            (i + 1, CARD))
    run("SELECT card", "SELECT * FROM card WHERE id > %s", (0,), binary=True)
    run("SELECT customer", "SELECT * FROM customer WHERE balance > %s", (0,), binary=True, prepare=True)
    run("SELECT customer", "SELECT * FROM customer WHERE mobile = '13912345678'")
    run("SELECT", "SELECT * FROM nothing WHERE id = %s", (1,))
    run("OTHER", "SELEC 1")
    with c.cursor().copy("COPY customer (id, name, mobile) FROM STDIN") as copy:
        copy.write("7\t赵敏\t13611112222\n8\tTab\\tbed\t13611113333\n")
    told("postgresql", "COPY customer", ok=True, affected=2)
    with c.cursor().copy("COPY customer (id, name, mobile) TO STDOUT WITH (FORMAT csv)") as copy:
        rows = len([r for r in copy])
    told("postgresql", "COPY customer", ok=True, rows=rows)
    with c.pipeline():
        for i in range(3):
            c.execute("UPDATE customer SET balance = %s WHERE id = %s", (i, i + 1))
    for i in range(3):
        told("postgresql", "UPDATE customer", ok=True, affected=1)
    c.close()
    try:
        psycopg.connect(dbname="postgres", **dict(WHERE, password="wrong"))
    except psycopg.Error:
        told("postgresql", "login", ok=False, code="28P01")


class Service(BaseHTTPRequestHandler):
    def do_GET(self):
        kind, number = self.path.strip("/").split("/")
        if kind == "customers":
            with pymysql.connect(database="bank", **WHERE).cursor() as cur:
                cur.execute("SELECT id, name, id_card, mobile FROM customer WHERE id = %s", (int(number),))
                row = cur.fetchone()
            names = ("id", "name", "idCard", "mobile")
        else:
            with psycopg.connect(dbname="postgres", **WHERE) as c:
                row = c.execute("SELECT id, bank_card FROM card WHERE id = %s", (int(number),)).fetchone()
            names = ("id", "bankCard")
        body = json.dumps(dict(zip(names, row)), ensure_ascii=False).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


if sys.argv[1] == "service":
    HTTPServer(("10.88.0.2", 8080), Service).serve_forever()
else:
    mysql(False)
    postgres()
