/* SPDX-License-Identifier: Apache-2.0 */
/* A reader of GraphQL documents: tokens, definitions, and a walk over one operation's selections with its fragments spread. */
#include "dissect/model/graphql.h"

enum { DEPTH_MOST = 48, TOKENS_MOST = 50000, FRAGMENTS = 64 };
enum kind { TOKEN_END, TOKEN_NAME, TOKEN_VALUE, TOKEN_SPREAD, TOKEN_OTHER /* a character of its own */ };

struct lexer {
  const uint8_t *p, *end;
  uint8_t kind, c;
  struct span text;
};
struct definition {
  struct span name;
  const char *type; /* NULL: a fragment */
  struct lexer at;  /* on the '{' of its selections */
};
struct reader_state {
  struct graphql *g;
  struct definition fragment[FRAGMENTS];
  unsigned fragments;
  uint32_t tokens;
};
struct place {
  char path[GRAPHQL_PATH];
  size_t len;
  unsigned depth, nested; /* fields above; calls above */
};

static bool is_start(uint8_t c) { return c == '_' || ((c | 32) >= 'a' && (c | 32) <= 'z'); }
static bool is_name(uint8_t c) { return is_start(c) || (c >= '0' && c <= '9'); }

static void skip_ignored(struct lexer *l) {
  while (l->p < l->end) {
    uint8_t c = *l->p;
    if (c == '#') {
      while (l->p < l->end && *l->p != '\n' && *l->p != '\r') l->p++;
    } else if (c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == ',' || c == 0xef || c == 0xbb ||
               c == 0xbf) {
      l->p++;
    } else {
      return;
    }
  }
}

static void take_string(struct lexer *l) {
  struct span s = {l->p, (size_t)(l->end - l->p)};
  if (span_starts(s, SPAN_LIT("\"\"\""))) {
    size_t n = span_find(span_skip(s, 3), SPAN_LIT("\"\"\""));
    l->p += span_head(s, n + 6).len;
    return;
  }
  for (l->p++; l->p < l->end && *l->p != '"' && *l->p != '\n'; l->p++)
    if (*l->p == '\\' && l->p + 1 < l->end) l->p++;
  if (l->p < l->end) l->p++;
}

/* The next token. */
static uint8_t next(struct reader_state *r, struct lexer *l) {
  skip_ignored(l);
  l->kind = TOKEN_END;
  l->c = 0;
  if (l->p >= l->end) return 0;
  if (++r->tokens > TOKENS_MOST) {
    r->g->capped = true;
    l->p = l->end;
    return 0;
  }
  const uint8_t *from = l->p;
  uint8_t c = *from;
  if (is_start(c)) {
    while (l->p < l->end && is_name(*l->p)) l->p++;
    l->kind = TOKEN_NAME;
  } else if (c == '"') {
    take_string(l);
    l->kind = TOKEN_VALUE;
  } else if (c == '-' || (c >= '0' && c <= '9')) {
    do l->p++;
    while (l->p < l->end && (is_name(*l->p) || *l->p == '.' || *l->p == '+' || *l->p == '-'));
    l->kind = TOKEN_VALUE;
  } else if (span_starts(span_of(from, (size_t)(l->end - from)), SPAN_LIT("..."))) {
    l->p += 3;
    l->kind = TOKEN_SPREAD;
  } else {
    l->p++;
    l->kind = TOKEN_OTHER;
    l->c = c;
  }
  l->text = span_of(from, (size_t)(l->p - from));
  return l->kind;
}

/* From an opening bracket to what follows its partner. False at the end of the text. */
static bool skip_group(struct reader_state *r, struct lexer *l) {
  unsigned depth = 0;
  do {
    if (l->c == '(' || l->c == '[' || l->c == '{') depth++;
    if (l->c == ')' || l->c == ']' || l->c == '}') depth--;
    if (!next(r, l)) return depth == 0;
  } while (depth);
  return true;
}

/* Arguments or variables in brackets, and directives with theirs. */
static void skip_decoration(struct reader_state *r, struct lexer *l) {
  if (l->c == '(') skip_group(r, l);
  while (l->c == '@') {
    next(r, l);
    if (l->kind == TOKEN_NAME) next(r, l);
    if (l->c == '(') skip_group(r, l);
  }
}

static struct place below(const struct place *p, struct span name) {
  struct place q = *p;
  size_t dot = q.len > 0;
  q.depth++;
  q.nested++;
  if (q.len + dot + name.len >= sizeof q.path) return q;
  if (dot) q.path[q.len++] = '.';
  memcpy(q.path + q.len, name.base, name.len);
  q.len += name.len;
  q.path[q.len] = 0;
  return q;
}

