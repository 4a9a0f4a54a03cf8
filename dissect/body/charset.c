/* SPDX-License-Identifier: Apache-2.0 */
/* Charsets: is it UTF-8, what else may it be, and conversion by iconv (POSIX). */
#include "base/err.h"
#include "dissect/body/charset.h"

#include <errno.h>
#include <iconv.h>
#if defined(__SSE2__)
#include <emmintrin.h>
#endif

/* Bytes before the first one that is not ASCII. */
static size_t ascii_run(struct span s) {
  size_t i = 0;
#if defined(__SSE2__)
  for (; s.len - i >= 64; i += 64) {
    const __m128i *p = (const __m128i *)(const void *)(s.base + i);
    __m128i v = _mm_or_si128(_mm_or_si128(_mm_loadu_si128(p), _mm_loadu_si128(p + 1)),
                             _mm_or_si128(_mm_loadu_si128(p + 2), _mm_loadu_si128(p + 3)));
    if (_mm_movemask_epi8(v)) break;
  }
#endif
  while (i < s.len && s.base[i] < 0x80) i++;
  return i;
}

size_t charset_sequence(struct span s) {
  uint8_t c = s.base[0];
  if (c < 0x80) return 1;
  size_t n = c >= 0xc2 && c < 0xe0 ? 2 : c >= 0xe0 && c < 0xf0 ? 3 : c >= 0xf0 && c < 0xf5 ? 4 : 0;
  if (!n || n > s.len) return 0;
  for (size_t i = 1; i < n; i++)
    if ((s.base[i] & 0xc0) != 0x80) return 0;
  if (c == 0xe0 && s.base[1] < 0xa0) return 0;
  if (c == 0xed && s.base[1] >= 0xa0) return 0;
  if (c == 0xf0 && s.base[1] < 0x90) return 0;
  if (c == 0xf4 && s.base[1] >= 0x90) return 0;
  return n;
}

/* The last character of a body that was cut. */
static bool cut_at_end(struct span s) {
  uint8_t c = s.base[0];
  size_t n = c >= 0xc2 && c < 0xe0 ? 2 : c >= 0xe0 && c < 0xf0 ? 3 : c >= 0xf0 && c < 0xf5 ? 4 : 0;
  if (n <= s.len) return false;
  for (size_t i = 1; i < s.len; i++)
    if ((s.base[i] & 0xc0) != 0x80) return false;
  return true;
}

struct census {
  size_t good, bad; /* sequences of more than a byte; bytes that begin none */
};
static struct census count_utf8(struct span s) {
  struct census c = {0, 0};
  while (s.len) {
    s = span_skip(s, ascii_run(s));
    if (!s.len) break;
    size_t n = charset_sequence(s);
    if (n)
      c.good++;
    else if (!cut_at_end(s))
      c.bad++;
    s = span_skip(s, n ? n : 1);
  }
  return c;
}

bool charset_is_utf8(struct span s) {
  while (s.len) {
    s = span_skip(s, ascii_run(s));
    if (!s.len) return true;
    size_t n = charset_sequence(s);
    if (!n) return false;
    s = span_skip(s, n);
  }
  return true;
}

bool charset_nearly_utf8(struct span s) {
  struct census c = count_utf8(s);
  return c.bad == 0 || c.good >= c.bad * 10;
}

/* Pairs of high bytes are Chinese; with the second byte often below 0x80 they are Big5; alone they are Latin. */
const char *charset_guess(struct span s) {
  size_t gb = 0, big = 0, lone = 0, four = 0;
  if (s.len >= 2 && ((s.base[0] == 0xff && s.base[1] == 0xfe) || (s.base[0] == 0xfe && s.base[1] == 0xff)))
    return "UTF-16";
  if (s.len > 1 << 16) s.len = 1 << 16;
  for (size_t i = 0; i < s.len; i++) {
    uint8_t a = s.base[i], b = i + 1 < s.len ? s.base[i + 1] : 0;
    if (a < 0x80) continue;
    if (b >= 0xa1 && b != 0xff && a >= 0xa1)
      gb++, big += a >= 0xa4 && a <= 0xc6, i++;
    else if (a >= 0x81 && b >= '0' && b <= '9' && i + 3 < s.len && s.base[i + 2] >= 0x81)
      four++, i += 3;
    else if (a >= 0xa4 && a <= 0xf9 && b >= 0x40 && b < 0x7f)
      lone++, i++;
    else
      lone++;
  }
  if (gb + four == 0) return "ISO-8859-1";
  if (lone * 5 > gb && lone < gb * 2 && big * 10 >= gb * 8) return "BIG5";
  return gb + four >= lone ? "GB18030" : "ISO-8859-1";
}

static const char *charset_alias(struct span name, char buf[40]) {
  /* clang-format off */
  static const struct {
    const char *from, *to; } alias[] = {
    {"gb2312", "GB18030"}, {"gbk", "GB18030"}, {"gb_2312-80", "GB18030"}, {"cp936", "GB18030"},
    {"x-gbk", "GB18030"},
    {"gb18030", "GB18030"}, {"ms936", "GB18030"}, {"euc-cn", "GB18030"}, {"x-sjis", "SHIFT_JIS"},
    {"iso-8859-1", "WINDOWS-1252"}, {"latin1", "WINDOWS-1252"}, {"unicode", "UTF-16"}, {"big5", "BIG5-HKSCS"},
    {"utf8", "UTF-8"}, {"us-ascii", "WINDOWS-1252"}, {"ascii", "WINDOWS-1252"},
  };
  /* clang-format on */
  for (size_t i = 0; i < sizeof alias / sizeof *alias; i++)
    if (span_eq_nocase(name, span_str(alias[i].from))) return alias[i].to;
  if (name.len == 0 || name.len >= 40) return NULL;
  for (size_t i = 0; i < name.len; i++) {
    uint8_t c = name.base[i];
    bool plain =
        (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z') || c == '-' || c == '_' || c == ':';
    if (!plain) return NULL; /* "/" and "," mean more to iconv */
    buf[i] = (char)c;
  }
  buf[name.len] = 0;
  return buf;
}

static int convert(iconv_t cd, struct span in, struct buf *out) {
  char *from = (char *)(uintptr_t)in.base;
  size_t left = in.len;
  while (left) {
    size_t want = left + 16;
    if (out->cap && out->cap - out->len < want) want = out->cap - out->len;
    if (want < 8) return ERR_CAP;
    int rc = buf_reserve(out, want);
    if (rc < 0) return rc;
    char *to = (char *)out->base + out->len;
    size_t room = out->size - out->len;
    if (out->cap && out->cap - out->len < room) room = out->cap - out->len;
    size_t had = room;
    size_t n = iconv(cd, &from, &left, &to, &room);
    out->len += had - room;
    if (n != (size_t)-1) break;
    if (errno == E2BIG && had - room > 0) continue;
    if (errno == E2BIG) return ERR_CAP;
    if (errno == EINVAL) break; /* cut inside a character */
    rc = buf_put(out, SPAN_LIT("\xef\xbf\xbd"));
    if (rc < 0) return rc;
    from++;
    left--;
  }
  return 0;
}

int charset_utf8(struct span charset, struct span in, struct buf *out) {
  char name[40];
  const char *from = charset_alias(charset, name);
  if (!from) return ERR_UNSUPPORTED;
  iconv_t cd = iconv_open("UTF-8", from);
  if (cd == (iconv_t)-1) return ERR_UNSUPPORTED;
  int rc = convert(cd, in, out);
  iconv_close(cd);
  return rc;
}
