/* SPDX-License-Identifier: Apache-2.0 */
/* SOCKS 4, 4a and 5 (RFC 1928, 1929): the handshake is passed over, then the bytes are identified anew. */
#include "dissect/dissector.h"

enum { SOCKS4 = 4, SOCKS5 = 5, TEXT_MAX = 255, METHODS_MAX = 10, OTHER_METHOD = 0x80, USER_PASSWORD = 2 };
enum { ADDRESS_V4 = 1, ADDRESS_NAME = 3, ADDRESS_V6 = 4, GRANTED4 = 90 };

struct socks {
  unsigned version;
  bool asked, picked; /* the request was read; the server chose how to authenticate */
  uint8_t method;
};

/* Length of a SOCKS 4 request, 0 when it is not whole. The text fields end in NUL. */
static size_t request4(struct span s) {
  if (s.len < 9) return 0;
  size_t n = 8 + span_index(span_skip(s, 8), 0);
  bool named = !s.base[4] && !s.base[5] && !s.base[6] && s.base[7];
  if (named && n < s.len) n += 1 + span_index(span_skip(s, n + 1), 0);
  return n < s.len ? n + 1 : 0;
}

/* The same of a SOCKS 5 request or reply. */
static size_t message5(struct span s) {
  if (s.len < 5) return 0;
  size_t n = s.base[3] == ADDRESS_V4 ? 10 : s.base[3] == ADDRESS_V6 ? 22 : 7u + s.base[4];
  return n <= s.len ? n : 0;
}

static enum probe probe4(struct span s) {
  static const uint8_t zero[4] = {0};
  if (s.len > 1 && (s.base[1] < 1 || s.base[1] > 2)) return PROBE_NO;
  if (s.len < 9) return PROBE_MAYBE;
  if (!(s.base[2] | s.base[3]) || memcmp(s.base + 4, zero, 4) == 0) return PROBE_NO;
  for (size_t i = 8; i < s.len; i++) {
    if (!s.base[i]) return PROBE_YES;
    if (s.base[i] < 32 || s.base[i] > 126 || i > TEXT_MAX) return PROBE_NO;
  }
  return PROBE_MAYBE;
}

static enum probe probe5(struct span s) {
  if (s.len < 2) return PROBE_MAYBE;
  size_t n = s.base[1];
  if (!n || n > METHODS_MAX) return PROBE_NO;
  for (size_t i = 2; i < s.len && i < n + 2; i++)
    if (s.base[i] >= METHODS_MAX && s.base[i] < OTHER_METHOD) return PROBE_NO;
  if (s.len < n + 2) return PROBE_MAYBE;
  uint8_t next = s.len > n + 2 ? s.base[n + 2] : SOCKS5; /* a client in haste goes on at once */
  return next == SOCKS5 || next == 1 ? PROBE_YES : PROBE_NO;
}

static enum probe socks_probe(struct span s, enum dir d) {
  if (d == DIR_RESPONSE) return PROBE_NO;
  if (!s.len) return PROBE_MAYBE;
  return s.base[0] == SOCKS4 ? probe4(s) : s.base[0] == SOCKS5 ? probe5(s) : PROBE_NO;
}

/* What is handed on begins behind n bytes. */
static struct parse give(size_t n) { return (struct parse){.status = PARSE_SWITCH, .used = n}; }
static struct parse took(size_t n) { return (struct parse){.used = n}; }
static struct parse wrong(void) { return (struct parse){.status = PARSE_ERROR}; }

static struct parse client(struct socks *k, const struct dissect_ctx *cx, struct span s) {
  if (k->asked) return cx->flow_unseen & UNSEEN_ONE_SIDED ? give(0) : took(0);
  if (!k->version) k->version = s.base[0];
  if (k->version == SOCKS4) {
    size_t n = request4(s);
    k->asked = n > 0;
    return n || s.len <= 2 * TEXT_MAX ? took(n) : wrong();
  }
  bool greeting = s.base[0] == SOCKS5 && s.len > 2 && !k->picked && !k->method;
  size_t n = 0;
  if (greeting) {
    n = 2u + s.base[1];
    k->method = 1; /* greeted */
  } else if (s.base[0] == 1) {
    if (s.len > 1) n = 3u + s.base[1];
    if (n && n <= s.len) n += s.base[n - 1];
  } else if (s.base[0] == SOCKS5) {
    n = message5(s);
    k->asked = n > 0;
  } else {
    return wrong();
  }
  return took(n <= s.len ? n : 0);
}

static struct parse server(struct socks *k, struct span s) {
  if (k->version == SOCKS4) {
    if (s.len < 8) return took(0);
    return !s.base[0] && s.base[1] == GRANTED4 ? give(8) : wrong();
  }
  if (s.len < 2) return took(0);
  if (!k->picked) {
    k->picked = true;
    return s.base[0] == SOCKS5 && s.base[1] != 0xff ? took(2) : wrong();
  }
  if (s.base[0] == 1) return s.base[1] ? wrong() : took(2);
  if (s.base[0] != SOCKS5 || s.base[1]) return wrong();
  size_t n = message5(s);
  return n ? give(n) : took(0);
}

static struct parse socks_parse(void *state, struct dissect_ctx *cx, struct chunk in) {
  struct socks *k = state;
  if (in.gap) return wrong();
  struct parse all = {0};
  while (all.status == PARSE_OK && all.used < in.data.len) {
    struct span s = span_skip(in.data, all.used);
    struct parse r = in.dir == DIR_REQUEST ? client(k, cx, s) : server(k, s);
    all.status = r.status;
    all.used += r.used;
    if (!r.used) break;
  }
  return all;
}

const struct dissector dissector_socks = {
    .name = "socks",
    .transport = 6,
    .ports = {1080, 9050},
    .state_size = sizeof(struct socks),
    .probe = socks_probe,
    .parse = socks_parse,
};
