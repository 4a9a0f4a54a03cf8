/* SPDX-License-Identifier: Apache-2.0 */
/* HAProxy's PROXY protocol (proxy-protocol.txt 2.1 and 2.2): one line of text, or a binary header with options. */
#include "dissect/proxied.h"
#include "base/reader.h"
#include <arpa/inet.h>

enum { LINE_MOST = 107, ADDRESS_MOST = 46 };

static void mapped(uint8_t out[16], const uint8_t v4[4]) {
  memset(out, 0, 10);
  out[10] = out[11] = 0xff;
  memcpy(out + 12, v4, 4);
}

static bool address(struct span s, int family, uint8_t out[16]) {
  char text[ADDRESS_MOST];
  uint8_t a[16];
  if (!s.len || !span_text(text, sizeof text, s)) return false;
  if (inet_pton(family, text, a) != 1) return false;
  if (family == AF_INET)
    mapped(out, a);
  else
    memcpy(out, a, 16);
  return true;
}

static enum probe line(struct span s, struct proxied *out) {
  size_t end = span_find(span_head(s, LINE_MOST), SPAN_LIT("\r\n"));
  if (end == span_head(s, LINE_MOST).len) return s.len < LINE_MOST ? PROBE_MAYBE : PROBE_NO;
  struct span words = span_skip(span_head(s, end), 6), family = span_cut(&words, ' ');
  *out = (struct proxied){.len = end + 2};
  if (span_eq(family, SPAN_LIT("UNKNOWN"))) return PROBE_YES;
  bool four = span_eq(family, SPAN_LIT("TCP4"));
  if (!four && !span_eq(family, SPAN_LIT("TCP6"))) return PROBE_NO;
  out->named = address(span_cut(&words, ' '), four ? AF_INET : AF_INET6, out->client);
  return out->named ? PROBE_YES : PROBE_NO;
}

static enum probe binary(struct span s, struct proxied *out) {
  struct reader r = reader_of(span_skip(s, 12));
  uint8_t command = reader_u8(&r), family = reader_u8(&r);
  uint16_t len = reader_u16be(&r);
  if (r.bad) return PROBE_MAYBE;
  if (command >> 4 != 2 || (command & 15) > 1 || len > PROXIED_MOST - 16) return PROBE_NO;
  struct span rest = reader_take(&r, len);
  if (r.bad) return PROBE_MAYBE;
  *out = (struct proxied){.len = (size_t)16 + len, .named = command & 1};
  if (family >> 4 == 1 && rest.len >= 12)
    mapped(out->client, rest.base);
  else if (family >> 4 == 2 && rest.len >= 36)
    memcpy(out->client, rest.base, 16);
  else
    out->named = false;
  return PROBE_YES;
}

static bool begins(struct span s, struct span mark) {
  return s.len && span_starts(mark, span_head(s, mark.len));
}

enum probe proxied_read(struct span s, struct proxied *out) {
  struct span text = SPAN_LIT("PROXY "), mark = SPAN_LIT("\r\n\r\n\0\r\nQUIT\n");
  struct proxied p = {0};
  enum probe r = PROBE_NO;
  if (begins(s, text))
    r = s.len < text.len ? PROBE_MAYBE : line(s, &p);
  else if (begins(s, mark))
    r = s.len < mark.len ? PROBE_MAYBE : binary(s, &p);
  if (r == PROBE_YES) *out = p;
  return r;
}
