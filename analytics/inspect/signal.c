/* SPDX-License-Identifier: Apache-2.0 */
/* Signals of one event: added once per rule and detail, strengthened after; evidence without raw personal data. */
#include "analytics/data/veil.h"
#include "base/ascii.h"
#include "analytics/inspect/inspect.h"
#include "analytics/inspect/declared.h"
#include "analytics/inspect/intake.h"
#include "analytics/inspect/prose.h"

enum { EVIDENCE_BYTES = 160, EVIDENCE_BEFORE = 40 };

struct signal *inspect_find(const struct inspect_ctx *cx, const struct rule *rule) {
  for (struct signal *s = cx->event->signals; s; s = s->next)
    if (s->rule == rule) return s;
  return NULL;
}

static size_t run_of(struct span s, size_t i, bool (*is)(uint8_t)) {
  size_t n = 0;
  while (i + n < s.len && is(s.base[i + n])) n++;
  return n;
}

static bool is_word(uint8_t c) {
  return ascii_is_digit(c) || (uint8_t)((c | 0x20) - 'a') < 26 || c == '+' || c == '_';
}
static bool is_high(uint8_t c) { return c >= 0x80; }

/* Long digit runs, long tokens, addresses of people and all that is not ASCII become stars. */
static struct span mask(struct arena *a, struct span s) {
  uint8_t *out = arena_alloc(a, EVIDENCE_BYTES);
  size_t n = 0;
  if (!out) return span_of(NULL, 0);
  for (size_t i = 0; i < s.len && n + 4 < EVIDENCE_BYTES;) {
    uint8_t c = s.base[i];
    size_t digits = run_of(s, i, ascii_is_digit), word = run_of(s, i, is_word), high = run_of(s, i, is_high);
    bool mail = word > 0 && i + word < s.len && s.base[i + word] == '@' && i + word + 1 < s.len &&
                is_word(s.base[i + word + 1]);
    if (digits >= 7 || word >= 20 || high || mail) {
      size_t len = high ? high : word > digits ? word : digits;
      if (!high) out[n++] = c;
      out[n++] = '*', out[n++] = '*', out[n++] = '*';
      i += len;
    } else if (word) {
      for (size_t k = 0; k < word && n + 4 < EVIDENCE_BYTES; k++) out[n++] = s.base[i + k];
      i += word;
    } else {
      out[n++] = c < 0x20 || c == 0x7f ? ' ' : c;
      i++;
    }
  }
  return span_of(out, n);
}

/* "query.id": the place and name of the value in hand, in the event's arena. */
static struct span where_of(struct inspect_ctx *cx) {
  struct arena *a = &cx->event->txn->arena;
  struct span name = cx->leaf ? cx->leaf->path : span_of(NULL, 0);
  if (!name.len) return arena_printf(a, "%s", place_name(cx->place));
  name = mask(a, span_head(name, 64));
  struct span where = arena_printf(a, "%s.%.*s", place_name(cx->place), SPAN_FMT(name));
  if (cx->place == PLACE_HEADER)
    for (size_t i = 0; i < where.len; i++)
      if ((uint8_t)(where.base[i] - 'A') < 26) ((uint8_t *)(uintptr_t)where.base)[i] |= 0x20;
  return where;
}

static bool has_evidence(const struct signal *s, struct span where) {
  for (uint8_t i = 0; i < s->nevidence; i++)
    if (span_eq(s->evidence[i].where, where)) return true;
  return false;
}

struct signal *inspect_signal(struct inspect_ctx *cx, const struct rule *rule, uint8_t severity,
                              uint8_t confidence, enum outcome outcome, struct span where, struct span what) {
  struct arena *a = &cx->event->txn->arena;
  struct signal *s = inspect_find(cx, rule);
  if (!s) {
    s = arena_zalloc(a, sizeof *s);
    if (!s) return NULL;
    s->rule = rule, s->severity = severity;
    s->next = cx->event->signals;
    cx->event->signals = s;
  }
  if (severity > s->severity) s->severity = severity;
  if (confidence > s->confidence) s->confidence = confidence;
  if (outcome > s->outcome) s->outcome = outcome;
  if (s->nevidence < FINDING_EVIDENCE && !has_evidence(s, where)) {
    struct evidence *ev = &s->evidence[s->nevidence++];
    ev->where = arena_copy(a, where);
    ev->what = mask(a, veil_copy(a, what, VEIL_SHAPES | VEIL_SECRETS));
  }
  return s;
}

