/* SPDX-License-Identifier: Apache-2.0 */
/* Reads a statement once: its text goes out with values replaced, its values with the names of their columns. */
#include "dissect/proto/statement.h"
#include "base/err.h"
#include "dissect/body/rows.h"

enum { DEPTH = 64, CELLS = 512, HIDDEN = 8, SHORT_NUMBER = 7, VALUES_TOKEN = 1 << 20 };
enum stage {
  STAGE_NONE,
  STAGE_TABLE /* INSERT INTO t */,
  STAGE_COLUMNS,
  STAGE_NAMED /* they are */,
  STAGE_VALUES,
  STAGE_DONE
};
enum expect { EXPECT_NONE, EXPECT_TABLE /* of FROM: may be a function */, EXPECT_NAME };

struct frame {
  bool select, from, in; /* a SELECT stands at this depth; in its list of tables; values of IN */
};
struct walk {
  struct statement *st;
  struct arena *arena;
  struct statement_lex lex;
  struct buf *values;
  uint8_t *text;
  size_t len, size;
  struct frame frame[DEPTH];
  unsigned depth;
  enum expect expect;
  enum stage stage;
  unsigned row_depth; /* of the cells of VALUES */
  struct span column[CELLS];
  unsigned columns, cell, cells;
  struct token value[CELLS]; /* of the row being read; TOKEN_END: none */
  bool listed;               /* the columns were written */
  struct span col;           /* column last named */
  bool op, between, set;     /* a comparison follows it; BETWEEN; in SET */
  enum word last;            /* word before, WORD_OTHER for any other token */
  struct span hidden[HIDDEN];
  unsigned nhidden;           /* names that WITH gives */
  bool with, routine, closed; /* in WITH; no more tables: a routine's text follows */
  struct token before, token;
};

static void put(struct walk *w, struct span s, bool space) {
  if (space && w->len && w->len < w->size) w->text[w->len++] = ' ';
  s = span_head(s, w->size - w->len);
  if (s.len) memcpy(w->text + w->len, s.base, s.len);
  w->len += s.len;
}

static bool ends(const struct walk *w, const char *tail) {
  return span_ends(span_of(w->text, w->len), span_str(tail));
}

/* "?,?" is "?", and "(?),(?)" is "(?)". */
static void put_mark(struct walk *w, bool space) {
  if (ends(w, "?,"))
    w->len--;
  else if (ends(w, "?, "))
    w->len -= 2;
  else
    put(w, SPAN_LIT("?"), space);
}

static void put_token(struct walk *w, const struct token *t) {
  switch (t->kind) {
  case TOKEN_STRING:
  case TOKEN_NUMBER:
  case TOKEN_MARK: put_mark(w, t->space); break;
  case TOKEN_NAME:
  case TOKEN_WORD: put(w, statement_text_name(t->text) ? t->text : SPAN_LIT("?"), t->space); break;
  default:
    put(w, t->text, t->space);
    if (t->text.base[0] != ')') break;
    if (ends(w, "(?),(?)")) w->len -= 4;
    if (ends(w, "(?), (?)")) w->len -= 5;
  }
}

static struct frame *top(struct walk *w) { return &w->frame[w->depth < DEPTH ? w->depth : DEPTH - 1]; }

/* The next token without taking it. */
static struct token peek(const struct walk *w) {
  struct statement_lex ahead = w->lex;
  return statement_lex_next(&ahead);
}
static bool is_sign(const struct token *t, char c) {
  return t->kind == TOKEN_SIGN && t->text.len == 1 && t->text.base[0] == (uint8_t)c;
}

/* a.b.c, of which the last is in w->token; the whole with dots. */
static struct span dotted(struct walk *w) {
  struct span whole = w->token.text;
  bool plain = w->token.kind == TOKEN_WORD;
  for (unsigned n = 0; n < 3; n++) {
    struct token dot = peek(w);
    if (!is_sign(&dot, '.')) break;
    statement_lex_next(&w->lex);
    put_token(w, &dot);
    w->token = statement_lex_next(&w->lex);
    if (w->token.kind != TOKEN_WORD && w->token.kind != TOKEN_NAME) return span_of(NULL, 0);
    put_token(w, &w->token);
    plain &= w->token.kind == TOKEN_WORD && !w->token.space;
    whole = plain ? span_of(whole.base, (size_t)(w->token.text.base + w->token.text.len - whole.base))
                  : w->token.text;
  }
  return whole;
}

static void add_table(struct walk *w, struct span name) {
  struct statement *st = w->st;
  if (!name.len || w->closed || st->tables == STATEMENT_TABLES) return;
  for (unsigned i = 0; i < w->nhidden; i++)
    if (span_eq_nocase(w->hidden[i], name)) return;
  for (unsigned i = 0; i < st->tables; i++)
    if (span_eq(st->table[i], name)) return;
  st->table[st->tables++] = name;
}

