/* SPDX-License-Identifier: Apache-2.0 */
/* What a key's name says: written as custName, cust_name, X-Custname, CUSTNAME1 or 客户姓名, it is the same word. */
#include "analytics/data/classes.h"
#include "base/ascii.h"
#include "analytics/data/key_words.h"
#include "base/err.h"
#include "base/hash.h"
#include "base/mem.h"

enum { TOKENS = 10, JOINED = 96, PER_WORD = 6 };

struct word {
  struct span text; /* joined, lower case */
  uint8_t item[PER_WORD], count;
  uint16_t exact; /* bits: this class wants the whole key, roles apart */
};
struct key_table {
  struct word *slot;
  uint32_t mask, count;
};
/* A key cut into words. */
struct tokens {
  char text[JOINED];
  uint8_t start[TOKENS + 1]; /* of each word in text */
  uint8_t count;
};

/* Words begin where the kind of character changes. */
static bool boundary(struct span k, size_t i) {
  uint8_t a = k.base[i - 1], b = k.base[i];
  if (ascii_is_upper(b))
    return ascii_is_lower(a) || ascii_is_digit(a) ||
           (ascii_is_upper(a) && i + 1 < k.len && ascii_is_lower(k.base[i + 1])) || a >= 0x80;
  if (b >= 0x80) return a < 0x80;
  if (ascii_is_lower(b)) return a >= 0x80;
  return false;
}

static void tokenize(struct span key, struct tokens *t) {
  size_t at = 0;
  bool open = false;
  t->count = 0;
  if (key.len && key.base[0] == '@') key = span_skip(key, 1);
  for (size_t i = 0; i < key.len && at < JOINED - 1; i++) {
    uint8_t c = key.base[i];
    bool part = ascii_is_upper(c) || ascii_is_lower(c) || ascii_is_digit(c) || c >= 0x80;
    if (!part) {
      open = false;
      continue;
    }
    if (open && boundary(key, i)) open = false;
    if (!open) {
      if (t->count == TOKENS) break;
      t->start[t->count++] = (uint8_t)at;
      open = true;
    }
    t->text[at++] = (char)(ascii_is_upper(c) ? c | 32 : c);
  }
  t->start[t->count] = (uint8_t)at;
}

static struct span joined(const struct tokens *t, unsigned from, unsigned to) {
  return (struct span){(const uint8_t *)t->text + t->start[from], (size_t)(t->start[to] - t->start[from])};
}

static const struct word *find(const struct key_table *k, struct span w) {
  if (!k || !w.len) return NULL;
  for (uint32_t i = (uint32_t)hash64(w, 1) & k->mask; k->slot[i].text.base; i = (i + 1) & k->mask)
    if (span_eq(k->slot[i].text, w)) return &k->slot[i];
  return NULL;
}

static bool take(const struct word *w, bool whole, struct class_hints *out) {
  bool any = false;
  for (unsigned i = 0; w && i < w->count; i++) {
    if (!whole && w->exact >> i & 1) continue;
    any = true;
    bool have = false;
    for (unsigned k = 0; k < out->count; k++) have |= out->item[k] == w->item[i];
    if (!have && out->count < CLASS_HINTS) out->item[out->count++] = w->item[i];
  }
  return any;
}

/* One run-together word: "payeename" is payee and name. */
static bool glued(const struct key_table *k, struct span w, bool whole, unsigned depth,
                  struct class_hints *out) {
  const struct word *hit = find(k, w);
  if (take(hit, whole, out)) return true;
  if (depth == 3 || w.len < 4) return false;
  for (const char *const *role = key_words_roles; *role; role++) {
    struct span r = span_str(*role);
    if (r.len < 2 || r.len + 2 > w.len || !span_starts(w, r)) continue;
    if (glued(k, span_skip(w, r.len), whole, depth + 1, out)) return true;
  }
  for (const char *const *tail = key_words_tails; *tail && depth < 2; tail++) {
    struct span r = span_str(*tail);
    if (r.len + 2 > w.len || !span_ends(w, r)) continue;
    if (take(find(k, span_head(w, w.len - r.len)), whole, out)) return true;
  }
  return false;
}

