/* SPDX-License-Identifier: Apache-2.0 */
/* Segments that may or must not talk: a list of rules, first match decides. */
#include "analytics/segments.h"
#include "base/err.h"
#include "base/mem.h"

#include <errno.h>
#include <stdio.h>

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

static int add(struct segments *s, struct span text, unsigned line) {
  uint64_t port = 0;
  text = span_trim(text);
  if (!text.len || text.base[0] == '#') return 0;
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
  char line[512];
  *out = NULL;
  if (!file || !*file) return 0;
  FILE *f = fopen(file, "r");
  if (!f) {
    snprintf(err->text, sizeof err->text, "%.300s: %s; set analytics.segments_file to a readable file", file,
             strerror(errno));
    return ERR_IO;
  }
  struct segments *s = mem_zalloc(sizeof *s);
  int rc = s ? 0 : ERR_NOMEM;
  for (unsigned n = 1; rc >= 0 && fgets(line, sizeof line, f); n++) {
    rc = add(s, span_str(line), n);
    if (rc < 0)
      snprintf(err->text, sizeof err->text, "%.300s:%u: expected \"allow|deny,CIDR,CIDR[,PORT]\"", file, n);
  }
  fclose(f);
  if (rc < 0) {
    segments_free(s);
    return rc;
  }
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
