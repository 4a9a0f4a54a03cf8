#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Tools of attackers and testers against a small API, captured at a mirror port: each is found, and a run of one tool is one
# incident at most. Prints a table of what was raised.
# usage: tools.sh TAPSCOPE [TOOL...]     needs root, iproute2, tcpdump, python3; tools that are missing are left out; 77 where none runs
set -u
tapscope=$(realpath "$1")
shift
here=$(cd "$(dirname "$0")" && pwd)
[ "$(id -u)" = 0 ] || { echo "skipped: needs root for network namespaces"; exit 77; }
for tool in ip tcpdump python3; do command -v $tool >/dev/null || { echo "skipped: $tool is not installed"; exit 77; }; done
. "$here/net.sh"
tmp=$(mktemp -d)
trap 'net_down; rm -rf "$tmp"' EXIT
net_up tst || { echo "skipped: network namespaces are not allowed here"; exit 77; }
ip netns exec "$srv" python3 "$here/demo_api.py" 10.77.0.1 8080 &
url=http://10.77.0.1:8080
answers() { ip netns exec "$cli" python3 -c "import socket; socket.create_connection(('10.77.0.1', 8080), 1)" 2>/dev/null; }
net_wait answers || exit 1
export HOME=$tmp
printf '%s\n' admin api backup config .git/HEAD .env login users actuator/health server-status phpinfo.php test old tmp wp-login.php \
  api/items api/login api/files manager/html console .svn/entries WEB-INF/web.xml index.php.bak db.sql dump.zip robots.txt > "$tmp/words"
seq -f 'path%g' 1 200 >> "$tmp/words"
printf '%s\n' 123456 password admin qwerty letmein welcome monkey dragon master login abc123 football iloveyou sunshine princess > "$tmp/passwords"

# tool, rules of which one must be raised ("-": no attack at all), command
run() {
  name=$1 rules=$2
  shift 2
  command -v "$1" >/dev/null || { printf '%-14s not installed\n' "$name"; return; }
  ip netns exec "$tap" tcpdump -q -U --immediate-mode -i eth0 -s 0 -w "$tmp/$name.pcap" tcp port 8080 or icmp or tcp 2>/dev/null &
  dump=$!
  net_wait test -s "$tmp/$name.pcap" || exit 1 # written once it listens
  cd "$tmp" && ip netns exec "$cli" timeout 120 "$@" >"$tmp/$name.out" 2>&1 </dev/null
  net_wait settled
  kill -INT $dump && wait $dump 2>/dev/null
  "$tapscope" replay -q -o "file:$tmp/$name.jsonl" "$tmp/$name.pcap"
  python3 "$here/tools.py" "$name" "$rules" "$tmp/$name.jsonl" || bad=1
  ran=1
}
settled() { # nothing more is captured
  local before
  before=$(wc -c <"$tmp/$name.pcap")
  sleep 1
  [ "$before" = "$(wc -c <"$tmp/$name.pcap")" ]
}
bad=0 ran=0
want() { [ ${#chosen[@]} = 0 ] || [[ " ${chosen[*]} " = *" $1 "* ]]; }
chosen=("$@")
want sqlmap && run sqlmap sqli,scanner sqlmap -u "$url/api/items?id=1" --batch --level 1 --risk 1 --flush-session --technique BEU --threads 4
want nmap && run nmap port_scan,scanner nmap -n -Pn -sS -p 1-2000 -T4 10.77.0.1
want nmap-http && run nmap-http scanner nmap -n -Pn -p 8080 --script "http-enum,http-methods,http-title" 10.77.0.1
want nikto && run nikto scanner nikto -host "$url" -maxtime 40s
want ffuf && run ffuf scanner ffuf -s -w "$tmp/words" -u "$url/FUZZ" -t 8
want ffuf-quiet && run ffuf-quiet scanner ffuf -s -w "$tmp/words" -u "$url/FUZZ" -t 8 -H "User-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"
want hydra && run hydra brute_force,credential_stuffing hydra -l admin -P "$tmp/passwords" -s 8080 -t 4 10.77.0.1 http-post-form "/api/login:username=^USER^&password=^PASS^:F=false"
want schemathesis && run schemathesis scanner schemathesis run "$url/openapi.json" --max-examples 40
want schemathesis-on && run schemathesis-on scanner schemathesis run "$url/openapi.json" --max-examples 40 --continue-on-failure
want wrk && run wrk - wrk -c 4 -t 1 -d 3 "$url/api/items"
[ $ran = 1 ] || exit 77
exit $bad