/* Chinese keys: the longest end of the key that is known, words for a kind of thing behind it apart. */
static bool han(const struct key_table *k, struct span w, struct class_hints *out) {
  static const char *const ends[] = {"",     "号码", "编号", "号",   "信息", "内容", "名称", "结果",
                                     "情况", "描述", "详情", "特征", "数据", "图片", "照片", "证"};
  for (size_t i = 0; i + 3 <= w.len; i += 3) {
    struct span rest = span_skip(w, i);
    for (size_t e = 0; e < sizeof ends / sizeof *ends; e++) {
      struct span end = span_str(ends[e]);
      if (rest.len > end.len && span_ends(rest, end) &&
          take(find(k, span_head(rest, rest.len - end.len)), i == 0, out))
        return true;
    }
  }
  return false;
}

static bool all_roles(const struct tokens *t, unsigned n) {
  for (unsigned i = 0; i < n; i++) {
    struct span w = joined(t, i, i + 1);
    if (w.len > 1 && !span_in(w, key_words_roles)) return false;
  }
  return true;
}

static bool ascii(struct span s) {
  for (size_t i = 0; i < s.len; i++)
    if (s.base[i] >= 0x80) return false;
  return true;
}

/* A long end of a run-together word: "highesteducation". Short ones must be of a form that can be checked. */
static bool word_end(const struct classes *c, struct span w, struct class_hints *out) {
  for (size_t i = 1; i + 4 <= w.len; i++) {
    struct span end = span_skip(w, i);
    const struct word *hit = find(c->keys, end);
    if (!hit) continue;
    const struct data_class *k = &c->item[hit->item[0]];
    bool form = k->validator->shape != SHAPE_ANY && k->validator->shape != SHAPE_HAN;
    if (end.len >= (form ? 4 : 8) && !k->weak && take(hit, false, out)) return true;
  }
  return false;
}

static bool is_tail(struct span w) {
  if (span_in(w, key_words_tails)) return true;
  for (size_t i = 0; i < w.len; i++)
    if (!ascii_is_digit(w.base[i])) return false;
  return true;
}

/* Words i… up to `to`, the longest run first; kinds of thing at the end count less than words in front. */
static bool by_words(const struct classes *c, const struct tokens *t, unsigned to, struct class_hints *out) {
  const struct key_table *k = c->keys;
  for (unsigned i = 0; i < to; i++) {
    bool whole = all_roles(t, i);
    for (unsigned end = to; end > i; end--) {
      struct span w = joined(t, i, end);
      if (take(find(k, w), whole, out)) return true;
      if (w.len > 3 && w.base[w.len - 1] == 's' && take(find(k, span_head(w, w.len - 1)), whole, out))
        return true;
      if (i + 2 > end || !is_tail(joined(t, end - 1, end))) break;
    }
  }
  struct span last = joined(t, to - 1, to);
  if (!ascii(last)) return han(k, last, out);
  return glued(k, last, all_roles(t, to - 1), 0, out) || word_end(c, last, out);
}

static bool match(const struct classes *c, struct tokens *t, struct class_hints *out) {
  unsigned to = t->count;
  while (to > 0) {
    struct span last = joined(t, to - 1, to);
    if (by_words(c, t, to, out)) return true;
    size_t n = last.len;
    while (n > 0 && ascii_is_digit(last.base[n - 1])) n--;
    if (n > 0 && n < last.len) { /* certNo1 */
      size_t cut = last.len - n;
      memmove(t->text + t->start[to] - cut, t->text + t->start[to], JOINED - t->start[to]);
      t->start[to] = (uint8_t)(t->start[to] - cut);
      continue;
    }
    if (to == 1 || !is_tail(last)) return false;
    to--;
  }
  return false;
}

static bool generic(const struct tokens *t) {
  for (unsigned i = 0; i < t->count; i++)
    if (!is_tail(joined(t, i, i + 1))) return false;
  return true;
}

