#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A real mirror port: nginx serves 20,000 requests of wrk through a hub; the calls seen equal the calls made and nothing is dropped.
# Then flat out with a tiny ring: what was seen and what was counted as lost account for every frame. Then the first again in VXLAN, and
# so that its two directions come by different capture threads.
# usage: live.sh TAPSCOPE     needs root, nginx, wrk, iproute2; skips (77) where namespaces are not allowed
set -eu
tapscope=$(realpath "$1")
here=$(cd "$(dirname "$0")" && pwd)
[ "$(id -u)" = 0 ] || { echo "skipped: needs root for network namespaces"; exit 77; }
for tool in nginx wrk ip; do command -v $tool >/dev/null || { echo "skipped: $tool is not installed"; exit 77; }; done
. "$here/net.sh"
tmp=$(mktemp -d)
trap 'net_down; rm -rf "$tmp"' EXIT
net_up tsl || { echo "skipped: network namespaces are not allowed here"; exit 77; }
mkdir "$tmp/www"
printf '{"code":0,"data":{"accountId":10000001,"status":"open"}}' >"$tmp/www/account.json"
ip netns exec "$srv" ip addr add 10.78.0.1/24 dev lo
net_nginx "$tmp" "listen 10.78.0.1:8080;"
printf 'function delay() return 3 end\n' >"$tmp/paced.lua"

start() { # NAME OPTION...
  name=$1
  shift
  rx0=$(ip netns exec "$tap" cat /sys/class/net/eth0/statistics/rx_packets)
  ip netns exec "$tap" "$tapscope" live -i eth0 -q --only call,sensor -o "file:$tmp/$name.jsonl" "$@" 2>"$tmp/$name.err" &
  sensor=$!
  net_wait started && kill -0 $sensor 2>/dev/null || { cat "$tmp/$name.err"; exit 1; }
  sleep 1
  net_log "$tmp" before
}
started() { [ -e "$tmp/$name.jsonl" ] || ! kill -0 $sensor 2>/dev/null; } # its interface is open by the time it opens its sinks
finish() {
  net_log "$tmp" "$name"
  sleep 2
  kill -TERM $sensor
  wait $sensor || { echo "FAIL: the sensor ended with $?"; cat "$tmp/$name.err"; exit 1; }
}
calls() { grep -c '"dataset":"tapscope.call"' "$tmp/$1.jsonl" || true; }
counter() { net_counter "$tmp/$1.jsonl" "$2"; }
check_equal() {
  made=$(wc -l <"$tmp/$1.log") seen=$(calls "$1")
  drops=$(($(counter "$1" capture.drop.kernel) + $(counter "$1" capture.drop.interface) + $(counter "$1" capture.drop.ring_full) + $(counter "$1" capture.drop.shed)))
  echo "$1: calls made $made, calls seen $seen, drops $drops"
  [ "$made" -ge "${2:-20000}" ] && [ "$made" = "$seen" ] && [ $drops = 0 ]
}
# NAME URL SECONDS LEAST OPTION...: at a rate that one core holds; on a machine that is busy with other things, at a lower one.
held() {
  name=$1 url=$2 seconds=$3 least=$4
  shift 4
  for clients in 24 12 6; do
    start "$name" "$@"
    ip netns exec "$cli" wrk -t1 -c$clients -d"${seconds}s" -s "$tmp/paced.lua" "$url" >"$tmp/wrk" 2>&1
    finish
    ! check_equal "$name" "$least" || return 0
    rm -f "$tmp/$name.jsonl"*
    least=$((least / 2)) seconds=$((seconds + seconds / 2))
  done
  echo "FAIL: $name"
  exit 1
}

held paced http://10.77.0.1:8080/account.json 12 20000 --set capture.ring_mb=64

start flat_out --set capture.ring_mb=1 --set sensor.queue=2
ip netns exec "$cli" wrk -t1 -c64 -d6s http://10.77.0.1:8080/account.json >"$tmp/wrk" 2>&1
finish
rx=$(($(ip netns exec "$tap" cat /sys/class/net/eth0/statistics/rx_packets) - rx0))
read_=$(counter flat_out capture.packets) kernel=$(counter flat_out capture.drop.kernel)
ring=$(counter flat_out capture.drop.ring_full) shed=$(counter flat_out capture.drop.shed)
echo "flat out: frames on the wire $rx, read $read_, dropped by the kernel $kernel, by rings $ring, shed $shed; calls made $(wc -l <"$tmp/flat_out.log"), seen $(calls flat_out)"
short=$((rx - read_ - kernel))
[ ${short#-} -le $((rx / 1000 + 16)) ] || { echo "FAIL: $short frames are not accounted for"; exit 1; }

ip -n "$srv" link add vx0 type vxlan id 42 remote 10.77.0.2 dstport 4789 dev eth0
ip -n "$cli" link add vx0 type vxlan id 42 remote 10.77.0.1 dstport 4789 dev eth0
ip -n "$srv" addr del 10.78.0.1/24 dev lo
ip -n "$srv" addr add 10.78.0.1/24 dev vx0 && ip -n "$srv" link set vx0 up
ip -n "$cli" addr add 10.78.0.2/24 dev vx0 && ip -n "$cli" link set vx0 up
held vxlan http://10.78.0.1:8080/account.json 12 20000 --set capture.ring_mb=64
grep -m1 '"dataset":"tapscope.call"' "$tmp/vxlan.jsonl" | grep -q '"vxlan:42"' || { echo "FAIL: the tunnel is not named on the call"; exit 1; }

# Two capture threads: the outer headers of the two directions have ports of their own, so the kernel gives them to either; inside they meet.
held vxlan_apart http://10.78.0.1:8080/account.json 3 2000 --workers 2 --set capture.fanout_threads=2 --set capture.ring_mb=64
halves=$(grep -c '"unseen":\["' "$tmp/vxlan_apart.jsonl" || true)
[ "$halves" = 0 ] || { echo "FAIL: $halves calls of which something is unseen"; exit 1; }
echo "all accounted for"
