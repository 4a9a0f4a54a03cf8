/* SPDX-License-Identifier: Apache-2.0 */
/* One endpoint's figures. */
#include "analytics/inventory_row.h"
#include "analytics/template.h"
#include "base/err.h"
#include "base/hash.h"
#include "base/mem.h"

#include <stdio.h>

void inventory_row_free(struct row *r) {
  if (!r) return;
  for (unsigned i = 0; i < r->nsamples; i++) mem_free(r->sample[i]);
  schema_book_free(r->schema);
  mem_free(r);
}

const char *inventory_row_state(const struct row *r) {
  static const char *const names[] = {"active", "dormant", "retired"};
  return names[r->state];
}

uint16_t inventory_row_keep(char *to, size_t size, struct span s) {
  size_t n = s.len < size ? s.len : size;
  if (n) memcpy(to, s.base, n);
  return (uint16_t)n;
}

void inventory_row_name(struct row *r, struct span name) {
  char text[ROW_SERVICE + ROW_NAME + 1];
  uint8_t id[16];
  r->name_len = inventory_row_keep(r->name, ROW_NAME, name);
  memcpy(text, r->service, r->service_len);
  text[r->service_len] = 0;
  memcpy(text + r->service_len + 1, r->name, r->name_len);
  struct hash128 h = hash128(span_of(text, r->service_len + 1u + r->name_len));
  memcpy(id, &h, sizeof id);
  hash_hex(id, sizeof id, r->id);
}

void inventory_row_caller(struct row *r, const uint8_t addr[16]) {
  for (uint32_t i = 0; i < r->callers; i++)
    if (memcmp(r->caller[i], addr, 16) == 0) return;
  if (r->callers < ROW_CALLERS) memcpy(r->caller[r->callers++], addr, 16);
}

bool inventory_row_class(struct row *r, int d, const struct row_class *from) {
  for (unsigned i = 0; i < r->ndata[d]; i++) {
    struct row_class *c = &r->data[d][i];
    if (strncmp(c->class_id, from->class_id, ROW_CLASS) != 0) continue;
    c->count += from->count;
    c->subjects += from->subjects;
    if (from->first_ns < c->first_ns) c->first_ns = from->first_ns;
    return false;
  }
  if (r->ndata[d] == ROW_CLASSES) return false;
  r->data[d][r->ndata[d]++] = *from;
  return true;
}

/* Which words stand where the name has variables. Ids are ids whatever is learned later: one of them speaks for all. */
static uint64_t words_of(const struct row *r, struct span path) {
  struct span name = row_name(r);
  uint64_t h = 1;
  span_cut(&name, '/'); /* the method */
  span_cut(&path, '/');
  for (unsigned i = 0; i < 32 && name.len && path.len; i++) {
    struct span part = span_cut(&name, '/'), seen = span_cut(&path, '/');
    if (!part.len || part.base[0] != '{') continue;
    enum template_shape shape = template_shape(seen);
    h = shape == SHAPE_ID || shape == SHAPE_ODD ? hash_mix(h, i) : hash64(seen, h);
  }
  return h;
}

/* Of many the smallest hashes are kept, so that the order of calls does not show. */
int inventory_row_sample(struct row *r, struct span path) {
  struct span name = row_name(r), method = span_cut(&name, ' ');
  bool by_path = name.len && span_eq(method, span_of(r->method, r->method_len));
  if (!by_path || path.len > ROW_PATH || !path.len || memchr(path.base, 0, path.len)) return 0;
  if (r->nsamples && span_index(row_name(r), '{') == r->name_len) return 0;
  uint64_t words = words_of(r, path);
  unsigned at = r->nsamples;
  for (unsigned i = 0; i < r->nsamples; i++) {
    if (r->words_of[i] == words) return 0;
    if (r->nsamples == ROW_SAMPLES && (at == ROW_SAMPLES || r->words_of[i] > r->words_of[at])) at = i;
  }
  if (r->nsamples == ROW_SAMPLES && r->words_of[at] < words) return 0;
  char *z = mem_text(path.base, path.len);
  if (!z) return ERR_NOMEM;
  if (at < r->nsamples)
    mem_free(r->sample[at]);
  else
    r->nsamples++;
  r->sample[at] = z;
  r->words_of[at] = words;
  return 0;
}