static void note_field(struct graphql *g, const struct place *p, struct span name) {
  g->fields++;
  if (p->depth > g->depth) g->depth = p->depth;
  if (p->depth == 1 && g->roots < GRAPHQL_ROOTS) g->root[g->roots++] = name;
  if (span_eq(name, SPAN_LIT("__schema")) || span_eq(name, SPAN_LIT("__type"))) g->introspection = true;
  if (g->paths == GRAPHQL_PATHS) return;
  for (unsigned i = 0; i < g->paths; i++)
    if (memcmp(g->path[i], p->path, p->len + 1) == 0) return;
  memcpy(g->path[g->paths++], p->path, p->len + 1);
}

static void selections(struct reader_state *r, struct lexer *l, const struct place *p);

static void field(struct reader_state *r, struct lexer *l, const struct place *p) {
  struct span name = l->text;
  next(r, l);
  if (l->c == ':') {
    next(r, l);
    if (l->kind != TOKEN_NAME) return;
    r->g->aliases++;
    name = l->text;
    next(r, l);
  }
  struct place q = below(p, name);
  note_field(r->g, &q, name);
  skip_decoration(r, l);
  if (l->c == '{') selections(r, l, &q);
}

static void spread(struct reader_state *r, struct lexer *l, const struct place *p) {
  struct place q = *p;
  q.nested++;
  next(r, l);
  if (l->kind == TOKEN_NAME && !span_eq(l->text, SPAN_LIT("on"))) {
    for (unsigned i = 0; i < r->fragments; i++) {
      if (!span_eq(r->fragment[i].name, l->text)) continue;
      struct lexer copy = r->fragment[i].at;
      selections(r, &copy, &q);
      break;
    }
    next(r, l);
    skip_decoration(r, l);
    return;
  }
  if (l->kind == TOKEN_NAME) {
    next(r, l);
    if (l->kind == TOKEN_NAME) next(r, l);
  }
  skip_decoration(r, l);
  if (l->c == '{') selections(r, l, &q);
}

/* l stands on '{'; afterwards on what follows its partner. */
static void selections(struct reader_state *r, struct lexer *l, const struct place *p) {
  if (p->nested >= DEPTH_MOST) {
    r->g->capped = true;
    skip_group(r, l);
    return;
  }
  next(r, l);
  while (l->kind != TOKEN_END && l->c != '}') {
    if (l->kind == TOKEN_NAME)
      field(r, l, p);
    else if (l->kind == TOKEN_SPREAD)
      spread(r, l, p);
    else
      next(r, l);
  }
  next(r, l);
}

static const char *type_of(struct span word) {
  static const char *const types[] = {"query", "mutation", "subscription"};
  for (unsigned i = 0; i < 3; i++)
    if (span_eq(word, span_str(types[i]))) return types[i];
  return NULL;
}

/* One definition from its first token on; false where none that can be executed begins here, or where it does not end. */
static bool define(struct reader_state *r, struct lexer *l, struct definition *d) {
  *d = (struct definition){.type = "query"};
  if (l->c != '{') {
    if (l->kind != TOKEN_NAME) return false;
    bool fragment = span_eq(l->text, SPAN_LIT("fragment"));
    d->type = type_of(l->text);
    if (!d->type && !fragment) return false;
    next(r, l);
    if (l->kind == TOKEN_NAME) {
      d->name = l->text;
      next(r, l);
    }
    if (fragment && l->kind == TOKEN_NAME) next(r, l); /* on */
    if (fragment && l->kind == TOKEN_NAME) next(r, l); /* its type */
    skip_decoration(r, l);
  }
  if (l->c != '{') return false;
  d->at = *l;
  return skip_group(r, l) || r->g->capped;
}

bool graphql_read(struct span document, struct span want, struct graphql *out) {
  struct reader_state r = {.g = out};
  struct lexer l = {.p = document.base, .end = document.base + document.len};
  struct definition d, chosen = {.type = NULL};
  memset(out, 0, sizeof *out);
  if (!document.len) return false;
  next(&r, &l);
  while (l.kind != TOKEN_END && define(&r, &l, &d)) {
    if (!d.type) {
      if (r.fragments < FRAGMENTS) r.fragment[r.fragments++] = d;
      continue;
    }
    out->operations++;
    if (!chosen.type || (want.len && span_eq(d.name, want))) chosen = d;
  }
  if (!chosen.type) return false;
  struct place top = {.len = 0};
  out->type = chosen.type;
  out->name = chosen.name;
  selections(&r, &chosen.at, &top);
  return out->fields > 0;
}
