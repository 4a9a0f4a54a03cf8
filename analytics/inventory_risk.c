/* SPDX-License-Identifier: Apache-2.0 */
/* The risk of an endpoint: exposure 25, authentication 20, data 25, volume 15, findings 15. */
#include "analytics/inventory_row.h"
#include "analytics/inventory_tag.h"

#include <stdarg.h>
#include <stdio.h>

struct sum {
  struct row *row;
  int points;
  size_t len;
};

static void add(struct sum *s, int points, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
static void add(struct sum *s, int points, const char *fmt, ...) {
  char text[96];
  va_list ap;
  if (points <= 0) return;
  va_start(ap, fmt);
  vsnprintf(text, sizeof text, fmt, ap);
  va_end(ap);
  s->points += points;
  int n = snprintf(s->row->why + s->len, ROW_WHY - s->len, "%s%s", s->len ? "; " : "", text);
  s->len += n > 0 ? (size_t)n : 0;
  if (s->len >= ROW_WHY) s->len = ROW_WHY - 1;
}

static void exposure(struct sum *s) {
  static const int points[] = {
      [ZONE_INTERNET] = 25, [ZONE_PARTNER] = 15, [ZONE_INTERNAL] = 8, [ZONE_MANAGEMENT] = 4};
  int p = points[s->row->exposure];
  add(s, p, "exposure %d (called from %s)", p, zones_name(s->row->exposure));
}

/* What must be open to do its work. */
static bool is_open(const struct row *r) {
  static const char *const tags[] = {"login",  "register", "otp",  "password_reset",
                                     "health", "static",   "docs", "logout"};
  for (size_t i = 0; i < sizeof tags / sizeof *tags; i++)
    if (inventory_tag_has(span_of(r->tags, r->tags_len), span_str(tags[i]))) return true;
  return false;
}

static void authentication(struct sum *s) {
  const struct row *r = s->row;
  uint64_t all = 0, none = r->auth_calls[AUTH_NONE],
           plain = r->auth_calls[AUTH_BASIC] + r->auth_calls[AUTH_DIGEST];
  for (unsigned i = 0; i < AUTH_KINDS; i++) all += r->auth_calls[i];
  if (!all) return;
  if (none == all && is_open(r)) {
    add(s, 4, "authentication 4 (none, as its kind needs)");
  } else if (none == all) {
    add(s, 20, "authentication 20 (none)");
  } else if (none && !is_open(r)) {
    add(s, 15, "authentication 15 (none in %lu of %lu calls)", (unsigned long)none, (unsigned long)all);
  } else if (plain) {
    bool clear = r->plaintext > 0;
    add(s, clear ? 12 : 6, "authentication %d (%s%s)", clear ? 12 : 6,
        r->auth_calls[AUTH_BASIC] ? "basic" : "digest", clear ? " without TLS" : "");
  } else if (r->auth_calls[AUTH_API_KEY]) {
    add(s, r->plaintext ? 6 : 3, "authentication %d (API key%s)", r->plaintext ? 6 : 3,
        r->plaintext ? " without TLS" : "");
  } else if (r->plaintext) {
    add(s, 4, "authentication 4 (credentials without TLS)");
  }
}

static int grade_points(const struct grade *g) {
  static const int c[] = {0, 5, 15, 25}, level[] = {0, 0, 5, 12, 20, 25};
  int a = g->jrt0171 < 4 ? c[g->jrt0171] : 0, b = g->jrt0197 < 6 ? level[g->jrt0197] : 0;
  int p = a > b ? a : b;
  if (!p && (g->gbt35273 || g->iso29100)) p = 5 * (g->gbt35273 > g->iso29100 ? g->gbt35273 : g->iso29100);
  return g->pci == 2 && p < 25 ? 25 : g->pci == 1 && p < 20 ? 20 : p;
}

static void data(struct sum *s) {
  const struct row *r = s->row;
  int best = 0;
  unsigned classes = 0;
  const char *name = "", *side = "";
  for (int d = 1; d >= 0; d--)
    for (unsigned i = 0; i < r->ndata[d]; i++) {
      int p = grade_points(&r->data[d][i].grade);
      classes += d == 1 && p >= 15;
      if (d == 0) p = p * 3 / 5; /* what it takes, it need not give away */
      if (p > best) best = p, name = r->data[d][i].class_id, side = d ? "gives" : "takes";
    }
  if (!best) return;
  int more = classes >= 3 && best < 25 ? 25 - best < 5 ? 25 - best : 5 : 0;
  if (more)
    add(s, best + more, "data %d (%s %s and %u more graded classes together)", best + more, side, name,
        classes - 1);
  else
    add(s, best, "data %d (%s %s)", best, side, name);
}

static void volume(struct sum *s) {
  const struct row *r = s->row;
  static const struct {
    uint64_t from;
    int points;
  } steps[] = {{100000, 15}, {10000, 12}, {1000, 9}, {100, 6}, {10, 3}, {1, 1}};
  uint64_t most = 0;
  for (unsigned i = 0; i < r->ndata[1]; i++)
    if (grade_points(&r->data[1][i].grade) && r->data[1][i].count > most) most = r->data[1][i].count;
  for (size_t i = 0; i < sizeof steps / sizeof *steps; i++)
    if (most >= steps[i].from) {
      add(s, steps[i].points, "volume %d (%lu values of one class given)", steps[i].points,
          (unsigned long)most);
      return;
    }
}

static void findings(struct sum *s) {
  const struct row *r = s->row;
  int p = !r->findings        ? 0
          : r->severity >= 80 ? 15
          : r->severity >= 60 ? 12
          : r->severity >= 40 ? 8
          : r->severity >= 20 ? 4
                              : 2;
  add(s, p, "findings %d (%u, gravest %s)", p, r->findings, r->finding);
}

void inventory_risk(struct row *r) {
  struct sum s = {.row = r};
  r->why[0] = 0;
  exposure(&s);
  authentication(&s);
  data(&s);
  volume(&s);
  findings(&s);
  r->risk = s.points > 100 ? 100 : s.points;
}