static void table(struct walk *w) {
  struct span name = dotted(w);
  struct token next = peek(w);
  bool call = w->expect == EXPECT_TABLE && is_sign(&next, '(') && !next.space;
  w->expect = EXPECT_NONE;
  if (call) return;
  add_table(w, name);
  w->closed = w->routine;
  if (w->stage == STAGE_TABLE && is_sign(&next, '(')) w->stage = STAGE_COLUMNS;
}

static void column(struct walk *w) {
  struct span whole = dotted(w), name = w->token.text;
  struct token next = peek(w);
  if (w->stage == STAGE_COLUMNS && w->depth == 1 && w->columns < CELLS) w->column[w->columns++] = name;
  if (w->with && w->depth == 0 && w->nhidden < HIDDEN && whole.len) {
    enum word after = next.kind == TOKEN_WORD ? statement_word(next.text) : WORD_OTHER;
    if (after == WORD_AS || is_sign(&next, '(')) w->hidden[w->nhidden++] = whole;
  }
  if (is_sign(&next, '(') || w->op) return; /* a function: the value inside still is the column's */
  w->col = name;
}

static struct span slot(const struct walk *w) {
  bool row = w->stage == STAGE_VALUES && w->row_depth && w->depth >= w->row_depth;
  if (row) return w->cell < w->columns ? w->column[w->cell] : span_of(NULL, 0);
  return w->op && w->col.len <= STATEMENT_NAME ? w->col : span_of(NULL, 0);
}

static void value(struct walk *w, const struct token *t) {
  struct span name = slot(w);
  if (!w->values || w->last == WORD_STOP) return;
  if (w->stage == STAGE_VALUES && w->row_depth && w->depth >= w->row_depth) {
    if (w->cell < CELLS && w->value[w->cell].kind == TOKEN_END) w->value[w->cell] = *t;
    return;
  }
  if (!t->text.len || (!name.len && t->kind == TOKEN_NUMBER && t->text.len < SHORT_NUMBER)) return;
  size_t mark = w->values->len;
  struct span list = !name.len ? SPAN_LIT("values") : w->set ? SPAN_LIT("set") : SPAN_LIT("where");
  if (rows_list(w->values, list, !name.len, 1) < 0 || rows_column(w->values, name, LEAF_STRING) < 0 ||
      rows_row(w->values) < 0 || statement_lex_cell(w->values, t) < 0)
    w->values->len = mark;
}

static void mark(struct walk *w, const struct token *t) {
  struct statement *st = w->st;
  uint32_t i = t->number ? t->number - 1 : st->marks;
  if (i >= STATEMENT_MARKS) return;
  if (i >= st->room) {
    uint32_t room = st->room ? st->room : 16;
    while (room <= i) room *= 2;
    struct span *more = arena_zalloc(w->arena, room * sizeof *more);
    if (!more) return;
    if (st->marks) memcpy(more, st->mark, st->marks * sizeof *more);
    st->mark = more, st->room = room;
  }
  if (i >= st->marks) st->marks = i + 1;
  struct span name = slot(w);
  if (name.len) st->mark[i] = arena_copy(w->arena, span_head(name, STATEMENT_NAME));
}

/* ---- rows of VALUES ---- */

static bool write_columns(struct walk *w) {
  if (rows_list(w->values, SPAN_LIT("rows"), true, w->cells) < 0) return false;
  for (unsigned i = 0; i < w->cells; i++)
    if (rows_column(w->values, i < w->columns ? w->column[i] : span_of(NULL, 0), LEAF_STRING) < 0)
      return false;
  return true;
}

static void write_row(struct walk *w) {
  unsigned n = w->cell < CELLS ? w->cell + 1 : CELLS;
  if (!w->values) return;
  size_t begin = w->values->len;
  bool good = true, again = !w->listed || n != w->cells;
  w->cells = n;
  if (again) good = write_columns(w);
  w->listed = good;
  good = good && rows_row(w->values) == 0;
  for (unsigned i = 0; i < n && good; i++)
    good = (w->value[i].kind == TOKEN_END ? rows_null(w->values)
                                          : statement_lex_cell(w->values, &w->value[i])) == 0;
  if (good) return;
  w->values->len = begin;
  w->listed = w->listed && !again;
}

static void open_row(struct walk *w) {
  w->row_depth = w->depth;
  w->cell = 0;
  w->value[0].kind = TOKEN_END;
}

/* ---- signs and words ---- */

