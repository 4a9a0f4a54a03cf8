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
}
net_down() {
  for n in "$pre-hub" "$pre-srv" "$pre-cli" "$pre-tap"; do
    for pid in $(ip netns pids "$n" 2>/dev/null); do kill -9 "$pid" 2>/dev/null || true; done
    ip netns del "$n" 2>/dev/null || true
  done
}
