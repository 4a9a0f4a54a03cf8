/* SPDX-License-Identifier: Apache-2.0 */
/* Values as MySQL writes them: length-encoded, and in binary by type. */
#include "dissect/proto/mysql_wire.h"

#include <stdio.h>

enum { TINY = 1, SHORT, LONG, FLOAT, DOUBLE, NONE, TIMESTAMP, LONGLONG, INT24, DATE, TIME, DATETIME, YEAR };

uint64_t mysql_value_int(struct reader *r) {
  uint8_t c = reader_u8(r);
  if (c < 0xfb) return c;
  if (c == 0xfc) return reader_u16le(r);
  if (c == 0xfd) return reader_u24le(r);
  if (c == 0xfe) return reader_u64le(r);
  reader_fail(r);
  return 0;
}

struct span mysql_value_string(struct reader *r) {
  uint64_t n = mysql_value_int(r);
  return reader_take(r, n < SIZE_MAX ? (size_t)n : SIZE_MAX);
}

static struct span integer(struct reader *r, unsigned n, bool is_unsigned, char buf[MYSQL_TEXT]) {
  uint64_t v = reader_le(r, n);
  if (!is_unsigned && n < 8 && v >> (n * 8 - 1)) v |= ~0ULL << (n * 8);
  int len = is_unsigned ? snprintf(buf, MYSQL_TEXT, "%llu", (unsigned long long)v)
                        : snprintf(buf, MYSQL_TEXT, "%lld", (long long)(int64_t)v);
  return span_of(buf, (size_t)len);
}

static struct span real(struct reader *r, bool is_double, char buf[MYSQL_TEXT]) {
  uint64_t bits = is_double ? reader_u64le(r) : reader_u32le(r);
  uint32_t low = (uint32_t)bits;
  double v = 0;
  float f = 0;
  memcpy(&v, &bits, sizeof v);
  memcpy(&f, &low, sizeof f);
  int len = is_double ? snprintf(buf, MYSQL_TEXT, "%.15g", v) : snprintf(buf, MYSQL_TEXT, "%.6g", (double)f);
  return span_of(buf, (size_t)len);
}

static struct span date(struct reader *r, bool is_date, char buf[MYSQL_TEXT]) {
  uint8_t n = reader_u8(r);
  struct reader v = reader_of(reader_take(r, n));
  unsigned part[6] = {reader_u16le(&v)};
  for (unsigned i = 1; i < 6; i++) part[i] = reader_u8(&v);
  int len = is_date ? snprintf(buf, MYSQL_TEXT, "%04u-%02u-%02u", part[0], part[1], part[2])
                    : snprintf(buf, MYSQL_TEXT, "%04u-%02u-%02u %02u:%02u:%02u", part[0], part[1], part[2],
                               part[3], part[4], part[5]);
  return span_of(buf, (size_t)len);
}

static struct span hours(struct reader *r, char buf[MYSQL_TEXT]) {
  uint8_t n = reader_u8(r);
  struct reader v = reader_of(reader_take(r, n));
  bool minus = reader_u8(&v) != 0;
  uint32_t days = reader_u32le(&v);
  unsigned h = reader_u8(&v), m = reader_u8(&v), s = reader_u8(&v);
  int len = snprintf(buf, MYSQL_TEXT, "%s%llu:%02u:%02u", minus ? "-" : "", days * 24ULL + h, m, s);
  return span_of(buf, (size_t)len);
}

struct span mysql_value_binary(struct reader *r, struct mysql_column c, char buf[MYSQL_TEXT]) {
  switch (c.type) {
  case TINY: return integer(r, 1, c.is_unsigned, buf);
  case SHORT:
  case YEAR: return integer(r, 2, c.is_unsigned, buf);
  case LONG:
  case INT24: return integer(r, 4, c.is_unsigned, buf);
  case LONGLONG: return integer(r, 8, c.is_unsigned, buf);
  case FLOAT:
  case DOUBLE: return real(r, c.type == DOUBLE, buf);
  case DATE:
  case TIMESTAMP:
  case DATETIME: return date(r, c.type == DATE, buf);
  case TIME: return hours(r, buf);
  case NONE: return span_of("", 0);
  default: return mysql_value_string(r);
  }
}