static void enter(struct walk *w) {
  bool in = w->last == WORD_IN;
  if (w->depth < VALUES_TOKEN) w->depth++;
  *top(w) = (struct frame){.in = in};
  if (w->expect == EXPECT_TABLE) w->expect = EXPECT_NONE;
  if (w->stage == STAGE_VALUES && !w->row_depth) open_row(w);
  if (w->depth == 1 && strcmp(w->st->verb, "LOAD") == 0) w->stage = STAGE_COLUMNS;
}

static void leave(struct walk *w) {
  if (w->stage == STAGE_VALUES && w->row_depth == w->depth && w->depth) {
    write_row(w);
    w->row_depth = 0;
  }
  bool in = top(w)->in;
  if (w->stage == STAGE_COLUMNS && w->depth == 1) w->stage = STAGE_NAMED;
  if (w->depth) w->depth--;
  if (in) w->op = false;
}

static void comma(struct walk *w) {
  if (w->stage == STAGE_VALUES && w->row_depth && w->row_depth == w->depth) {
    if (++w->cell < CELLS) w->value[w->cell].kind = TOKEN_END;
    return;
  }
  if (top(w)->from) w->expect = EXPECT_TABLE;
  if (!top(w)->in && w->depth == 0) w->op = false;
}

static void sign(struct walk *w, const struct token *t) {
  uint8_t c = t->text.base[0];
  if (c == '(') {
    enter(w);
  } else if (c == ')') {
    leave(w);
  } else if (c == ',') {
    comma(w);
  } else if (memchr("<>=!~", c, 5)) {
    w->op = w->col.len > 0;
  } else if (c == ';') {
    w->stage = STAGE_NONE;
    w->expect = EXPECT_NONE;
    w->depth = w->columns = w->row_depth = 0;
    w->listed = w->op = w->set = false;
    w->frame[0] = (struct frame){0};
  } else if (c != '.' && c != '-' && c != '+' && c != ':' && c != '@') {
    w->op = w->op && w->between;
  }
}

static void clause(struct walk *w) {
  w->op = w->between = false;
  w->expect = EXPECT_NONE;
  w->col = span_of(NULL, 0);
}

static void from_word(struct walk *w) {
  struct frame *f = top(w);
  bool show = w->depth == 0 && strcmp(w->st->verb, "SHOW") == 0;
  if ((!f->select && !show) || w->last == WORD_DISTINCT) return;
  clause(w);
  f->from = true;
  w->expect = EXPECT_TABLE;
}

static void update_word(struct walk *w) {
  bool other = w->last == WORD_KEY || w->last == WORD_FOR || w->last == WORD_ON;
  if (other) return clause(w);
  w->set = false;
  w->expect = EXPECT_NAME;
}

static void word(struct walk *w, enum word k) {
  struct frame *f = top(w);
  if (w->depth == 0 && (k == WORD_SELECT || k == WORD_INSERT || k == WORD_UPDATE || k == WORD_DELETE))
    w->with = false;
  switch (k) {
  case WORD_SELECT:
  case WORD_DELETE: *f = (struct frame){.select = true, .in = f->in}, clause(w); break;
  case WORD_FROM: from_word(w); break;
  case WORD_JOIN: w->expect = EXPECT_TABLE; break;
  case WORD_INSERT: w->stage = STAGE_TABLE, w->expect = EXPECT_NAME; break;
  case WORD_INTO: w->expect = EXPECT_NAME; break;
  case WORD_UPDATE: update_word(w); break;
  case WORD_TABLE:
  case WORD_OBJECT:
    w->expect = EXPECT_NAME;
    if (strcmp(w->st->verb, "COPY") == 0) w->stage = STAGE_TABLE;
    break;
  case WORD_SET: w->set = true, f->from = false, clause(w); break;
  case WORD_WHERE: w->set = false, f->from = false, clause(w); break;
  case WORD_VALUES:
    if (w->stage == STAGE_TABLE || w->stage == STAGE_NAMED) w->stage = STAGE_VALUES, w->row_depth = 0;
    break;
  case WORD_ROUTINE:
    if (w->st->tables || w->depth) break;
    w->expect = EXPECT_NAME;
    w->routine = true;
    break;
  case WORD_STOP: f->from = false, clause(w); break;
  case WORD_ON:
    if (w->stage == STAGE_VALUES && !w->row_depth) w->stage = STAGE_DONE;
    clause(w);
    break;
  case WORD_BETWEEN: w->op = w->between = w->col.len > 0; break;
  case WORD_IN:
  case WORD_COMPARE: w->op = w->col.len > 0; break;
  case WORD_AND:
    if (!w->between) clause(w);
    w->between = false;
    break;
  case WORD_WITH: w->with = w->last == WORD_OTHER && !w->st->tables; break;
  case WORD_PLAIN: w->op = w->op && w->between; break;
  default: break;
  }
}

static bool is_name(const struct walk *w) {
  return w->expect != EXPECT_NONE && (w->token.kind == TOKEN_WORD || w->token.kind == TOKEN_NAME);
}

