/* SPDX-License-Identifier: Apache-2.0 */
/* HTTP/1 heads: start lines, fields, and what they say of the body (RFC 9112, 2 to 6). */
#include "base/err.h"
#include "dissect/proto/http1.h"

/* Take a line off s: without its end; bare LF and stray CR are noted. */
static struct span take_line(struct span *s, uint64_t *anomalies) {
  struct span line = span_cut(s, '\n');
  bool crlf = line.len && line.base[line.len - 1] == '\r';
  if (crlf)
    line.len--;
  else
    *anomalies |= ANOMALY_BIT(ANOMALY_BARE_LF);
  return line;
}

static inline bool is_blank(uint8_t c) { return c == ' ' || c == '\t'; }

static struct span strip(struct span s) {
  while (s.len && is_blank(s.base[0])) s = span_skip(s, 1);
  while (s.len && is_blank(s.base[s.len - 1])) s.len--;
  return s;
}

/* RFC 9110, 5.6.2 */
static bool is_token(struct span s) {
  static const char extra[] = "!#$%&'*+-.^_`|~";
  for (size_t i = 0; i < s.len; i++) {
    uint8_t c = s.base[i];
    bool alnum = (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z');
    if (!alnum && (!c || !strchr(extra, c))) return false;
  }
  return s.len > 0;
}

static void read_request_line(struct span line, struct http1_head *h) {
  h->method = span_cut(&line, ' ');
  if (line.len && line.base[0] == ' ') h->anomalies |= ANOMALY_BIT(ANOMALY_BAD_REQUEST_LINE);
  line = strip(line);
  size_t at = line.len;
  while (at && line.base[at - 1] != ' ') at--;
  struct span last = span_skip(line, at);
  if (at && span_starts_nocase(last, SPAN_LIT("HTTP/"))) {
    h->version = span_skip(last, 5);
    line = strip(span_head(line, at));
  } else if (h->cut && at && last.len < 5 && span_starts_nocase(SPAN_LIT("HTTP/"), last)) {
    line = strip(span_head(line, at));
  } else {
    h->old = !h->cut;
    if (span_index(line, ' ') < line.len) h->anomalies |= ANOMALY_BIT(ANOMALY_BAD_REQUEST_LINE);
  }
  h->target = line;
  if (!h->target.len || !is_token(h->method) || span_index(line, ' ') < line.len)
    h->anomalies |= ANOMALY_BIT(ANOMALY_BAD_REQUEST_LINE);
}

int http1_status(struct span s) {
  size_t sp = span_index(span_head(s, 16), ' ');
  s = span_skip(s, sp);
  while (s.len && s.base[0] == ' ') s = span_skip(s, 1);
  int v = 0;
  for (size_t i = 0; i < 3; i++) {
    if (i >= s.len || s.base[i] < '0' || s.base[i] > '9') return -1;
    v = v * 10 + (s.base[i] - '0');
  }
  return v;
}

static void read_status_line(struct span line, struct http1_head *h) {
  h->status = http1_status(line);
  if (h->status < 0) h->anomalies |= ANOMALY_BIT(ANOMALY_BAD_STATUS_LINE);
  struct span word = span_cut(&line, ' ');
  if (span_starts_nocase(word, SPAN_LIT("HTTP/"))) h->version = span_skip(word, 5);
  line = strip(line);
  (void)span_cut(&line, ' ');
  h->reason = strip(line);
}

/* "5", "5, 5", "+5" (RFC 9112, 6.3). No body is longer than INT64_MAX: such a number is there to overflow. */
static void read_length(struct span v, struct http1_head *h) {
  do {
    struct span one = strip(span_cut(&v, ','));
    uint64_t n = 0;
    if (span_u64(one, &n) < 0 || n > INT64_MAX) {
      h->bad_length = true;
      h->anomalies |= ANOMALY_BIT(ANOMALY_LENGTH_BAD);
    } else if (!h->has_length) {
      h->has_length = true;
      h->length = n;
    } else {
      h->anomalies |= ANOMALY_BIT(n == h->length ? ANOMALY_LENGTH_REPEATED : ANOMALY_LENGTH_CONFLICT);
    }
  } while (v.len);
}

/* The last coding must be chunked, named once and plainly. */
static void read_transfer(struct span v, struct http1_head *h) {
  if (h->has_transfer) h->anomalies |= ANOMALY_BIT(ANOMALY_TE_BAD);
  h->has_transfer = true;
  if (!strip(v).len) h->anomalies |= ANOMALY_BIT(ANOMALY_TE_BAD);
  while (v.len) {
    struct span one = strip(span_cut(&v, ','));
    if (span_eq_nocase(one, SPAN_LIT("chunked"))) {
      if (h->chunked) h->anomalies |= ANOMALY_BIT(ANOMALY_TE_BAD);
      h->chunked = true;
    } else if (span_find_nocase(one, SPAN_LIT("chunked")) < one.len ||
               span_eq_nocase(one, SPAN_LIT("identity")) || !is_token(one)) {
      h->anomalies |= ANOMALY_BIT(ANOMALY_TE_BAD);
      if (span_find_nocase(one, SPAN_LIT("chunked")) < one.len) h->chunked = true;
    } else {
      if (h->chunked) h->anomalies |= ANOMALY_BIT(ANOMALY_TE_BAD);
      h->transfer = one;
    }
  }
}

static void note_field(const struct header *f, enum dir d, struct http1_head *h) {
  switch (f->name.len) {
  case 4:
    if (d == DIR_REQUEST && span_eq_nocase(f->name, SPAN_LIT("host"))) h->hosts++;
    break;
  case 7:
    if (span_eq_nocase(f->name, SPAN_LIT("upgrade"))) h->upgrade = f->value;
    break;
  case 14:
    if (span_eq_nocase(f->name, SPAN_LIT("content-length"))) read_length(f->value, h);
    break;
  case 17:
    if (span_eq_nocase(f->name, SPAN_LIT("transfer-encoding"))) read_transfer(f->value, h);
    break;
  default: break;
  }
}

/* A line that begins with white space belongs to the field before it: what lies between becomes spaces. */
static void unfold(struct header *f, struct span line) {
  uint8_t *from = (uint8_t *)(uintptr_t)(f->value.base + f->value.len);
  line = strip(line);
  if (!line.len) return;
  memset(from, ' ', (size_t)(line.base - from));
  f->value.len = (size_t)(line.base + line.len - f->value.base);
}

static bool split_field(struct span line, struct header *f, uint64_t *anomalies) {
  size_t colon = span_index(line, ':');
  if (colon == line.len || !colon) {
    *anomalies |= ANOMALY_BIT(ANOMALY_BAD_HEADER);
    return false;
  }
  struct span name = span_head(line, colon);
  if (is_blank(line.base[colon - 1])) {
    *anomalies |= ANOMALY_BIT(ANOMALY_SPACE_BEFORE_COLON);
    name = strip(name);
  }
  *f = (struct header){name, strip(span_skip(line, colon + 1)), true, true};
  return true;
}

static uint32_t count_lines(struct span s) {
  uint32_t n = 1;
  for (const uint8_t *p = s.base, *e = s.base + s.len; p < e && (p = memchr(p, '\n', (size_t)(e - p))); p++)
    n++;
  return n;
}

/* Fields up to an empty line. head NULL for trailers. */
static int read_fields(struct txn *t, struct headers *hs, struct span s, enum dir d, uint32_t most,
                       struct http1_head *head, uint64_t *anomalies) {
  uint32_t size = count_lines(s);
  if (size > most) size = most;
  hs->item = arena_alloc(&t->arena, size * sizeof *hs->item);
  hs->count = hs->size = 0;
  if (!hs->item) return ERR_NOMEM;
  hs->size = size;
  struct header *f = NULL;
  while (s.len) {
    struct span line = take_line(&s, anomalies);
    if (!line.len) break;
    if (memchr(line.base, '\r', line.len)) *anomalies |= ANOMALY_BIT(ANOMALY_BARE_CR);
    if (is_blank(line.base[0])) {
      *anomalies |= ANOMALY_BIT(ANOMALY_OBS_FOLD);
      if (f) unfold(f, line);
      continue;
    }
    if (hs->count == hs->size) {
      *anomalies |= ANOMALY_BIT(ANOMALY_HEADER_CUT);
      break;
    }
    if (!split_field(line, &hs->item[hs->count], anomalies)) {
      f = NULL;
      continue;
    }
    f = &hs->item[hs->count++];
    if (!is_token(f->name)) *anomalies |= ANOMALY_BIT(ANOMALY_BAD_HEADER);
  }
  for (uint32_t i = 0; head && i < hs->count; i++) note_field(&hs->item[i], d, head);
  return 0;
}

static void check_head(enum dir d, struct http1_head *h) {
  if (h->has_transfer && (h->has_length || h->bad_length)) h->anomalies |= ANOMALY_BIT(ANOMALY_CL_AND_TE);
  if (h->has_transfer && span_eq(h->version, SPAN_LIT("1.0"))) h->anomalies |= ANOMALY_BIT(ANOMALY_TE_BAD);
  if (d == DIR_RESPONSE || h->cut) return;
  if (h->hosts > 1) h->anomalies |= ANOMALY_BIT(ANOMALY_HOST_CONFLICT);
  if (!h->hosts && span_eq(h->version, SPAN_LIT("1.1"))) h->anomalies |= ANOMALY_BIT(ANOMALY_HOST_MISSING);
}

int http1_read_head(struct txn *t, enum dir d, struct span head, bool cut, uint32_t max_headers,
                    struct http1_head *h) {
  *h = (struct http1_head){.status = -1, .cut = cut};
  struct span s = arena_copy(&t->arena, head);
  if (!s.len) return head.len ? ERR_NOMEM : 0;
  if (memchr(s.base, 0, s.len)) h->anomalies |= ANOMALY_BIT(ANOMALY_NUL);
  bool whole = span_index(s, '\n') < s.len;
  struct span line = take_line(&s, &h->anomalies);
  if (!whole) h->anomalies &= ~ANOMALY_BIT(ANOMALY_BARE_LF);
  if (d == DIR_REQUEST)
    read_request_line(line, h);
  else
    read_status_line(line, h);
  if (cut) { /* a line that was cut says too little */
    size_t end = s.len;
    while (end && s.base[end - 1] != '\n') end--;
    s = span_head(s, end);
    if (!whole) h->anomalies &= ~ANOMALY_BIT(ANOMALY_BAD_REQUEST_LINE);
  }
  int rc = read_fields(t, &t->side[d].headers, s, d, max_headers, h, &h->anomalies);
  check_head(d, h);
  return rc;
}

void http1_read_trailers(struct txn *t, struct headers *h, struct span s, uint32_t max_headers,
                         uint64_t *anomalies) {
  struct span copy = arena_copy(&t->arena, s);
  if (copy.len) (void)read_fields(t, h, copy, DIR_REQUEST, max_headers, NULL, anomalies);
}
