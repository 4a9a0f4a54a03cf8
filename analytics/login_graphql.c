/* SPDX-License-Identifier: Apache-2.0 */
/* Arguments inside of a GraphQL document (GraphQL specification, October 2021, 2.6), read loosely. */
#include "analytics/login_graphql.h"

enum { ARGUMENTS = 256 };

static bool is_name(uint8_t c) {
  return (uint8_t)((c | 32) - 'a') < 26 || (uint8_t)(c - '0') < 10 || c == '_';
}

static size_t blanks(struct span s, size_t at) {
  while (at < s.len && (s.base[at] == ' ' || s.base[at] == '\t' || s.base[at] == '\n' || s.base[at] == '\r'))
    at++;
  return at;
}

void login_graphql(struct span s, login_graphql_fn fn, void *user) {
  unsigned n = 0;
  for (size_t i = 0; i < s.len && n < ARGUMENTS;) {
    if (!is_name(s.base[i]) || (i && s.base[i - 1] == '$')) {
      i++;
      continue;
    }
    size_t from = i;
    while (i < s.len && is_name(s.base[i])) i++;
    struct span name = span_of(s.base + from, i - from);
    size_t at = blanks(s, i);
    if (at >= s.len || s.base[at] != ':') continue;
    at = blanks(s, at + 1);
    if (at >= s.len || (s.base[at] != '"' && s.base[at] != '$')) continue;
    bool variable = s.base[at] == '$';
    size_t to = ++at;
    while (to < s.len && (variable ? is_name(s.base[to]) : s.base[to] != '"'))
      to += s.base[to] == '\\' ? 2 : 1;
    if (to > s.len) return;
    fn(user, name, span_of(s.base + at, to - at), variable);
    i = to + 1;
    n++;
  }
}
