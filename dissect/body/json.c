/* SPDX-License-Identifier: Apache-2.0 */
/* JSON, RFC 8259, and what is sent in its name: one pass, no recursion, tolerant of what real programs write. */
#include "base/mem.h"
#include "base/coded.h"
#include "dissect/body/heading.h"

enum { ERRORS_MAX = 64 };

struct frame {
  struct path_node *node; /* of the container */
  struct path_node *kid;  /* object: child named last; list: node of its items */
  uint32_t count;
  bool list, want_key;
  bool row;            /* a list whose items stand under the table's columns */
  bool sure;           /* head was said to name columns */
  const uint8_t *from; /* where the content begins */
  struct span head;    /* content of a list seen here that may name the columns of rows to come */
};
struct json {
  struct body_walk *w;
  const uint8_t *p, *end;
  struct frame stack[WALK_DEPTH + 1]; /* [0] is the top level, a kind of list */
  unsigned top, limit, deep;          /* deep: containers below the limit, not told apart */
  unsigned errors;
  struct heading *table; /* NULL: none yet */
  unsigned table_at;     /* frame of the list of rows; 0: none open */
};

static struct path_node *column(struct json *j, const struct frame *f) {
  return heading_column(j->table, j->w, f->count - 1, f->kid);
}

static struct path_node *value_node(struct json *j, uint32_t *index) {
  struct frame *f = &j->stack[j->top];
  *index = 0;
  if (j->top == 0) {
    f->count++;
    return f->kid;
  }
  if (f->list) {
    *index = f->count++;
    return f->row ? column(j, f) : f->kid;
  }
  return f->kid ? f->kid : f->node;
}

/* ---- tables ---- */

/* The list that names the columns of the rows which begin here: beside the list of rows, or a step or two above. */
static bool find_heading(struct json *j, unsigned rows, unsigned width) {
  struct path_node *item = j->stack[rows].kid;
  for (unsigned k = rows - 1, up = 0; k > 0 && up < 3 && !j->stack[k].list; k--, up++) {
    const struct frame *f = &j->stack[k];
    if (f->head.len && heading_json(j->table, j->w, f->head, width, f->sure, item)) return true;
  }
  const struct frame *above = &j->stack[rows - 1];
  struct span first = {j->p, (size_t)(j->end - j->p)};
  if (rows < 2 || above->list || span_index(span_head(first, 256), '"') >= span_index(first, ']'))
    return false;
  struct span behind =
      heading_behind((struct span){j->stack[rows].from, (size_t)(j->end - j->stack[rows].from)});
  return behind.len && heading_json(j->table, j->w, behind, width, true, item);
}

/* A list inside a list begins: a row, when something names its columns. */
static bool begins_row(struct json *j, unsigned rows) {
  struct frame *f = &j->stack[rows];
  if (j->table_at == rows) return true;
  if (j->table_at || f->count > 2) return false;
  if (!j->table) j->table = mem_alloc(sizeof *j->table);
  if (!j->table) return walk_missed(j->w), false;
  struct span rest = {j->p, (size_t)(j->end - j->p)};
  bool found = false;
  if (f->count == 1) {
    unsigned width = heading_items(rest);
    found = width && find_heading(j, rows, width);
  } else if (f->head.len) { /* the first row may name the others' columns */
    found = heading_json(j->table, j->w, f->head, heading_items(rest), false, f->kid);
  }
  if (found) j->table_at = rows;
  return found;
}

static void keep_heading(struct frame *up, const struct frame *f, const uint8_t *end) {
  bool sure = !up->list && up->kid && up->kid->role == PATH_HEADING;
  if (up->list ? up->count != 1 : up->sure && !sure) return;
  if (f->list) {
    up->head = (struct span){f->from, (size_t)(end - f->from)};
    up->sure = sure;
  } else if (f->sure && !up->list) { /* "schema": {"fields": […]} */
    up->head = f->head;
    up->sure = true;
  }
}
static void open_container(struct json *j, bool list) {
  if (j->top + 1 >= j->limit) {
    j->deep++;
    return;
  }
  uint32_t index;
  struct path_node *n = value_node(j, &index);
  struct frame *f = &j->stack[++j->top];
  *f = (struct frame){.node = n,
                      .kid = list ? path_item(j->w->paths, n) : NULL,
                      .list = list,
                      .want_key = !list,
                      .from = j->p};
  if (list && f[-1].list && j->top > 1) f->row = begins_row(j, j->top - 1);
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
  const struct frame *f = &j->stack[j->top];
  if (f->list) walk_items(j->w, f->count);
  if (j->table_at == j->top) j->table_at = 0;
  j->top--;
  if (f->list || f->sure) keep_heading(&j->stack[j->top], f, j->p - 1);
}

