/* SPDX-License-Identifier: Apache-2.0 */
/* Names of services and addresses, learned, beside those that are given. */
#include "analytics/service.h"
#include "analytics/address_names.h"
#include "analytics/analyst_zone.h"

#include <stdio.h>

enum { NAMES_MAX = 65536 };
enum origin { FROM_DNS, FROM_HOST };

struct service_names {
  struct address_names learned;
  const struct service_given *given; /* NULL: none */
  uint64_t missed;                   /* names not kept for want of memory */
};
static void put(struct service_names *s, const uint8_t addr[16], uint16_t port, struct span text,
                enum origin from) {
  if (address_names_put(&s->learned, addr, port, text, (uint8_t)from) < 0) s->missed++;
}

/* Of this port, else of the address. */
static const struct address_name *find(const struct service_names *s, const uint8_t addr[16], uint16_t port) {
  const struct address_name *n = address_names_find(&s->learned, addr, port);
  return n ? n : address_names_find(&s->learned, addr, 0);
}

struct service_names *service_new(void) {
  struct service_names *s = mem_zalloc(sizeof *s);
  if (s && address_names_init(&s->learned, NAMES_MAX, true) == 0) return s;
  mem_free(s);
  return NULL;
}

void service_use(struct service_names *s, const struct service_given *given) { s->given = given; }

void service_free(struct service_names *s) {
  if (!s) return;
  address_names_done(&s->learned);
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
  return letter && host.len <= ADDRESS_NAME_MAX;
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
  const struct address_name *learned = find(s, t->conn.server, t->conn.sport);
  if (learned) return span_of(learned->text, learned->len);
  zones_text(t->conn.server, text);
  return arena_printf(arena, strchr(text, ':') ? "[%s]:%u" : "%s:%u", text, t->conn.sport);
}

struct span service_name(const struct service_names *s, const uint8_t addr[16], uint16_t port) {
  enum given_origin origin = GIVEN_POD;
  struct span given = service_given_find(s->given, addr, port, &origin);
  const struct address_name *n = find(s, addr, port);
  if (given.len && (origin == GIVEN_FILE || !n || n->origin == FROM_DNS)) return given;
  return n ? span_of(n->text, n->len) : (struct span){0};
}
