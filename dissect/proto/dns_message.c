/* SPDX-License-Identifier: Apache-2.0 */
/* DNS messages (RFC 1035 4.1): names may point backwards only, so that every walk ends. */
#include "dissect/proto/dns_message.h"
#include "base/err.h"
#include "base/reader.h"

#include <arpa/inet.h>
#include <stdio.h>

/* A dot or space in a name is no separator; in a text it is itself. */
static size_t put_octet(char *to, uint8_t c, bool name) {
  if (!name && (c == ' ' || c == '.')) return to[0] = (char)c, 1;
  if (c == '.' || c == '\\') return to[0] = '\\', to[1] = (char)c, 2;
  if (c > 0x20 && c < 0x7f) return to[0] = (char)c, 1;
  to[0] = '\\', to[1] = (char)('0' + c / 100), to[2] = (char)('0' + c / 10 % 10),
  to[3] = (char)('0' + c % 10);
  return 4;
}

/* Append one label's text; false when the name grows too long. */
static bool put_label(char *text, size_t *n, struct span label) {
  if (*n && *n < DNS_NAME_MAX) text[(*n)++] = '.';
  for (size_t i = 0; i < label.len; i++) {
    if (*n + 4 > DNS_NAME_MAX) return false;
    *n += put_octet(text + *n, label.base[i], true);
  }
  return true;
}

static int read_name(struct span whole, struct reader *r, struct arena *a, struct span *out) {
  char text[DNS_NAME_MAX + 4];
  size_t n = 0, octets = 0, lowest = (size_t)(r->pos - whole.base);
  struct reader at = *r;
  bool jumped = false;
  for (;;) {
    uint8_t len = reader_u8(&at);
    if (at.bad) return ERR_TRUNC;
    if (len == 0) break;
    if ((len & 0xc0) == 0xc0) {
      size_t to = (size_t)(len & 0x3f) << 8 | reader_u8(&at);
      if (at.bad) return ERR_TRUNC;
      if (!jumped) r->pos = at.pos;
      jumped = true;
      if (to >= lowest) return ERR_SYNTAX;
      lowest = to;
      at = reader_of(span_skip(whole, to));
      continue;
    }
    struct span label = reader_take(&at, len);
    octets += label.len + 1;
    if (at.bad) return ERR_TRUNC;
    if (len > 63 || octets > 254 || !put_label(text, &n, label)) return ERR_SYNTAX;
  }
  if (!jumped) r->pos = at.pos;
  if (n == 0) text[n++] = '.';
  *out = arena_copy(a, span_of(text, n));
  return out->base ? 0 : ERR_NOMEM;
}

int dns_message_parse(struct span in, struct arena *a, struct dns_message *m) {
  struct reader r = reader_of(in);
  *m = (struct dns_message){.whole = in};
  m->head = (struct dns_head){reader_u16be(&r), reader_u16be(&r), reader_u16be(&r),
                              reader_u16be(&r), reader_u16be(&r), reader_u16be(&r)};
  if (r.bad) return ERR_TRUNC;
  for (unsigned i = 0; i < m->head.questions; i++) {
    struct dns_question q = {0};
    int rc = read_name(in, &r, a, &q.name);
    if (rc < 0) return rc;
    q.type = reader_u16be(&r);
    q.class = reader_u16be(&r);
    if (r.bad) return ERR_TRUNC;
    if (i == 0) m->question = q;
  }
  m->rest = reader_rest(&r);
  return 0;
}

enum {
  TYPE_A = 1,
  TYPE_NS = 2,
  TYPE_CNAME = 5,
  TYPE_SOA = 6,
  TYPE_PTR = 12,
  TYPE_MX = 15,
  TYPE_TXT = 16,
  TYPE_AAAA = 28,
  TYPE_SRV = 33,
  TYPE_DNAME = 39
};

static struct span text_strings(struct span data, struct arena *a) {
  char text[512];
  size_t n = 0;
  struct reader r = reader_of(data);
  while (reader_left(&r) && n + 8 < sizeof text) {
    struct span s = reader_take(&r, reader_u8(&r));
    if (n) text[n++] = ' ';
    for (size_t i = 0; i < s.len && n + 4 < sizeof text; i++) n += put_octet(text + n, s.base[i], false);
  }
  return arena_copy(a, span_of(text, n));
}

