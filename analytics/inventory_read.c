/* SPDX-License-Identifier: Apache-2.0 */
/* Reads the inventory's database, and what the user's commands write into it. */
#include "analytics/inventory_store.h"
#include "base/err.h"
#include "base/mem.h"

static const char *const state_names[] = {"active", "dormant", "retired"};

static struct span text_at(sqlite3_stmt *st, int at) {
  const void *text = sqlite3_column_text(st, at);
  return span_of(text, text ? (size_t)sqlite3_column_bytes(st, at) : 0);
}

static uint16_t column(sqlite3_stmt *st, int at, char *to, size_t size) {
  return inventory_row_keep(to, size, text_at(st, at));
}

static void read_algs(struct row *r, struct span list) {
  for (unsigned i = 0; i < ROW_ALGS && list.len; i++) {
    struct span one = span_head(span_cut(&list, ','), ROW_ALG - 1);
    if (one.len) memcpy(r->alg[i], one.base, one.len);
  }
}

static struct row *read_row(sqlite3_stmt *st) {
  char word[16] = "";
  struct row *r = mem_zalloc(sizeof *r);
  if (!r) return NULL;
  column(st, 0, r->id, ROW_ID);
  r->service_len = column(st, 1, r->service, ROW_SERVICE);
  r->method_len = column(st, 2, r->method, ROW_METHOD);
  r->name_len = column(st, 3, r->name, ROW_NAME);
  column(st, 4, word, sizeof word - 1);
  for (int i = 0; i < 3; i++)
    if (strcmp(word, state_names[i]) == 0) r->state = (enum row_state)i;
  memset(word, 0, sizeof word);
  column(st, 5, word, sizeof word - 1);
  for (int i = 0; i < 4; i++)
    if (strcmp(word, zones_name((enum zone)i)) == 0) r->exposure = (enum zone)i;
  column(st, 6, r->protocol, ROW_PROTOCOL - 1);
  if (sqlite3_column_bytes(st, 7) == 16) memcpy(r->addr, sqlite3_column_blob(st, 7), 16);
  r->port = (uint16_t)sqlite3_column_int(st, 8);
  r->first_ns = state_db_value(st, 9), r->last_ns = state_db_value(st, 10);
  r->calls = state_db_value(st, 11), r->bytes = state_db_value(st, 12);
  r->lost = state_db_value(st, 13), r->auth = (uint32_t)sqlite3_column_int64(st, 14);
  r->tags_len = column(st, 15, r->tags, ROW_TAGS);
  r->risk = sqlite3_column_int(st, 16);
  column(st, 17, r->why, ROW_WHY - 1);
  r->plaintext = state_db_value(st, 18);
  read_algs(r, text_at(st, 19));
  r->findings = (uint32_t)sqlite3_column_int(st, 20), r->severity = (uint8_t)sqlite3_column_int(st, 21);
  column(st, 22, r->finding, ROW_CLASS - 1);
  column(st, 23, r->rule_owner, ROW_OWNER - 1);
  r->accepted = state_db_value(st, 24);
  column(st, 25, r->owner, ROW_OWNER - 1);
  column(st, 26, r->user_tags, ROW_TAGS - 1);
  r->words = (uint32_t)sqlite3_column_int64(st, 27);
  return r;
}

static void read_caller(struct row *r, sqlite3_stmt *st) {
  if (r->callers < ROW_CALLERS && sqlite3_column_bytes(st, 0) == 16)
    memcpy(r->caller[r->callers++], sqlite3_column_blob(st, 0), 16);
}

static void read_data(struct row *r, sqlite3_stmt *st) {
  int d = sqlite3_column_int(st, 0) != 0;
  if (r->ndata[d] == ROW_CLASSES) return;
  struct row_class *c = &r->data[d][r->ndata[d]++];
  column(st, 1, c->class_id, ROW_CLASS - 1);
  c->count = state_db_value(st, 2), c->subjects = state_db_value(st, 3);
  c->first_ns = state_db_value(st, 4);
  c->grade = grade_unpack(state_db_value(st, 5));
}

