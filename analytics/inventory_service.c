/* SPDX-License-Identifier: Apache-2.0 */
/* Services and what their calls show of them. */
#include "analytics/inventory_service.h"
#include "base/mem.h"

/* Places (server addresses) under which a service was seen, so that a client there is known by name. */
enum { PLACES = 65536 };
struct at {
  struct table_entry te;
  uint8_t addr[16];
  struct service_row *row;
};
struct inventory_services {
  struct table rows, places;
  uint64_t missed; /* entries not kept for want of memory */
};

static bool row_eq(const struct table_entry *te, const void *key) {
  const struct service_row *r = (const struct service_row *)te;
  return span_eq(span_of(r->name, r->name_len), *(const struct span *)key);
}
static bool place_eq(const struct table_entry *te, const void *key) {
  return memcmp(((const struct at *)te)->addr, key, 16) == 0;
}

struct inventory_services *inventory_service_new(size_t cap) {
  struct inventory_services *s = mem_zalloc(sizeof *s);
  if (!s) return NULL;
  if (table_init(&s->rows, row_eq, cap, NULL) == 0 && table_init(&s->places, place_eq, PLACES, NULL) == 0)
    return s;
  inventory_service_free(s);
  return NULL;
}

void inventory_service_free(struct inventory_services *s) {
  if (!s) return;
  table_drop(&s->rows, NULL);
  table_drop(&s->places, NULL);
  mem_free(s);
}

static void name_id(struct service_row *r) {
  char text[ROW_SERVICE + 8] = "service";
  uint8_t id[16];
  memcpy(text + 8, r->name, r->name_len);
  struct hash128 h = hash128(span_of(text, 8u + r->name_len));
  memcpy(id, &h, sizeof id);
  hash_hex(id, sizeof id, r->id);
}

static uint64_t addr_hash(const uint8_t addr[16]) { return hash64(span_of(addr, 16), 61); }

static void place(struct inventory_services *s, const uint8_t addr[16], struct service_row *r) {
  if (table_find(&s->places, addr_hash(addr), addr)) return;
  if (s->places.count >= PLACES) return;
  struct at *p = mem_zalloc(sizeof *p);
  if (p) {
    memcpy(p->addr, addr, 16);
    p->row = r;
  }
  if (p && table_add(&s->places, &p->te, addr_hash(addr)) == 0) return;
  s->missed++;
  mem_free(p);
}

static struct service_row *add(struct inventory_services *s, const struct api_event *e, uint64_t hash,
                               uint64_t now) {
  if (s->rows.cap && s->rows.count >= s->rows.cap) return NULL;
  struct service_row *r = mem_zalloc(sizeof *r);
  if (!r) {
    s->missed++;
    return NULL;
  }
  r->name_len = inventory_row_keep(r->name, ROW_SERVICE, e->service);
  name_id(r);
  r->first_ns = now;
  r->exposure = ZONE_MANAGEMENT;
  memcpy(r->addr, e->txn->conn.server, 16);
  r->port = e->txn->conn.sport;
  if (table_add(&s->rows, &r->te, hash) == 0) return r;
  s->missed++;
  mem_free(r);
  return NULL;
}

/* Names and versions of products: no blanks but one, no control characters. */
static struct span *add_text(struct service_texts *t, struct span s, struct span *stored) {
  s = span_head(span_trim(s), SERVICE_TEXT - 1);
  if (!s.len) return NULL;
  for (size_t i = 0; i < s.len; i++)
    if (s.base[i] < ' ' || s.base[i] > '~' || s.base[i] == '<') return NULL;
  for (unsigned i = 0; i < t->count; i++)
    if (span_eq(span_str(t->text[i]), s)) return NULL;
  if (t->count == SERVICE_TEXTS) return NULL;
  char *to = t->text[t->count++];
  span_text(to, SERVICE_TEXT, s);
  *stored = span_of(to, s.len);
  return stored;
}

static void software_of(struct service_row *r, const struct api_event *e, struct span *news) {
  const struct txn *t = e->txn;
  static const char *const names[] = {"server", "x-powered-by", "x-aspnet-version", "x-aspnetmvc-version",
                                      "x-generator"};
  struct span stored;
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    struct span v = headers_get(&t->side[DIR_RESPONSE].headers, names[i]);
    if (v.len && add_text(&r->software, v, &stored)) *news = stored;
  }
  static const char *const facts[] = {"tapscope.db.server_version", "tapscope.server.version"};
  for (size_t i = 0; i < sizeof facts / sizeof *facts; i++) {
    const struct fact *f = txn_fact(t, facts[i]);
    if (f && add_text(&r->software, f->str, &stored)) *news = stored;
  }
}

static void calls_to(struct service_row *from, const struct service_row *to) {
  for (unsigned i = 0; i < from->callees; i++)
    if (span_eq(span_of(from->callee[i].name, from->callee[i].len), span_of(to->name, to->name_len))) return;
  if (from->callees == SERVICE_CALLEES) return;
  memcpy(from->callee[from->callees].name, to->name, to->name_len);
  from->callee[from->callees++].len = to->name_len;
  from->dirty = true;
}

struct service_row *inventory_service_call(struct inventory_services *s, const struct api_event *e,
                                           enum zone zone, uint64_t now, bool *fresh, struct span *software) {
  struct span name = span_head(e->service, ROW_SERVICE), stored;
  uint64_t hash = hash64(name, 62);
  struct service_row *r = (struct service_row *)table_find(&s->rows, hash, &name);
  const struct txn *t = e->txn;
  *fresh = !r;
  *software = (struct span){0};
  if (!r && !(r = add(s, e, hash, now))) return NULL;
  r->calls++;
  r->last_ns = now;
  r->dirty = true;
  if (zone < r->exposure) r->exposure = zone;
  if (t->protocol) add_text(&r->protocols, span_str(t->protocol), &stored);
  software_of(r, e, software);
  place(s, t->conn.server, r);
  struct at *client = (struct at *)table_find(&s->places, addr_hash(t->conn.client), t->conn.client);
  if (client && client->row != r) calls_to(client->row, r);
  for (uint32_t i = 0; i < r->callers; i++)
    if (memcmp(r->caller[i], t->conn.client, 16) == 0) return r;
  if (r->callers < ROW_CALLERS) memcpy(r->caller[r->callers++], t->conn.client, 16);
  return r;
}

uint64_t inventory_service_missed(struct inventory_services *s) {
  uint64_t n = s->missed;
  s->missed = 0;
  return n;
}

struct service_row *inventory_service_first(struct inventory_services *s) {
  return (struct service_row *)s->rows.oldest;
}
struct service_row *inventory_service_next(struct service_row *r) {
  return (struct service_row *)r->te.newer;
}
