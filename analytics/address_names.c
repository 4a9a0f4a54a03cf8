/* SPDX-License-Identifier: Apache-2.0 */
/* Names by address and port. */
#include "analytics/address_names.h"
#include "base/err.h"
#include "base/hash.h"
#include "base/mem.h"

struct key {
  const uint8_t *addr;
  uint16_t port;
};

static bool name_eq(const struct table_entry *e, const void *key) {
  const struct address_name *n = (const struct address_name *)e;
  const struct key *k = key;
  return n->port == k->port && memcmp(n->addr, k->addr, 16) == 0;
}

static uint64_t name_hash(const uint8_t addr[16], uint16_t port) { return hash64(span_of(addr, 16), port); }

static struct address_name *find(const struct address_names *s, const uint8_t addr[16], uint16_t port) {
  struct key k = {addr, port};
  return (struct address_name *)table_find(&s->table, name_hash(addr, port), &k);
}

int address_names_init(struct address_names *s, size_t cap, bool forget) {
  s->forget = forget;
  int rc = table_init(&s->table, name_eq, cap, NULL);
  return rc < 0 ? rc : 0;
}

static void forget_oldest(struct address_names *s) {
  struct table_entry *e = s->table.oldest;
  table_remove(&s->table, e);
  mem_free(e);
}

void address_names_done(struct address_names *s) { table_drop(&s->table, NULL); }

static int add(struct address_names *s, const uint8_t addr[16], uint16_t port, struct address_name **out) {
  if (s->forget && s->table.count >= s->table.cap) forget_oldest(s);
  struct address_name *n = mem_zalloc(sizeof *n);
  if (!n) return ERR_NOMEM;
  memcpy(n->addr, addr, 16);
  n->port = port;
  int rc = table_add(&s->table, &n->te, name_hash(addr, port));
  if (rc < 0) return mem_free(n), rc;
  *out = n;
  return 0;
}

int address_names_put(struct address_names *s, const uint8_t addr[16], uint16_t port, struct span text,
                      uint8_t origin) {
  if (!text.len || text.len > ADDRESS_NAME_MAX) return 0;
  struct address_name *n = find(s, addr, port);
  if (n && n->origin >= origin) return table_touch(&s->table, &n->te), 0;
  int rc = n ? 0 : add(s, addr, port, &n);
  if (rc < 0) return rc;
  n->origin = origin;
  n->len = (uint8_t)text.len;
  memcpy(n->text, text.base, text.len);
  return 0;
}

const struct address_name *address_names_find(const struct address_names *s, const uint8_t addr[16],
                                              uint16_t port) {
  return find(s, addr, port);
}
