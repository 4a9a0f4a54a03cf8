#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The same capture gives the same records with any number of workers; and without a state to keep (the first capture only).
# usage: determinism.sh TAPSCOPE CAPTURE...
set -eu
tapscope=$1
shift
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
bad=0 done=0
. "$(dirname "$0")/fresh.sh"
records() { # OUT OPTION... CAPTURE: sorted, sensor records left out
  out=$1
  shift
  fresh -o "file:$tmp/raw" "$@" || { echo "FAIL: replay of $*"; bad=$((bad + 1)); }
  grep -v '"dataset":"tapscope.sensor"' "$tmp/raw" | LC_ALL=C sort >"$out" || true
  rm -f "$tmp/raw"
}
for c; do
  [ -f "$c" ] || { echo "skipped: $c is not there"; continue; }
  records "$tmp/one" --workers 1 "$c"
  for w in 2 3 8; do
    records "$tmp/more" --workers $w "$c"
    cmp -s "$tmp/one" "$tmp/more" || { echo "FAIL: $c: $w workers differ from 1"; diff "$tmp/one" "$tmp/more" | cut -c1-600 | head -4; bad=$((bad + 1)); }
  done
  if [ $done -eq 0 ]; then
    "$tapscope" replay -q -o "file:$tmp/raw" "$c" 2>/dev/null || true
    grep -v '"dataset":"tapscope.sensor"' "$tmp/raw" | LC_ALL=C sort | cmp -s - "$tmp/one" || { echo "FAIL: $c: without a state differs"; bad=$((bad + 1)); }
    rm -f "$tmp/raw"
  fi
  done=$((done + 1))
done
echo "$done captures the same with 1, 2, 3 and 8 workers, $bad differences"
[ $bad -eq 0 ]
