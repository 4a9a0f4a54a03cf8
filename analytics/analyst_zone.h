/* SPDX-License-Identifier: Apache-2.0 */
/* Where an address stands: inside, partner, management, internet; by the configured CIDR lists. */
#ifndef ANALYTICS_ANALYST_ZONE_H
#define ANALYTICS_ANALYST_ZONE_H

#include "analytics/analyzer.h"

enum zone { ZONE_INTERNET, ZONE_PARTNER, ZONE_INTERNAL, ZONE_MANAGEMENT };
struct cidr {
  uint8_t addr[16]; /* IPv4 mapped */
  uint8_t bits;     /* of 128 */
};
struct cidr_list {
  struct cidr *item;
  size_t count;
};
struct zones {
  struct cidr_list internal, partner, management;
};

/** Parse the lists; private, loopback and link-local addresses are internal where none is given. ERR_NOMEM,
 *  ERR_SYNTAX (err names the entry). */
int zones_init(struct zones *z, const struct analytics_conf *conf, struct conf_error *err);
void zones_done(struct zones *z);
enum zone zones_of(const struct zones *z, const uint8_t addr[16]);
const char *zones_name(enum zone z); /* "internet", … */
/** Not of the internet and not of a partner. */
bool zones_inside(const struct zones *z, const uint8_t addr[16]);
/** "10.1.0.0/16", "fd00::/8", "10.1.2.3". ERR_SYNTAX. */
int zones_cidr(struct cidr *c, const char *text);
/** The same of a span; blanks around it do not count. An empty one is ERR_SYNTAX. */
int zones_cidr_text(struct cidr *c, struct span text);
/** The same, and only a single address. */
int zones_address(uint8_t addr[16], struct span text);
bool zones_holds(const struct cidr *c, const uint8_t addr[16]);
bool zones_match(const struct cidr_list *l, const uint8_t addr[16]);
/** Text of an address, IPv4 as such; returns its length, at most 45. */
size_t zones_text(const uint8_t addr[16], char out[48]);
/** Multicast, broadcast, unspecified: no host. */
bool zones_is_group(const uint8_t addr[16]);
/** An address under which clouds offer metadata to their machines. */
bool zones_is_metadata(const uint8_t addr[16]);

#endif
