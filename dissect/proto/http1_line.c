/* SPDX-License-Identifier: Apache-2.0 */
/* HTTP/1 start lines: telling one from other bytes, and finding one behind a hole (RFC 9112, 3 and 4). */
#include "dissect/proto/http1.h"

enum {
  METHOD_MAX = 32,
  LINE_SURE = 200 /* bytes of a long target after which a known method is proof enough */
};

/* The IANA registry of methods, and those of caches, UPnP and package servers. */
static const char *const methods[] = {"GET",
                                      "POST",
                                      "PUT",
                                      "DELETE",
                                      "HEAD",
                                      "OPTIONS",
                                      "PATCH",
                                      "CONNECT",
                                      "TRACE",
                                      "PROPFIND",
                                      "PROPPATCH",
                                      "MKCOL",
                                      "COPY",
                                      "MOVE",
                                      "LOCK",
                                      "UNLOCK",
                                      "SEARCH",
                                      "REPORT",
                                      "ACL",
                                      "BIND",
                                      "REBIND",
                                      "UNBIND",
                                      "CHECKIN",
                                      "CHECKOUT",
                                      "UNCHECKOUT",
                                      "LABEL",
                                      "LINK",
                                      "UNLINK",
                                      "MERGE",
                                      "MKACTIVITY",
                                      "MKCALENDAR",
                                      "MKREDIRECTREF",
                                      "MKWORKSPACE",
                                      "ORDERPATCH",
                                      "UPDATE",
                                      "UPDATEREDIRECTREF",
                                      "VERSION-CONTROL",
                                      "BASELINE-CONTROL",
                                      "QUERY",
                                      "PURGE",
                                      "SUBSCRIBE",
                                      "UNSUBSCRIBE",
                                      "NOTIFY",
                                      "POLL",
                                      "BCOPY",
                                      "BDELETE",
                                      "BMOVE",
                                      "BPROPFIND",
                                      "BPROPPATCH",
                                      "RPC_IN_DATA",
                                      "RPC_OUT_DATA",
                                      "SOURCE",
                                      "VIEW",
                                      "TRACK",
                                      "DEBUG",
                                      NULL};

/* The longest known method that s ends with. */
static size_t method_tail(struct span s) {
  size_t best = 0;
  for (const char *const *m = methods; *m; m++) {
    struct span name = span_str(*m);
    if (name.len > best && span_ends(s, name)) best = name.len;
  }
  return best;
}

static bool token_char(uint8_t c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
         c == '.';
}

/* sure: a method as they are in use; else any token (RFC 9110, 5.6.2). */
static size_t token_len(struct span s, bool sure) {
  size_t n = 0;
  while (n < s.len &&
         (token_char(s.base[n]) || (!sure && s.base[n] && memchr("!#$%&'*+^`|~", s.base[n], 12))))
    n++;
  return n;
}

static enum probe prefix(struct span s, struct span of) {
  size_t n = s.len < of.len ? s.len : of.len;
  if (memcmp(s.base, of.base, n) != 0) return PROBE_NO;
  return n == of.len ? PROBE_YES : PROBE_MAYBE;
}

static enum probe status_line(struct span s) {
  enum probe r = prefix(s, SPAN_LIT("HTTP/"));
  if (r != PROBE_YES) return r;
  static const char shape[] = "d.d ";
  size_t i = 5;
  for (size_t k = 0; shape[k]; i++, k++) {
    if (i >= s.len) return PROBE_MAYBE;
    bool digit = s.base[i] >= '0' && s.base[i] <= '1';
    if (shape[k] == 'd' ? !digit : s.base[i] != (uint8_t)shape[k]) return PROBE_NO;
  }
  for (; i < s.len && s.base[i] == ' ' && i < 16; i++) continue;
  for (size_t k = 0; k < 3; k++, i++) {
    if (i >= s.len) return PROBE_MAYBE;
    if (s.base[i] < (k ? '0' : '1') || s.base[i] > '9') return PROBE_NO;
  }
  if (i >= s.len) return PROBE_MAYBE;
  return s.base[i] == ' ' || s.base[i] == '\r' || s.base[i] == '\n' ? PROBE_YES : PROBE_NO;
}

/* "… HTTP/1.1" at the end of a request line whose method has n bytes; a rest of a target is no method. */
static bool has_version(struct span line, size_t n, bool known) {
  line = span_trim(line);
  size_t at = line.len;
  while (at && line.base[at - 1] != ' ') at--;
  struct span v = span_skip(line, at);
  return at > (known ? 2 : n + 1) && v.len == 8 && span_starts_nocase(v, SPAN_LIT("HTTP/")) &&
         (v.base[5] == '1' || v.base[5] == '0') && v.base[6] == '.' && v.base[7] >= '0' && v.base[7] <= '9';
}

static bool text_only(struct span s) {
  for (size_t i = 0; i < s.len; i++)
    if (s.base[i] < 32 && s.base[i] != '\t' && s.base[i] != '\r' && s.base[i] != '\n') return false;
  return true;
}

/* A line without version is HTTP/0.9's, or broken; other protocols have words like GET and CONNECT too. */
static bool plain_target(struct span s) {
  s = span_trim(s);
  if (!s.len || s.base[0] == '/' || s.base[0] == '*') return true;
  return span_starts_nocase(s, SPAN_LIT("http")) || span_starts(s, SPAN_LIT("."));
}

