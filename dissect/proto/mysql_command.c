/* SPDX-License-Identifier: Apache-2.0 */
/* MySQL commands: what a client asks, as transactions. */
#include "base/err.h"
#include "dissect/body/rows.h"
#include "dissect/proto/mysql.h"
#include "dissect/side.h"

enum { VERB_ONLY = 1, NO_TEXT = 2 };

/* What is told of commands that are no statements; NULL: nothing. */
static const char *const names[MYSQL_LAST + 1] = {[4] = "SHOW",
                                                  [5] = "CREATE",
                                                  [6] = "DROP",
                                                  [7] = "FLUSH",
                                                  [8] = "SHUTDOWN",
                                                  [9] = "STATISTICS",
                                                  [10] = "SHOW",
                                                  [12] = "KILL",
                                                  [13] = "DEBUG",
                                                  [14] = "PING",
                                                  [18] = "BINLOG DUMP",
                                                  [21] = "REGISTER REPLICA",
                                                  [26] = "RESET STATEMENT",
                                                  [27] = "SET OPTION",
                                                  [30] = "BINLOG DUMP",
                                                  [31] = "RESET CONNECTION",
                                                  [32] = "CLONE"};

bool mysql_command_fits(struct span body) {
  if (!body.len) return false;
  uint8_t c = body.base[0];
  return (c >= 1 && c <= MYSQL_LAST) || c == MYSQL_BULK;
}

uint32_t mysql_command_cut(const struct mysql_packet *p) {
  return !p->cut ? 0 : p->body.len >= MYSQL_WAIT ? UNSEEN_CAPPED : UNSEEN_GAP;
}

void mysql_command_see(struct side *s, const struct chunk *in, const struct mysql_packet *p) {
  if (!s->seen) s->first_ns = in->first_ns;
  s->seen = true;
  s->last_ns = in->ns;
  s->wire_bytes += p->wire;
  s->body_bytes += p->body.len;
  s->unseen |= mysql_command_cut(p);
}

static void facts(const struct mysql_state *st, struct txn *t) {
  txn_fact_str(t, "db.system.name", st->mariadb ? SPAN_LIT("mariadb") : SPAN_LIT("mysql"));
  if (st->db[0]) txn_fact_str(t, "db.namespace", span_str(st->db));
  if (st->user[0]) txn_fact_str(t, "user.name", span_str(st->user));
}

struct mysql_command *mysql_command_open(struct mysql_state *st, struct dissect_ctx *cx,
                                         const struct chunk *in, const struct mysql_packet *p, int code) {
  bool alone = cx->flow_unseen & UNSEEN_ONE_SIDED && p;
  if (p && inorder_ask(&st->order, in, st->count)) mysql_command_close_all(st, cx, UNSEEN_GAP);
  if (alone) mysql_command_close_all(st, cx, 0);
  if (st->count == MYSQL_PENDING) {
    ctr_inc(cx->ctr, CTR_DISSECT_PENDING_CAP);
    mysql_command_close(st, cx, UNSEEN_UNFINISHED);
  }
  struct txn *t = txn_open(cx, "mysql");
  if (!t) return NULL;
  struct mysql_command *c = &st->pending[(st->head + st->count++) % MYSQL_PENDING];
  *c = (struct mysql_command){.code = code, .t = t, .last = p ? p->last : 0};
  t->statement = true;
  facts(st, t);
  if (p) {
    mysql_command_see(&t->side[DIR_REQUEST], in, p);
    t->side[DIR_REQUEST].complete = !p->cut;
    t->side[DIR_RESPONSE].unseen |= inorder_hit(&st->order, in);
  } else {
    t->side[DIR_REQUEST].unseen |= st->s[DIR_REQUEST].lost || st->order.lossy ? UNSEEN_GAP : 0;
  }
  return c;
}

static void rows_mime(struct side *s) {
  if (s->raw.len) s->mime = SPAN_LIT(ROWS_MIME);
}

static void tell_statement(struct mysql_command *c) {
  struct txn *t = c->t;
  if (c->verb) txn_fact_str(t, "db.operation.name", span_str(c->verb));
  if (c->text.len) txn_fact_str(t, "db.query.text", c->text);
}

