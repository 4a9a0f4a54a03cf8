/* SPDX-License-Identifier: Apache-2.0 */
/* Differences between what is called and what specifications say, one line each. */
#include "app/assets_diff.h"
#include "analytics/schema_read.h"
#include "output/json.h"

#include <stdio.h>

struct diff {
  const struct specs *specs;
  struct buf *out;
  struct json json;
  int form; /* 0 table, 1 json, 2 csv */
  bool failed;
};

static void cell(struct buf *out, struct span s) {
  buf_put_u8(out, '"');
  for (size_t i = 0; i < s.len; i++) {
    if (s.base[i] == '"') buf_put_u8(out, '"');
    buf_put_u8(out, s.base[i]);
  }
  buf_put_u8(out, '"');
}

static void line(struct diff *d, const char *kind, struct span service, struct span endpoint,
                 struct span detail) {
  struct json *j = &d->json;
  if (d->form == 0) {
    if (buf_printf(d->out, "%-15s %-32.*s %-56.*s %.*s\n", kind, SPAN_FMT(service), SPAN_FMT(endpoint),
                   SPAN_FMT(detail)) < 0)
      d->failed = true;
  } else if (d->form == 1) {
    JSON_LIT(j, "\n{");
    JSON_TEXT(j, "kind", kind);
    JSON_STR(j, "service", service);
    JSON_STR(j, "endpoint", endpoint);
    JSON_STR(j, "detail", detail);
    json_close(j, j->out->len, '}', true);
  } else {
    const struct span cells[] = {span_str(kind), service, endpoint, detail};
    for (unsigned i = 0; i < 4; i++) {
      if (i) buf_put_u8(d->out, ',');
      cell(d->out, cells[i]);
    }
    if (buf_put_u8(d->out, '\n') < 0) d->failed = true;
  }
}

static void say(struct diff *d, const char *kind, const struct row *r, struct span detail) {
  line(d, kind, row_service(r), row_name(r), detail);
}

static struct span path_of(const struct row *r) {
  struct span path = row_name(r);
  span_cut(&path, ' ');
  path = span_head(path, span_index(path, ' '));
  return span_head(path, span_index(path, '?'));
}

/* Answered as something that is there. */
static bool is_there(const struct row *r) {
  for (unsigned i = 0; r->schema && i < r->schema->nstatuses; i++) {
    unsigned s = r->schema->status[i].status;
    if (s != 400 && s != 404 && s != 405 && s != 501) return true;
  }
  return false;
}

static bool answered_well(const struct row *r) {
  for (unsigned i = 0; r->schema && i < r->schema->nstatuses; i++)
    if (r->schema->status[i].status < 400) return true;
  return false;
}

static const struct spec_parameter *named(const struct spec_operation *op, enum spec_in in,
                                          struct span name) {
  for (unsigned i = 0; i < op->parameters; i++) {
    const struct spec_parameter *p = &op->parameter[i];
    bool list = span_starts(name, p->name) && name.len > p->name.len && name.base[p->name.len] == '[';
    if (p->in == in && (span_eq(p->name, name) || list)) return p;
  }
  return NULL;
}

static unsigned bits_of(const struct schema_reading *r) {
  return strcmp(r->type, "string") == 0    ? SPEC_STRING
         : strcmp(r->type, "integer") == 0 ? SPEC_INTEGER
         : strcmp(r->type, "number") == 0  ? SPEC_NUMBER
         : strcmp(r->type, "boolean") == 0 ? SPEC_BOOLEAN
                                           : 0;
}

