#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Hard times for a live sensor: rules reloaded under load, two interfaces that carry the same frames, the two fibres of a TAP on an interface
# each, an interface down and up, more than it can hold, one and two signals to end.
# usage: hard.sh TAPSCOPE     needs root, nginx, wrk, iproute2; skips (77) where namespaces are not allowed
set -eu
tapscope=$(realpath "$1")
here=$(cd "$(dirname "$0")" && pwd)
[ "$(id -u)" = 0 ] || { echo "skipped: needs root for network namespaces"; exit 77; }
for tool in nginx wrk ip python3; do command -v $tool >/dev/null || { echo "skipped: $tool is not installed"; exit 77; }; done
. "$here/net.sh"
tmp=$(mktemp -d)
sensor=''
sleeper=''
trap '[ -z "$sensor$sleeper" ] || kill -9 $sensor $sleeper 2>/dev/null || true; net_down; [ -n "${KEEP:-}" ] || rm -rf "$tmp"' EXIT
net_up tsh || { echo "skipped: network namespaces are not allowed here"; exit 77; }
mkdir "$tmp/www"
printf '{"code":0,"data":{"accountId":10000001,"status":"open","mobile":"13800000000"}}' >"$tmp/www/account.json"
net_nginx "$tmp"
printf 'function delay() return 8 end\n' >"$tmp/paced.lua"

