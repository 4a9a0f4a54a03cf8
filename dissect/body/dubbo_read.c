/* SPDX-License-Identifier: Apache-2.0 */
/* What stands before and behind the values in bodies of Dubbo, in Hessian, JSON lines, Java's object streams and Kryo. */
#include "base/err.h"
#include "dissect/body/dubbo.h"
#include "dissect/body/dubbo_java.h"
#include "dissect/body/dubbo_jsonb.h"
#include "dissect/body/hessian.h"
#include "dissect/body/members.h"

enum { TYPES_MOST = 255, ATTACHMENTS_MOST = 128, OPTIMIZED = -1 };

#define TYPES(form) \
  "application/vnd.apache.dubbo-call+" form, "application/vnd.apache.dubbo-result+" form, \
      "application/vnd.apache.dubbo-error+" form

/* org.apache.dubbo.common.serialize.Constants */
static const struct dubbo_serialization table[] = {
    {2, DUBBO_HESSIAN, "hessian2", TYPES("hessian")},
    {3, DUBBO_JAVA, "java", TYPES("java")},
    {4, DUBBO_JAVA, "compactedjava", TYPES("java")},
    {6, DUBBO_JSON, "fastjson", TYPES("json")},
    {7, DUBBO_JAVA_PLAIN, "nativejava", TYPES("nativejava")},
    {8, DUBBO_KRYO, "kryo", TYPES("kryo")},
    {9, DUBBO_UNREAD, "fst", TYPES("other")},
    {10, DUBBO_HESSIAN, "native-hessian", TYPES("hessian")},
    {11, DUBBO_UNREAD, "avro", TYPES("other")},
    {12, DUBBO_UNREAD, "protostuff", TYPES("other")},
    {16, DUBBO_JSON, "gson", TYPES("json")},
    {21, DUBBO_UNREAD, "protobuf-json", TYPES("other")},
    {22, DUBBO_UNREAD, "protobuf", TYPES("other")},
    {23, DUBBO_JSONB, "fastjson2", TYPES("jsonb")},
    {25, DUBBO_KRYO, "kryo2", TYPES("kryo")},
    {27, DUBBO_UNREAD, "msgpack", TYPES("other")},
    {31, DUBBO_UNREAD, "custom", TYPES("other")},
};

const struct dubbo_serialization *dubbo_serialization(unsigned id) {
  for (size_t i = 0; i < sizeof table / sizeof *table; i++)
    if (table[i].id == id) return &table[i];
  return NULL;
}

/* Type descriptors of Java (JVMS 4.3.2): how many; -1 where they are none. */
static int count_types(struct span s) {
  int n = 0;
  for (size_t i = 0; i < s.len; i++) {
    uint8_t c = s.base[i];
    if (c == '[') continue;
    if (c == 'L') {
      i += span_index(span_skip(s, i), ';');
      if (i >= s.len) return -1;
    } else if (!memchr("VZBCDFIJS", c, 9)) {
      return -1;
    }
    if (++n > TYPES_MOST) return -1;
  }
  return n;
}

static int count_args(struct dubbo_request *q) {
  int n = count_types(q->types);
  if (n < 0) return ERR_SYNTAX;
  q->args = (uint64_t)n;
  return 0;
}

static bool is_generic(const struct dubbo_request *q) {
  return q->args == 3 &&
         (span_eq(q->method, SPAN_LIT("$invoke")) || span_eq(q->method, SPAN_LIT("$invokeAsync")));
}

/* ---- Hessian ---- */

/* Dubbox puts a number before the types: of the arguments, or -1 where types follow. */
static int hessian_types(struct hessian *h, struct dubbo_request *q) {
  struct hessian_token t;
  int rc = hessian_next(h, &t);
  if (rc == 0 && t.kind == HESSIAN_NUMBER && t.number == OPTIMIZED) rc = hessian_next(h, &t);
  if (rc < 0) return rc;
  if (h->r.bad) return ERR_TRUNC;
  if (t.kind == HESSIAN_NUMBER && t.number >= 0 && t.number <= TYPES_MOST) {
    q->args = (uint64_t)t.number;
    return 0;
  }
  if (t.kind != HESSIAN_STRING && t.kind != HESSIAN_NULL) return ERR_SYNTAX;
  q->types = t.text;
  return count_args(q);
}

static int hessian_request(struct span body, struct dubbo_request *q) {
  struct hessian h;
  struct span *const names[] = {&q->version, &q->service, &q->service_version, &q->method};
  hessian_begin(&h, body, false, NULL);
  int rc = 0;
  for (size_t i = 0; i < 4 && rc == 0; i++) rc = hessian_text(&h, names[i]);
  if (rc == 0) rc = hessian_types(&h, q);
  if (rc < 0) return rc;
  q->at = (size_t)(h.r.pos - body.base);
  if (is_generic(q) && hessian_text(&h, &q->invoked) < 0) q->invoked = (struct span){0};
  return 0;
}