/* sure: the version must be there, as it is behind a hole. */
static enum probe request_line(struct span s, bool sure) {
  size_t n = token_len(span_head(s, METHOD_MAX + 1), sure);
  if (!n || n > METHOD_MAX) return n || !s.len ? PROBE_NO : PROBE_NO;
  if (n == s.len) return PROBE_MAYBE;
  if (s.base[n] != ' ') return PROBE_NO;
  bool known = span_in(span_head(s, n), methods);
  size_t end = span_index(s, '\n');
  if (end == s.len) {
    if (!text_only(span_head(s, LINE_SURE))) return known && !sure ? PROBE_YES : PROBE_NO;
    uint8_t c = s.len > n + 1 ? s.base[n + 1] : '/';
    if (known && !sure && s.len > LINE_SURE && (c == '/' || c == 'h' || c == 'H' || c == '*'))
      return PROBE_YES;
    return PROBE_MAYBE;
  }
  struct span line = span_head(s, end);
  if (has_version(line, n, known && !sure)) return PROBE_YES;
  if (sure || !known) return PROBE_NO;
  size_t other = span_find(line, SPAN_LIT("/2.0"));
  bool text = span_ends(span_head(line, other), SPAN_LIT(" HTTP")) && !span_starts(s, SPAN_LIT("PRI "));
  if (other + 4 >= span_trim(line).len && other < line.len && !text) return PROBE_NO; /* SIP, HTTP/2 */
  if (span_find(line, SPAN_LIT(" RTSP/")) < line.len) return PROBE_NO;
  return plain_target(span_skip(line, n + 1)) ? PROBE_YES : PROBE_NO;
}

enum probe http1_start_line(struct span s, enum dir d) {
  size_t skip = 0;
  while (skip < s.len && skip < 8 && (s.base[skip] == '\r' || s.base[skip] == '\n')) skip++;
  s = span_skip(s, skip);
  if (!s.len) return PROBE_MAYBE;
  return d == DIR_REQUEST ? request_line(s, false) : status_line(s);
}

enum probe http1_sure_line(struct span s, enum dir d) {
  return d == DIR_REQUEST ? request_line(s, true) : status_line(s);
}

bool http1_known_request(struct span s) {
  size_t n = token_len(span_head(s, METHOD_MAX + 1), true);
  if (n + 1 >= s.len || s.base[n] != ' ' || !span_in(span_head(s, n), methods)) return false;
  uint8_t c = s.base[n + 1];
  return (c == '/' || (c | 32) == 'h' || c == '*') && text_only(span_head(s, LINE_SURE));
}

static bool upper(struct span s) {
  for (size_t i = 0; i < s.len; i++)
    if (s.base[i] < 'A' || s.base[i] > 'Z') return false;
  return true;
}

/* The first bytes behind a hole need not begin a line: a word that ends a method, or that no target follows. */
static bool torn(struct span line, size_t token) {
  struct span word = span_head(line, token);
  if (span_in(word, methods)) return false;
  for (const char *const *m = methods; *m; m++)
    if (span_ends(span_str(*m), word)) return true;
  return !upper(word) || !plain_target(span_skip(line, token + 1));
}

/* Bytes before a method that may be a body's end: only a known method may follow them directly. */
static size_t request_before(struct span s, size_t version) {
  size_t bol = version;
  while (bol && s.base[bol - 1] != '\n') bol--;
  struct span line = span_skip(s, bol);
  size_t token = token_len(span_head(line, METHOD_MAX + 1), true), tail = method_tail(span_head(line, token));
  bool glued = tail && tail < token && (!bol || !upper(span_head(line, token - tail)));
  if (!glued && !(bol == 0 && torn(line, token)) && http1_sure_line(line, DIR_REQUEST) == PROBE_YES)
    return bol;
  for (size_t i = bol; i < version; i++) {
    if (s.base[i] != ' ') continue;
    uint8_t c = i + 1 < s.len ? s.base[i + 1] : 0;
    size_t n = c == '/' || c == '*' || (c | 32) == 'h' ? method_tail(span_of(s.base + bol, i - bol)) : 0;
    if (n && http1_sure_line(span_skip(s, i - n), DIR_REQUEST) == PROBE_YES) return i - n;
  }
  return s.len;
}

static size_t find_request(struct span s) {
  for (size_t from = 0; from < s.len;) {
    size_t at = from + span_find(span_skip(s, from), SPAN_LIT(" HTTP/1."));
    if (at >= s.len) break;
    size_t start = request_before(s, at);
    if (start < s.len) return start;
    from = at + 8;
  }
  return s.len;
}

size_t http1_find_start(struct span s, enum dir d, size_t *keep) {
  *keep = 0;
  if (d == DIR_REQUEST) {
    size_t at = find_request(s);
    if (at < s.len) return at;
    size_t bol = s.len;
    while (bol && s.base[bol - 1] != '\n') bol--;
    if (http1_sure_line(span_skip(s, bol), d) == PROBE_MAYBE) *keep = s.len - bol;
    return s.len;
  }
  for (size_t from = 0; from < s.len;) {
    size_t at = from + span_index(span_skip(s, from), 'H');
    if (at >= s.len) break;
    enum probe r = status_line(span_skip(s, at));
    if (r == PROBE_YES) return at;
    if (r == PROBE_MAYBE) {
      *keep = s.len - at;
      return s.len;
    }
    from = at + 1;
  }
  return s.len;
}

size_t http1_head_end(struct span s, size_t *scanned) {
  size_t i = *scanned;
  while (i < s.len) {
    const uint8_t *nl = memchr(s.base + i, '\n', s.len - i);
    if (!nl) break;
    size_t at = (size_t)(nl - s.base);
    if (at + 1 < s.len && s.base[at + 1] == '\n') return at + 2;
    if (at + 2 < s.len && s.base[at + 1] == '\r' && s.base[at + 2] == '\n') return at + 3;
    if (at + 2 >= s.len) {
      *scanned = at;
      return 0;
    }
    i = at + 1;
  }
  *scanned = s.len;
  return 0;
}