void mysql_command_close(struct mysql_state *st, struct dissect_ctx *cx, uint32_t unseen) {
  struct mysql_command c = *mysql_head(st);
  struct mysql_answer *a = &st->answer;
  struct txn *t = c.t;
  st->head = (st->head + 1) % MYSQL_PENDING;
  st->count--;
  st->file = false; /* what comes of it now belongs to nobody */
  if (a->rows || a->columns) txn_fact_u64(t, "db.response.returned_rows", a->rows);
  if (t->outcome == TXN_OK && !a->columns && c.code != MYSQL_LOGIN)
    txn_fact_u64(t, "tapscope.db.affected_rows", a->affected);
  mysql_answer_reset(st);
  if (t->outcome == TXN_OK && span_starts(t->operation, SPAN_LIT("USE ")))
    span_text(st->db, sizeof st->db, span_skip(t->operation, 4));
  if ((c.code == MYSQL_PREPARE || c.code == MYSQL_RESET) && t->outcome != TXN_ERROR) {
    txn_drop(cx, t); /* the statement is told when it is executed */
    return;
  }
  t->side[DIR_RESPONSE].unseen |= unseen;
  tell_statement(&c);
  for (int d = 0; d < 2; d++) rows_mime(&t->side[d]);
  if (!t->operation.len) t->operation = SPAN_LIT("OTHER");
  txn_close(cx, t);
}

uint32_t mysql_command_blind(const struct mysql_state *st, const struct dissect_ctx *cx) {
  return st->holed || st->order.hole_to ? UNSEEN_GAP : cx->flow_unseen & UNSEEN_MIDSTREAM;
}

void mysql_command_close_all(struct mysql_state *st, struct dissect_ctx *cx, uint32_t unseen) {
  while (st->count) mysql_command_close(st, cx, unseen);
}

/* Errors that mean that there is no such thing: what was asked for names no endpoint. */
static unsigned judge(uint16_t code) {
  switch (code) {
  case 1054:
  case 1064:
  case 1149:
  case 1166: return VERB_ONLY | NO_TEXT;
  case 1049:
  case 1051:
  case 1109:
  case 1146:
  case 1305: return VERB_ONLY;
  default: return 0;
  }
}

void mysql_command_error(struct mysql_command *c, struct span body) {
  struct reader r = reader_of(span_skip(body, 1));
  struct txn *t = c->t;
  uint16_t code = reader_u16le(&r);
  t->outcome = TXN_ERROR;
  struct span rest = reader_rest(&r);
  txn_fact_str(t, "error.code", arena_printf(&t->arena, "%u", code));
  if (rest.len >= 6 && rest.base[0] == '#') {
    txn_fact_str(t, "tapscope.db.sqlstate", span_head(span_skip(rest, 1), 5));
    rest = span_skip(rest, 6);
  }
  struct span text = statement_text_error(rest, &t->arena);
  if (text.len) txn_fact_str(t, "error.message", text);
  unsigned what = judge(code);
  if (what & VERB_ONLY && c->verb) t->operation = span_str(c->verb);
  if (what & NO_TEXT) c->text = span_of(NULL, 0);
}

/* Query attributes stand before the text (MySQL 8.0.23). */
static struct span query_text(const struct mysql_state *st, struct span body) {
  struct reader r = reader_of(body);
  bool told = st->caps_known && st->caps & MYSQL_CAP_QUERY_ATTRIBUTES;
  if (!told && (st->caps_known || body.len < 2 || body.base[1] != 1)) return body; /* no text begins so */
  uint64_t n = mysql_value_int(&r);
  (void)mysql_value_int(&r);
  if (!n) return reader_rest(&r);
  if (n > 256) return span_of(NULL, 0);
  struct span nulls = reader_take(&r, (n + 7) / 8);
  struct mysql_column type[256];
  if (reader_u8(&r) != 1) return span_of(NULL, 0);
  for (uint64_t i = 0; i < n; i++) {
    type[i].type = reader_u8(&r);
    type[i].is_unsigned = reader_u8(&r) >> 7;
    (void)mysql_value_string(&r);
  }
  char buf[MYSQL_TEXT];
  for (uint64_t i = 0; i < n && !r.bad; i++)
    if (!(nulls.base[i / 8] >> (i % 8) & 1)) (void)mysql_value_binary(&r, type[i], buf);
  return r.bad ? span_of(NULL, 0) : reader_rest(&r);
}