static int hessian_result(struct span body, struct span *exception) {
  struct hessian h;
  struct hessian_token t;
  hessian_begin(&h, body, false, NULL);
  int rc = hessian_next(&h, &t);
  if (rc < 0) return rc;
  if (t.kind != HESSIAN_NUMBER || t.number < 0 || t.number >= DUBBO_RESULTS) return ERR_SYNTAX;
  int result = (int)t.number;
  if (result % DUBBO_ATTACHMENTS == DUBBO_EXCEPTION && hessian_next(&h, &t) == 0) *exception = t.type;
  return result;
}

static void hessian_attachments(struct span body, const struct dubbo_request *q, dubbo_attachment_fn fn,
                                void *user) {
  struct hessian h;
  struct hessian_token t = {.kind = HESSIAN_NULL};
  uint64_t before = q ? q->args : 1;
  hessian_begin(&h, span_skip(body, q ? q->at : 0), false, NULL);
  if (!q) {
    if (hessian_next(&h, &t) < 0 || t.number < DUBBO_ATTACHMENTS) return;
    if (t.number == DUBBO_NULL + DUBBO_ATTACHMENTS) before = 0;
  }
  for (; before; before--)
    if (hessian_skip(&h) < 0) return;
  if (hessian_next(&h, &t) < 0 || t.kind != HESSIAN_MAP) return;
  for (unsigned n = 0; n < ATTACHMENTS_MOST; n++) {
    struct span name;
    if (!reader_left(&h.r) || *h.r.pos == 'Z' || hessian_text(&h, &name) < 0) return;
    struct reader at = h.r;
    if (hessian_next(&h, &t) < 0 || h.r.bad) return;
    if (t.kind == HESSIAN_STRING) {
      if (fn(user, name, t.text) < 0) return;
    } else {
      h.r = at;
      if (hessian_skip(&h) < 0) return;
    }
  }
}

/* ---- JSON lines ---- */

static bool line(struct span *rest, struct span *out) {
  if (!rest->len) return false;
  *out = span_trim(span_cut(rest, '\n'));
  return true;
}

static struct span unquoted(struct span s) {
  if (s.len < 2 || s.base[0] != '"' || s.base[s.len - 1] != '"') return (struct span){0}; /* null */
  return span_of(s.base + 1, s.len - 2);
}

static int json_request(struct span body, struct dubbo_request *q) {
  struct span *const names[] = {&q->version, &q->service, &q->service_version, &q->method, &q->types};
  struct span rest = body, s;
  for (size_t i = 0; i < 5; i++) {
    if (!line(&rest, &s)) return ERR_TRUNC;
    if (!s.len || (s.base[0] != '"' && s.base[0] != 'n')) return ERR_SYNTAX;
    *names[i] = unquoted(s);
  }
  q->at = (size_t)(rest.base - body.base);
  int rc = count_args(q);
  if (rc == 0 && is_generic(q) && line(&rest, &s)) q->invoked = unquoted(s);
  return rc;
}

static int json_result(struct span body, struct span *exception) {
  struct span rest = body, s;
  if (!line(&rest, &s)) return ERR_TRUNC;
  if (s.len != 1 || s.base[0] < '0' || s.base[0] >= '0' + DUBBO_RESULTS) return ERR_SYNTAX;
  int result = s.base[0] - '0';
  if (result % DUBBO_ATTACHMENTS == DUBBO_EXCEPTION && line(&rest, &s)) {
    struct member m = members_find(s, "@type");
    if (m.kind == '"') *exception = m.value;
  }
  return result;
}

static void json_attachments(struct span body, const struct dubbo_request *q, dubbo_attachment_fn fn,
                             void *user) {
  struct span rest = span_skip(body, q ? q->at : 0), s;
  uint64_t before = q ? q->args : 1;
  struct members m;
  struct member x;
  if (!q) {
    if (!line(&rest, &s) || s.len != 1 || s.base[0] < '0' + DUBBO_ATTACHMENTS) return;
    if (s.base[0] == '0' + DUBBO_NULL + DUBBO_ATTACHMENTS) before = 0;
  }
  for (; before; before--)
    if (!line(&rest, &s)) return;
  if (!line(&rest, &s) || !members_open(&m, s)) return;
  for (unsigned n = 0; n < ATTACHMENTS_MOST && members_next(&m, &x); n++)
    if (x.kind == '"' && fn(user, x.key, x.value) < 0) return;
}

/* ---- Java's object streams ---- */

static int java_request(struct span body, bool plain, struct dubbo_request *q) {
  struct javaser j;
  int rc = dubbo_java_request(&j, body, plain, NULL, q);
  q->at = (size_t)(j.r.pos - body.base);
  return rc < 0 ? rc : count_args(q);
}