/* Whether SQL could begin in it: behind a quote, or by a word that joins conditions. */
static bool ends_string(struct span s) {
  static const char *const words[] = {"or(", "and(",   "||",  "&&",   "union", "/*",
                                      "or/", "select", "xor", "like", "%27",   "--"};
  for (size_t i = 0; i < sizeof words / sizeof *words; i++)
    if (span_find_nocase(s, span_str(words[i])) < s.len) return true;
  for (size_t i = 0; i < s.len; i++) { /* "'#" ends a statement only where nothing else stands on the line */
    bool quote = s.base[i] == '\'' || s.base[i] == '"';
    if (quote && (i + 2 >= s.len || s.base[i + 1] != '#')) return true;
  }
  return false;
}

/* A good password looks like any language by chance; only what logs in without one is looked for in its field. */
static bool is_password_by_chance(const struct inspect_ctx *cx, const struct rule *rule) {
  static const char *const words[] = {"passw", "pwd", "passphrase"};
  static const char *const rules[] = {"sqli", "nosqli", "log4shell", "xss", "traversal"};
  struct span text = cx->forms[0].text, key = cx->leaf ? cx->leaf->key : text;
  bool named = false;
  if (text.len > 24 || !cx->leaf || key.len > 32) return false;
  for (size_t i = 0; i < text.len; i++)
    if (text.base[i] <= ' ') return false;
  for (size_t i = 0; i < sizeof words / sizeof *words; i++)
    named |= span_find_nocase(key, span_str(words[i])) < key.len;
  for (size_t i = 0; named && i < sizeof rules / sizeof *rules; i++)
    if (strcmp(rule->id, rules[i]) == 0) return i == 0 && !ends_string(text);
  return named;
}

void inspect_attack(struct inspect_ctx *cx, const struct rule *rule, uint8_t confidence, size_t at) {
  struct span text = cx->form->text;
  if (is_password_by_chance(cx, rule)) return;
  size_t from = at > EVIDENCE_BEFORE ? at - EVIDENCE_BEFORE : 0;
  if (from > text.len) from = 0;
  if (cx->best.rule && confidence <= cx->best.score) return;
  if (prose_excuses(cx, rule) || intake_excuses(cx, rule) || declared_excuses(cx, rule)) return;
  cx->best.rule = rule, cx->best.score = confidence;
  cx->best.excerpt = span_head(span_skip(text, from), EVIDENCE_BYTES);
}

/* Fields of passwords and the header that carries them. */
static bool holds_credentials(const struct inspect_ctx *cx) {
  static const char *const words[] = {"passw", "pwd", "passphrase", "secret", "token", "authorization"};
  struct span key = cx->leaf ? cx->leaf->key : span_of(NULL, 0), path = cx->leaf ? cx->leaf->path : key;
  for (size_t i = 0; i < sizeof words / sizeof *words; i++)
    if (span_find_nocase(key, span_str(words[i])) < key.len ||
        span_find_nocase(path, span_str(words[i])) < path.len)
      return true;
  return false;
}

/* What an attack is made of stays: signs, short words and those of its language; the rest may be someone's password. */
static struct span hide_words(struct arena *a, struct span s) {
  static const char *const known[] = {"select", "union",  "from",   "where",  "sleep",  "null",
                                      "like",   "script", "alert",  "jndi",   "ldap",   "rmi",
                                      "order",  "group",  "having", "concat", "passwd", "waitfor"};
  uint8_t *out = arena_alloc(a, s.len * 2 + 1);
  size_t n = 0;
  for (size_t i = 0; out && i < s.len;) {
    size_t word = run_of(s, i, is_word);
    struct span w = span_of(s.base + i, word);
    bool keep = word < 4;
    for (size_t k = 0; k < sizeof known / sizeof *known; k++) keep |= span_eq_nocase(w, span_str(known[k]));
    if (!word)
      out[n++] = s.base[i++];
    else if (keep)
      memcpy(out + n, w.base, word), n += word, i += word;
    else
      memcpy(out + n, "***", 3), n += 3, i += word;
  }
  return span_of(out, n);
}

void inspect_settle(struct inspect_ctx *cx) {
  const struct rule *r = cx->best.rule;
  if (!r) return;
  if (holds_credentials(cx)) cx->best.excerpt = hide_words(&cx->event->txn->arena, cx->best.excerpt);
  inspect_signal(cx, r, r->severity, cx->best.score, OUTCOME_ATTEMPTED, where_of(cx), cx->best.excerpt);
  cx->best.rule = NULL, cx->best.score = 0;
}