static void read_auth(struct row *r, sqlite3_stmt *st) {
  for (unsigned i = 0; i < AUTH_KINDS; i++)
    if (span_eq(text_at(st, 0), span_str(auth_kind_name((enum auth_kind)i))))
      r->auth_calls[i] = state_db_value(st, 1);
}

static int place_of(struct span name) {
  int p = 0;
  while (p < SCHEMA_PLACES && !span_eq(name, span_str(schema_book_place((enum schema_place)p)))) p++;
  return p;
}

static void read_message(struct row *r, sqlite3_stmt *st) {
  int p = place_of(text_at(st, 0));
  if (p < SCHEMA_PLACES) r->schema->messages[p] = state_db_value(st, 1);
}

static void read_field(struct row *r, sqlite3_stmt *st) {
  int p = place_of(text_at(st, 0));
  struct schema_field *f =
      p < SCHEMA_PLACES ? schema_book_field(r->schema, (enum schema_place)p, text_at(st, 1)) : NULL;
  if (!f) return;
  f->types = (uint16_t)sqlite3_column_int(st, 2), f->format = (uint16_t)sqlite3_column_int(st, 3);
  f->present = state_db_value(st, 4), f->occurred = state_db_value(st, 5);
  f->measured = sqlite3_column_type(st, 6) != SQLITE_NULL;
  f->min = sqlite3_column_double(st, 6), f->max = sqlite3_column_double(st, 7);
  f->closed = sqlite3_column_int(st, 8) != 0;
  struct span words = text_at(st, 9);
  schema_book_class(r->schema, f, text_at(st, 10), text_at(st, 11));
  while (words.len && !f->closed) schema_book_word(r->schema, f, span_cut(&words, ','));
}

static void read_status(struct row *r, sqlite3_stmt *st) {
  schema_book_status(r->schema, (uint16_t)sqlite3_column_int(st, 0), state_db_value(st, 1));
}

static void read_media(struct row *r, sqlite3_stmt *st) {
  schema_book_medium(r->schema, sqlite3_column_int(st, 0) ? DIR_RESPONSE : DIR_REQUEST, text_at(st, 1),
                     state_db_value(st, 2));
}

/* What belongs to an endpoint, table by table. */
static const struct {
  const char *sql;
  void (*each)(struct row *r, sqlite3_stmt *st);
} parts[] = {
    {"SELECT address FROM caller WHERE endpoint=? LIMIT 64", read_caller},
    {"SELECT direction,class,count,subjects,first_ns,grade FROM data WHERE endpoint=?", read_data},
    {"SELECT kind,calls FROM auth WHERE endpoint=?", read_auth},
    {"SELECT place,messages FROM message WHERE endpoint=?", read_message},
    {"SELECT place,path,types,format,present,occurred,min,max,closed,words,class,sample FROM field WHERE "
     "endpoint=?",
     read_field},
    {"SELECT status,calls FROM status WHERE endpoint=?", read_status},
    {"SELECT direction,type,calls FROM media WHERE endpoint=?", read_media},
};
enum { PARTS = sizeof parts / sizeof *parts };

static int read_more(sqlite3_stmt *const *st, struct row *r) {
  r->schema = schema_book_new();
  if (!r->schema) return ERR_NOMEM;
  for (size_t i = 0; i < PARTS; i++) {
    sqlite3_bind_text(st[i], 1, r->id, ROW_ID, SQLITE_STATIC);
    while (sqlite3_step(st[i]) == SQLITE_ROW) parts[i].each(r, st[i]);
    sqlite3_reset(st[i]);
  }
  return 0;
}