static int java_result(struct span body, struct span *exception) {
  struct javaser j;
  int result = dubbo_java_result(&j, body, NULL);
  if (result >= 0 && result % DUBBO_ATTACHMENTS == DUBBO_EXCEPTION) *exception = dubbo_java_class(&j);
  return result;
}

static void java_attachments(struct span body, bool plain, const struct dubbo_request *q,
                             dubbo_attachment_fn fn, void *user) {
  struct javaser j;
  struct dubbo_request again;
  uint64_t before = q ? q->args : 1;
  int rc = q ? dubbo_java_request(&j, body, plain, NULL, &again) : dubbo_java_result(&j, body, NULL);
  if (rc < 0 || (!q && rc < DUBBO_ATTACHMENTS)) return;
  if (!q && rc == DUBBO_NULL + DUBBO_ATTACHMENTS) before = 0;
  for (; before; before--)
    if (dubbo_java_value(&j, plain, NULL) < 0) return;
  j.pair = fn;
  j.user = user;
  (void)dubbo_java_value(&j, plain, NULL);
}

/* ---- Kryo's strings ---- */

/* Plain ASCII ends with a byte above 127; else a length, of characters, whose first byte is above 127. */
static struct span kryo_text(struct reader *r) {
  const uint8_t *from = r->pos;
  uint8_t c = reader_u8(r);
  if (!(c & 0x80)) {
    while (!r->bad && !(c & 0x80)) c = reader_u8(r);
    return span_of(from, r->bad ? 0 : (size_t)(r->pos - from));
  }
  size_t n = c & 0x3f;
  if (c & 0x40) {
    uint8_t more = reader_u8(r);
    n |= (size_t)(more & 0x7f) << 6;
    if (more & 0x80) n |= (size_t)(reader_u8(r) & 0x7f) << 13;
  }
  return n > 1 ? reader_take(r, n - 1) : (struct span){0};
}

static int kryo_request(struct span body, struct dubbo_request *q) {
  struct reader r = reader_of(body);
  q->version = kryo_text(&r);
  q->service = kryo_text(&r);
  q->service_version = kryo_text(&r);
  q->method = kryo_text(&r);
  struct reader at = r;
  uint32_t n = reader_u32be(&at);
  if (n <= TYPES_MOST || n == UINT32_MAX) r = at;
  if (n <= TYPES_MOST && !at.bad)
    q->args = n;
  else
    q->types = kryo_text(&r);
  q->at = (size_t)(r.pos - body.base);
  return r.bad ? ERR_TRUNC : 0;
}

static int kryo_result(struct span body) {
  if (!body.len) return ERR_TRUNC;
  return body.base[0] < DUBBO_RESULTS ? body.base[0] : ERR_SYNTAX;
}

/* ---- the choice ---- */

int dubbo_read_request(enum dubbo_form form, struct span body, struct dubbo_request *out) {
  int rc;
  *out = (struct dubbo_request){.args = 0};
  switch (form) {
  case DUBBO_HESSIAN: return hessian_request(body, out);
  case DUBBO_JSON: return json_request(body, out);
  case DUBBO_JSONB: rc = dubbo_jsonb_request(body, out); return rc < 0 ? rc : count_args(out);
  case DUBBO_JAVA:
  case DUBBO_JAVA_PLAIN: return java_request(body, form == DUBBO_JAVA_PLAIN, out);
  case DUBBO_KRYO: return kryo_request(body, out);
  default: return ERR_UNSUPPORTED;
  }
}

int dubbo_read_result(enum dubbo_form form, struct span body, struct span *exception) {
  *exception = (struct span){0};
  switch (form) {
  case DUBBO_HESSIAN: return hessian_result(body, exception);
  case DUBBO_JSON: return json_result(body, exception);
  case DUBBO_JSONB: return dubbo_jsonb_result(body, exception);
  case DUBBO_JAVA:
  case DUBBO_JAVA_PLAIN: return java_result(body, exception);
  case DUBBO_KRYO: return kryo_result(body);
  default: return ERR_UNSUPPORTED;
  }
}

void dubbo_attachments(enum dubbo_form form, struct span body, const struct dubbo_request *r,
                       dubbo_attachment_fn fn, void *user) {
  if (form == DUBBO_HESSIAN) hessian_attachments(body, r, fn, user);
  if (form == DUBBO_JSON) json_attachments(body, r, fn, user);
  if (form == DUBBO_JSONB) dubbo_jsonb_attachments(body, r, fn, user);
  if (form == DUBBO_JAVA || form == DUBBO_JAVA_PLAIN)
    java_attachments(body, form == DUBBO_JAVA_PLAIN, r, fn, user);
}