static uint32_t hex4(const uint8_t *p) {
  uint32_t v = 0;
  for (unsigned i = 0; i < 4; i++) {
    int h = coded_hex(p[i]);
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

/* Comments, as some parsers let them pass. */
static bool skip_comment(struct json *j) {
  struct span s = {j->p, (size_t)(j->end - j->p)};
  if (s.len < 2 || (s.base[1] != '*' && s.base[1] != '/')) return false;
  bool line = s.base[1] == '/';
  s = span_skip(s, 2);
  size_t n = line ? span_index(s, '\n') : span_find(s, SPAN_LIT("*/"));
  j->p = span_skip(s, n + (line ? 1 : 2)).base;
  if (n + (line ? 1 : 2) >= s.len) j->p = j->end;
  return true;
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
    if (c == '/' && skip_comment(j)) return 0;
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
  int rc = 0;
  while (j.p < j.end && rc >= 0 && j.errors <= ERRORS_MAX) rc = step(&j);
  mem_free(j.table);
  if (rc < 0 || j.errors > ERRORS_MAX) return rc < 0 ? rc : ERR_SYNTAX;
  if (j.top > 0 && !w->cut) j.errors++;
  for (; j.top > 0; j.top--)
    if (j.stack[j.top].list) walk_items(w, j.stack[j.top].count);
  if (j.stack[0].count > 1) walk_items(w, j.stack[0].count);
  return j.errors ? ERR_SYNTAX : (int)(w->leaves - before);
}

/* callback({…}); as scripts fetch it from other sites: the argument, else an empty span. */
static struct span jsonp(struct span s) {
  size_t n = 0;
  s = span_trim(s);
  if (span_starts(s, SPAN_LIT("/**/"))) s = span_trim(span_skip(s, 4));
  if (span_starts(s, SPAN_LIT("typeof "))) { /* typeof callback === 'function' && callback(…) */
    size_t and = span_find(span_head(s, 200), SPAN_LIT("&&"));
    s = span_trim(span_skip(s, and+2));
  }
  while (n < s.len && n < 80 && (is_word(s.base[n]) || s.base[n] == '.')) n++;
  if (!n || n + 2 > s.len || s.base[n] != '(' || (s.base[n + 1] != '{' && s.base[n + 1] != '['))
    return (struct span){0};
  return span_skip(s, n + 1);
}

/* A whole document that was escaped as for a URL. */
static int walk_escaped(struct body_walk *w, struct span s) {
  struct span text = walk_unpercent(w, s, true);
  if (text.base == s.base || w->nested >= WALK_NESTED) return walk_docs(w, s, false);
  w->nested++; /* keeps the scratch */
  int rc = walk_docs(w, text, false);
  w->nested--;
  return rc;
}

int json_walk(struct body_walk *w, struct span s) {
  if (span_starts_nocase(s, SPAN_LIT("%7b")) || span_starts_nocase(s, SPAN_LIT("%5b")))
    return walk_escaped(w, s);
  struct span inner = s.len && (is_word(s.base[0]) || s.base[0] == '/') ? jsonp(s) : (struct span){0};
  if (inner.len) {
    while (inner.len && inner.base[inner.len - 1] != '}' && inner.base[inner.len - 1] != ']') inner.len--;
    s = inner;
  }
  return walk_docs(w, s, false);
}
static int ndjson_walk(struct body_walk *w, struct span s) { return walk_docs(w, s, true); }

static bool mime_has(struct span mime, const char *word) {
  return span_find_nocase(mime, span_str(word)) < mime.len;
}

static int json_match(struct span mime, struct span head) {
  struct span s = span_trim(head);
  if (mime_has(mime, "javascript") && jsonp(s).len) return 2;
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