int inventory_store_load(struct inventory_store *s, int (*row)(void *user, struct row *r), void *user) {
  sqlite3_stmt *st = NULL, *part[PARTS] = {NULL};
  int rc = 0;
  for (size_t i = 0; i < PARTS; i++)
    if (state_db_query(s->db, parts[i].sql, &part[i]) < 0) rc = ERR_IO;
  if (rc == 0 &&
      state_db_query(
          s->db,
          "SELECT id,service,method,endpoint,state,exposure,protocol,address,port,first_ns,last_ns,calls,"
          "bytes,lost,auth,auto_tags,risk,risk_why,plaintext,algs,findings,severity,finding,rule_owner,"
          "accepted,owner,"
          "tags,words FROM endpoint ORDER BY first_ns,id",
          &st) < 0)
    rc = ERR_IO;
  while (rc == 0 && sqlite3_step(st) == SQLITE_ROW) {
    struct row *r = read_row(st);
    rc = r ? read_more(part, r) : ERR_NOMEM;
    if (rc == 0)
      rc = row(user, r);
    else
      inventory_row_free(r);
  }
  sqlite3_finalize(st);
  for (size_t i = 0; i < PARTS; i++) sqlite3_finalize(part[i]);
  return rc;
}

int inventory_store_user(struct inventory_store *s, void (*each)(void *user, const struct store_user *u),
                         void *user) {
  sqlite3_stmt *st;
  if (state_db_query(
          s->db,
          "SELECT service,endpoint,owner,tags,accepted FROM endpoint WHERE accepted<>0 OR owner IS NOT "
          "NULL OR tags IS NOT NULL",
          &st) < 0)
    return ERR_IO;
  while (sqlite3_step(st) == SQLITE_ROW) {
    const struct store_user u = {text_at(st, 0), text_at(st, 1), text_at(st, 2), text_at(st, 3),
                                 state_db_value(st, 4)};
    each(user, &u);
  }
  sqlite3_finalize(st);
  return 0;
}

int inventory_store_rules(struct inventory_store *s,
                          int (*each)(void *user, struct span kind, struct span service, struct span path),
                          void *user) {
  sqlite3_stmt *st;
  int rc = 0;
  if (state_db_query(s->db, "SELECT kind,service,path FROM rule ORDER BY id", &st) < 0) return ERR_IO;
  while (rc == 0 && sqlite3_step(st) == SQLITE_ROW)
    rc = each(user, text_at(st, 0), text_at(st, 1), text_at(st, 2));
  sqlite3_finalize(st);
  return rc;
}

static int step_once(struct inventory_store *s, sqlite3_stmt *st) {
  int rc = sqlite3_step(st);
  sqlite3_finalize(st);
  return rc == SQLITE_DONE ? sqlite3_changes(s->db->db) : ERR_IO;
}

int inventory_store_accept(struct inventory_store *s, const char *id, uint64_t ns) {
  sqlite3_stmt *st;
  if (state_db_query(s->db, "UPDATE endpoint SET accepted=?1 WHERE ?2 IS NULL OR id=?2", &st) < 0)
    return ERR_IO;
  sqlite3_bind_int64(st, 1, (sqlite3_int64)ns);
  if (id) sqlite3_bind_text(st, 2, id, -1, SQLITE_STATIC);
  return step_once(s, st);
}

int inventory_store_label(struct inventory_store *s, const char *id, const char *tags, const char *owner) {
  sqlite3_stmt *st;
  if (state_db_query(
          s->db,
          "UPDATE endpoint SET tags=nullif(coalesce(?1,tags),''),owner=nullif(coalesce(?2,owner),'') WHERE "
          "id=?3",
          &st) < 0)
    return ERR_IO;
  if (tags) sqlite3_bind_text(st, 1, tags, -1, SQLITE_STATIC);
  if (owner) sqlite3_bind_text(st, 2, owner, -1, SQLITE_STATIC);
  sqlite3_bind_text(st, 3, id, -1, SQLITE_STATIC);
  return step_once(s, st);
}

int inventory_store_rule(struct inventory_store *s, const char *kind, struct span service, struct span path) {
  sqlite3_stmt *st;
  if (state_db_query(s->db, "INSERT OR REPLACE INTO rule(kind,service,path) VALUES(?,?,?)", &st) < 0)
    return ERR_IO;
  sqlite3_bind_text(st, 1, kind, -1, SQLITE_STATIC);
  sqlite3_bind_text(st, 2, (const char *)service.base, (int)service.len, SQLITE_STATIC);
  sqlite3_bind_text(st, 3, (const char *)path.base, (int)path.len, SQLITE_STATIC);
  return step_once(s, st);
}
