/* SPDX-License-Identifier: Apache-2.0 */
/* Dubbo's bodies as records of JSONB. */
#include "dissect/body/dubbo_jsonb.h"
#include "base/err.h"

bool dubbo_jsonb_record(struct reader *r, struct span *out) {
  uint32_t n = reader_u32be(r);
  *out = span_head(reader_rest(r), n);
  reader_skip(r, out->len);
  return !r->bad && out->len;
}

static int text(struct reader *r, struct span *out) {
  struct span s;
  struct jsonb j;
  if (!dubbo_jsonb_record(r, &s)) return ERR_TRUNC;
  jsonb_begin(&j, s, NULL);
  return jsonb_text(&j, out);
}

int dubbo_jsonb_request(struct span body, struct dubbo_request *out) {
  struct span *const names[] = {&out->version, &out->service, &out->service_version, &out->method,
                                &out->types};
  struct reader r = reader_of(body);
  int rc = 0;
  for (size_t i = 0; i < 5 && rc == 0; i++) rc = text(&r, names[i]);
  out->at = (size_t)(r.pos - body.base);
  return rc;
}

int dubbo_jsonb_result(struct span body, struct span *exception) {
  struct reader r = reader_of(body);
  struct span s;
  struct jsonb j;
  int64_t result = -1;
  if (!dubbo_jsonb_record(&r, &s)) return ERR_TRUNC;
  jsonb_begin(&j, s, NULL);
  int rc = jsonb_int(&j, &result);
  if (rc < 0 || result < 0 || result >= DUBBO_RESULTS) return rc < 0 ? rc : ERR_SYNTAX;
  if (result % DUBBO_ATTACHMENTS == DUBBO_EXCEPTION && dubbo_jsonb_record(&r, &s)) *exception = jsonb_type(s);
  return (int)result;
}

void dubbo_jsonb_attachments(struct span body, const struct dubbo_request *q, dubbo_attachment_fn fn,
                             void *user) {
  struct reader r = reader_of(span_skip(body, q ? q->at : 0));
  struct span s, exception;
  uint64_t before = q ? q->args : 2;
  if (!q) {
    int result = dubbo_jsonb_result(body, &exception);
    if (result < DUBBO_ATTACHMENTS) return;
    if (result == DUBBO_NULL + DUBBO_ATTACHMENTS) before = 1;
  }
  for (; before; before--)
    if (!dubbo_jsonb_record(&r, &s)) return;
  if (!dubbo_jsonb_record(&r, &s)) return;
  struct jsonb j;
  jsonb_begin(&j, s, NULL);
  j.pair = fn;
  j.user = user;
  (void)jsonb_value(&j, NULL);
}
