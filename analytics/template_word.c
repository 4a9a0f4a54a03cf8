/* SPDX-License-Identifier: Apache-2.0 */
/* Word or value? A logistic model over how a word is written, where it stands and what its siblings do. */
#include "analytics/template_trie.h"

#include <math.h>

#define IS_DIGIT(c) ((c) >= '0' && (c) <= '9')
#define IS_LOWER(c) ((c) >= 'a' && (c) <= 'z')
#define IS_UPPER(c) ((c) >= 'A' && (c) <= 'Z')

bool template_word_is_numbered(struct span s) {
  size_t i = s.len;
  while (i > 0 && IS_DIGIT(s.base[i - 1])) i--;
  return i < s.len && i > 0 && (s.base[i - 1] == '-' || s.base[i - 1] == '_' || s.base[i - 1] == '.');
}

bool template_word_is_slug(struct span s) {
  return template_word_is_numbered(s) || span_index(s, '-') < s.len;
}

static bool has_digit(struct span s) {
  for (size_t i = 0; i < s.len; i++)
    if (IS_DIGIT(s.base[i])) return true;
  return false;
}

static bool has_camel(struct span s) {
  for (size_t i = 1; i < s.len; i++)
    if (IS_LOWER(s.base[i - 1]) && IS_UPPER(s.base[i])) return true;
  return false;
}

static bool is_upper(struct span s) {
  for (size_t i = 0; i < s.len; i++)
    if (!IS_UPPER(s.base[i])) return false;
  return s.len > 0;
}

static bool is_plural(struct span s) {
  return s.len > 1 && s.base[s.len - 1] == 's' && s.base[s.len - 2] != 's';
}

/* "querybalance", "sendsms": without anything between the words, only what few other words begin with. */
static bool is_run_together(struct span s) {
  static const char *const verbs[] = {
      "query",  "create",  "update",   "delete",   "remove", "search",   "check",  "verify",  "send",
      "cancel", "confirm", "upload",   "download", "export", "apply",    "unbind", "freeze",  "unfreeze",
      "reset",  "submit",  "transfer", "modify",   "save",   "register", "redeem", "validate"};
  for (size_t i = 0; i < s.len; i++)
    if (!IS_LOWER(s.base[i])) return false;
  for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++)
    if (span_starts(s, span_str(verbs[i])) && s.len >= strlen(verbs[i]) + 3) return true;
  return false;
}

/* Begins with what one does: "sendMessage", "bulk-update", "cancel". */
static bool is_verb(struct span s) {
  /* clang-format off */
  static const char *const verbs[] = {
    "get", "list", "create", "update", "delete", "remove", "add", "set", "search", "find", "query", "check",
    "validate", "verify", "send", "cancel", "approve", "reject", "confirm", "start", "stop", "pause",
    "resume", "restart", "enable", "disable", "activate", "deactivate", "login", "logout", "register",
    "refresh", "reset", "upload", "download", "import", "export", "sync", "copy", "move", "rename", "publish",
    "unpublish", "archive", "restore", "lock", "unlock", "assign", "unassign", "invite", "accept", "decline",
    "subscribe", "unsubscribe", "follow", "unfollow", "like", "close", "open", "complete", "submit",
    "process", "execute", "run", "invoke", "test", "preview", "render", "generate", "convert", "calculate",
    "estimate", "count", "batch", "bulk", "merge", "clone", "fork", "star", "rate", "vote", "share", "freeze",
    "unfreeze", "block", "unblock", "pay", "repay", "refund", "sign", "revoke", "transfer", "apply", "bind",
    "unbind", "redeem", "withdraw", "modify", "edit", "save", "insert", "change", "notify", "settle", "reverse",
    "renew", "handle", "recharge", "buy", "sell",
  };
  /* clang-format on */
  size_t n = 0;
  while (n < s.len && s.base[n] != '-' && s.base[n] != '_' &&
         !(n && IS_LOWER(s.base[n - 1]) && IS_UPPER(s.base[n])))
    n++;
  for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++)
    if (n && (s.base[0] | 32) == verbs[i][0] && span_eq_nocase(span_head(s, n), span_str(verbs[i])))
      return true;
  return n == s.len && is_run_together(s);
}

