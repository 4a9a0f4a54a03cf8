/* SPDX-License-Identifier: Apache-2.0 */
/* Appends JSON to a buffer. Every value is followed by a comma that the closing bracket takes back. */
#ifndef OUTPUT_JSON_H
#define OUTPUT_JSON_H

#include "base/buf.h"
#include "base/err.h"

struct json {
  struct buf *out; /* borrowed */
  bool bad;        /* out of memory: everything after is void */
};

/** Room for n more bytes: where to write them, or NULL. The caller then adds to out->len. */
static inline uint8_t *json_room(struct json *j, size_t n) {
  struct buf *b = j->out;
  if (b->size - b->len < n && (j->bad || buf_reserve(b, n) < 0)) {
    j->bad = true;
    return NULL;
  }
  return b->base + b->len;
}
/** Bytes as they are. */
static inline void json_raw(struct json *j, const void *p, size_t n) {
  uint8_t *to = json_room(j, n);
  if (!to) return;
  memcpy(to, p, n);
  j->out->len += n;
}
#define JSON_LIT(j, text) json_raw(j, text, sizeof(text) - 1)
/** Key text known when compiling. */
#define JSON_KEY(j, key) JSON_LIT(j, "\"" key "\":")
/** Open an object or a list; the result goes to json_close. */
#define JSON_OPEN(j, key) json_open(j, "\"" key "\":{", sizeof("\"" key "\":{") - 1)
#define JSON_OPEN_LIST(j, key) json_open(j, "\"" key "\":[", sizeof("\"" key "\":[") - 1)

static inline size_t json_open(struct json *j, const char *text, size_t n) {
  size_t at = j->out->len;
  json_raw(j, text, n);
  return at;
}
/** Close what was opened at `at` with '}' or ']'; take it back whole when it stayed empty, unless keep. */
void json_close(struct json *j, size_t at, char bracket, bool keep);

/** A string: quoted, escaped (RFC 8259 section 7), bytes that are not UTF-8 as U+FFFD. */
void json_str(struct json *j, struct span s);
/** json_text of up to n texts, which end with NULL if there are less. */
void json_texts(struct json *j, const char *const *text, unsigned n);
/** A number; above 2^63 - 1 that one: readers and stores that have no unsigned 64-bit integers refuse the whole record. */
void json_u64(struct json *j, uint64_t v);
/** Fixed point with up to four places; not a number and infinities as 0. */
void json_double(struct json *j, double v);
static inline void json_bool(struct json *j, bool v) {
  if (v)
    JSON_LIT(j, "true,");
  else
    JSON_LIT(j, "false,");
}
/** Text that needs no escape. */
static inline void json_text(struct json *j, const char *z) {
  size_t n = z ? strlen(z) : 0;
  uint8_t *to = json_room(j, n + 3);
  if (!to) return;
  to[0] = '"';
  if (n) memcpy(to + 1, z, n);
  to[n + 1] = '"';
  to[n + 2] = ',';
  j->out->len += n + 3;
}
/** RFC 3339 with nine places, UTC, from nanoseconds since the epoch. */
void json_time(struct json *j, uint64_t ns);
/** An address: IPv4 where it is mapped, else IPv6 by RFC 5952. */
void json_ip(struct json *j, const uint8_t addr[16]);

/* Members: nothing is written for an empty string. */
#define JSON_STR(j, key, s) \
  do { \
    struct span s_ = (s); \
    if (s_.len) { \
      JSON_KEY(j, key); \
      json_str(j, s_); \
    } \
  } while (0)
#define JSON_TEXT(j, key, z) \
  do { \
    const char *z_ = (z); \
    if (z_ && *z_) { \
      JSON_KEY(j, key); \
      json_text(j, z_); \
    } \
  } while (0)
#define JSON_U64(j, key, v) \
  do { \
    JSON_KEY(j, key); \
    json_u64(j, v); \
  } while (0)
#define JSON_BOOL(j, key, v) \
  do { \
    JSON_KEY(j, key); \
    json_bool(j, v); \
  } while (0)
#define JSON_TIME(j, key, ns) \
  do { \
    JSON_KEY(j, key); \
    json_time(j, ns); \
  } while (0)
#define JSON_IP(j, key, a) \
  do { \
    JSON_KEY(j, key); \
    json_ip(j, a); \
  } while (0)

#endif
