# SPDX-License-Identifier: Apache-2.0
# Sourced: a bridge that floods like a hub joins a server, a client and a mirror port, each in its own network namespace.
# net_up PREFIX; then run things with: ip netns exec $srv|$cli|$tap …; net_down at the end. Addresses: server 10.77.0.1, client 10.77.0.2.
net_up() {
  pre=$1 hub=$1-hub srv=$1-srv cli=$1-cli tap=$1-tap
  net_down
  for n in "$hub" "$srv" "$cli" "$tap"; do
    ip netns add "$n" 2>/dev/null || return 77
    ip -n "$n" link set lo up
  done
  ip -n "$hub" link add br0 type bridge || return 77
  ip -n "$hub" link set br0 type bridge ageing_time 0 mcast_snooping 0
  ip -n "$hub" link set br0 up
  for n in "$srv" "$cli" "$tap"; do
    ip link add "v-$n" type veth peer name eth0 netns "$n" || return 77
    ip link set "v-$n" netns "$hub"
    ip -n "$hub" link set "v-$n" master br0 up
    ip netns exec "$n" sysctl -qw net.ipv6.conf.all.disable_ipv6=1 2>/dev/null || true
    ip -n "$n" link set eth0 up
  done
  ip -n "$srv" addr add 10.77.0.1/24 dev eth0
  ip -n "$cli" addr add 10.77.0.2/24 dev eth0
  # the mirror port itself sends nothing
  ip -n "$tap" link set eth0 arp off
  for n in "$srv" "$cli" "$tap"; do net_wait net_forwards "v-$n" || return 1; done
}
# Wait until a command succeeds, a minute at most.
net_wait() {
  for _ in $(seq 300); do
    ! "$@" || return 0
    sleep 0.2
  done
  echo "FAIL: waited in vain for $*"
  return 1
}
net_forwards() { [ "$(ip netns exec "$hub" cat "/sys/class/net/$1/brport/state" 2>/dev/null)" = 3 ]; } # PORT of the bridge
# nginx on 10.77.0.1:8080 serves $1/www; the time of each answer goes to $1/access.log. $2: more for its server.
net_nginx() {
  chmod 755 "$1"
  cat >"$1/nginx.conf" <<N
worker_processes 1; pid $1/nginx.pid; error_log $1/error.log; daemon on; user root;
events { worker_connections 512; }
http { log_format short '\$msec'; access_log $1/access.log short buffer=64k flush=1s; client_body_temp_path $1/b; proxy_temp_path $1/p;
  fastcgi_temp_path $1/f; uwsgi_temp_path $1/u; scgi_temp_path $1/s; types { application/json json; } keepalive_requests 1000000;
  server { listen 10.77.0.1:8080; ${2:-} root $1/www; } }
N
  ip netns exec "$srv" nginx -c "$1/nginx.conf"
}
# The server's log so far as FOLDER/NAME.log, once all its connections have ended and its buffer is written; a new log begins.
net_log() {
  net_wait net_idle || return 1
  mv "$1/access.log" "$1/$2.log"
  kill -USR1 "$(cat "$1/nginx.pid")"
  net_wait net_closed "$1/$2.log"
}
net_idle() { [ -z "$(ip netns exec "$srv" ss -Htn state established state close-wait '( sport = :8080 )')" ]; }
net_closed() { # FILE: no process of the server has it open
  for pid in $(ip netns pids "$srv"); do
    ! readlink /proc/"$pid"/fd/* 2>/dev/null | grep -qxF "$1" || return 1
  done
}
net_counter() { # RECORDS a.b: of the last sensor record
  python3 - "$1" "$2" <<'P'
import json, sys
last = {}
for line in open(sys.argv[1]):
    if '"dataset":"tapscope.sensor"' in line: last = json.loads(line)
v = last.get("tapscope", {}).get("sensor", {}).get("counters", {})
for step in sys.argv[2].split("."): v = v.get(step, 0) if isinstance(v, dict) else 0
print(v)
P
}
net_down() {
  for n in "$pre-hub" "$pre-srv" "$pre-cli" "$pre-tap"; do
    for pid in $(ip netns pids "$n" 2>/dev/null); do kill -9 "$pid" 2>/dev/null || true; done
    ip netns del "$n" 2>/dev/null || true
  done
}
