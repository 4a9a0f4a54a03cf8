/* SPDX-License-Identifier: Apache-2.0 */
/* Segments that may or must not talk: a list of rules, first match decides. */
#include "analytics/segments.h"
#include "analytics/lines.h"
#include "base/err.h"
#include "base/mem.h"

enum { RULES = 4096 };

struct edge_rule {
  struct cidr from, to;
  uint16_t port; /* 0: any */
  bool allow;
  unsigned line;
};
struct segments {
  size_t count;
  struct edge_rule item[RULES];
};

static int add(void *user, struct span text, unsigned line) {
  struct segments *s = user;
  uint64_t port = 0;
  struct span verb = span_trim(span_cut(&text, ',')), from = span_cut(&text, ','), to = span_cut(&text, ',');
  struct edge_rule r = {.line = line, .allow = span_eq_nocase(verb, SPAN_LIT("allow"))};
  if (!r.allow && !span_eq_nocase(verb, SPAN_LIT("deny"))) return ERR_SYNTAX;
  if (zones_cidr_text(&r.from, from) < 0 || zones_cidr_text(&r.to, to) < 0) return ERR_SYNTAX;
  text = span_trim(text);
  if (text.len && (span_u64(text, &port) < 0 || port > 65535)) return ERR_SYNTAX;
  r.port = (uint16_t)port;
  if (s->count == RULES) return ERR_CAP;
  s->item[s->count++] = r;
  return 0;
}

int segments_load(struct segments **out, const char *file, struct conf_error *err) {
  *out = NULL;
  if (!file || !*file) return 0;
  struct segments *s = mem_zalloc(sizeof *s);
  struct lines lines = {file, "analytics.segments_file", "\"allow|deny,CIDR,CIDR[,PORT]\"", false};
  int rc = s ? lines_read(&lines, add, s, err) : ERR_NOMEM;
  if (rc < 0) return segments_free(s), rc;
  *out = s;
  return 0;
}

void segments_free(struct segments *s) { mem_free(s); }

enum verdict segments_judge(const struct segments *s, const uint8_t from[16], const uint8_t to[16],
                            uint16_t port, unsigned *line) {
  for (size_t i = 0; s && i < s->count; i++) {
    const struct edge_rule *r = &s->item[i];
    if ((r->port && r->port != port) || !zones_holds(&r->from, from) || !zones_holds(&r->to, to)) continue;
    *line = r->line;
    return r->allow ? VERDICT_ALLOW : VERDICT_DENY;
  }
  return VERDICT_NONE;
}