static void take_query(struct mysql_state *st, struct dissect_ctx *cx, struct mysql_command *c,
                       struct span body) {
  struct statement s;
  struct txn *t = c->t;
  if (c->code == MYSQL_QUERY) body = query_text(st, body);
  statement_read(&s, body, STATEMENT_MYSQL, &t->arena, &t->side[DIR_REQUEST].raw);
  if (s.cut) side_full(&t->side[DIR_REQUEST], cx, ERR_CAP);
  c->verb = s.verb;
  c->text = s.text;
  c->mark = s.mark;
  c->marks = s.marks;
  c->column = s.column;
  c->columns = s.columns;
  c->known = true;
  t->operation = statement_operation(&s, &t->arena);
}

/* MariaDB: what was asked to be prepared just before, still without a number. */
static bool take_last(struct mysql_state *st, struct mysql_command *c) {
  const struct mysql_command *p =
      st->count > 1 ? &st->pending[(st->head + st->count - 2) % MYSQL_PENDING] : NULL;
  if (c->prepared != UINT32_MAX || !p || p->code != MYSQL_PREPARE) return false;
  c->verb = p->verb;
  c->known = true;
  c->text = arena_copy(&c->t->arena, p->text);
  c->t->operation = arena_copy(&c->t->arena, p->t->operation);
  return true;
}

static void take_execute(struct mysql_state *st, struct dissect_ctx *cx, struct mysql_command *c,
                         struct span body, bool bulk) {
  struct reader r = reader_of(body);
  c->prepared = reader_u32le(&r);
  struct mysql_prepared *x = mysql_prepared_find(st, c->prepared);
  c->t->operation = SPAN_LIT("EXECUTE");
  txn_fact_bool(c->t, "tapscope.db.prepared", true);
  if (take_last(st, c)) return;
  if (!x || !x->st.text.len) {
    c->t->side[DIR_REQUEST].unseen |= mysql_command_blind(st, cx);
    return;
  }
  c->verb = x->st.verb;
  c->known = true;
  c->text = arena_copy(&c->t->arena, x->st.text);
  c->t->operation = arena_copy(&c->t->arena, x->operation);
  if (c->code != MYSQL_FETCH) mysql_prepared_values(st, cx, x, c->t, r, bulk);
}

static void take_use(struct mysql_command *c, struct span body) {
  c->verb = "USE";
  struct span name = statement_text_table(span_head(body, STATEMENT_NAME), &c->t->arena);
  c->t->operation = arena_printf(&c->t->arena, "USE %.*s", SPAN_FMT(name));
}

void mysql_command_take(struct mysql_state *st, struct dissect_ctx *cx, const struct chunk *in,
                        const struct mysql_packet *p) {
  uint8_t code = p->body.base[0];
  struct span body = span_skip(p->body, 1);
  if (code == MYSQL_CHANGE_USER) {
    mysql_login_change(st, cx, in, p);
    return;
  }
  if (code == MYSQL_LONG_DATA) mysql_prepared_long(st, cx, p);
  if ((code == MYSQL_CLOSE || code == MYSQL_RESET) && body.len >= 4) {
    struct reader r = reader_of(body);
    uint32_t id = reader_u32le(&r);
    struct mysql_prepared *x = code == MYSQL_RESET ? mysql_prepared_find(st, id) : NULL;
    if (x) mysql_prepared_reset(x);
    if (code == MYSQL_CLOSE) mysql_prepared_drop(st, id);
  }
  if (code == MYSQL_QUIT || code == MYSQL_LONG_DATA || code == MYSQL_CLOSE) return;
  struct mysql_command *c = mysql_command_open(st, cx, in, p, code);
  if (!c) return;
  switch (code) {
  case MYSQL_QUERY:
  case MYSQL_PREPARE: take_query(st, cx, c, body); break;
  case MYSQL_EXECUTE:
  case MYSQL_FETCH:
  case MYSQL_BULK: take_execute(st, cx, c, body, code == MYSQL_BULK); break;
  case MYSQL_INIT_DB: take_use(c, body); break;
  default:
    if (code <= MYSQL_LAST && names[code]) c->t->operation = span_str(names[code]), c->verb = names[code];
  }
}
