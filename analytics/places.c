/* SPDX-License-Identifier: Apache-2.0 */
/* Where addresses are on earth: CIDRs sorted by address, the narrowest match wins. */
#include "analytics/places.h"
#include "analytics/lines.h"
#include "base/err.h"
#include "base/mem.h"

#include <math.h>
#include <stdlib.h>

enum { PLACES = 1 << 20, BACK = 64 };

struct places {
  struct place *item; /* by address, wider before narrower */
  size_t count, size;
};

static int by_address(const void *a, const void *b) {
  const struct place *x = a, *y = b;
  int c = memcmp(x->cidr.addr, y->cidr.addr, 16);
  return c ? c : x->cidr.bits - y->cidr.bits;
}

static bool number(struct span s, float *out) {
  char text[24], *end;
  s = span_trim(s);
  if (!s.len || !span_text(text, sizeof text, s)) return false;
  *out = strtof(text, &end);
  return *end == 0 && fabsf(*out) <= 180;
}

static int add(void *user, struct span line, unsigned number_of_line) {
  struct places *p = user;
  (void)number_of_line;
  struct span key = span_trim(span_cut(&line, ',')), name = span_trim(span_cut(&line, ','));
  struct span latitude = span_cut(&line, ',');
  struct place x = {0};
  if (!name.len || zones_cidr_text(&x.cidr, key) < 0 || !number(latitude, &x.latitude) ||
      !number(line, &x.longitude))
    return ERR_SYNTAX;
  memcpy(x.name, name.base, name.len < sizeof x.name ? name.len : sizeof x.name - 1);
  if (p->count == PLACES) return ERR_CAP;
  if (p->count == p->size) {
    size_t size = p->size ? p->size * 2 : 64;
    struct place *item = mem_realloc(p->item, size * sizeof *item);
    if (!item) return ERR_NOMEM;
    p->item = item, p->size = size;
  }
  p->item[p->count++] = x;
  return 0;
}

int places_load(struct places **out, const char *file, struct conf_error *err) {
  *out = NULL;
  if (!file || !*file) return 0;
  struct places *p = mem_zalloc(sizeof *p);
  struct lines lines = {file, "analytics.places_file", "\"CIDR,place,latitude,longitude\"", true};
  int rc = p ? lines_read(&lines, add, p, err) : ERR_NOMEM;
  if (rc < 0) return places_free(p), rc;
  if (p->count) qsort(p->item, p->count, sizeof *p->item, by_address);
  *out = p;
  return 0;
}

void places_free(struct places *p) {
  if (!p) return;
  mem_free(p->item);
  mem_free(p);
}

const struct place *places_of(const struct places *p, const uint8_t addr[16]) {
  if (!p || !p->count) return NULL;
  size_t low = 0, high = p->count;
  while (low < high) {
    size_t mid = low + (high - low) / 2;
    if (memcmp(p->item[mid].cidr.addr, addr, 16) <= 0)
      low = mid + 1;
    else
      high = mid;
  }
  for (size_t i = 0; i < BACK && low > i; i++)
    if (zones_holds(&p->item[low - 1 - i].cidr, addr)) return &p->item[low - 1 - i];
  return NULL;
}

double places_km(const struct place *a, const struct place *b) {
  const double rad = 0.017453292519943295, radius = 6371;
  double dlat = ((double)b->latitude - (double)a->latitude) * rad,
         dlon = ((double)b->longitude - (double)a->longitude) * rad;
  double h = sin(dlat / 2) * sin(dlat / 2) +
             cos((double)a->latitude * rad) * cos((double)b->latitude * rad) * sin(dlon / 2) * sin(dlon / 2);
  return 2 * radius * asin(h > 1 ? 1 : sqrt(h));
}
