/* SPDX-License-Identifier: Apache-2.0 */
/* Bodies of Dubbo messages: "args[0].idCard", "result.accounts[].cardNo", "exception.detailMessage"; attachments are headers. */
#include "dissect/body/dubbo.h"
#include "dissect/body/dubbo_java.h"
#include "dissect/body/dubbo_jsonb.h"
#include "dissect/body/hessian.h"

#include <stdio.h>

static struct path_node *arg_node(struct body_walk *w, uint64_t i) {
  char name[32];
  int n = snprintf(name, sizeof name, "args[%llu]", (unsigned long long)i);
  return path_child(w->paths, walk_root(w), span_of(name, (size_t)n));
}

static struct path_node *result_node(struct body_walk *w, int result) {
  bool thrown = result % DUBBO_ATTACHMENTS == DUBBO_EXCEPTION;
  return path_child(w->paths, walk_root(w), thrown ? SPAN_LIT("exception") : SPAN_LIT("result"));
}

static int hessian_values(struct body_walk *w, struct span body) {
  struct hessian h;
  struct span exception;
  int rc = 0;
  if (span_find(w->mime, SPAN_LIT("-call+")) < w->mime.len) {
    struct dubbo_request q;
    rc = dubbo_read_request(DUBBO_HESSIAN, body, &q);
    hessian_begin(&h, span_skip(body, q.at), false, w->scratch);
    for (uint64_t i = 0; i < q.args && rc == 0; i++) rc = hessian_walk_value(&h, w, arg_node(w, i));
    return rc;
  }
  hessian_begin(&h, body, false, w->scratch);
  if (span_find(w->mime, SPAN_LIT("-error+")) < w->mime.len)
    return hessian_walk_value(&h, w, path_child(w->paths, walk_root(w), SPAN_LIT("error")));
  int result = dubbo_read_result(DUBBO_HESSIAN, body, &exception);
  if (result < 0 || result % DUBBO_ATTACHMENTS == DUBBO_NULL) return result < 0 ? result : 0;
  rc = hessian_skip(&h);
  return rc < 0 ? rc : hessian_walk_value(&h, w, result_node(w, result));
}

static int json_value(struct body_walk *w, struct path_node *at, struct span s) {
  struct path_node *had = w->at;
  w->at = at;
  int rc = s.len ? json_walk(w, s) : 0;
  w->at = had;
  return rc < 0 ? rc : 0;
}

static int json_values(struct body_walk *w, struct span body) {
  struct span rest = body, exception;
  int rc = 0;
  if (span_find(w->mime, SPAN_LIT("-call+")) < w->mime.len) {
    struct dubbo_request q;
    rc = dubbo_read_request(DUBBO_JSON, body, &q);
    rest = span_skip(body, q.at);
    for (uint64_t i = 0; i < q.args && rc == 0; i++)
      rc = json_value(w, arg_node(w, i), span_trim(span_cut(&rest, '\n')));
    return rc;
  }
  if (span_find(w->mime, SPAN_LIT("-error+")) < w->mime.len)
    return json_value(w, path_child(w->paths, walk_root(w), SPAN_LIT("error")),
                      span_trim(span_cut(&rest, '\n')));
  int result = dubbo_read_result(DUBBO_JSON, body, &exception);
  if (result < 0 || result % DUBBO_ATTACHMENTS == DUBBO_NULL) return result < 0 ? result : 0;
  (void)span_cut(&rest, '\n');
  return json_value(w, result_node(w, result), span_trim(span_cut(&rest, '\n')));
}

static int java_values(struct body_walk *w, struct span body, bool plain) {
  struct javaser j;
  if (span_find(w->mime, SPAN_LIT("-call+")) < w->mime.len) {
    struct dubbo_request q;
    int rc = dubbo_read_request(plain ? DUBBO_JAVA_PLAIN : DUBBO_JAVA, body, &q);
    uint64_t args = q.args;
    if (rc == 0) rc = dubbo_java_request(&j, body, plain, w, &q);
    for (uint64_t i = 0; i < args && rc == 0; i++) rc = dubbo_java_value(&j, plain, arg_node(w, i));
    return rc;
  }
  if (span_find(w->mime, SPAN_LIT("-error+")) < w->mime.len) return 0;
  int result = dubbo_java_result(&j, body, w);
  if (result < 0 || result % DUBBO_ATTACHMENTS == DUBBO_NULL) return result < 0 ? result : 0;
  return dubbo_java_value(&j, plain, result_node(w, result));
}

static int jsonb_record(struct body_walk *w, struct reader *r, struct path_node *at) {
  struct jsonb j;
  struct span s;
  if (!dubbo_jsonb_record(r, &s)) return ERR_TRUNC;
  jsonb_begin(&j, s, w);
  return jsonb_value(&j, at);
}

static int jsonb_values(struct body_walk *w, struct span body) {
  struct span exception;
  struct reader r = reader_of(body);
  if (span_find(w->mime, SPAN_LIT("-call+")) < w->mime.len) {
    struct dubbo_request q;
    int rc = dubbo_read_request(DUBBO_JSONB, body, &q);
    reader_skip(&r, q.at);
    for (uint64_t i = 0; i < q.args && rc == 0; i++) rc = jsonb_record(w, &r, arg_node(w, i));
    return rc;
  }
  if (span_find(w->mime, SPAN_LIT("-error+")) < w->mime.len)
    return jsonb_record(w, &r, path_child(w->paths, walk_root(w), SPAN_LIT("error")));
  int result = dubbo_read_result(DUBBO_JSONB, body, &exception);
  if (result < 0 || result % DUBBO_ATTACHMENTS == DUBBO_NULL) return result < 0 ? result : 0;
  struct span first;
  (void)dubbo_jsonb_record(&r, &first);
  return jsonb_record(w, &r, result_node(w, result));
}

static int dubbo_walk(struct body_walk *w, struct span body) {
  uint32_t before = w->leaves;
  int rc = 0;
  if (span_ends(w->mime, SPAN_LIT("+hessian"))) rc = hessian_values(w, body);
  if (span_ends(w->mime, SPAN_LIT("+json"))) rc = json_values(w, body);
  if (span_ends(w->mime, SPAN_LIT("+jsonb"))) rc = jsonb_values(w, body);
  if (span_ends(w->mime, SPAN_LIT("java")))
    rc = java_values(w, body, span_ends(w->mime, SPAN_LIT("+nativejava")));
  if (rc == ERR_UNSUPPORTED) rc = 0;
  if (rc == ERR_TRUNC) rc = ERR_SYNTAX;
  if (rc == ERR_SYNTAX && w->cut) rc = 0;
  return rc < 0 ? rc : (int)(w->leaves - before);
}

static int dubbo_match(struct span mime, struct span head) {
  (void)head;
  return span_starts(mime, SPAN_LIT("application/vnd.apache.dubbo-")) ? 2 : 0;
}

const struct body_format dubbo_format = {"dubbo", dubbo_match, dubbo_walk};