/* Records whose data is numbers followed by a name. */
static int numbered_name(struct span whole, struct reader *r, unsigned numbers, struct arena *a,
                         struct span *out) {
  uint16_t v[3] = {0};
  struct span name;
  for (unsigned i = 0; i < numbers; i++) v[i] = reader_u16be(r);
  int rc = read_name(whole, r, a, &name);
  if (rc < 0) return rc;
  if (numbers == 1)
    *out = arena_printf(a, "%u %.*s", v[0], SPAN_FMT(name));
  else if (numbers == 3)
    *out = arena_printf(a, "%u %u %u %.*s", v[0], v[1], v[2], SPAN_FMT(name));
  else
    *out = name;
  return 0;
}

static int record_data(struct span whole, uint16_t type, struct span data, struct arena *a,
                       struct span *out) {
  char text[INET6_ADDRSTRLEN];
  struct reader r = {data.base, data.base + data.len, false};
  switch (type) {
  case TYPE_A:
  case TYPE_AAAA:
    if (data.len != (type == TYPE_A ? 4u : 16u)) return ERR_SYNTAX;
    inet_ntop(type == TYPE_A ? AF_INET : AF_INET6, data.base, text, sizeof text);
    *out = arena_copy(a, span_str(text));
    return out->base ? 0 : ERR_NOMEM;
  case TYPE_NS:
  case TYPE_CNAME:
  case TYPE_PTR:
  case TYPE_DNAME:
  case TYPE_SOA: return numbered_name(whole, &r, 0, a, out);
  case TYPE_MX: return numbered_name(whole, &r, 1, a, out);
  case TYPE_SRV: return numbered_name(whole, &r, 3, a, out);
  case TYPE_TXT: *out = text_strings(data, a); return 0;
  default: *out = arena_printf(a, "\\# %zu", data.len); return 0;
  }
}

int dns_message_answer(struct dns_message *m, struct arena *a, struct dns_answer *out) {
  struct reader r = reader_of(m->rest);
  *out = (struct dns_answer){0};
  int rc = read_name(m->whole, &r, a, &out->name);
  if (rc < 0) return rc;
  out->type = reader_u16be(&r);
  out->class = reader_u16be(&r);
  out->ttl = reader_u32be(&r);
  struct span data = reader_take(&r, reader_u16be(&r));
  if (r.bad) return ERR_TRUNC;
  m->rest = reader_rest(&r);
  return record_data(m->whole, out->type, data, a, &out->data);
}

const char *dns_message_type(uint16_t type, char buf[16]) {
  /* IANA "DNS Parameters", resource record types */
  /* clang-format off */
  static const struct {
    uint16_t type; const char *name; } names[] = {
    {1, "A"}, {2, "NS"}, {5, "CNAME"}, {6, "SOA"}, {10, "NULL"}, {12, "PTR"}, {13, "HINFO"}, {15, "MX"},
    {16, "TXT"},
    {17, "RP"}, {18, "AFSDB"}, {24, "SIG"}, {25, "KEY"}, {28, "AAAA"}, {29, "LOC"}, {33, "SRV"},
    {35, "NAPTR"},
    {36, "KX"}, {37, "CERT"}, {39, "DNAME"}, {41, "OPT"}, {43, "DS"}, {44, "SSHFP"}, {45, "IPSECKEY"},
    {46, "RRSIG"},
    {47, "NSEC"}, {48, "DNSKEY"}, {49, "DHCID"}, {50, "NSEC3"}, {51, "NSEC3PARAM"}, {52, "TLSA"}, {59, "CDS"},
    {60, "CDNSKEY"}, {64, "SVCB"}, {65, "HTTPS"}, {99, "SPF"}, {249, "TKEY"}, {250, "TSIG"}, {251, "IXFR"},
    {252, "AXFR"}, {255, "ANY"}, {256, "URI"}, {257, "CAA"},
  };
  /* clang-format on */
  for (size_t i = 0; i < sizeof names / sizeof *names; i++)
    if (names[i].type == type) return names[i].name;
  snprintf(buf, 16, "TYPE%u", type);
  return buf;
}

const char *dns_message_rcode(unsigned rcode, char buf[16]) {
  static const char *const names[] = {"NOERROR",  "FORMERR", "SERVFAIL", "NXDOMAIN", "NOTIMP", "REFUSED",
                                      "YXDOMAIN", "YXRRSET", "NXRRSET",  "NOTAUTH",  "NOTZONE"};
  if (rcode < sizeof names / sizeof *names) return names[rcode];
  snprintf(buf, 16, "RCODE%u", rcode);
  return buf;
}
