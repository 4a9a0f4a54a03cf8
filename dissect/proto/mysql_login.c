/* SPDX-License-Identifier: Apache-2.0 */
/* MySQL's connection phase: greeting, login, change of user. What proves a password is never looked at. */
#include "dissect/proto/mysql.h"

enum { LOGIN_HEAD = 32 };

bool mysql_login_greeting(struct mysql_state *st, struct span body) {
  struct reader r = reader_of(body);
  if (reader_u8(&r) != 10) return false;
  struct span version = reader_until(&r, 0);
  reader_skip(&r, 4 + 8 + 1); /* thread, first part of the challenge */
  uint32_t caps = reader_u16le(&r);
  if (r.bad || !version.len) return false;
  span_text(st->version, sizeof st->version, version);
  st->mariadb = span_find_nocase(version, SPAN_LIT("mariadb")) < version.len;
  st->greeted = true;
  reader_skip(&r, 3); /* charset, status */
  caps |= (uint32_t)reader_u16le(&r) << 16;
  uint8_t n = reader_u8(&r);
  reader_skip(&r, 10);
  reader_skip(&r, n > 21 ? n - 8u : 13u);
  struct span plugin = span_trim(reader_until(&r, 0));
  if (!r.bad && caps & MYSQL_CAP_PLUGIN) span_text(st->plugin, sizeof st->plugin, plugin);
  return true;
}

static void facts(struct mysql_state *st, struct txn *t) {
  if (st->version[0]) txn_fact_str(t, "tapscope.db.server_version", span_str(st->version));
  if (st->plugin[0]) txn_fact_str(t, "tapscope.db.auth", span_str(st->plugin));
}

static struct mysql_command *open_login(struct mysql_state *st, struct dissect_ctx *cx,
                                        const struct chunk *in, const struct mysql_packet *p) {
  struct mysql_command *c = mysql_command_open(st, cx, in, p, MYSQL_LOGIN);
  if (!c) return NULL;
  c->t->operation = SPAN_LIT("login");
  c->t->statement = false;
  return c;
}

static void read_secret(struct mysql_state *st, struct reader *r) {
  if (st->caps & MYSQL_CAP_PLUGIN_LENENC)
    (void)mysql_value_string(r);
  else if (st->caps & MYSQL_CAP_SECURE)
    reader_skip(r, reader_u8(r));
  else
    (void)reader_until(r, 0);
}

/* The protocol before 4.1: two bytes of capabilities, three of length, names. */
static bool old_login(struct mysql_state *st, struct span body) {
  struct reader r = reader_of(body);
  uint32_t caps = reader_u16le(&r);
  reader_skip(&r, 3);
  struct span user = reader_until(&r, 0);
  if (r.bad || caps & MYSQL_CAP_PROTOCOL_41 || !user.len) return false;
  st->caps = caps;
  span_text(st->user, sizeof st->user, user);
  if (!(caps & MYSQL_CAP_CONNECT_DB)) return true;
  (void)reader_until(&r, 0);
  struct span db = reader_until(&r, 0);
  span_text(st->db, sizeof st->db, r.bad ? span_of(NULL, 0) : db);
  return true;
}

static bool new_login(struct mysql_state *st, struct span body, bool *ssl) {
  struct reader r = reader_of(body);
  uint32_t caps = reader_u32le(&r);
  reader_skip(&r, 4 + 1 + 19);
  uint32_t extended = reader_u32le(&r);
  if (r.bad || !(caps & MYSQL_CAP_PROTOCOL_41)) return false;
  st->caps = caps;
  st->extended = caps & MYSQL_CAP_MYSQL ? 0 : extended;
  st->caps_known = true;
  st->zstd = (caps & MYSQL_CAP_ZSTD) && !(caps & MYSQL_CAP_COMPRESS);
  *ssl = caps & MYSQL_CAP_SSL && !reader_left(&r);
  if (*ssl) return true;
  struct span user = reader_until(&r, 0);
  if (r.bad) return false;
  span_text(st->user, sizeof st->user, user);
  read_secret(st, &r);
  struct span db = caps & MYSQL_CAP_CONNECT_DB ? reader_until(&r, 0) : span_of(NULL, 0);
  span_text(st->db, sizeof st->db, r.bad ? span_of(NULL, 0) : db);
  struct span plugin = caps & MYSQL_CAP_PLUGIN ? reader_until(&r, 0) : span_of(NULL, 0);
  if (!r.bad && plugin.len) span_text(st->plugin, sizeof st->plugin, plugin);
  return true;
}

