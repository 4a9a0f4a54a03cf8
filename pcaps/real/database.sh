#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# MariaDB and PostgreSQL, asked by PyMySQL and psycopg: text, prepared, compressed, several results, files, COPY, errors, refused logins; and a
# service that answers over HTTP what it read. Packages: mariadb-server, postgresql, python3-pymysql, python3-psycopg.
. "$(dirname "$0")/net.sh"
real_up database
ip -n "real-srv-$$" addr add 10.88.0.3/24 dev eth0 # a caller of the service beside the databases
chmod 755 "$tmp"
mariadb-install-db --no-defaults --datadir="$tmp/my" --auth-root-authentication-method=normal >/dev/null
cat > "$tmp/init.sql" <<'SQL'
CREATE DATABASE bank CHARACTER SET utf8mb4;
CREATE USER app IDENTIFIED BY 'Correct-7-horses';
GRANT ALL ON *.* TO app;
SQL
chown -R mysql "$tmp/my"
real_srv mariadbd --no-defaults --datadir="$tmp/my" --user=mysql --bind-address=10.88.0.1 --socket="$tmp/my/s" --local-infile=1 \
  --init-file="$tmp/init.sql"
pg=$(ls -d /usr/lib/postgresql/*/bin | tail -1)
install -d -o postgres "$tmp/pg"
echo 'Correct-7-horses' > "$tmp/word"
setpriv --reuid=postgres --clear-groups "$pg/initdb" -D "$tmp/pg" -U app --auth=scram-sha-256 --pwfile="$tmp/word" -E UTF8 >/dev/null
echo 'host all all 10.88.0.0/24 scram-sha-256' >> "$tmp/pg/pg_hba.conf"
real_srv setpriv --reuid=postgres --clear-groups "$pg/postgres" -D "$tmp/pg" -h 10.88.0.1 -k "$tmp/pg"
real_wait 3306
real_wait 5432
sleep 2
real_cli /usr/bin/python3 "$here/database_ends.py" client
ip netns exec "real-cli-$$" /usr/bin/python3 "$here/database_ends.py" service >/dev/null 2>&1 &
pids+=($!)
sleep 2
for id in 1 2 3; do
  ip netns exec "real-srv-$$" curl -sS --interface 10.88.0.3 "http://10.88.0.2:8080/customers/$id" >/dev/null
  ip netns exec "real-srv-$$" curl -sS --interface 10.88.0.3 "http://10.88.0.2:8080/cards/$id" >/dev/null
done
real_done
