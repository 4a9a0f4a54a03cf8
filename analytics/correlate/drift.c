/* SPDX-License-Identifier: Apache-2.0 */
/* Traffic against specifications: one finding for each endpoint and kind of difference. */
#include "analytics/correlate/correlate.h"
#include "analytics/schema.h"
#include "analytics/spec.h"
#include "dissect/body/body.h"

enum { CHECKED = 65536 };

static const struct rule shadow = {
    .id = "shadow_endpoint",
    .name = "Endpoint that no specification names",
    .name_zh = "规范未登记的接口",
    .category = CATEGORY_POSTURE,
    .severity = SEVERITY_MEDIUM,
    .technique = {"T1190"},
    .tactic = {"TA0001"},
    .owasp = {"API9:2023"},
    .reason = "The service has a specification, and this operation is called but not in it.",
    .reason_zh = "该服务有接口规范，但此操作被调用却不在规范中。",
    .remedy = "Add it to the specification, or switch it off.",
    .remedy_zh = "将其补充到规范中，或下线该接口。",
};
static const struct rule zombie = {
    .id = "zombie_endpoint",
    .name = "Endpoint that should be gone is still called",
    .name_zh = "已废弃的接口仍被调用",
    .category = CATEGORY_POSTURE,
    .severity = SEVERITY_MEDIUM,
    .technique = {"T1190"},
    .tactic = {"TA0001"},
    .owasp = {"API9:2023"},
    .reason = "The specification marks this operation as deprecated, past its sunset or removed, and it is "
              "still called.",
    .reason_zh = "规范将此操作标记为废弃、过期或移除，但仍有调用。",
    .remedy = "Move the callers to its successor, then switch it off.",
    .remedy_zh = "将调用方迁移到新接口后下线。",
};
static const struct rule parameter = {
    .id = "undocumented_parameter",
    .name = "Parameter that the specification does not name",
    .name_zh = "规范未登记的参数",
    .category = CATEGORY_POSTURE,
    .severity = SEVERITY_LOW,
    .technique = {"T1190"},
    .tactic = {"TA0001"},
    .owasp = {"API9:2023", "API3:2023"},
    .reason = "The endpoint takes a parameter or field that its specification does not name.",
    .reason_zh = "接口接受了规范中没有的参数或字段。",
    .remedy = "Document it, or refuse what is not documented.",
    .remedy_zh = "补充文档，或拒绝未登记的参数。",
};
static const struct rule wrong_type = {
    .id = "type_mismatch",
    .name = "Value of another type than the specification says",
    .name_zh = "值类型与规范不符",
    .category = CATEGORY_POSTURE,
    .severity = SEVERITY_LOW,
    .technique = {"T1190"},
    .tactic = {"TA0001"},
    .owasp = {"API9:2023"},
    .reason = "A parameter or field has another type than its specification says.",
    .reason_zh = "参数或字段的类型与规范不一致。",
    .remedy = "Correct the specification or the service.",
    .remedy_zh = "修正规范或服务实现。",
};
static const struct rule status = {
    .id = "undocumented_status",
    .name = "Status that the specification does not name",
    .name_zh = "规范未登记的状态码",
    .category = CATEGORY_POSTURE,
    .severity = SEVERITY_INFO,
    .technique = {"T1190"},
    .tactic = {"TA0001"},
    .owasp = {"API9:2023"},
    .reason = "The endpoint answers with a status that its specification does not name.",
    .reason_zh = "接口返回了规范中没有的状态码。",
    .remedy = "Document the status.",
    .remedy_zh = "补充状态码说明。",
};
static const struct rule unauthenticated = {
    .id = "spec_auth_missing",
    .name = "Answered without the authentication that the specification asks for",
    .name_zh = "未按规范要求认证即返回",
    .category = CATEGORY_POSTURE,
    .severity = SEVERITY_HIGH,
    .technique = {"T1190"},
    .tactic = {"TA0001"},
    .owasp = {"API2:2023"},
    .reason = "The specification asks for authentication, and a call without any was answered well.",
    .reason_zh = "规范要求认证，但未认证的调用得到了正常响应。",
    .remedy = "Enforce authentication at this operation.",
    .remedy_zh = "在该操作上强制认证。",
};

struct drift {
  struct store checked; /* shapes of messages that were compared before */
};
struct seen {
  struct table_entry te;
  uint64_t key;
};