void inventory_row_resample(struct row *r) {
  for (unsigned i = 0; i < r->nsamples; i++) r->words_of[i] = words_of(r, span_str(r->sample[i]));
}

void inventory_row_auth(struct row *r, const struct api_event *e) {
  const struct txn *t = e->txn;
  bool http = t->method.len && t->path.len;
  bool good = http ? t->status >= 100 && t->status < 400 : t->outcome != TXN_ERROR;
  r->auth |= 1u << e->who.auth;
  if (good) r->auth_calls[e->who.auth]++;
  if (!e->encrypted) r->plaintext++;
  if (!e->who.jwt_alg.len || e->who.jwt_alg.len >= ROW_ALG) return;
  for (unsigned i = 0; i < ROW_ALGS; i++) {
    if (span_eq(span_str(r->alg[i]), e->who.jwt_alg)) return;
    if (r->alg[i][0]) continue;
    memcpy(r->alg[i], e->who.jwt_alg.base, e->who.jwt_alg.len);
    return;
  }
}

enum auth_kind inventory_row_main_auth(const struct row *r, char *others, size_t size) {
  uint64_t all = 0;
  unsigned best = AUTH_KINDS;
  size_t n = 0;
  for (unsigned i = 0; i < AUTH_KINDS; i++) {
    all += r->auth_calls[i];
    if (r->auth_calls[i] && (best == AUTH_KINDS || r->auth_calls[i] > r->auth_calls[best])) best = i;
  }
  if (size) others[0] = 0;
  for (unsigned i = 0; i < AUTH_KINDS && size; i++) {
    if (i == best || !r->auth_calls[i] || n >= size) continue;
    int k = snprintf(others + n, size - n, "%s%s %lu of %lu", n ? ", " : "",
                     auth_kind_name((enum auth_kind)i), (unsigned long)r->auth_calls[i], (unsigned long)all);
    if (k > 0) n += (size_t)k;
  }
  return (enum auth_kind)best;
}

void inventory_row_absorb(struct row *to, const struct row *from) {
  to->words |= from->words;
  to->calls += from->calls;
  to->bytes += from->bytes;
  to->lost += from->lost;
  to->auth |= from->auth;
  to->plaintext += from->plaintext;
  to->findings += from->findings;
  if (from->severity > to->severity) {
    to->severity = from->severity;
    memcpy(to->finding, from->finding, sizeof to->finding);
  }
  for (unsigned i = 0; i < AUTH_KINDS; i++) to->auth_calls[i] += from->auth_calls[i];
  for (unsigned i = 0; i < ROW_ALGS; i++)
    for (unsigned k = 0; k < ROW_ALGS && from->alg[i][0]; k++) {
      if (strcmp(to->alg[k], from->alg[i]) == 0) break;
      if (to->alg[k][0]) continue;
      memcpy(to->alg[k], from->alg[i], ROW_ALG);
      break;
    }
  if (from->first_ns < to->first_ns) to->first_ns = from->first_ns;
  if (from->last_ns > to->last_ns) to->last_ns = from->last_ns;
  if (from->exposure < to->exposure) to->exposure = from->exposure;
  if (!to->accepted) to->accepted = from->accepted;
  if (!to->owner[0]) memcpy(to->owner, from->owner, sizeof to->owner);
  if (!to->user_tags[0]) memcpy(to->user_tags, from->user_tags, sizeof to->user_tags);
  for (uint32_t i = 0; i < from->callers; i++) inventory_row_caller(to, from->caller[i]);
  for (unsigned i = 0; i < from->nsamples; i++) (void)inventory_row_sample(to, span_str(from->sample[i]));
  for (int d = 0; d < 2; d++)
    for (unsigned i = 0; i < from->ndata[d]; i++) inventory_row_class(to, d, &from->data[d][i]);
  if (from->schema && !to->schema) to->schema = schema_book_new();
  if (from->schema && to->schema) schema_book_merge(to->schema, from->schema);
}
