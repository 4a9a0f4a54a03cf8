/* SPDX-License-Identifier: Apache-2.0 */
/* Triple's wrappers: Hessian values inside a message of Protocol Buffers. */
#include "dissect/body/triple.h"
#include "base/reader.h"
#include "dissect/body/hessian.h"

enum { BYTES_1 = 0x0a, BYTES_2 = 0x12, BYTES_3 = 0x1a };

static struct span field(struct reader *r) {
  uint64_t n = reader_varint(r);
  return reader_take(r, n < SIZE_MAX ? (size_t)n : SIZE_MAX);
}

/* Its values, of which a request may hold several. */
static unsigned survey(struct reader r, bool *good) {
  unsigned values = 0;
  while (reader_left(&r) && *good) {
    uint8_t key = reader_u8(&r);
    (void)field(&r);
    values += key == BYTES_2;
    *good = !r.bad && (key == BYTES_2 || key == BYTES_3);
  }
  return values;
}

static int one(struct body_walk *w, struct path_node *at, struct span value) {
  struct hessian h;
  hessian_begin(&h, value, false, w->scratch);
  return value.len ? hessian_walk_value(&h, w, at) : 0;
}

int triple_walk(struct body_walk *w, struct span s) {
  struct reader r = reader_of(s);
  bool good = s.len > 10 && reader_u8(&r) == BYTES_1;
  struct span kind = good ? field(&r) : (struct span){0};
  if (!span_starts(kind, SPAN_LIT("hessian"))) return ERR_UNSUPPORTED;
  unsigned values = survey(r, &good);
  if (!good && !w->cut) return ERR_UNSUPPORTED;
  uint32_t before = w->leaves;
  struct path_node *at = path_child(w->paths, walk_root(w), SPAN_LIT("2"));
  if (values > 1) at = path_item(w->paths, at);
  int rc = 0;
  while (reader_left(&r) && rc == 0) {
    uint8_t key = reader_u8(&r);
    struct span value = field(&r);
    if (key == BYTES_2) rc = one(w, at, value);
  }
  if (rc == ERR_TRUNC) rc = ERR_SYNTAX;
  return rc < 0 ? rc : (int)(w->leaves - before);
}