/* Some words are names of columns and tables as well. */
static enum word meant(const struct walk *w, enum word k) {
  const char *verb = w->st->verb ? w->st->verb : "";
  if (k == WORD_OTHER || !w->st->verb) return k;
  if (w->stage == STAGE_COLUMNS && w->depth == 1 && k != WORD_SELECT && k != WORD_WITH) return WORD_OTHER;
  if (k == WORD_VALUES && w->depth) return WORD_OTHER;
  static const char *const makers[] = {"CREATE", "DROP", "ALTER", NULL};
  if (k == WORD_ROUTINE && !span_in(span_str(verb), makers)) return WORD_OTHER;
  if (k != WORD_INSERT && k != WORD_KEY && k != WORD_VALUES) return k;
  struct token next = peek(w);
  if (k == WORD_INSERT) return is_sign(&next, '(') ? WORD_PLAIN : k;
  return next.kind == TOKEN_SIGN && memchr("<>=!", next.text.base[0], 4) ? WORD_OTHER : k;
}

static void step(struct walk *w) {
  struct token *t = &w->token;
  struct token before = w->before;
  put_token(w, t);
  w->before = *t;
  enum word k = t->kind == TOKEN_WORD && !is_sign(&before, '.') ? statement_word(t->text) : WORD_OTHER;
  k = meant(w, k);
  if (!w->st->verb && t->kind != TOKEN_WORD) w->st->verb = is_sign(t, '(') ? "SELECT" : "OTHER";
  if (!w->st->verb && t->kind == TOKEN_WORD) {
    w->st->verb = statement_word_verb(t->text);
    if (!w->st->verb) w->st->verb = "OTHER";
  } else if (w->st->verb && !strcmp(w->st->verb, "WITH") && w->depth == 0 && w->with &&
             (k == WORD_SELECT || k == WORD_INSERT || k == WORD_UPDATE || k == WORD_DELETE)) {
    w->st->verb = statement_word_verb(t->text);
  }
  if (t->kind == TOKEN_STRING || t->kind == TOKEN_NUMBER) {
    value(w, t);
    w->expect = EXPECT_NONE;
  } else if (t->kind == TOKEN_MARK) {
    mark(w, t);
  } else if (t->kind == TOKEN_SIGN) {
    sign(w, t);
  } else if (k != WORD_OTHER) {
    word(w, k);
  } else if (is_name(w)) {
    table(w);
  } else {
    column(w);
  }
  if (!(t->kind == TOKEN_NUMBER && w->last == WORD_STOP)) w->last = k;
}

/* Of the rows that come apart from the statement. */
static void keep_columns(struct walk *w) {
  struct statement *st = w->st;
  if (strcmp(st->verb, "COPY") != 0 && strcmp(st->verb, "LOAD") != 0) return;
  st->column = arena_zalloc(w->arena, (w->columns + 1) * sizeof *st->column);
  for (; st->column && st->columns < w->columns; st->columns++)
    st->column[st->columns] = arena_copy(w->arena, span_head(w->column[st->columns], STATEMENT_NAME));
}

void statement_read(struct statement *st, struct span sql, enum statement_dialect d, struct arena *a,
                    struct buf *values) {
  struct walk w; /* large: what is not set here is set before it is read */
  memset(&w, 0, offsetof(struct walk, column));
  w.columns = w.cell = w.cells = 0;
  memset((char *)&w + offsetof(struct walk, listed), 0, sizeof w - offsetof(struct walk, listed));
  *st = (struct statement){0};
  w.st = st, w.arena = a, w.values = values;
  w.lex = statement_lex_of(sql, d);
  w.size = sql.len < STATEMENT_TEXT ? sql.len : STATEMENT_TEXT;
  w.text = arena_alloc(a, w.size ? w.size : 1);
  if (!w.text) w.size = 0;
  for (;;) {
    w.token = statement_lex_next(&w.lex);
    if (w.token.kind == TOKEN_END) break;
    step(&w);
  }
  while (w.len && (w.text[w.len - 1] == ';' || w.text[w.len - 1] == ' ')) w.len--;
  if (w.text) st->text = span_of(w.text, w.len);
  if (!st->verb) st->verb = "OTHER";
  keep_columns(&w);
  for (unsigned i = 0; i < st->tables; i++) st->table[i] = statement_text_table(st->table[i], a);
}

struct span statement_operation(const struct statement *st, struct arena *a) {
  struct span out = arena_copy(a, span_str(st->verb));
  for (unsigned i = 0; i < st->tables; i++) {
    struct span t = st->table[i];
    if (t.len) out = arena_printf(a, "%.*s%c%.*s", SPAN_FMT(out), i ? ',' : ' ', SPAN_FMT(t));
  }
  return out;
}
