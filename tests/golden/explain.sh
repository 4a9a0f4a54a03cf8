#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# explain shows evidence, meaning in both languages and an exception that the program reads and that then silences the finding.
# usage: explain.sh TAPSCOPE CAPTURE RULE
set -euo pipefail
bin=$1 capture=$2 rule=$3
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
"$bin" replay -q -o "file:$tmp/all.jsonl" --only finding "$capture"
id=$(grep -F "\"rule\":{\"id\":\"$rule\"" "$tmp/all.jsonl" | head -1 | sed 's/.*"finding":{"id":"\([0-9a-f]*\)".*/\1/')
[ -n "$id" ] || { echo "no finding of $rule in $capture"; exit 1; }
"$bin" explain "$id" --from "$tmp/all.jsonl" > "$tmp/text"
for word in evidence baseline means 含义 处置 'ATT&CK' 'exceptions:'; do
  grep -qF "$word" "$tmp/text" || { echo "explain does not say $word"; cat "$tmp/text"; exit 1; }
done
sed -n '/^exceptions:/,$p' "$tmp/text" | sed '/endpoint:/d; /field:/d' > "$tmp/x.yaml"
"$bin" replay -q -o "file:$tmp/less.jsonl" --only finding --set "analytics.exceptions_file=$tmp/x.yaml" "$capture"
if grep -F "\"rule\":{\"id\":\"$rule\"" "$tmp/less.jsonl" | grep -qF "\"id\":\"$id\""; then
  echo "the exception does not silence $rule"
  exit 1
fi
! "$bin" explain ffffffffffff --from "$tmp/all.jsonl" 2> /dev/null