static void field(struct diff *d, const struct row *r, const struct spec_operation *op,
                  const struct schema_field *f) {
  char text[256];
  struct schema_reading read = schema_read_field(r->schema, f);
  unsigned declared = 0, have = bits_of(&read);
  bool known = true;
  if (f->place == SCHEMA_QUERY || f->place == SCHEMA_PATH) {
    const struct spec_parameter *p = named(op, f->place == SCHEMA_QUERY ? SPEC_QUERY : SPEC_PATH, f->path);
    known = p || f->place == SCHEMA_PATH;
    declared = p ? p->types : 0;
    if (declared & (SPEC_STRING | SPEC_ARRAY | SPEC_OBJECT)) declared = 0;
  } else if (f->place == SCHEMA_REQUEST || f->place == SCHEMA_RESPONSE) {
    const json_t *schema = f->place == SCHEMA_REQUEST ? op->request : op->response;
    if (!schema || named(op, SPEC_FORM, f->path)) return;
    declared = spec_field(op, schema, f->path, &known);
  } else {
    return;
  }
  int n =
      snprintf(text, sizeof text, "%s %.*s", schema_book_place(f->place), SPAN_FMT(span_head(f->path, 120)));
  if (!known) say(d, "parameter", r, span_of(text, (size_t)n));
  if (declared & SPEC_NUMBER) declared |= SPEC_INTEGER;
  if (!known || !declared || !have || have & declared) return;
  n = snprintf(text, sizeof text, "%s %.*s: %s", schema_book_place(f->place),
               SPAN_FMT(span_head(f->path, 120)), read.type);
  say(d, "type", r, span_of(text, (size_t)n));
}

static void compare(struct diff *d, const struct row *r, const struct spec_operation *op, uint64_t now) {
  char text[64];
  const struct schema_book *b = r->schema;
  if (op->removed) say(d, "zombie", r, SPAN_LIT("removed in the newest version"));
  if (op->deprecated && !op->removed) say(d, "zombie", r, SPAN_LIT("deprecated"));
  if (op->sunset_ns && op->sunset_ns < now && !op->deprecated)
    say(d, "zombie", r, SPAN_LIT("past its sunset"));
  if (op->secured && r->auth_calls[AUTH_NONE]) {
    int n = snprintf(text, sizeof text, "none in %lu calls", (unsigned long)r->auth_calls[AUTH_NONE]);
    say(d, "authentication", r, span_of(text, (size_t)n));
  }
  for (unsigned i = 0; b && i < b->nstatuses; i++) {
    if (spec_has_status(op, b->status[i].status)) continue;
    int n = snprintf(text, sizeof text, "%u", b->status[i].status);
    say(d, "status", r, span_of(text, (size_t)n));
  }
  for (uint32_t i = 0; b && i < b->nfields; i++) field(d, r, op, &b->field[i]);
}

static void orphans(struct diff *d, const struct assets_list *l) {
  const struct spec_operation *op;
  for (size_t i = 0; (op = spec_operation_at(d->specs, i)); i++) {
    bool called = op->removed;
    for (size_t k = 0; k < l->count && !called; k++) {
      const struct row *r = l->row[k];
      if (!spec_same_host(op->host, row_service(r)) || !answered_well(r)) continue;
      called = spec_find(d->specs, row_service(r), span_of(r->method, r->method_len), path_of(r)).op == op;
    }
    if (called) continue;
    char name[ROW_NAME];
    int n = snprintf(name, sizeof name, "%.*s %.*s", SPAN_FMT(op->method), SPAN_FMT(op->path));
    if (n > 0 && (size_t)n < sizeof name) line(d, "orphan", op->host, span_of(name, (size_t)n), op->file);
  }
}

int assets_diff_print(const struct assets_list *l, const struct specs *specs, uint64_t now,
                      const char *format, struct buf *out) {
  static const char *const forms[] = {"table", "json", "csv"};
  struct diff d = {.specs = specs, .out = out, .json = {out, false}};
  while (d.form < 3 && strcmp(forms[d.form], format) != 0) d.form++;
  if (d.form == 3) return ERR_NOTFOUND;
  if (d.form == 1) JSON_LIT(&d.json, "[");
  if (d.form == 2) buf_printf(out, "kind,service,endpoint,detail\n");
  for (size_t i = 0; i < l->count; i++) {
    const struct row *r = l->row[i];
    struct span method = span_of(r->method, r->method_len);
    if (!span_starts(path_of(r), SPAN_LIT("/")) || span_eq(method, SPAN_LIT("OPTIONS"))) continue;
    struct spec_match m = spec_find(specs, row_service(r), method, path_of(r));
    if (m.op)
      compare(&d, r, m.op, now);
    else if (m.covered && is_there(r))
      say(&d, "shadow", r,
          m.path.len ? SPAN_LIT("method not in the specification") : SPAN_LIT("not in the specification"));
  }
  orphans(&d, l);
  if (d.form == 1) {
    json_close(&d.json, 0, ']', true);
    if (!d.json.bad) out->base[out->len - 1] = '\n';
  }
  return d.failed || d.json.bad ? ERR_NOMEM : 0;
}
