/* SPDX-License-Identifier: Apache-2.0 */
/* Endpoint templates: first by the shape of segments. */
#include "analytics/template.h"
#include "base/mem.h"

enum { NAME_MAX_LEN = 1024, SEGMENTS = 32 };

struct templates {
  struct counters *ctr;
  uint64_t generation;
};

struct templates *templates_new(size_t cap, struct counters *ctr) {
  struct templates *t = mem_zalloc(sizeof *t);
  (void)cap;
  if (t) t->ctr = ctr;
  return t;
}

void templates_free(struct templates *t) { mem_free(t); }

void templates_learn(struct templates *t, struct span service, struct span method, struct span path,
                     uint64_t fingerprint) {
  (void)t, (void)service, (void)method, (void)path, (void)fingerprint;
}

uint64_t templates_generation(const struct templates *t) { return t->generation; }

static size_t variable(char *out, struct span before) {
  size_t n = 0;
  struct span s = before;
  if (s.len > 3 && span_ends(s, SPAN_LIT("ies"))) s.len -= 3;
  else if (s.len > 3 && s.base[s.len - 1] == 's' && s.base[s.len - 2] != 's') s.len -= 1;
  out[n++] = '{';
  if (s.len && s.len < 40) {
    memcpy(out + n, s.base, s.len), n += s.len;
    if (s.len + 3 == before.len) out[n++] = 'y';
    memcpy(out + n, "Id", 2), n += 2;
  } else {
    memcpy(out + n, "id", 2), n += 2;
  }
  out[n++] = '}';
  return n;
}

struct span templates_name(struct templates *t, struct span service, struct span method, struct span path,
                           struct arena *arena, bool *known) {
  char out[NAME_MAX_LEN + 64];
  size_t n = 0;
  struct span before = {0};
  (void)t, (void)service, (void)method;
  *known = true;
  if (path.len && path.base[0] == '/') path = span_skip(path, 1);
  else if (!path.len) return arena_copy(arena, SPAN_LIT("/"));
  for (unsigned i = 0; i < SEGMENTS && n < NAME_MAX_LEN - 128; i++) {
    bool last = span_index(path, '/') == path.len;
    struct span s = span_cut(&path, '/');
    enum template_shape shape = template_shape(s);
    out[n++] = '/';
    if (shape == SHAPE_ID || shape == SHAPE_ODD || s.len > 96) n += variable(out + n, before), before = (struct span){0};
    else if (s.len) memcpy(out + n, s.base, s.len), n += s.len, before = s;
    if (last) break;
  }
  return arena_copy(arena, span_of(out, n));
}
