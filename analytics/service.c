/* SPDX-License-Identifier: Apache-2.0 */
/* Names of services and addresses, learned, beside those that are given. */
#include "analytics/service.h"
#include "analytics/analyst_zone.h"
#include "base/err.h"
#include "base/hash.h"
#include "base/table.h"

#include <stdio.h>

enum { NAMES_MAX = 65536, NAME_MAX_LEN = 128 };
enum origin { FROM_DNS, FROM_HOST };

struct name {
  struct table_entry te;
  uint8_t addr[16];
  uint16_t port; /* 0: any */
  uint8_t origin, len;
  char text[NAME_MAX_LEN];
};
struct service_names {
  struct table table;
  const struct service_given *given; /* NULL: none */
  uint64_t missed;                   /* names not kept for want of memory */
};
struct name_key {
  const uint8_t *addr;
  uint16_t port;
};

static bool name_eq(const struct table_entry *e, const void *key) {
  const struct name *n = (const struct name *)e;
  const struct name_key *k = key;
  return n->port == k->port && memcmp(n->addr, k->addr, 16) == 0;
}

static uint64_t name_hash(const uint8_t addr[16], uint16_t port) { return hash64(span_of(addr, 16), port); }

static struct name *find(const struct service_names *s, const uint8_t addr[16], uint16_t port) {
  struct name_key k = {addr, port};
  return (struct name *)table_find(&s->table, name_hash(addr, port), &k);
}

/* The better source wins; among equals the first. */
static void put(struct service_names *s, const uint8_t addr[16], uint16_t port, struct span text,
                enum origin from) {
  struct name *n = find(s, addr, port);
  if (!text.len || text.len > NAME_MAX_LEN) return;
  if (n && n->origin >= from) {
    table_touch(&s->table, &n->te);
    return;
  }
  if (!n) {
    if (s->table.count >= NAMES_MAX) {
      struct table_entry *old = s->table.oldest;
      table_remove(&s->table, old);
      mem_free(old);
    }
    n = mem_zalloc(sizeof *n);
    if (n) memcpy(n->addr, addr, 16);
    if (n) n->port = port;
    if (!n || table_add(&s->table, &n->te, name_hash(addr, port)) < 0) {
      s->missed++;
      mem_free(n);
      return;
    }
  }
  n->origin = (uint8_t)from;
  n->len = (uint8_t)text.len;
  memcpy(n->text, text.base, text.len);
}

struct service_names *service_new(void) {
  struct service_names *s = mem_zalloc(sizeof *s);
  if (s && table_init(&s->table, name_eq, NAMES_MAX, NULL) == 0) return s;
  mem_free(s);
  return NULL;
}

void service_use(struct service_names *s, const struct service_given *given) { s->given = given; }

void service_free(struct service_names *s) {
  if (!s) return;
  while (s->table.oldest) {
    struct table_entry *e = s->table.oldest;
    table_remove(&s->table, e);
    mem_free(e);
  }
  table_done(&s->table);
  mem_free(s);
}

uint64_t service_missed(struct service_names *s) {
  uint64_t n = s->missed;
  s->missed = 0;
  return n;
}

/* "host.local 120 A 10.0.0.1": what a host says of itself unasked (RFC 6762). */
static void learn_answer(struct service_names *s, struct span answer) {
  uint8_t addr[16];
  struct span name = span_cut(&answer, ' ');
  (void)span_cut(&answer, ' ');
  struct span type = span_cut(&answer, ' ');
  if (!span_eq(type, SPAN_LIT("A")) && !span_eq(type, SPAN_LIT("AAAA"))) return;
  if (!name.len) return;
  if (name.base[name.len - 1] == '.') name.len--;
  if (zones_address(addr, answer) == 0) put(s, addr, 0, name, FROM_DNS);
}

void service_dns(struct service_names *s, const struct txn *t) {
  const struct fact *q = txn_fact(t, "dns.question.name");
  uint8_t addr[16];
  for (const struct fact *f = t->facts; f && !q; f = f->next)
    if (strcmp(f->name, "tapscope.dns.answers") == 0) learn_answer(s, f->str);
  if (!q || !q->str.len) return;
  struct span name = q->str;
  if (name.base[name.len - 1] == '.') name.len--;
  for (const struct fact *f = t->facts; f; f = f->next)
    if (strcmp(f->name, "dns.resolved_ip") == 0 && zones_address(addr, f->str) == 0)
      put(s, addr, 0, name, FROM_DNS);
}

/* A host that is an address names nothing. `also`: allowed beyond what hosts are made of. */
static bool is_name(struct span host, uint8_t also) {
  bool letter = false;
  for (size_t i = 0; i < host.len; i++) {
    uint8_t ch = host.base[i];
    if (ch == ':' || ch == '[') return false;
    letter |= (ch | 32) >= 'a' && (ch | 32) <= 'z';
    if (!((ch | 32) >= 'a' && (ch | 32) <= 'z') && !(ch >= '0' && ch <= '9') && ch != '.' && ch != '-' &&
        ch != '_' && ch != also)
      return false;
  }
  return letter && host.len <= NAME_MAX_LEN;
}

struct span service_of(struct service_names *s, struct api_event *e, struct arena *arena) {
  const struct txn *t = e->txn;
  enum given_origin origin = GIVEN_POD;
  struct span given = service_given_find(s->given, t->conn.server, t->conn.sport, &origin);
  char text[48];
  if (given.len && origin == GIVEN_FILE) return given;
  if (is_name(t->host, '-')) {
    put(s, t->conn.server, t->conn.sport, t->host, FROM_HOST);
    return t->host;
  }
  if (e->service.len && is_name(e->service, '$')) return e->service;
  if (given.len) return given;
  const struct name *learned = find(s, t->conn.server, t->conn.sport);
  if (!learned) learned = find(s, t->conn.server, 0);
  if (learned) return span_of(learned->text, learned->len);
  zones_text(t->conn.server, text);
  return arena_printf(arena, strchr(text, ':') ? "[%s]:%u" : "%s:%u", text, t->conn.sport);
}

struct span service_name(const struct service_names *s, const uint8_t addr[16], uint16_t port) {
  enum given_origin origin = GIVEN_POD;
  struct span given = service_given_find(s->given, addr, port, &origin);
  const struct name *n = find(s, addr, port);
  if (!n) n = find(s, addr, 0);
  if (given.len && (origin == GIVEN_FILE || !n || n->origin == FROM_DNS)) return given;
  return n ? span_of(n->text, n->len) : (struct span){0};
}