/* The number of a thing that a system counts: txnId, transfer_no, bizSeq. */
static bool numbers_thing(const struct tokens *t) {
  static const char *const things[] = {
      "txn",     "tx",      "trans",   "tran",    "transaction", "transfer", "order",   "flow",
      "event",   "msg",     "message", "session", "job",         "task",     "record",  "batch",
      "log",     "req",     "request", "resp",    "response",    "serial",   "biz",     "business",
      "voucher", "receipt", "invoice", "trade",   "payment",     "pay",      "process", "workflow",
      "ticket",  "bill",    "ref",     "apply",   "waybill",     "merchant", "goods",   "item",
      "notify",  "push",    "refund",  "trace",   "correlation", "parent",   NULL};
  static const char *const counters[] = {"id", "no",  "num", "number", "seq",
                                         "sn", "ref", "key", "code",   "nbr"};
  unsigned n = t->count;
  struct span last = joined(t, n - 1, n);
  while (last.len && ascii_is_digit(last.base[last.len - 1])) last.len--;
  for (size_t i = 0; i < sizeof counters / sizeof *counters; i++) {
    struct span tail = span_str(counters[i]);
    if (!span_ends(last, tail)) continue;
    if (last.len > tail.len && span_in(span_head(last, last.len - tail.len), things)) return true;
    if (last.len == tail.len && n > 1 && span_in(joined(t, n - 2, n - 1), things)) return true;
  }
  return false;
}

/* Counts, times, sums and numbers of things, written in words, run together, in pinyin or in Chinese: a number under it is what it
 * says and not by chance a telephone's or a card's. */
static bool counts(const struct tokens *t) {
  unsigned n = t->count;
  if (!n) return false;
  struct span last = joined(t, n - 1, n);
  if (n > 1 && (span_eq(last, SPAN_LIT("value")) || span_eq(last, SPAN_LIT("val"))))
    last = joined(t, n - 2, n - 1);
  while (last.len && ascii_is_digit(last.base[last.len - 1])) last.len--;
  if (span_ends(joined(t, 0, n), SPAN_LIT("loginid"))) return false; /* people log in by their number */
  for (const char *const *end = key_words_counts; *end; end++) {
    struct span w = span_str(*end);
    bool whole = w.base[0] == '=';
    if (whole) w = span_skip(w, 1);
    if (whole ? span_eq(last, w) : span_ends(last, w)) return true;
  }
  return false;
}

static bool is_technical(const struct tokens *t) {
  unsigned n = t->count;
  if (!n) return false;
  if (numbers_thing(t)) return true;
  if (span_in(joined(t, 0, n), key_words_technical)) return true;
  for (unsigned i = 0; i < n; i++)
    if (span_in(joined(t, i, i + 1), key_words_technical)) return true;
  struct span last = joined(t, n - 1, n);
  while (last.len && ascii_is_digit(last.base[last.len - 1])) last.len--;
  return span_in(last, key_words_technical);
}

/* A product's name is no person's. */
static bool names_thing(struct span parent) {
  static const char *const things[] = {
      "product",  "goods",       "bank",     "branch",   "dept",     "department", "company", "org",
      "shop",     "store",       "merchant", "file",     "service",  "region",     "city",    "province",
      "role",     "menu",        "app",      "category", "brand",    "channel",    "fund",    "plan",
      "project",  "institution", "country",  "tag",      "template", "image",      "device",  "model",
      "currency", "industry",    "activity", "coupon",   NULL};
  struct tokens t;
  tokenize(parent, &t);
  if (!t.count) return false;
  struct span w = joined(&t, t.count - 1, t.count);
  if (span_in(w, things)) return true;
  if (w.len > 1 && w.base[w.len - 1] == 's') w.len--;
  return span_in(w, things);
}

