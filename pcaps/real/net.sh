# SPDX-License-Identifier: Apache-2.0
# Sourced: a server and a client joined by a veth pair, each in a network namespace; tcpdump on the client's end.
# real_up NAME; real_srv CMD… (in the background); real_cli CMD…; real_done writes NAME.pcap beside this file. Server 10.88.0.1, client 10.88.0.2.
# Needs root. Clients print a line of JSON for each thing they were told; their output is kept as NAME.told.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
tmp=$(mktemp -d)

real_up() {
  name=$1 pids=()
  ip netns add "real-srv-$$" && ip netns add "real-cli-$$"
  trap real_down EXIT
  ip -n "real-srv-$$" link add eth0 type veth peer name eth0 netns "real-cli-$$"
  for n in srv cli; do
    ip netns exec "real-$n-$$" sysctl -qw net.ipv6.conf.all.disable_ipv6=1 || true
    ip -n "real-$n-$$" link set lo up
    ip -n "real-$n-$$" link set eth0 up
    ip netns exec "real-$n-$$" ethtool -K eth0 tso off gso off gro off tx off >/dev/null 2>&1 || true
  done
  ip -n "real-srv-$$" addr add 10.88.0.1/24 dev eth0
  ip -n "real-cli-$$" addr add 10.88.0.2/24 dev eth0
  : > "$here/$name.told"
  ip netns exec "real-cli-$$" tcpdump -q -i eth0 -U -s 0 -w "$tmp/all.pcap" --time-stamp-precision=nano not arp and not ip6 2>/dev/null &
  pids+=($!)
  sleep 1
}
real_srv() { ip netns exec "real-srv-$$" "$@" >"$tmp/srv.log" 2>&1 & pids+=($!); }
real_cli() { ip netns exec "real-cli-$$" "$@" >> "$here/$name.told"; }
# Wait until the server listens on a port.
real_wait() {
  for _ in $(seq 100); do
    ip netns exec "real-srv-$$" ss -Hltn "sport = :$1" | grep -q . && return
    sleep 0.1
  done
  echo "real: nothing listens on port $1" >&2
  cat "$tmp/srv.log" >&2
  return 1
}
real_down() {
  for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done
  wait 2>/dev/null || true
  ip netns del "real-srv-$$" 2>/dev/null || true
  ip netns del "real-cli-$$" 2>/dev/null || true
  rm -rf "$tmp"
}
real_done() {
  sleep 1
  cp "$tmp/all.pcap" "$here/$name.pcap.new"
  real_down
  trap - EXIT
  mv "$here/$name.pcap.new" "$here/$name.pcap"
  ls -l "$here/$name.pcap"
}
