/* SPDX-License-Identifier: Apache-2.0 */
/* Names of hosts, kept. */
#include "analytics/state_host.h"
#include "analytics/analyst_zone.h"
#include "analytics/room.h"
#include "base/err.h"
#include "base/hash.h"
#include "base/mem.h"

static uint64_t key_of(const uint8_t addr[16]) { return hash64(span_of(addr, 16), 102) | 1; }

const struct state_host *state_host_find(const struct table *hosts, const uint8_t addr[16]) {
  return (const struct state_host *)table_find(hosts, key_of(addr), NULL);
}

bool state_host_add(struct table *hosts, const uint8_t addr[16], struct span service, struct counters *ctr) {
  char text[48];
  struct state_host *h = room_add(hosts, sizeof *h, key_of(addr), ctr);
  if (!h) return false;
  span_text(h->address, sizeof h->address, span_of(text, zones_text(addr, text)));
  span_text(h->service, sizeof h->service, service);
  h->dirty = true;
  return true;
}

int state_host_load(struct state_db *db, int (*host)(void *user, struct state_host *h), void *user) {
  sqlite3_stmt *st;
  int rc = state_db_query(db, "SELECT address,service FROM host ORDER BY address", &st);
  if (rc < 0) return rc;
  while (rc == 0 && sqlite3_step(st) == SQLITE_ROW) {
    struct state_host *h = mem_zalloc(sizeof *h);
    if (h) state_db_column(st, 0, h->address, sizeof h->address);
    if (h) state_db_column(st, 1, h->service, sizeof h->service);
    rc = h ? host(user, h) : ERR_NOMEM;
  }
  sqlite3_finalize(st);
  return rc;
}

int state_host_keep(void *hosts, struct state_host *h) {
  struct table *t = hosts;
  uint8_t addr[16];
  bool keep = zones_address(addr, span_str(h->address)) == 0;
  keep = keep && t->count < t->cap && !state_host_find(t, addr);
  int rc = keep ? table_add(t, &h->te, key_of(addr)) : 0;
  if (!keep || rc < 0) mem_free(h);
  return rc;
}

void state_host_again(struct table *hosts) {
  for (struct table_entry *e = hosts->oldest; e; e = e->newer) ((struct state_host *)e)->dirty = true;
}

int state_host_store(struct state_db *db, struct table *hosts) {
  sqlite3_stmt *put = db->put[0];
  int rc = 0;
  for (struct table_entry *e = hosts->oldest; e && rc == 0; e = e->newer) {
    struct state_host *h = (struct state_host *)e;
    if (!h->dirty) continue;
    state_db_text(put, 1, h->address);
    state_db_text(put, 2, h->service);
    rc = state_db_run(put);
    h->dirty = rc != 0;
  }
  return rc;
}