/* Nothing but who or where: "to", "from", "2", "value". */
static bool blank(const struct tokens *t) {
  static const char *const who[] = {"to", "from", "who", "by", "of", "for", "cc", "with", NULL};
  for (unsigned i = 0; i < t->count; i++) {
    struct span w = joined(t, i, i + 1);
    if (w.len > 1 && !is_tail(w) && !span_in(w, who)) return false;
  }
  return true;
}

static void drop_weak(const struct classes *c, struct class_hints *out) {
  unsigned kept = 0;
  for (unsigned i = 0; i < out->count; i++)
    if (!c->item[out->item[i]].weak) out->item[kept++] = out->item[i];
  out->count = (uint8_t)kept;
}

/* What is meant to be known by others, or says where a list goes on, is no secret: publicKey, csrfToken, nextPageToken. */
static void drop_public(const struct classes *c, const struct tokens *t, struct class_hints *out) {
  static const char *const open[] = {
      "public",    "csrf",      "xsrf",   "publishable",       "publickey", "csrftoken",
      "pagetoken", "nexttoken", "cursor", "continuationtoken", "synctoken", NULL};
  bool any = false;
  for (unsigned i = 0; i < t->count && !any; i++)
    any = span_in(joined(t, i, i + 1), open) || (i + 1 < t->count && span_in(joined(t, i, i + 2), open));
  if (!any) return;
  drop_weak(c, out);
}

void class_keys_hints(const struct classes *c, struct span key, struct span parent, struct class_hints *out) {
  struct tokens t;
  *out = (struct class_hints){.blank = true};
  if (!key.len) return;
  tokenize(key, &t);
  out->blank = blank(&t);
  out->technical = is_technical(&t);
  out->counts = out->technical || counts(&t);
  if (!t.count) return;
  struct tokens whole = t; /* match cuts numbers off */
  match(c, &t, out);
  if (out->count) drop_public(c, &whole, out);
  if (out->count && numbers_thing(&whole) && !find(c->keys, joined(&whole, 0, whole.count)))
    drop_weak(c, out);
  if (!out->count && parent.len && generic(&t)) {
    tokenize(parent, &t);
    if (t.count) match(c, &t, out);
  }
  if (span_eq_nocase(key, SPAN_LIT("name")) && parent.len && names_thing(parent)) out->count = 0;
}

static int add(struct classes *c, struct span word, uint8_t item) {
  struct key_table *k = c->keys;
  struct tokens t;
  bool exact = word.len && word.base[0] == '=';
  tokenize(exact ? span_skip(word, 1) : word, &t);
  if (!t.count) return 0;
  struct span w = joined(&t, 0, t.count);
  uint32_t i = (uint32_t)hash64(w, 1) & k->mask;
  while (k->slot[i].text.base && !span_eq(k->slot[i].text, w)) i = (i + 1) & k->mask;
  struct word *s = &k->slot[i];
  if (!s->text.base) {
    s->text = arena_copy(&c->arena, w);
    if (!s->text.base) return ERR_NOMEM;
    k->count++;
  }
  if (s->count < PER_WORD) {
    if (exact) s->exact |= (uint16_t)(1u << s->count);
    s->item[s->count++] = item;
  }
  return 0;
}

int class_keys_compile(struct classes *c) {
  uint32_t words = 0, size = 256;
  for (uint32_t i = 0; i < c->count; i++) words += c->item[i].keys.count;
  while (size < words * 3) size *= 2;
  c->keys = mem_zalloc(sizeof *c->keys);
  if (!c->keys) return ERR_NOMEM;
  c->keys->mask = size - 1;
  c->keys->slot = mem_zalloc(size * sizeof *c->keys->slot);
  if (!c->keys->slot) return ERR_NOMEM;
  for (uint32_t i = 0; i < c->count; i++) {
    for (uint32_t k = 0; k < c->item[i].keys.count; k++) {
      int rc = add(c, c->item[i].keys.item[k], (uint8_t)i);
      if (rc < 0) return rc;
    }
  }
  return 0;
}

void class_keys_free(struct key_table *k) {
  if (!k) return;
  mem_free(k->slot);
  mem_free(k);
}
