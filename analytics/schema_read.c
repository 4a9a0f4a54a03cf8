/* SPDX-License-Identifier: Apache-2.0 */
/* What was learned of a field, said in the words of JSON Schema and OpenAPI. */
#include "analytics/schema.h"
#include "analytics/schema_read.h"
#include "dissect/body/body.h"

#include <math.h>

enum { ENUM_MESSAGES = 10 };
#define BIT(t) ((uint16_t)(1u << (t)))

double schema_read_widen(double v, bool up) {
  double a = fabs(v);
  if (a < 1e-9) return 0;
  bool away = (v > 0) == up;
  double e = away ? ceil(log10(a) - 1e-9) : floor(log10(a) + 1e-9);
  return copysign(pow(10, e), v);
}

static struct span parent_of(struct span path) {
  size_t i = path.len;
  while (i > 0 && path.base[i - 1] != '.') i--;
  return span_head(path, i);
}

static bool in_all(const struct schema_book *b, const struct schema_field *f) {
  struct span above = parent_of(f->path);
  if (f->place == SCHEMA_PATH) return true;
  if (f->place < SCHEMA_REQUEST || !above.len) return f->present >= b->messages[f->place];
  bool item = span_find(above, SPAN_LIT("[]")) < above.len;
  for (uint32_t i = 0; i < b->nfields; i++) {
    const struct schema_field *x = &b->field[i];
    if (x->place != f->place || !span_starts(x->path, above)) continue;
    if (item && span_index(span_skip(x->path, above.len), '[') == x->path.len - above.len
            ? x->occurred > f->occurred
            : x->present > f->present)
      return false;
  }
  return true;
}

static const char *text_format(uint16_t format) {
  format &= (uint16_t)~FORMAT_EMPTY;
  if (!format || format & (format - 1)) return "";
  return schema_format_name(format);
}

/* Parameters are text on the wire: the format tells the type. */
static void read_text(struct schema_reading *r, const struct schema_field *f) {
  uint16_t format = f->format & (uint16_t)~FORMAT_EMPTY;
  bool parameter = f->place <= SCHEMA_HEADER;
  r->type = "string";
  r->format = text_format(f->format);
  if (f->measured) r->shortest = (uint64_t)f->min, r->longest = (uint64_t)f->max;
  if (format == FORMAT_INTEGER && !(f->format & FORMAT_EMPTY)) {
    r->digits = true;
    if (!parameter || !f->measured || f->max > 18) return;
    *r = (struct schema_reading){.type = "integer", .format = f->max <= 9 ? "int32" : "int64"};
  } else if (parameter && format && !(format & ~(FORMAT_INTEGER | FORMAT_DECIMAL))) {
    *r = (struct schema_reading){.type = "number", .format = "double"};
  } else if (parameter && format == FORMAT_BOOLEAN) {
    *r = (struct schema_reading){.type = "boolean", .format = ""};
  }
}

static void read_number(struct schema_reading *r, const struct schema_field *f) {
  bool whole = !(f->format & FORMAT_DECIMAL) && f->format & FORMAT_INTEGER;
  r->type = whole ? "integer" : "number";
  r->format = !whole                                                      ? "double"
              : f->measured && f->max <= INT32_MAX && f->min >= INT32_MIN ? "int32"
                                                                          : "int64";
  r->range = f->measured;
  if (r->range) r->min = schema_read_widen(f->min, false), r->max = schema_read_widen(f->max, true);
}

struct schema_reading schema_read_field(const struct schema_book *b, const struct schema_field *f) {
  struct schema_reading r = {.type = "", .format = ""};
  uint16_t types = f->types & (uint16_t)~BIT(LEAF_NULL);
  bool text = types && !(types & ~(BIT(LEAF_STRING) | BIT(LEAF_TEXT)));
  if (text)
    read_text(&r, f);
  else if (types == BIT(LEAF_NUMBER))
    read_number(&r, f);
  else if (types == BIT(LEAF_BOOL))
    r.type = "boolean";
  else if (types == BIT(LEAF_BYTES))
    r.type = "string", r.format = "binary";
  uint64_t messages = b->messages[f->place];
  r.null = f->types & BIT(LEAF_NULL);
  r.ratio = messages ? (double)f->present / (double)messages : 1;
  if (r.ratio > 1) r.ratio = 1;
  r.required = in_all(b, f);
  r.enumeration = !f->closed && f->nwords > 0 && f->present >= ENUM_MESSAGES &&
                  f->present >= 2u * f->nwords && (text || types == BIT(LEAF_NUMBER));
  return r;
}