static int start(void *state, struct correlate_ctx *cx) {
  struct drift *d = state;
  (void)cx;
  return store_init(&d->checked, sizeof(struct seen), CHECKED, NULL);
}

static void tell(struct correlate_ctx *cx, const struct api_event *e, const struct rule *rule,
                 struct span where, struct span what) {
  struct raise r = correlate_of(rule, e);
  struct evidence one = {.where = where, .what = what};
  r.severity = rule->severity;
  r.confidence = 95;
  r.evidence = &one;
  r.nevidence = 1;
  r.per_endpoint = true;
  r.key = hash64(e->endpoint, hash64(e->service, 83)) | 1;
  correlate_raise(cx, &r);
}

static unsigned types_of(const struct field *f) {
  static const unsigned bits[] = {[LEAF_STRING] = SPEC_STRING, [LEAF_NUMBER] = SPEC_INTEGER | SPEC_NUMBER,
                                  [LEAF_BOOL] = SPEC_BOOLEAN,  [LEAF_NULL] = SPEC_NULL,
                                  [LEAF_TEXT] = SPEC_STRING,   [LEAF_BYTES] = SPEC_STRING};
  unsigned t = 0;
  for (unsigned i = 0; i < sizeof bits / sizeof *bits; i++)
    if (f->types >> i & 1) t |= bits[i];
  if (t == (SPEC_INTEGER | SPEC_NUMBER) && f->format & FORMAT_DECIMAL) t = SPEC_NUMBER;
  return t;
}

/* Parameters are text: an integer must look like one. Lists and objects may be written in many ways. */
static bool text_fits(uint16_t format, unsigned declared) {
  if (!declared || declared & (SPEC_STRING | SPEC_OBJECT | SPEC_ARRAY)) return true;
  unsigned t = 0;
  if (format & FORMAT_INTEGER) t |= SPEC_INTEGER | SPEC_NUMBER;
  if (format & FORMAT_DECIMAL) t |= SPEC_NUMBER;
  if (format & FORMAT_BOOLEAN) t |= SPEC_BOOLEAN;
  if (format & FORMAT_EMPTY) return true;
  return (t & declared) != 0;
}

static const struct spec_parameter *named(const struct spec_operation *op, enum spec_in in,
                                          struct span name) {
  for (unsigned i = 0; i < op->parameters; i++) {
    const struct spec_parameter *p = &op->parameter[i];
    if (p->in == in &&
        (span_eq(p->name, name) || (span_starts(name, p->name) && name.base[p->name.len] == '[')))
      return p;
  }
  return NULL;
}

static void query_field(struct correlate_ctx *cx, const struct api_event *e, const struct spec_operation *op,
                        const struct field *f) {
  struct span name = span_skip(f->path, 1);
  const struct spec_parameter *p = named(op, SPEC_QUERY, name);
  if (!p)
    tell(cx, e, &parameter, correlate_text(cx, "query.%.*s", SPAN_FMT(span_head(name, 64))),
         SPAN_LIT("not in the specification"));
  else if (!text_fits(f->format, p->types))
    tell(cx, e, &wrong_type, correlate_text(cx, "query.%.*s", SPAN_FMT(name)),
         SPAN_LIT("text that is not of the declared type"));
}

static void body_field(struct correlate_ctx *cx, const struct api_event *e, const struct spec_operation *op,
                       enum dir d, const struct field *f) {
  const json_t *schema = d == DIR_REQUEST ? op->request : op->response;
  const struct spec_parameter *form = d == DIR_REQUEST ? named(op, SPEC_FORM, f->path) : NULL;
  bool known = true, encoded = e->body_format[d] && strcmp(e->body_format[d], "form") == 0;
  if (form || !schema) return;
  unsigned declared = spec_field(op, schema, f->path, &known), have = types_of(f);
  struct span where =
      correlate_text(cx, "%s.%.*s", d ? "response" : "body", SPAN_FMT(span_head(f->path, 96)));
  if (!known) {
    tell(cx, e, &parameter, where, SPAN_LIT("not in the specification"));
    return;
  }
  if (!declared || !have || encoded) return;
  if (declared & SPEC_NUMBER) declared |= SPEC_INTEGER;
  if (have == (SPEC_INTEGER | SPEC_NUMBER) && declared & SPEC_INTEGER) return;
  if (have & ~declared & ~(unsigned)SPEC_NULL)
    tell(cx, e, &wrong_type, where, SPAN_LIT("of another type than declared"));
}

