/* SPDX-License-Identifier: Apache-2.0 */
/* CIDR lists, and the zone of an address. */
#include "analytics/analyst_zone.h"
#include "base/err.h"
#include "base/mem.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>

static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};

int zones_cidr(struct cidr *c, const char *text) {
  char host[64];
  size_t n = strcspn(text, "/");
  struct in_addr v4;
  struct in6_addr v6;
  long bits = -1;
  if (n >= sizeof host) return ERR_SYNTAX;
  memcpy(host, text, n);
  host[n] = 0;
  if (text[n] == '/') {
    char *end;
    bits = strtol(text + n + 1, &end, 10);
    if (*end || end == text + n + 1 || bits < 0 || bits > 128) return ERR_SYNTAX;
  }
  if (inet_pton(AF_INET, host, &v4) == 1) {
    if (bits > 32) return ERR_SYNTAX;
    memcpy(c->addr, mapped, sizeof mapped);
    memcpy(c->addr + 12, &v4, 4);
    c->bits = (uint8_t)(bits < 0 ? 128 : 96 + bits);
    return 0;
  }
  if (inet_pton(AF_INET6, host, &v6) != 1) return ERR_SYNTAX;
  memcpy(c->addr, &v6, 16);
  c->bits = (uint8_t)(bits < 0 ? 128 : bits);
  return 0;
}

int zones_cidr_text(struct cidr *c, struct span text) {
  char z[64];
  text = span_trim(text);
  if (!text.len || !span_text(z, sizeof z, text)) return ERR_SYNTAX;
  return zones_cidr(c, z);
}

int zones_address(uint8_t addr[16], struct span text) {
  struct cidr c;
  if (zones_cidr_text(&c, text) < 0 || c.bits != 128) return ERR_SYNTAX;
  memcpy(addr, c.addr, 16);
  return 0;
}

bool zones_holds(const struct cidr *c, const uint8_t addr[16]) {
  size_t whole = c->bits / 8, rest = c->bits % 8;
  if (memcmp(c->addr, addr, whole) != 0) return false;
  return !rest || (c->addr[whole] ^ addr[whole]) >> (8 - rest) == 0;
}

bool zones_match(const struct cidr_list *l, const uint8_t addr[16]) {
  for (size_t i = 0; i < l->count; i++)
    if (zones_holds(&l->item[i], addr)) return true;
  return false;
}

static int parse(struct cidr_list *l, const char *const *text, size_t n, struct conf_error *err) {
  if (!n) return 0;
  l->item = mem_zalloc(n * sizeof *l->item);
  if (!l->item) return ERR_NOMEM;
  for (size_t i = 0; i < n; i++) {
    if (zones_cidr(&l->item[i], text[i]) < 0) {
      snprintf(err->text, sizeof err->text,
               "analytics: \"%s\": expected an address or a CIDR such as 10.0.0.0/8", text[i]);
      return ERR_SYNTAX;
    }
    l->count++;
  }
  return 0;
}

static int parse_conf(struct cidr_list *l, const struct conf_list *from, struct conf_error *err) {
  return parse(l, (const char *const *)from->item, from->count, err);
}

int zones_init(struct zones *z, const struct analytics_conf *conf, struct conf_error *err) {
  static const char *const private[] = {"10.0.0.0/8",    "172.16.0.0/12", "192.168.0.0/16",
                                        "100.64.0.0/10", "127.0.0.0/8",   "169.254.0.0/16",
                                        "fc00::/7",      "fe80::/10",     "::1"};
  *z = (struct zones){0};
  int rc = conf->internal.count ? parse_conf(&z->internal, &conf->internal, err)
                                : parse(&z->internal, private, sizeof private / sizeof *private, err);
  if (rc >= 0) rc = parse_conf(&z->partner, &conf->partner, err);
  if (rc >= 0) rc = parse_conf(&z->management, &conf->management, err);
  if (rc < 0) zones_done(z);
  return rc;
}

void zones_done(struct zones *z) {
  mem_free(z->internal.item);
  mem_free(z->partner.item);
  mem_free(z->management.item);
  *z = (struct zones){0};
}

enum zone zones_of(const struct zones *z, const uint8_t addr[16]) {
  if (zones_match(&z->management, addr)) return ZONE_MANAGEMENT;
  if (zones_match(&z->partner, addr)) return ZONE_PARTNER;
  return zones_match(&z->internal, addr) ? ZONE_INTERNAL : ZONE_INTERNET;
}

bool zones_inside(const struct zones *z, const uint8_t addr[16]) {
  enum zone zone = zones_of(z, addr);
  return zone == ZONE_INTERNAL || zone == ZONE_MANAGEMENT;
}

const char *zones_name(enum zone z) {
  static const char *const names[] = {"internet", "partner", "internal", "management"};
  return names[z];
}

size_t zones_text(const uint8_t addr[16], char out[48]) {
  size_t n = 0;
  if (memcmp(addr, mapped, sizeof mapped) != 0) {
    if (!inet_ntop(AF_INET6, addr, out, 48)) out[0] = 0;
    return strlen(out);
  }
  for (int i = 12; i < 16; i++) { /* nearly every call asks for one */
    unsigned v = addr[i];
    if (v >= 100) out[n++] = (char)('0' + v / 100);
    if (v >= 10) out[n++] = (char)('0' + v / 10 % 10);
    out[n++] = (char)('0' + v % 10);
    out[n++] = i < 15 ? '.' : 0;
  }
  return n - 1;
}

bool zones_is_group(const uint8_t addr[16]) {
  static const uint8_t none[16];
  if (memcmp(addr, mapped, sizeof mapped) == 0) return addr[12] >= 224 || addr[12] == 0;
  return addr[0] == 0xff || memcmp(addr, none, 16) == 0;
}

/* AWS, Azure, GCP and others; Alibaba; Tencent and AWS by IPv6; AWS container credentials; Oracle. */
bool zones_is_metadata(const uint8_t addr[16]) {
  static const uint8_t v4[][4] = {{169, 254, 169, 254}, {100, 100, 100, 200}, {169, 254, 170, 2},
                                  {169, 254, 0, 23},    {192, 0, 0, 192},     {168, 63, 129, 16}};
  static const uint8_t aws6[16] = {0xfd, 0x00, 0x0e, 0xc2, [14] = 0x02, [15] = 0x54};
  if (memcmp(addr, mapped, sizeof mapped) != 0) return memcmp(addr, aws6, 16) == 0;
  for (size_t i = 0; i < sizeof v4 / sizeof *v4; i++)
    if (memcmp(addr + 12, v4[i], 4) == 0) return true;
  return false;
}
