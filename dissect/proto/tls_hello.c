/* SPDX-License-Identifier: Apache-2.0 */
/* TLS hello messages (RFC 8446 4.1, RFC 6066, RFC 7301). */
#include "dissect/proto/tls_hello.h"
#include "base/err.h"
#include "base/reader.h"

enum {
  EXT_SERVER_NAME = 0,
  EXT_GROUPS = 10,
  EXT_FORMATS = 11,
  EXT_SIGALGS = 13,
  EXT_ALPN = 16,
  EXT_TICKET = 35,
  EXT_PSK = 41,
  EXT_VERSIONS = 43,
  EXT_KEY_SHARE = 51
};

static void read_list16(struct span data, unsigned length_bytes, uint16_t *out, unsigned cap, unsigned *n) {
  struct reader r = reader_of(data);
  struct reader list = reader_of(reader_take(&r, (size_t)reader_be(&r, length_bytes)));
  while (reader_left(&list) >= 2 && *n < cap) out[(*n)++] = reader_u16be(&list);
}

static struct span read_name(struct span data) {
  struct reader r = reader_of(data);
  reader_u16be(&r);
  uint8_t type = reader_u8(&r);
  struct span name = reader_take(&r, reader_u16be(&r));
  return type == 0 && !r.bad ? name : span_of(NULL, 0);
}

static void read_alpn(struct span data, struct span *out, unsigned cap, unsigned *n) {
  struct reader r = reader_of(data);
  struct reader list = reader_of(reader_take(&r, reader_u16be(&r)));
  while (reader_left(&list) && *n < cap) {
    struct span s = reader_take(&list, reader_u8(&list));
    if (s.len) out[(*n)++] = s;
  }
}

static void highest_version(struct span data, struct tls_client_hello *h) {
  uint16_t v[16];
  unsigned n = 0;
  read_list16(data, 1, v, 16, &n);
  uint16_t best = 0;
  for (unsigned i = 0; i < n; i++)
    if (!tls_hello_grease(v[i]) && v[i] > best) best = v[i];
  if (best) h->version = best;
}

static void client_extension(struct tls_client_hello *h, uint16_t type, struct span data) {
  if (h->extensions < TLS_EXTENSIONS) h->extension[h->extensions++] = type;
  struct reader r = reader_of(data);
  switch (type) {
  case EXT_SERVER_NAME: h->server_name = read_name(data); break;
  case EXT_GROUPS: read_list16(data, 2, h->group, TLS_GROUPS, &h->groups); break;
  case EXT_SIGALGS: read_list16(data, 2, h->sigalg, TLS_GROUPS, &h->sigalgs); break;
  case EXT_VERSIONS: highest_version(data, h); break;
  case EXT_ALPN: read_alpn(data, h->alpn, TLS_ALPNS, &h->alpns); break;
  case EXT_TICKET: h->has_ticket |= data.len > 0; break;
  case EXT_PSK: h->has_ticket = true; break;
  case EXT_FORMATS: {
    struct span list = reader_take(&r, reader_u8(&r));
    for (size_t i = 0; i < list.len && h->formats < 16; i++) h->format[h->formats++] = list.base[i];
    break;
  }
  default: break;
  }
}

int tls_hello_client(struct span body, struct tls_client_hello *h) {
  struct reader r = reader_of(body);
  memset(h, 0, sizeof *h);
  h->legacy_version = h->version = reader_u16be(&r);
  reader_skip(&r, 32);
  struct span session = reader_take(&r, reader_u8(&r));
  struct reader suites = reader_of(reader_take(&r, reader_u16be(&r)));
  while (reader_left(&suites) >= 2 && h->ciphers < TLS_CIPHERS)
    h->cipher[h->ciphers++] = reader_u16be(&suites);
  reader_skip(&r, reader_u8(&r));
  if (r.bad) return ERR_TRUNC;
  if (h->ciphers == 0 || session.len > 32) return ERR_SYNTAX;
  struct reader ext = reader_of(reader_take(&r, reader_left(&r) ? reader_u16be(&r) : 0));
  while (reader_left(&ext) >= 4) {
    uint16_t type = reader_u16be(&ext);
    struct span data = reader_take(&ext, reader_u16be(&ext));
    if (!ext.bad) client_extension(h, type, data);
  }
  return r.bad || ext.bad ? ERR_TRUNC : 0;
}

int tls_hello_server(struct span body, struct tls_server_hello *h) {
  /* RFC 8446 4.1.3: SHA-256 of "HelloRetryRequest" */
  static const uint8_t retry[8] = {0xcf, 0x21, 0xad, 0x74, 0xe5, 0x9a, 0x61, 0x11};
  struct reader r = reader_of(body);
  memset(h, 0, sizeof *h);
  h->version = reader_u16be(&r);
  struct span random = reader_take(&r, 32);
  reader_skip(&r, reader_u8(&r));
  h->cipher = reader_u16be(&r);
  reader_u8(&r);
  if (r.bad) return ERR_TRUNC;
  h->retry = memcmp(random.base, retry, sizeof retry) == 0;
  struct reader ext = reader_of(reader_take(&r, reader_left(&r) ? reader_u16be(&r) : 0));
  while (reader_left(&ext) >= 4) {
    uint16_t type = reader_u16be(&ext);
    struct span data = reader_take(&ext, reader_u16be(&ext));
    unsigned n = 0;
    if (type == EXT_ALPN) read_alpn(data, &h->alpn, 1, &n);
    if (type == EXT_PSK) h->psk = true;
    if (type == EXT_KEY_SHARE && data.len >= 2) h->group = (uint16_t)(data.base[0] << 8 | data.base[1]);
    if (type == EXT_VERSIONS && data.len == 2) h->version = (uint16_t)(data.base[0] << 8 | data.base[1]);
  }
  return r.bad || ext.bad ? ERR_TRUNC : 0;
}

const char *tls_hello_version(uint16_t v) {
  switch (v) {
  case 0x0002: return "ssl2.0";
  case 0x0300: return "ssl3.0";
  case 0x0301: return "1.0";
  case 0x0302: return "1.1";
  case 0x0303: return "1.2";
  case 0x0304: return "1.3";
  case 0x0101: return "tlcp1.1";
  default: return (v & 0xff00) == 0x7f00 ? "1.3" : NULL;
  }
}
