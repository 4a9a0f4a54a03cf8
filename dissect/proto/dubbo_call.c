/* SPDX-License-Identifier: Apache-2.0 */
/* Dubbo's calls: names out of the bodies, whatever serialization they are in; attachments are kept as headers. */
#include "base/err.h"
#include "base/reader.h"
#include "dissect/body/dubbo.h"
#include "dissect/proto/dubbo.h"
#include "dissect/side.h"

enum { NAME_MOST = 256, VALUE_MOST = 4096, RESULT_LOOK = 16384 };

static bool known_status(uint8_t s) {
  static const uint8_t all[] = {20, 30, 31, 35, 40, 50, 60, 70, 80, 90, 100, 105};
  return memchr(all, s, sizeof all) != NULL;
}

bool dubbo_head_read(struct span s, struct dubbo_head *h, bool *sane) {
  struct reader r = reader_of(span_head(s, DUBBO_HEAD));
  if (reader_u16be(&r) != 0xdabb) return false;
  uint8_t flags = reader_u8(&r);
  *h = (struct dubbo_head){.request = flags & 0x80,
                           .twoway = flags & 0x40,
                           .event = flags & 0x20,
                           .serialization = flags & 0x1f,
                           .status = reader_u8(&r)};
  h->id = reader_u64be(&r);
  h->length = reader_u32be(&r);
  bool answer = !h->twoway && (known_status(h->status) || (h->event && !h->status));
  *sane = !r.bad && dubbo_serialization(h->serialization) && h->length <= DUBBO_LENGTH_MOST &&
          (h->request ? h->status == 0 : answer);
  return !r.bad;
}

static bool is_name(struct span s) {
  if (!s.len || s.len > NAME_MOST) return false;
  for (size_t i = 0; i < s.len; i++) {
    uint8_t c = s.base[i];
    bool plain = (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z');
    if (!plain && !(c && memchr("._$-/:@#", c, 8))) return false;
  }
  return true;
}

/* A name as text of its own; Kryo marks the last letter. */
static struct span name_of(struct txn *t, enum dubbo_form form, struct span s) {
  s = arena_copy(&t->arena, s);
  if (form == DUBBO_KRYO && s.len) ((uint8_t *)(uintptr_t)s.base)[s.len - 1] &= 0x7f;
  return is_name(s) ? s : (struct span){0};
}

static void fact(struct txn *t, const char *name, struct span value) {
  if (value.len && is_name(value)) txn_fact_str(t, name, value);
}

struct keeping {
  struct txn *t;
  enum dir dir;
  uint32_t most;
};
static int keep(void *user, struct span name, struct span value) {
  struct keeping *k = user;
  struct headers *h = &k->t->side[k->dir].headers;
  if (!name.len || name.len > NAME_MOST) return 0;
  if (h->count >= k->most) return ERR_CAP;
  return txn_header(k->t, h, name, span_head(value, VALUE_MOST));
}

static void attachments(struct dissect_ctx *cx, struct txn *t, enum dir d, enum dubbo_form form,
                        const struct dubbo_request *q) {
  struct keeping k = {t, d, (uint32_t)cx->conf->max_headers};
  dubbo_attachments(form, side_unbroken(&t->side[d]), q, keep, &k);
}

static void name_call(struct txn *t, enum dubbo_form form, const struct dubbo_request *q) {
  struct span service = name_of(t, form, q->service), method = name_of(t, form, q->method);
  struct span invoked = name_of(t, form, q->invoked);
  fact(t, "tapscope.dubbo.version", name_of(t, form, q->version));
  fact(t, "tapscope.dubbo.service_version", name_of(t, form, q->service_version));
  if (invoked.len) {
    txn_fact_bool(t, "tapscope.dubbo.generic", true);
    method = invoked;
  }
  if (!service.len || !method.len) return;
  t->service = service;
  t->operation = arena_printf(&t->arena, "%.*s/%.*s", SPAN_FMT(service), SPAN_FMT(method));
}

void dubbo_call_request(struct dissect_ctx *cx, struct txn *t, const struct dubbo_head *h) {
  const struct dubbo_serialization *z = dubbo_serialization(h->serialization);
  struct side *s = &t->side[DIR_REQUEST];
  struct dubbo_request q;
  txn_fact_u64(t, "tapscope.dubbo.request_id", h->id);
  if (!h->twoway) txn_fact_bool(t, "tapscope.dubbo.oneway", true);
  if (!z) return;
  txn_fact_str(t, "tapscope.dubbo.serialization", span_str(z->name));
  s->mime = span_str(z->call);
  int rc = dubbo_read_request(z->form, side_unbroken(s), &q);
  if (rc == ERR_UNSUPPORTED) ctr_inc(cx->ctr, CTR_DISSECT_UNREAD);
  if (rc == ERR_SYNTAX) t->anomalies |= ANOMALY_BIT(ANOMALY_PROTOCOL_ERROR);
  if (rc < 0) return;
  name_call(t, z->form, &q);
  attachments(cx, t, DIR_REQUEST, z->form, &q);
  fact(t, "tapscope.dubbo.group", headers_get(&s->headers, "group"));
  fact(t, "tapscope.dubbo.application", headers_get(&s->headers, "remote.application"));
}

/* Whether it went well: by the status, then by what the first value says. */
static void outcome(struct dissect_ctx *cx, struct txn *t, const struct dubbo_head *h,
                    const struct dubbo_serialization *z) {
  struct side *s = &t->side[DIR_RESPONSE];
  struct span exception;
  int rc = z ? dubbo_read_result(z->form, side_unbroken(s), &exception) : ERR_UNSUPPORTED;
  if (rc == ERR_UNSUPPORTED) {
    ctr_inc(cx->ctr, CTR_DISSECT_UNREAD);
    t->outcome = TXN_OK;
  }
  if (rc < 0) return;
  t->outcome = rc % DUBBO_ATTACHMENTS == DUBBO_EXCEPTION ? TXN_ERROR : TXN_OK;
  if (exception.len && is_name(exception)) {
    t->status_text = arena_copy(&t->arena, exception);
    txn_fact_str(t, "tapscope.dubbo.exception", exception);
  }
  if (rc >= DUBBO_ATTACHMENTS &&
      h->length <= RESULT_LOOK) /* behind a long result they are not worth a walk */
    attachments(cx, t, DIR_RESPONSE, z->form, NULL);
}

void dubbo_call_response(struct dissect_ctx *cx, struct txn *t, const struct dubbo_head *h) {
  const struct dubbo_serialization *z = dubbo_serialization(h->serialization);
  struct side *s = &t->side[DIR_RESPONSE];
  t->status = h->status;
  if (z) s->mime = span_str(h->status == DUBBO_OK ? z->result : z->error);
  if (!txn_fact(t, "tapscope.dubbo.request_id")) {
    txn_fact_u64(t, "tapscope.dubbo.request_id", h->id);
    if (z) txn_fact_str(t, "tapscope.dubbo.serialization", span_str(z->name));
  }
  if (h->status == DUBBO_OK)
    outcome(cx, t, h, z);
  else
    t->outcome = TXN_ERROR;
}
