/* SPDX-License-Identifier: Apache-2.0 */
/* Where addresses are on earth, as a file of the user's says. */
#ifndef ANALYTICS_PLACES_H
#define ANALYTICS_PLACES_H

#include "analytics/analyst_zone.h"

struct place {
  struct cidr cidr;
  char name[48];
  float latitude, longitude; /* degrees */
};
struct places;
/** Read `file`, a line each: "CIDR,place,latitude,longitude"; *out NULL where file is NULL or empty. ERR_IO, ERR_SYNTAX,
 *  ERR_NOMEM; err names file, line and remedy. */
int places_load(struct places **out, const char *file, struct conf_error *err);
void places_free(struct places *p); /* takes NULL */
/** The narrowest place that holds addr; NULL where none does. */
const struct place *places_of(const struct places *p, const uint8_t addr[16]);
/** Kilometres between two places, along a great circle. */
double places_km(const struct place *a, const struct place *b);

#endif
