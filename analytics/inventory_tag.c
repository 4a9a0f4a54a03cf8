/* SPDX-License-Identifier: Apache-2.0 */
/* Rules that tag endpoints: all conditions of a rule must hold, one value of each is enough. */
#include "analytics/inventory_tag.h"
#include "analytics/document.h"
#include "analytics/inventory_row.h"
#include "base/err.h"

#include <fnmatch.h>
#include <stdio.h>

enum { RULES = 4096, CONDITIONS = 8, VALUES = 512, WORD = 64, STEPS = 32 };
enum on {
  ON_PATH,      /* words of the path's literal segments */
  ON_PARAMETER, /* words of names of parameters and of fields of the request */
  ON_FIELD,     /* words of names of fields of the answer */
  ON_SERVICE,   /* from here on: patterns with * and ? */
  ON_ENDPOINT,
  ON_METHOD,
  ON_PROTOCOL,
  ON_EXPOSURE,
  ON_STATE,
  ON_AUTH,
  ON_DATA,
  ON_STATUS,
  ON_REQUEST_TYPE,
  ON_RESPONSE_TYPE,
  ON_ADDRESS,
  ON_CALLER,
  ON_COUNT
};
static const char *const on_names[] = {
    "path",  "parameter", "field", "service", "endpoint",     "method",        "protocol", "exposure",
    "state", "auth",      "data",  "status",  "request_type", "response_type", "address",  "caller"};

struct condition {
  enum on on;
  char **value;
  size_t count;
};
struct tag_rule {
  char *tag, *owner; /* either may be NULL */
  struct condition condition[CONDITIONS];
  unsigned conditions;
};
struct inventory_tags {
  struct tag_rule *rule;
  size_t count;
};

struct inventory_tags *inventory_tag_new(void) {
  return mem_zalloc(sizeof(struct inventory_tags));
}

static void rule_done(struct tag_rule *r) {
  for (unsigned i = 0; i < r->conditions; i++) {
    for (size_t k = 0; k < r->condition[i].count; k++) mem_free(r->condition[i].value[k]);
    mem_free(r->condition[i].value);
  }
  mem_free(r->tag);
  mem_free(r->owner);
}

void inventory_tag_free(struct inventory_tags *t) {
  if (!t) return;
  for (size_t i = 0; i < t->count; i++) rule_done(&t->rule[i]);
  mem_free(t->rule);
  mem_free(t);
}

static int lower(int c) { return c >= 'A' && c <= 'Z' ? c | 32 : c; }

/* A word without separators, in lower case: "sign-in", "signIn" and "sign_in" are one. */
static char *squash(struct span s) {
  char *z = mem_alloc(s.len + 1);
  size_t n = 0;
  if (!z) return NULL;
  for (size_t i = 0; i < s.len; i++)
    if (!strchr("-_. ", s.base[i])) z[n++] = (char)lower(s.base[i]);
  z[n] = 0;
  return z;
}

static char *text_of(struct span s) { return mem_text(s.base, s.len); }

static int add_value(struct condition *c, const json_t *v) {
  char number[32];
  struct span s = document_text(v);
  if (json_is_integer(v)) {
    snprintf(number, sizeof number, "%lld", (long long)json_integer_value(v));
    s = span_str(number);
  }
  if (!s.len || c->count == VALUES) return ERR_SYNTAX;
  char **value = mem_realloc(c->value, (c->count + 1) * sizeof *value);
  if (!value) return ERR_NOMEM;
  c->value = value;
  value[c->count] = c->on < ON_SERVICE ? squash(s) : text_of(s);
  return value[c->count] ? (c->count++, 0) : ERR_NOMEM;
}

static int add_condition(struct tag_rule *r, const char *key, const json_t *v) {
  unsigned on = 0;
  while (on < ON_COUNT && strcmp(on_names[on], key) != 0) on++;
  if (on == ON_COUNT || r->conditions == CONDITIONS) return ERR_NOTFOUND;
  struct condition *c = &r->condition[r->conditions++];
  c->on = (enum on)on;
  if (!json_is_array(v)) return add_value(c, v);
  int rc = json_array_size(v) ? 0 : ERR_SYNTAX;
  for (size_t i = 0; rc == 0 && i < json_array_size(v); i++) rc = add_value(c, json_array_get(v, i));
  return rc;
}

static bool is_tag(struct span s) {
  if (!s.len || s.len > 32) return false;
  for (size_t i = 0; i < s.len; i++)
    if (s.base[i] <= ' ' || s.base[i] == ',' || s.base[i] == '"') return false;
  return true;
}

