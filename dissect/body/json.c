/* SPDX-License-Identifier: Apache-2.0 */
/* JSON, RFC 8259, and what is sent in its name: one pass, no recursion, tolerant of what real programs write. */
#include "dissect/body/walk.h"

enum { ERRORS_MAX = 64 };

struct frame {
  struct path_node *node; /* of the container */
  struct path_node *kid;  /* object: child named last; list: node of its items */
  uint32_t count;
  bool list, want_key;
};
struct json {
  struct body_walk *w;
  const uint8_t *p, *end;
  struct frame stack[WALK_DEPTH + 1]; /* [0] is the top level, a kind of list */
  unsigned top, limit, deep;          /* deep: containers below the limit, not told apart */
  unsigned errors;
};

static struct path_node *value_node(struct json *j, uint32_t *index) {
  struct frame *f = &j->stack[j->top];
  *index = 0;
  if (j->top == 0) {
    f->count++;
    return f->kid;
  }
  if (f->list) {
    *index = f->count++;
    return f->kid;
  }
  return f->kid ? f->kid : f->node;
}

static void open_container(struct json *j, bool list) {
  if (j->top + 1 >= j->limit) {
    j->deep++;
    return;
  }
  uint32_t index;
  struct path_node *n = value_node(j, &index);
  struct frame *f = &j->stack[++j->top];
  *f = (struct frame){
      .node = n, .kid = list ? path_item(j->w->paths, n) : NULL, .list = list, .want_key = !list};
}

static void close_container(struct json *j) {
  if (j->deep) {
    j->deep--;
    return;
  }
  if (j->top == 0) {
    j->errors++;
    return;
  }
  if (j->stack[j->top].list) walk_items(j->w, j->stack[j->top].count);
  j->top--;
}

static uint32_t hex4(const uint8_t *p) {
  uint32_t v = 0;
  for (unsigned i = 0; i < 4; i++) {
    int h = walk_hex(p[i]);
    if (h < 0) return UINT32_MAX;
    v = v << 4 | (uint32_t)h;
  }
  return v;
}

/* \uXXXX at p (past the u); the number of input bytes eaten, 0 when it is none. */
static size_t unescape_u(const uint8_t *p, const uint8_t *end, uint32_t *c) {
  if (end - p < 4) return 0;
  *c = hex4(p);
  if (*c == UINT32_MAX) return 0;
  if (*c >= 0xd800 && *c < 0xdc00 && end - p >= 10 && p[4] == '\\' && p[5] == 'u') {
    uint32_t low = hex4(p + 6);
    if (low >= 0xdc00 && low < 0xe000) {
      *c = 0x10000 + ((*c - 0xd800) << 10) + (low - 0xdc00);
      return 10;
    }
  }
  if (*c >= 0xd800 && *c < 0xe000) *c = 0xfffd;
  return 4;
}

/* An escape is never shorter than what it stands for, so the text fits into its own length. */
static struct span unescape(struct json *j, struct span s) {
  uint8_t *out = arena_alloc(j->w->scratch, s.len);
  if (!out) return s;
  size_t n = 0;
  const uint8_t *p = s.base, *end = s.base + s.len;
  while (p < end) {
    size_t run = span_index((struct span){p, (size_t)(end - p)}, '\\');
    memcpy(out + n, p, run);
    n += run;
    p += run;
    if (p >= end) break;
    if (++p >= end) break;
    uint32_t c;
    size_t eaten = *p == 'u' ? unescape_u(p + 1, end, &c) : 0;
    if (eaten)
      n += walk_utf8(c, out + n);
    else
      out[n++] = walk_escape(*p);
    p += 1 + eaten;
  }
  return (struct span){out, n};
}

/* The string at j->p, behind its opening quote. */
static struct span take_string(struct json *j, uint8_t quote, bool *escaped) {
  const uint8_t *from = j->p, *p = from;
  while (p < j->end) {
    p += walk_find2((struct span){p, (size_t)(j->end - p)}, quote, '\\');
    if (p >= j->end) break;
    if (*p == quote) {
      j->p = p + 1;
      return (struct span){from, (size_t)(p - from)};
    }
    *escaped = true;
    p += 2;
  }
  j->p = j->end;
  if (!j->w->cut) j->errors++;
  return (struct span){from, (size_t)(j->end - from)};
}

static void set_key(struct json *j, struct span key) {
  struct frame *f = &j->stack[j->top];
  f->kid = path_next(j->w->paths, f->node, f->kid == f->node ? NULL : f->kid, key);
  f->want_key = false;
  if (j->p < j->end && *j->p == ':') j->p++; /* as nearly always */
}

static int give(struct json *j, enum leaf_type type, struct span value, struct span raw) {
  uint32_t index;
  struct path_node *n = value_node(j, &index);
  return walk_value(j->w, n, index, type, value, raw);
}

static int on_string(struct json *j, uint8_t quote) {
  bool escaped = false;
  struct frame *f = &j->stack[j->top];
  j->p++;
  struct span raw = take_string(j, quote, &escaped);
  struct span s = escaped ? unescape(j, raw) : raw;
  if (f->want_key && !j->deep) {
    set_key(j, s);
    return f->kid->folded ? walk_value(j->w, f->kid, 0, LEAF_STRING, s, raw) : 0;
  }
  return give(j, LEAF_STRING, s, raw);
}