/* "daily" beside dates is a view, not a date. */
static bool is_period(struct span s) {
  static const char *const words[] = {"hourly", "daily",  "weekly", "monthly",   "quarterly",
                                      "yearly", "annual", "today",  "yesterday", "annually"};
  for (size_t i = 0; i < sizeof words / sizeof *words; i++)
    if (s.len && (s.base[0] | 32) == words[i][0] && span_eq_nocase(s, span_str(words[i]))) return true;
  return false;
}

enum trie_before template_word_before_text(struct span s) {
  enum template_shape shape = template_shape(s);
  bool version = shape == SHAPE_LITERAL && s.len > 1 && (s.base[0] | 32) == 'v' && IS_DIGIT(s.base[1]);
  if (!s.len) return BEFORE_WORD;
  if (version || IS_DIGIT(s.base[0]) || span_eq_nocase(s, SPAN_LIT("api")) ||
      span_eq_nocase(s, SPAN_LIT("rest")))
    return BEFORE_VERSION;
  return is_plural(s) ? BEFORE_PLURAL : BEFORE_WORD;
}

enum trie_before template_word_before_of(const struct trie_node *p) {
  if (!p || !p->parent) return BEFORE_ROOT;
  return p->variable ? BEFORE_VARIABLE : template_word_before_text(p->text);
}

double template_word_judge(const struct trie_word *w, const struct trie_company *c, enum trie_before before) {
  struct span s = w->text;
  double k = c->words ? c->words : 1, calls = c->calls ? c->calls : 1, others = k > 1 ? k - 1 : 1;
  bool numbered = template_word_is_numbered(s), digit = !numbered && has_digit(s),
       hyphen = !numbered && span_index(s, '-') < s.len;
  bool under = span_index(s, '_') < s.len, dot = span_index(s, '.') < s.len,
       plural = is_plural(s) && !digit && !hyphen;
  bool plain = !numbered && !digit && !hyphen && !under && !dot && !has_camel(s), alone = c->words <= 1;
  double unique = k / calls, siblings = c->numbered - (uint32_t)numbered,
         slugs = c->slugs - (uint32_t)(numbered || hyphen);
  double z = -2.49;
  z += numbered * 4.1 + digit * 1.44 + hyphen * 0.57 + under * 0.51 - dot * 1.64 + is_upper(s) * 7.12;
  z += (s.len <= 2) * 1.11 - is_verb(s) * 3.78 - plural * 2.68 - (plural && k >= 8) * 1.35;
  z += unique * 2.95 - plain * unique * 1.1 + (before == BEFORE_VARIABLE) * (unique * 1.81 - 3.31);
  z -= (before == BEFORE_VERSION) * 2.29 + (before == BEFORE_ROOT) * 1.2 + (before == BEFORE_WORD) * 0.56;
  z -= (k >= 8) * 1.33 + 0.74 * fmin(log2(w->calls ? w->calls : 1), 5);
  z += fmin(siblings, 3) * 1.73 + fmin(w->alike, 4) * 1.03 + w->below * 0.99;
  if (plain && k <= 3 && before == BEFORE_WORD) z -= 0.8; /* too few to tell views of one thing from values */
  if (!alone) z += w->alike / others * 2.68 - slugs / others * 0.78 - w->calls / calls * 1.12;
  if (!alone && w->leaf) z += (c->leaves - 1) / others * 2.19;
  if (c->variable_calls) z += c->variable_calls / (c->variable_calls + calls) * 1.66 - 1.26;
  if (is_period(s) && w->below) z -= 3;
  if (hyphen && before == BEFORE_PLURAL && !w->below && !is_verb(s) && !is_plural(s)) z += 1.5;
  if (c->takes_words) z += 3; /* more than any one doubt, less than a verb */
  if (w->told)
    z += w->same_as_variable * 2.5 + fmin(w->same, 3) * 1.4 -
         (c->told > 2 && !w->same && !w->same_as_variable);
  return z + w->below_like_variable * 2.56;
}