fail() { echo "FAIL: $1"; [ ! -s "$tmp/$name.err" ] || tail -5 "$tmp/$name.err"; exit 1; }
start() { # NAME INTERFACES OPTION...
  name=$1 ifaces=$2
  shift 2
  ip netns exec "$tap" "$tapscope" live -i "$ifaces" -q --workers 1 --only call,sensor --set capture.ring_mb=64 -o "file:$tmp/$name.jsonl" "$@" 2>"$tmp/$name.err" &
  sensor=$!
  net_wait started || fail "the sensor does not start"
  kill -0 $sensor 2>/dev/null || fail "the sensor does not start"
  sleep 1
  net_log "$tmp" before
}
started() { [ -e "$tmp/$name.jsonl" ] || ! kill -0 $sensor 2>/dev/null; } # its interfaces are open by the time it opens its sinks
ended() { # after a signal
  wait $sensor || fail "the sensor ended with $?"
  sensor=''
}
finish() {
  net_log "$tmp" "$name"
  sleep 2
  kill -TERM $sensor
  ended
}
load() { ip netns exec "$cli" wrk -t1 -c"$2" -d"$1s" -s "$tmp/paced.lua" http://10.77.0.1:8080/account.json >"$tmp/wrk" 2>&1; }
calls() { grep -c '"dataset":"tapscope.call"' "$tmp/$name.jsonl" || true; }
whole() { grep '"dataset":"tapscope.call"' "$tmp/$name.jsonl" | grep '"status_code":200' | grep -cv '"unseen":\["' || true; }
counter() { net_counter "$tmp/$name.jsonl" "$1"; }
drops() { echo $(($(counter capture.drop.kernel) + $(counter capture.drop.interface) + $(counter capture.drop.ring_full) + $(counter capture.drop.shed))); }
made() { wc -l <"$tmp/$name.log"; }
same() { # LEAST: calls that must have been made
  echo "$name: calls made $(made), seen $(calls), whole $(whole), drops $(drops), copies $(counter capture.duplicate)$told"
  [ "$(made)" -ge "$1" ] && [ "$(made)" = "$(calls)" ] && [ "$(made)" = "$(whole)" ] && [ "$(drops)" = 0 ]
}
# NAME INTERFACES WHAT: what a function does with a number of clients is seen whole, at a rate that the machine holds: where the sensor
# says that it dropped, because other programs took its time, with fewer clients.
held() {
  told=''
  for clients in 8 4 2; do
    start "$1" "$2"
    $3 $clients
    ! same $((clients * 64)) || return 0
    [ "$(drops)" -gt 0 ] || fail "$name"
    rm -f "$tmp/$name.jsonl"*
  done
  fail "$name"
}

reloads() { grep -c 'rules reloaded' "$tmp/$name.err" || true; }
reloading() {
  for again in yes yes no; do # until two sets of rules were taken up under load, however long it takes to read one
    ( for _ in 1 2 3 4 5; do sleep 1; kill -HUP $sensor; done ) &
    hup=$!
    load 8 "$1"
    wait $hup
    [ "$(reloads)" -lt 2 ] || break
  done
  finish
  told=", reloads $(reloads)"
}
held reload eth0 reloading
[ "$(reloads)" -ge 2 ] || fail "rules were not reloaded"
[ "$(grep -o '"class":"[^"]*"' "$tmp/reload.jsonl" | sort -u)" = '"class":"mobile"' ] || fail "calls under way lost their classes"

# a second port of the hub
ip link add "v2-$tap" type veth peer name eth1 netns "$tap"
ip link set "v2-$tap" netns "$hub"
ip -n "$hub" link set "v2-$tap" master br0 up
ip -n "$tap" link set eth1 arp off up
net_wait net_forwards "v2-$tap"
loading() { load 4 "$1"; finish; }
held twice eth0,eth1 loading
[ "$(counter capture.duplicate)" -gt "$(($(calls) * 2))" ] || fail "copies by the other interface are not told"
grep -qE '"first_source":(0,"first_vlan":0,"copy_source":1|1,"first_vlan":0,"copy_source":0)' "$tmp/twice.jsonl" || fail "copies are not told by pair of interfaces"

# each direction on an interface of its own
ip -n "$hub" link set "v-$tap" nomaster && ip -n "$hub" link set "v2-$tap" nomaster
ip netns exec "$hub" python3 - "v-$srv" "v-$tap" "v-$cli" "v2-$tap" <<'P' &
import select, socket, sys  # what comes in by one port goes out by the other
ports = [socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.ntohs(3)) for _ in range(4)]
for sock, name in zip(ports, sys.argv[1:]):
    sock.setsockopt(socket.SOL_SOCKET, 33, 1 << 26)  # SO_RCVBUFFORCE: room while this process waits for its turn
    sock.bind((name, 0))
out = {ports[0]: ports[1], ports[2]: ports[3]}
while True:
    for sock in select.select(list(out), [], [])[0]:
        frame, where = sock.recvfrom(65536)
        if where[2] != 4: out[sock].send(frame)  # 4: sent by the port itself
P
relay=$!
relays() { [ "$(ip netns exec "$hub" awk 'NR > 1 && $5 > 0' /proc/net/packet | wc -l)" = 4 ]; }
net_wait relays
held fibres eth0,eth1 loading
kill $relay
ip -n "$hub" link set "v-$tap" master br0
net_wait net_forwards "v-$tap"

receives() { ip netns exec "$tap" awk 'BEGIN { none = 1 } $6 == 1 { none = 0 } END { exit none }' /proc/net/packet; } # a socket that runs
flapping() {
  load 2 "$1"
  net_log "$tmp" early
  sleep 1
  ip -n "$tap" link set eth0 down
  sleep 1
  ip -n "$tap" link set eth0 up
  net_wait net_forwards "v-$tap" && net_wait receives || fail "the interface is not read again"
  sleep 1
  load 2 "$1"
  finish
  told=", of them $(wc -l <"$tmp/early.log") before the interface went down"
  cat "$tmp/early.log" >>"$tmp/flap.log"
}
held flap eth0 flapping

# What waits in the ring when the signal comes is read before the end. Where the signal's thread wakes late, the reader takes the burst for
# overload and gives up flows, which is counted: then once more.
told=', all of them unread when it was told to end'
for again in yes yes no; do
  start ending eth0 --set sensor.queue=64
  kill -STOP $sensor
  load 1 8
  net_log "$tmp" ending
  kill -TERM $sensor
  kill -CONT $sensor
  ended
  ! same 300 || break
  [ $again = yes ] && [ "$(drops)" -gt 0 ] || fail ending
  rm -f "$tmp/ending.jsonl"*
done

rx() { ip netns exec "$tap" cat /sys/class/net/eth0/statistics/rx_packets; }
start stalled eth0 --set capture.ring_mb=1 --set sensor.queue=2
before=$(rx)
( for _ in 1 2 3; do sleep 1; kill -STOP $sensor; sleep 1; kill -CONT $sensor; done ) &
stops=$!
ip netns exec "$cli" wrk -t1 -c32 -d6s http://10.77.0.1:8080/account.json >"$tmp/wrk" 2>&1
wait $stops
sleep 1
finish
wire=$(($(rx) - before))
short=$((wire - $(counter capture.packets) - $(counter capture.drop.kernel)))
echo "stalled: frames on the wire $wire, read $(counter capture.packets), dropped by the kernel $(counter capture.drop.kernel), by rings $(counter capture.drop.ring_full), shed $(counter capture.drop.shed), $short unaccounted; calls made $(made), seen $(calls), whole $(whole)"
[ "$(drops)" -gt 0 ] || fail "it held everything: nothing is proved"
[ ${short#-} -le 8 ] || fail "$short frames are not accounted for"
[ "$(whole)" -le "$(made)" ] || fail "calls that never were"

# a sink that nobody reads: the first signal waits for it, the second does not
mkfifo "$tmp/never"
sleep 600 <"$tmp/never" &
sleeper=$!
start twosignals eth0 -o "file:$tmp/never"
load 2 8
kill -TERM $sensor
sleep 3
kill -0 $sensor 2>/dev/null || fail "the first signal does not wait for the sink"
begin=$(date +%s)
kill -TERM $sensor
status=0
wait $sensor || status=$?
sensor=''
kill $sleeper
sleeper=''
grep -q 'second signal: ending at once' "$tmp/$name.err" || fail "the second signal is not told"
[ $(($(date +%s) - begin)) -le 5 ] && [ $status != 0 ] || fail "the second signal does not end it at once (status $status)"
echo "hard times: all accounted for"