/* Template of the document against the path. */
static void path_values(struct correlate_ctx *cx, const struct api_event *e,
                        const struct spec_operation *op) {
  struct span t = op->path, path = e->txn->path;
  while (t.len && path.len) {
    struct span part = span_cut(&t, '/'), value = span_cut(&path, '/');
    if (part.len < 3 || part.base[0] != '{' || part.base[part.len - 1] != '}') continue;
    struct span name = span_of(part.base + 1, part.len - 2);
    const struct spec_parameter *p = named(op, SPEC_PATH, name);
    if (p && !text_fits(schema_format(value), p->types))
      tell(cx, e, &wrong_type, correlate_text(cx, "path.%.*s", SPAN_FMT(name)),
           SPAN_LIT("text that is not of the declared type"));
  }
}

/* What depends on the shape only is compared once for each shape. */
static bool first_time(struct drift *d, struct correlate_ctx *cx, const struct api_event *e,
                       const struct spec_operation *op) {
  uint64_t key = hash_mix(e->fields[0].fingerprint, e->fields[1].fingerprint);
  key = hash_mix(hash_mix(key, (uint64_t)e->txn->status), hash64(op->path, hash64(op->method, 5)));
  if (store_find(&d->checked, key)) return false;
  return store_get(&d->checked, cx, key) != NULL;
}

static void compare(struct drift *d, struct correlate_ctx *cx, const struct api_event *e,
                    const struct spec_operation *op) {
  const struct txn *t = e->txn;
  bool good = t->status < 400;
  if (good && op->secured && e->who.auth == AUTH_NONE)
    tell(cx, e, &unauthenticated, SPAN_LIT("header.authorization"), SPAN_LIT("none"));
  if (op->deprecated || op->removed || (op->sunset_ns && op->sunset_ns < cx->now))
    tell(cx, e, &zombie, SPAN_LIT("specification"),
         op->removed      ? SPAN_LIT("removed")
         : op->deprecated ? SPAN_LIT("deprecated")
                          : SPAN_LIT("past its sunset"));
  if (good) path_values(cx, e, op);
  if (!first_time(d, cx, e, op)) return;
  if (!spec_has_status(op, (unsigned)t->status))
    tell(cx, e, &status, SPAN_LIT("status"), correlate_text(cx, "%d", t->status));
  if (!good) return;
  for (uint32_t i = 0; i < e->fields[0].count; i++) {
    const struct field *f = &e->fields[0].item[i];
    if (f->path.len > 1 && f->path.base[0] == '?')
      query_field(cx, e, op, f);
    else
      body_field(cx, e, op, DIR_REQUEST, f);
  }
  if (op->response && t->status < 300)
    for (uint32_t i = 0; i < e->fields[1].count; i++)
      body_field(cx, e, op, DIR_RESPONSE, &e->fields[1].item[i]);
}

/* There is something behind the path: an unknown one is answered with 404, another method with 405. */
static bool is_there(const struct txn *t) {
  return t->status >= 100 && t->status != 404 && t->status != 405 && t->status != 400 && t->status != 501;
}

static void on_event(void *state, struct correlate_ctx *cx, const struct api_event *e) {
  struct drift *d = state;
  const struct txn *t = e->txn;
  if (!cx->specs || t->kind != TXN_CALL || !t->method.len || !t->path.len || t->status < 0) return;
  if (span_eq(t->method, SPAN_LIT("OPTIONS")) || span_eq(t->method, SPAN_LIT("CONNECT"))) return;
  struct spec_match m = spec_find(cx->specs, e->service, t->method, t->path);
  if (!m.covered) return;
  bool attack = event_is_attack(e);
  if (m.op && !attack)
    compare(d, cx, e, m.op);
  else if (!m.op && (attack ? t->status < 400 : is_there(t)))
    tell(cx, e, &shadow, SPAN_LIT("specification"),
         m.path.len ? SPAN_LIT("the path is named, this method is not") : SPAN_LIT("not in it"));
}

static void stop(void *state, struct correlate_ctx *cx, bool end) {
  struct drift *d = state;
  (void)cx, (void)end;
  store_done(&d->checked);
}

const struct correlation correlate_drift = {
    .rule = &shadow, .state_size = sizeof(struct drift), .start = start, .event = on_event, .stop = stop};
