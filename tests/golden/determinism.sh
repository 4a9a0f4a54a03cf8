#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The same capture gives the same records with any number of workers, and however its TCP payload is cut.
# usage: determinism.sh TAPSCOPE CAPTURE...
set -eu
tapscope=$1
shift
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
bad=0 done=0
records() { # OUT OPTION... CAPTURE: sorted, sensor records left out
  out=$1
  shift
  "$tapscope" replay -q -o "file:$tmp/raw" "$@" || { echo "FAIL: replay of $*"; bad=$((bad + 1)); }
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
  done=$((done + 1))
done
echo "$done captures the same with 1, 2, 3 and 8 workers, $bad differences"
[ $bad -eq 0 ]