bool mysql_login_request(struct mysql_state *st, struct dissect_ctx *cx, const struct chunk *in,
                         const struct mysql_packet *p, bool *ssl) {
  *ssl = false;
  bool good = p->body.len >= LOGIN_HEAD && new_login(st, p->body, ssl);
  if (!good && !old_login(st, p->body)) return false;
  if (*ssl) return true;
  struct mysql_command *c = open_login(st, cx, in, p);
  if (!c) return true;
  facts(st, c->t);
  if (!st->greeted)
    c->t->side[DIR_RESPONSE].unseen |= cx->flow_unseen & UNSEEN_MIDSTREAM ? UNSEEN_MIDSTREAM : UNSEEN_GAP;
  return true;
}

void mysql_login_change(struct mysql_state *st, struct dissect_ctx *cx, const struct chunk *in,
                        const struct mysql_packet *p) {
  struct reader r = reader_of(span_skip(p->body, 1));
  struct span user = reader_until(&r, 0);
  reader_skip(&r, reader_u8(&r));
  struct span db = reader_until(&r, 0);
  span_text(st->user, sizeof st->user, r.bad ? span_of(NULL, 0) : user);
  span_text(st->db, sizeof st->db, r.bad ? span_of(NULL, 0) : db);
  mysql_prepared_free(st);
  open_login(st, cx, in, p);
}

/* Errors that speak of the account or its password; others say that the server takes nobody. */
static bool about_account(struct span body) {
  static const uint16_t codes[] = {1044, 1045, 1130, 1251, 1275, 1396, 1524,
                                   1698, 1820, 1862, 3118, 3159, 4151};
  struct reader r = reader_of(span_skip(body, 1));
  uint16_t code = reader_u16le(&r);
  for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
    if (code == codes[i]) return true;
  return false;
}

void mysql_login_answer(struct mysql_state *st, struct dissect_ctx *cx, const struct chunk *in,
                        const struct mysql_packet *p) {
  struct mysql_command *c = mysql_head(st);
  uint8_t first = p->body.len ? p->body.base[0] : 1;
  mysql_command_see(&c->t->side[DIR_RESPONSE], in, p);
  if (first == 0xff) {
    mysql_command_error(c, p->body);
    if (!about_account(p->body)) c->t->operation = SPAN_LIT("refused");
  } else if (first == 0) {
    c->t->outcome = TXN_OK;
  } else {
    return; /* another way to prove it, or more of it */
  }
  c->t->side[DIR_RESPONSE].complete = true;
  bool packed = st->caps & (MYSQL_CAP_COMPRESS | MYSQL_CAP_ZSTD) && c->t->outcome == TXN_OK && st->caps_known;
  if (packed) st->s[0].packed = st->s[1].packed = true;
  if (c->t->outcome != TXN_OK) st->user[0] = st->db[0] = 0;
  mysql_command_close(st, cx, 0);
}

void mysql_login_refused(struct mysql_state *st, struct dissect_ctx *cx, const struct chunk *in,
                         const struct mysql_packet *p) {
  struct mysql_command *c = mysql_command_open(st, cx, in, NULL, MYSQL_LOGIN);
  if (!c) return;
  c->t->operation = SPAN_LIT("refused");
  c->t->statement = false;
  mysql_command_see(&c->t->side[DIR_RESPONSE], in, p);
  c->t->side[DIR_RESPONSE].complete = true;
  mysql_command_error(c, p->body);
  mysql_command_close(st, cx, 0);
}