static inline bool is_number(uint8_t c) {
  /* + - . 0–9 are 0x2b, 0x2d, 0x2e, 0x30–0x39: bits of one word */
  return (uint8_t)(c - '+') < 15 ? 0x7fedU >> (c - '+') & 1 : c == 'e' || c == 'E';
}
static bool is_word(uint8_t c) {
  return (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z') || c == '_' || c == '$' || c >= 0x80;
}

static int on_number(struct json *j) {
  const uint8_t *from = j->p;
  while (j->p < j->end && is_number(*j->p)) j->p++;
  struct span s = {from, (size_t)(j->p - from)};
  if (j->stack[j->top].want_key && !j->deep) {
    set_key(j, s);
    return 0;
  }
  return give(j, LEAF_NUMBER, s, s);
}

/* true, false, null, NaN; names without quotes. */
static int on_word(struct json *j) {
  const uint8_t *from = j->p;
  while (j->p < j->end && is_word(*j->p)) j->p++;
  struct span s = {from, (size_t)(j->p - from)};
  if (j->stack[j->top].want_key && !j->deep) {
    set_key(j, s);
    return 0;
  }
  if (span_eq(s, SPAN_LIT("true")) || span_eq(s, SPAN_LIT("false"))) return give(j, LEAF_BOOL, s, s);
  if (span_eq(s, SPAN_LIT("null")) || span_eq(s, SPAN_LIT("undefined"))) return give(j, LEAF_NULL, s, s);
  if (span_eq(s, SPAN_LIT("NaN")) || span_eq(s, SPAN_LIT("Infinity"))) return give(j, LEAF_NUMBER, s, s);
  j->errors++;
  return give(j, LEAF_STRING, s, s);
}

static int step(struct json *j) {
  uint8_t c = *j->p;
  switch (c) {
  case ' ':
  case '\t':
  case '\r':
  case '\n':
  case ':': j->p++; return 0;
  case ',':
    j->p++;
    j->stack[j->top].want_key = j->top && !j->stack[j->top].list;
    return 0;
  case '{':
  case '[':
    j->p++;
    open_container(j, c == '[');
    return 0;
  case '}':
  case ']':
    j->p++;
    close_container(j);
    return 0;
  case '"':
  case '\'': return on_string(j, c);
  default:
    if (is_number(c) && c != 'e' && c != 'E') return on_number(j);
    if (is_word(c)) return on_word(j);
    j->p++;
    j->errors++;
    return 0;
  }
}

static int walk_docs(struct body_walk *w, struct span s, bool lines) {
  struct json j = {.w = w, .p = s.base, .end = s.base + s.len};
  unsigned max = w->max_depth ? w->max_depth : WALK_DEPTH;
  j.limit = (max < WALK_DEPTH ? max : WALK_DEPTH) + 1;
  struct path_node *root = walk_root(w);
  j.stack[0] = (struct frame){.node = root, .kid = lines ? path_item(w->paths, root) : root};
  uint32_t before = w->leaves;
  while (j.p < j.end) {
    int rc = step(&j);
    if (rc < 0) return rc;
    if (j.errors > ERRORS_MAX) return ERR_SYNTAX;
  }
  if (j.top > 0 && !w->cut) j.errors++;
  for (; j.top > 0; j.top--)
    if (j.stack[j.top].list) walk_items(w, j.stack[j.top].count);
  if (j.stack[0].count > 1) walk_items(w, j.stack[0].count);
  return j.errors ? ERR_SYNTAX : (int)(w->leaves - before);
}

int json_walk(struct body_walk *w, struct span s) { return walk_docs(w, s, false); }
static int ndjson_walk(struct body_walk *w, struct span s) { return walk_docs(w, s, true); }

static bool mime_has(struct span mime, const char *word) {
  return span_find_nocase(mime, span_str(word)) < mime.len;
}

static int json_match(struct span mime, struct span head) {
  struct span s = span_trim(head);
  bool looks = s.len && (s.base[0] == '{' || s.base[0] == '[');
  if (looks && s.len > 1) {
    struct span next = span_trim(span_skip(s, 1));
    uint8_t c = next.len ? next.base[0] : ' ';
    looks = s.base[0] == '{'
                ? c == '"' || c == '}' || c == '\'' || c == ' ' || is_word(c)
                : c == '"' || c == '{' || c == '[' || c == ']' || is_word(c) || c == '-' || c == ' ';
  }
  if (mime_has(mime, "json") || mime_has(mime, "graphql-response"))
    return looks || !s.len || s.base[0] != '<' ? 2 : 0;
  return looks ? 1 : 0;
}

static int ndjson_match(struct span mime, struct span head) {
  (void)head;
  return mime_has(mime, "ndjson") || mime_has(mime, "jsonlines") || mime_has(mime, "json-seq") ||
                 mime_has(mime, "jsonl")
             ? 2
             : 0;
}

const struct body_format json_format = {"json", json_match, json_walk};
const struct body_format ndjson_format = {"ndjson", ndjson_match, ndjson_walk};
