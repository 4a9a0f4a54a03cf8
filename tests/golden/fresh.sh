# SPDX-License-Identifier: Apache-2.0
# fresh OPTION... CAPTURE: replay with an empty state that holds compiled patterns only. Wants $tapscope and $tmp.
mkdir -p "$tmp/seed"
fresh() {
  rm -rf "$tmp/state"
  mkdir "$tmp/state"
  cp "$tmp"/seed/patterns.* "$tmp/state/" 2>/dev/null || true
  "$tapscope" replay -q --state "$tmp/state" "$@" 2>>"$tmp/errors"
  fresh_rc=$?
  [ -n "$(ls "$tmp/seed")" ] || cp "$tmp"/state/patterns.* "$tmp/seed/" 2>/dev/null || true
  return $fresh_rc
}
