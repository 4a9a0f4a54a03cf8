#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Calls, exposures and findings are the same when TCP payloads are cut into 1-byte and into 9000-byte segments, times kept; and
# calls, but for their times, when neighbouring segments are joined up to 9000 bytes whatever their times.
# usage: recut.sh TAPSCOPE CAPTURE...
set -eu
tapscope=$1 here=$(dirname "$0")
shift
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
bad=0 done=0
. "$here/fresh.sh"
timeless() { # without what a time is part of
  grep '"dataset":"tapscope.call"' "$1" | sed -E 's/"(@timestamp|id|start|end|first_seen|last_seen|duration|calls)":("[^"]*"|[0-9]+|\[[^]]*\]),?//g' | LC_ALL=C sort >"$2"
}
for c; do
  [ -f "$c" ] || { echo "skipped: $c is not there"; continue; }
  python3 "$here/recut.py" "$c" 99999999 "$tmp/plain" 1 "$tmp/cut1" 9000 "$tmp/cut9000" 9000join "$tmp/joined" || {
    [ $? -eq 3 ] || echo "skipped: $c cannot be cut"
    continue
  }
  done=$((done + 1))
  cmp -s "$tmp/plain" "$tmp/cut1" && continue # no TCP in it
  cp "$c" "$tmp/whole"
  for v in whole cut1 cut9000 joined; do
    : >"$tmp/$v.jsonl"
    if [ $v = joined ] && cmp -s "$tmp/cut9000" "$tmp/joined"; then
      mv "$tmp/cut9000.sorted.keep" "$tmp/joined.sorted"
      continue
    fi
    fresh --only call,exposure,finding -o "file:$tmp/$v.jsonl" "$tmp/$v" || { echo "FAIL: $c: replay of $v"; bad=$((bad + 1)); }
    LC_ALL=C sort "$tmp/$v.jsonl" >"$tmp/$v.sorted"
    [ $v != cut9000 ] || cp "$tmp/$v.sorted" "$tmp/$v.sorted.keep"
    rm -f "$tmp/$v.jsonl"
  done
  rm -f "$tmp/cut1" "$tmp/joined"
  for n in 1 9000; do
    cmp -s "$tmp/whole.sorted" "$tmp/cut$n.sorted" || { echo "FAIL: $c: cut into $n bytes differs"; diff "$tmp/whole.sorted" "$tmp/cut$n.sorted" | cut -c1-700 | head -4; bad=$((bad + 1)); }
  done
  timeless "$tmp/whole.sorted" "$tmp/one"
  timeless "$tmp/joined.sorted" "$tmp/two"
  cmp -s "$tmp/one" "$tmp/two" || { echo "FAIL: $c: joined to 9000 bytes differs"; diff "$tmp/one" "$tmp/two" | cut -c1-700 | head -4; bad=$((bad + 1)); }
done
echo "$done captures the same when cut anew, $bad differences"
[ $bad -eq 0 ]
