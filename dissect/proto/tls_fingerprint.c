/* SPDX-License-Identifier: Apache-2.0 */
/* JA3 (MD5 of the client hello's lists) and JA4 (sorted lists, truncated SHA-256). */
#include "base/hash.h"
#include "dissect/proto/tls_hello.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>

struct text {
  char p[8192];
  size_t n;
};

static void put(struct text *t, const char *fmt, unsigned v) {
  if (t->n + 8 < sizeof t->p) t->n += (size_t)snprintf(t->p + t->n, sizeof t->p - t->n, fmt, v);
}

static void put_list(struct text *t, const uint16_t *v, unsigned n) {
  bool first = true;
  for (unsigned i = 0; i < n; i++) {
    if (tls_hello_grease(v[i])) continue;
    put(t, first ? "%u" : "-%u", v[i]);
    first = false;
  }
}

void tls_hello_ja3(const struct tls_client_hello *h, char out[32]) {
  struct text t = {.n = 0};
  put(&t, "%u,", h->legacy_version);
  put_list(&t, h->cipher, h->ciphers);
  put(&t, ",", 0);
  put_list(&t, h->extension, h->extensions);
  put(&t, ",", 0);
  put_list(&t, h->group, h->groups);
  put(&t, ",", 0);
  for (unsigned i = 0; i < h->formats; i++) put(&t, i ? "-%u" : "%u", h->format[i]);
  uint8_t md[EVP_MAX_MD_SIZE] = {0};
  EVP_Digest(t.p, t.n, md, NULL, EVP_md5(), NULL);
  hash_hex(md, 16, out);
}

static int by_value(const void *a, const void *b) { return *(const uint16_t *)a - *(const uint16_t *)b; }

/* Sorted, GREASE left out, as four-digit hex with commas; the number of values. */
static unsigned put_sorted(struct text *t, const uint16_t *v, unsigned n, bool extensions) {
  uint16_t s[TLS_CIPHERS];
  unsigned m = 0, all = 0;
  for (unsigned i = 0; i < n; i++) {
    if (tls_hello_grease(v[i])) continue;
    all++;
    if (!extensions || (v[i] != 0 && v[i] != 16)) s[m++] = v[i];
  }
  qsort(s, m, sizeof *s, by_value);
  for (unsigned i = 0; i < m; i++) put(t, i ? ",%04x" : "%04x", s[i]);
  return all;
}

static void digest12(const struct text *t, char out[12]) {
  uint8_t sha[32];
  if (t->n == 0) {
    memset(out, '0', 12);
    return;
  }
  hash_sha256(span_of(t->p, t->n), sha);
  hash_hex(sha, 6, out);
}

static const char *ja4_version(uint16_t v) {
  switch (v) {
  case 0x0304: return "13";
  case 0x0303: return "12";
  case 0x0302: return "11";
  case 0x0301: return "10";
  case 0x0300: return "s3";
  case 0x0002: return "s2";
  default: return "00";
  }
}

static void alpn_ends(const struct tls_client_hello *h, char out[2]) {
  out[0] = out[1] = '0';
  if (h->alpns == 0) return;
  struct span s = h->alpn[0];
  uint8_t a = s.base[0], z = s.base[s.len - 1];
  bool plain = ((a | 32) >= 'a' && (a | 32) <= 'z') || (a >= '0' && a <= '9');
  plain = plain && (((z | 32) >= 'a' && (z | 32) <= 'z') || (z >= '0' && z <= '9'));
  out[0] = plain ? (char)a : "0123456789abcdef"[a >> 4];
  out[1] = plain ? (char)z : "0123456789abcdef"[z & 15];
}

void tls_hello_ja4(const struct tls_client_hello *h, char transport, char out[36]) {
  struct text ciphers = {.n = 0}, extensions = {.n = 0};
  unsigned nc = put_sorted(&ciphers, h->cipher, h->ciphers, false);
  unsigned ne = put_sorted(&extensions, h->extension, h->extensions, true);
  bool first = true;
  for (unsigned i = 0; i < h->sigalgs; i++) {
    if (tls_hello_grease(h->sigalg[i])) continue;
    put(&extensions, first ? "_%04x" : ",%04x", h->sigalg[i]);
    first = false;
  }
  char head[16];
  snprintf(head, sizeof head, "%c%s%c%02u%02u", transport, ja4_version(h->version),
           h->server_name.len ? 'd' : 'i', nc > 99 ? 99 : nc, ne > 99 ? 99 : ne);
  memcpy(out, head, 8);
  alpn_ends(h, out + 8);
  out[10] = '_';
  digest12(&ciphers, out + 11);
  out[23] = '_';
  digest12(&extensions, out + 24);
}
