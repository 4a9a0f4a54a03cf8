/* SPDX-License-Identifier: Apache-2.0 */
/* PostgreSQL's binary values by type (pg_type.dat; src/backend/utils/adt: the recv and send functions). */
#include "dissect/body/body.h"
#include "dissect/proto/pgsql_wire.h"

#include <stdio.h>

enum {
  BOOL = 16,
  BYTEA = 17,
  INT8 = 20,
  INT2 = 21,
  INT4 = 23,
  OID = 26,
  FLOAT4 = 700,
  FLOAT8 = 701,
  MONEY = 790,
  DATE = 1082,
  TIME = 1083,
  TIMESTAMP = 1114,
  TIMESTAMPTZ = 1184,
  NUMERIC = 1700,
  UUID = 2950,
  JSONB = 3802,
  ROOM = 256,
  EPOCH_DAYS = 10957 /* 2000-01-01 */
};
#define DAY_US 86400000000LL

unsigned pgsql_value_leaf(uint32_t oid) {
  switch (oid) {
  case INT8:
  case INT2:
  case INT4:
  case OID:
  case FLOAT4:
  case FLOAT8:
  case NUMERIC: return LEAF_NUMBER;
  case BOOL: return LEAF_BOOL;
  case BYTEA: return LEAF_BYTES;
  default: return LEAF_STRING;
  }
}

static struct span made(char *buf, int n) {
  return span_of(buf, n < 0 ? 0 : n < ROOM ? (size_t)n : ROOM - 1);
}

/* Days since 1970 to a date (proleptic Gregorian). */
static int civil(int64_t days, char *buf, size_t room) {
  int64_t z = days + 719468, era = (z >= 0 ? z : z - 146096) / 146097, doe = z - era * 146097;
  int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365,
          doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
  int64_t mp = (5 * doy + 2) / 153, d = doy - (153 * mp + 2) / 5 + 1, m = mp < 10 ? mp + 3 : mp - 9;
  int64_t year = yoe + era * 400 + (m <= 2);
  return snprintf(buf, room, "%04lld-%02lld-%02lld", (long long)year, (long long)m, (long long)d);
}

static int clock_text(int64_t us, char *buf, size_t room) {
  int64_t s = us / 1000000;
  return snprintf(buf, room, "%02lld:%02lld:%02lld", (long long)(s / 3600), (long long)(s / 60 % 60),
                  (long long)(s % 60));
}

static struct span stamp(int64_t us, char buf[ROOM]) {
  int64_t days = us / DAY_US, rest = us % DAY_US;
  if (rest < 0) rest += DAY_US, days--;
  int n = civil(days + EPOCH_DAYS, buf, ROOM - 20);
  if (n < 0 || n > ROOM - 20) return span_of(buf, 0);
  buf[n++] = ' ';
  return made(buf, n + clock_text(rest, buf + n, (size_t)(ROOM - n)));
}

/* Groups of four decimal digits, the weight of the first, the digits after the point. */
static struct span numeric(struct span v, char buf[ROOM]) {
  struct reader r = reader_of(v);
  unsigned groups = reader_u16be(&r);
  int weight = (int16_t)reader_u16be(&r);
  unsigned sign = reader_u16be(&r), scale = reader_u16be(&r);
  int n = 0;
  if (r.bad || sign == 0xc000 || weight > 20 || weight < -20 || groups > 40 || scale > 60)
    return span_of(buf, 0);
  if (sign == 0x4000) buf[n++] = '-';
  uint16_t digit[40];
  for (unsigned i = 0; i < groups; i++) digit[i] = reader_u16be(&r);
  if (r.bad) return span_of(buf, 0);
  for (int w = weight > 0 ? weight : 0; w >= 0; w--) {
    int at = weight - w;
    unsigned g = at >= 0 && at < (int)groups ? digit[at] % 10000 : 0;
    n += snprintf(buf + n, (size_t)(ROOM - n), w == (weight > 0 ? weight : 0) ? "%u" : "%04u", g);
  }
  if (scale) buf[n++] = '.';
  int end = n + (int)scale;
  for (int w = -1; n < end; w--) {
    int at = weight - w;
    unsigned g = at >= 0 && at < (int)groups ? digit[at] % 10000 : 0;
    n += snprintf(buf + n, (size_t)(ROOM - n), "%04u", g);
  }
  return made(buf, scale ? end : n);
}

static struct span uuid(struct span v, char buf[ROOM]) {
  int n = 0;
  for (size_t i = 0; i < v.len; i++) {
    if (i == 4 || i == 6 || i == 8 || i == 10) buf[n++] = '-';
    n += snprintf(buf + n, (size_t)(ROOM - n), "%02x", v.base[i]);
  }
  return made(buf, n);
}

static struct span real(struct span v, char buf[ROOM]) {
  struct reader r = reader_of(v);
  uint64_t bits = reader_be(&r, (unsigned)v.len);
  uint32_t low = (uint32_t)bits;
  double d = 0;
  float f = 0;
  memcpy(&d, &bits, sizeof d);
  memcpy(&f, &low, sizeof f);
  return made(buf, v.len == 8 ? snprintf(buf, ROOM, "%.15g", d) : snprintf(buf, ROOM, "%.6g", (double)f));
}

static int64_t integer(struct span v) {
  struct reader r = reader_of(v);
  uint64_t n = reader_be(&r, (unsigned)v.len);
  if (v.len < 8 && n >> (v.len * 8 - 1)) n |= ~0ULL << (v.len * 8);
  return (int64_t)n;
}

struct span pgsql_value_text(uint32_t oid, struct span v, char buf[256]) {
  size_t n = v.len;
  if (!n) return v;
  if (oid == BOOL && n == 1) return v.base[0] ? SPAN_LIT("t") : SPAN_LIT("f");
  if ((oid == INT8 && n == 8) || (oid == INT4 && n == 4) || (oid == INT2 && n == 2) || (oid == OID && n == 4))
    return made(
        buf, snprintf(buf, ROOM, "%lld", (long long)(oid == OID ? integer(v) & 0xffffffffLL : integer(v))));
  if ((oid == FLOAT4 && n == 4) || (oid == FLOAT8 && n == 8)) return real(v, buf);
  if (oid == MONEY && n == 8) return made(buf, snprintf(buf, ROOM, "%.2f", (double)integer(v) / 100));
  if (oid == DATE && n == 4) return made(buf, civil(integer(v) + EPOCH_DAYS, buf, ROOM));
  if (oid == TIME && n == 8) return made(buf, clock_text(integer(v) % DAY_US, buf, ROOM));
  if ((oid == TIMESTAMP || oid == TIMESTAMPTZ) && n == 8) return stamp(integer(v), buf);
  if (oid == NUMERIC) return numeric(v, buf);
  if (oid == UUID && n == 16) return uuid(v, buf);
  if (oid == JSONB && v.base[0] == 1) return span_skip(v, 1);
  return v;
}