static int read_rule(struct tag_rule *r, json_t *from, const char **bad) {
  const char *key;
  json_t *v;
  int rc = json_is_object(from) ? 0 : ERR_SYNTAX;
  json_object_foreach(from, key, v) {
    struct span s = document_text(v);
    *bad = key;
    if (rc < 0) return rc;
    if (strcmp(key, "tag") == 0)
      rc = is_tag(s) ? (r->tag = text_of(s)) ? 0 : ERR_NOMEM : ERR_SYNTAX;
    else if (strcmp(key, "owner") == 0)
      rc = s.len && s.len < ROW_OWNER ? (r->owner = text_of(s)) ? 0 : ERR_NOMEM : ERR_SYNTAX;
    else
      rc = add_condition(r, key, v);
    if (rc < 0) return rc;
  }
  *bad = "tag or owner, and a condition";
  return rc < 0 || ((r->tag || r->owner) && r->conditions) ? rc : ERR_SYNTAX;
}

int inventory_tag_load(struct inventory_tags *t, const char *file, struct conf_error *err) {
  json_t *doc = NULL;
  const char *bad = "";
  int rc = document_load(&doc, file, err);
  if (rc < 0) return rc;
  const json_t *list = json_is_object(doc) ? document_get(doc, "rules") : doc;
  size_t n = json_array_size(list);
  struct tag_rule *rule = NULL;
  if (!json_is_array(list) || t->count + n > RULES) {
    snprintf(err->text, sizeof err->text, "%.300s: expected a list \"rules\" of at most %d", file, RULES);
    rc = ERR_SYNTAX;
  }
  if (rc == 0 && !(rule = mem_realloc(t->rule, (t->count + n + 1) * sizeof *rule))) rc = ERR_NOMEM;
  if (rule) t->rule = rule;
  for (size_t i = 0; rc == 0 && i < n; i++) {
    struct tag_rule *r = &t->rule[t->count++];
    *r = (struct tag_rule){0};
    rc = read_rule(r, json_array_get(list, i), &bad);
    if (rc == ERR_SYNTAX || rc == ERR_NOTFOUND)
      snprintf(err->text, sizeof err->text, "%.200s: rule %zu: %.64s: %s", file, i + 1, bad,
               rc == ERR_NOTFOUND ? "no such field; docs/INVENTORY.md names them" : "expected words");
  }
  json_decref(doc);
  return rc;
}

/* Where the steps of a name begin: "resetPassword_v2" → reset, Password, v2. */
static unsigned steps_of(struct span s, size_t at[STEPS + 1]) {
  unsigned n = 0;
  bool sep = true;
  for (size_t i = 0; i < s.len && n < STEPS; i++) {
    uint8_t c = s.base[i], b = i ? s.base[i - 1] : 0;
    bool is_sep = strchr("-_. ", c) != NULL;
    bool camel = c >= 'A' && c <= 'Z' && ((b >= 'a' && b <= 'z') || (b >= '0' && b <= '9'));
    if (!is_sep && (sep || camel)) at[n++] = i;
    sep = is_sep;
  }
  at[n] = s.len;
  return n;
}

/* Whether whole steps of a name, run together, make up the word. */
static bool has_word(struct span name, const char *word) {
  size_t at[STEPS + 1];
  unsigned n = steps_of(name, at);
  for (unsigned i = 0; i < n; i++) {
    const char *w = word;
    size_t k = at[i];
    unsigned next = i + 1;
    for (; k < name.len; k++) {
      if (next < n && at[next] == k) next++;
      if (strchr("-_. ", name.base[k])) continue;
      if (!*w || lower(name.base[k]) != (uint8_t)*w) break;
      w++;
    }
    while (k < name.len && strchr("-_. ", name.base[k])) k++;
    bool boundary = k == name.len;
    for (unsigned j = i + 1; j < n && !boundary; j++) boundary = at[j] == k;
    if (!*w && boundary) return true;
  }
  return false;
}

static bool any_word(const struct condition *c, struct span name) {
  for (size_t i = 0; i < c->count; i++)
    if (has_word(name, c->value[i])) return true;
  return false;
}

static bool on_path(const struct condition *c, struct span name) {
  struct span path = span_skip(name, span_index(name, ' ') + 1);
  if (span_index(name, ' ') == name.len) path = name;
  while (path.len) {
    struct span part = span_cut(&path, '/');
    if (span_index(part, '{') == part.len && any_word(c, part)) return true;
  }
  return false;
}

