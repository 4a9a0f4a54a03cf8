/* SPDX-License-Identifier: Apache-2.0 */
/* Headers of a call. Most come again and again with the same value: how they are written is remembered, where nothing was hidden. */
#include "output/encoder.h"
#include "output/redact.h"

#include "analytics/data/veil.h"
#include "base/hash.h"

enum { HEADERS_SHOWN = 256, HEADER_VALUE = 2048, HEADER_NAME = 128 };

static struct span lower_name(struct span name, uint8_t *to) {
  name = span_head(name, HEADER_NAME);
  for (size_t i = 0; i < name.len; i++) {
    uint8_t c = name.base[i];
    to[i] = c >= 'A' && c <= 'Z' ? (uint8_t)(c | 0x20) : c;
    if (c < ' ' || c > '~') return (struct span){0};
  }
  return span_of(to, name.len);
}

/* Whether the value is shown as it is. */
static bool header_value(struct encoder *e, enum redact_header kind, const struct header *h,
                         const struct redactions *r) {
  e->text.len = 0;
  if (!h->value_known) {
    JSON_LIT(&e->j, "null,");
    return false;
  }
  struct span v = span_head(h->value, HEADER_VALUE), shown = redact_value(&e->text, kind, v, r);
  json_str(&e->j, shown);
  return shown.base == v.base;
}

/* Of a name in lower case, of which stars are made where it looks like a value (*masked). */
static enum redact_header name_kind(struct encoder *e, uint8_t *text, size_t n, bool *masked) {
  struct span name = span_of(text, n);
  *masked = false;
  struct memo_slot *slot = memo_slot(&e->names, name);
  if (memo_has(slot, name)) return (enum redact_header)slot->value;
  enum redact_header kind = redact_header_kind(name);
  *masked = veil_hits(name, VEIL_SHAPES);
  if (*masked)
    veil_stars(text, n, VEIL_SHAPES);
  else
    memo_put(slot, name, (uint8_t)kind);
  return kind;
}

static uint64_t length_bit(const struct header *h) {
  return 1ULL << (span_head(h->name, HEADER_NAME).len & 63);
}

static uint64_t ends_of(struct span s) {
  size_t n = s.len < 8 ? s.len : 8;
  return hash_mix(memo_word(s.base, n) + s.len, memo_word(s.base + s.len - n, n));
}

/* Where the header is remembered, or may be; NULL: it is not to be. */
static struct encoder_header *known_of(struct encoder *e, const struct header *h,
                                       const struct redactions *r) {
  if (!h->value_known || !h->value.len || 2 * (h->name.len + h->value.len) + 16 > ENCODER_HEADER) return NULL;
  if (r && r->all) return NULL;
  for (uint32_t i = 0; r && i < r->count; i++)
    if (r->item[i].base < h->value.base + h->value.len && h->value.base < r->item[i].base + r->item[i].len)
      return NULL;
  uint64_t hash = hash_mix(ends_of(h->name), ends_of(h->value)) | 1;
  struct encoder_header *k = &e->header[hash >> 32 & (ENCODER_HEADERS - 1)];
  if (k->hash == hash) return k;
  bool again = k->next == hash; /* what comes once only turns nothing out */
  k->next = hash;
  if (!again) return NULL;
  k->hash = hash;
  k->shown = 0;
  return k;
}

static bool is_known(const struct encoder_header *k, const struct header *h) {
  return k->name == h->name.len && k->value == h->value.len && memcmp(k->text, h->name.base, k->name) == 0 &&
         memcmp(k->text + k->name, h->value.base, k->value) == 0;
}

static void keep(struct encoder_header *k, const struct header *h, struct span shown) {
  if (h->name.len + h->value.len + shown.len > ENCODER_HEADER) return;
  k->name = (uint16_t)h->name.len;
  k->value = (uint16_t)h->value.len;
  k->shown = (uint16_t)shown.len;
  memcpy(k->text, h->name.base, k->name);
  memcpy(k->text + k->name, h->value.base, k->value);
  memcpy(k->text + k->name + k->value, shown.base, k->shown);
}

/* Names in the order of their first occurrence, each once, with all its values. Stores refuse a record with a key twice or with
 * control characters in one: of names that become stars the first is shown, names that are no ASCII are not. */
void encoder_headers(struct encoder *e, const struct headers *hs, const struct redactions *r) {
  struct json *j = &e->j;
  bool done[HEADERS_SHOWN] = {false}, masked = false;
  uint32_t n = hs->count < HEADERS_SHOWN ? hs->count : HEADERS_SHOWN;
  uint64_t once = 0, more = 0; /* lengths of names */
  for (uint32_t i = 0; i < n; i++) {
    uint64_t bit = length_bit(&hs->item[i]);
    more |= once & bit;
    once |= bit;
  }
  size_t at = JSON_OPEN(j, "headers");
  for (uint32_t i = 0; i < n; i++) {
    const struct header *h = &hs->item[i];
    uint8_t text[HEADER_NAME];
    if (done[i] || !h->name_known || !h->name.len || h->name.base[0] == ':') continue;
    bool single = !(more & length_bit(h));
    struct encoder_header *known = single ? known_of(e, h, r) : NULL;
    if (known && known->shown && is_known(known, h)) {
      json_raw(j, known->text + known->name + known->value, known->shown);
      continue;
    }
    struct span name = lower_name(h->name, text);
    bool stars;
    if (!name.len) continue;
    enum redact_header kind = name_kind(e, text, name.len, &stars);
    if (stars && masked) continue;
    masked |= stars;
    size_t from = j->out->len;
    json_str(j, name);
    if (j->bad) return;
    j->out->base[j->out->len - 1] = ':';
    JSON_LIT(j, "[");
    bool plain = header_value(e, kind, h, r);
    for (uint32_t k = i + 1; k < n && !single; k++) {
      struct span other = span_head(hs->item[k].name, HEADER_NAME);
      if (done[k] || other.len != name.len || !span_eq_nocase(other, name)) continue;
      done[k] = true;
      header_value(e, kind, &hs->item[k], r);
    }
    json_close(j, j->out->len, ']', true);
    if (known && kind == REDACT_PLAIN && !stars && plain && !j->bad)
      keep(known, h, span_of(j->out->base + from, j->out->len - from));
  }
  json_close(j, at, '}', false);
}