static bool on_fields(const struct condition *c, const struct schema_book *b, bool request) {
  for (uint32_t i = 0; b && i < b->nfields; i++) {
    const struct schema_field *f = &b->field[i];
    if (request ? f->place > SCHEMA_REQUEST : f->place != SCHEMA_RESPONSE) continue;
    struct span key = f->path;
    for (size_t k = key.len; k > 0; k--)
      if (key.base[k - 1] == '.') {
        key = span_skip(key, k);
        break;
      }
    if (any_word(c, span_head(key, span_index(key, '[')))) return true;
  }
  return false;
}

static bool glob(const struct condition *c, struct span s) {
  char text[ROW_NAME + 1];
  span_text(text, sizeof text, s);
  for (size_t i = 0; i < c->count; i++)
    if (fnmatch(c->value[i], text, FNM_CASEFOLD) == 0) return true;
  return false;
}

static bool glob_addr(const struct condition *c, const uint8_t addr[16]) {
  char text[48];
  return glob(c, span_of(text, zones_text(addr, text)));
}

static bool on_lists(const struct condition *c, const struct row *r) {
  char text[16];
  const struct schema_book *b = r->schema;
  if (c->on == ON_AUTH)
    for (unsigned i = 0; i < AUTH_KINDS; i++)
      if (r->auth >> i & 1 && glob(c, span_str(auth_kind_name((enum auth_kind)i)))) return true;
  if (c->on == ON_DATA)
    for (int d = 0; d < 2; d++)
      for (unsigned i = 0; i < r->ndata[d]; i++)
        if (glob(c, span_str(r->data[d][i].class_id))) return true;
  if (c->on == ON_CALLER)
    for (uint32_t i = 0; i < r->callers; i++)
      if (glob_addr(c, r->caller[i])) return true;
  if (c->on == ON_STATUS)
    for (unsigned i = 0; b && i < b->nstatuses; i++)
      if (snprintf(text, sizeof text, "%u", b->status[i].status) > 0 && glob(c, span_str(text))) return true;
  if (c->on == ON_REQUEST_TYPE || c->on == ON_RESPONSE_TYPE)
    for (unsigned d = c->on == ON_RESPONSE_TYPE, i = 0; b && i < b->nmedia[d]; i++)
      if (glob(c, span_of(b->medium[d][i].type, b->medium[d][i].len))) return true;
  return false;
}

static bool holds(const struct condition *c, const struct row *r) {
  switch (c->on) {
  case ON_PATH: return on_path(c, row_name(r));
  case ON_PARAMETER: return on_fields(c, r->schema, true);
  case ON_FIELD: return on_fields(c, r->schema, false);
  case ON_SERVICE: return glob(c, row_service(r));
  case ON_ENDPOINT: return glob(c, row_name(r));
  case ON_METHOD: return glob(c, span_of(r->method, r->method_len));
  case ON_PROTOCOL: return glob(c, span_str(r->protocol));
  case ON_EXPOSURE: return glob(c, span_str(zones_name(r->exposure)));
  case ON_STATE: return glob(c, span_str(inventory_row_state(r)));
  case ON_ADDRESS: return glob_addr(c, r->addr);
  default: return on_lists(c, r);
  }
}

bool inventory_tag_has(struct span tags, struct span tag) {
  while (tags.len)
    if (span_eq(span_cut(&tags, ','), tag)) return true;
  return false;
}

static void put(struct row *r, const char *tag) {
  size_t n = strlen(tag);
  if (inventory_tag_has(span_of(r->tags, r->tags_len), span_str(tag))) return;
  if (r->tags_len + n + 1 >= ROW_TAGS) return;
  if (r->tags_len) r->tags[r->tags_len++] = ',';
  memcpy(r->tags + r->tags_len, tag, n);
  r->tags_len = (uint16_t)(r->tags_len + n);
}

void inventory_tag_row(const struct inventory_tags *t, struct row *r) {
  r->tags_len = 0;
  memset(r->rule_owner, 0, sizeof r->rule_owner);
  for (size_t i = 0; t && i < t->count; i++) {
    const struct tag_rule *rule = &t->rule[i];
    bool all = true;
    for (unsigned k = 0; k < rule->conditions && all; k++) all = holds(&rule->condition[k], r);
    if (all && rule->tag) put(r, rule->tag);
    if (all && rule->owner) snprintf(r->rule_owner, sizeof r->rule_owner, "%s", rule->owner);
  }
}
