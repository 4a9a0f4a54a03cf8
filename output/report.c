/* SPDX-License-Identifier: Apache-2.0 */
/* Rows of the report, kept as JSON until the page is written. */
#include "output/report.h"
#include "analytics/tactic.h"

#include "base/hash.h"
#include "base/table.h"
#include "output/encoder.h"
#include "output/report_page.h"

#include <stdio.h>
#include <unistd.h>

enum { REPORT_TABLES = 6, REPORT_CLASSES = 256 };
enum report_table { ROW_ASSET, ROW_EXPOSURE, ROW_FINDING, ROW_INCIDENT, ROW_MAP, ROW_PATH };

struct row {
  struct table_entry entry;
  struct buf json;
};
struct class_row {
  const char *id;
  struct grade grade;
  uint64_t calls, count, in, out;
};
struct report {
  struct table rows[REPORT_TABLES];
  uint64_t left_out[REPORT_TABLES];
  struct class_row class[REPORT_CLASSES];
  unsigned nclasses;
};

struct report *report_new(size_t rows) {
  struct report *r = mem_zalloc(sizeof *r);
  for (int i = 0; r && i < REPORT_TABLES; i++)
    if (table_init(&r->rows[i], table_by_hash, rows, NULL) < 0) {
      report_free(r);
      return NULL;
    }
  return r;
}

static void row_free(struct table_entry *e) {
  struct row *row = (struct row *)(void *)e;
  buf_done(&row->json);
  mem_free(row);
}

void report_free(struct report *r) {
  if (!r) return;
  for (int i = 0; i < REPORT_TABLES; i++) table_drop(&r->rows[i], row_free);
  mem_free(r);
}

/* The row of a key, emptied, made where there is none; NULL at the cap. */
static struct row *row_of(struct report *r, enum report_table t, uint64_t key) {
  struct row *row = (struct row *)(void *)table_find(&r->rows[t], key, NULL);
  if (!row && (row = mem_zalloc(sizeof *row)) != NULL) {
    buf_init(&row->json, NULL, 1 << 16);
    if (table_add(&r->rows[t], &row->entry, key) < 0) {
      mem_free(row);
      row = NULL;
    }
  }
  if (row)
    buf_reset(&row->json);
  else
    r->left_out[t]++;
  return row;
}

static uint64_t key_of(struct span a, struct span b) { return hash_mix(hash64(a, 1), hash64(b, 2)); }

static void classes_seen(struct report *r, const struct data_hit *h, enum dir d) {
  unsigned i = 0;
  while (i < r->nclasses && strcmp(r->class[i].id, h->class_id) != 0) i++;
  if (i == REPORT_CLASSES) return;
  struct class_row *c = &r->class[i];
  if (i == r->nclasses) {
    *c = (struct class_row){.id = h->class_id, .grade = h->grade};
    r->nclasses++;
  }
  c->calls++;
  c->count += h->count;
  if (d == DIR_REQUEST)
    c->in += h->count;
  else
    c->out += h->count;
}

void report_call(struct report *r, const struct api_event *e) {
  for (int d = 0; r && d < 2; d++)
    for (uint32_t i = 0; i < e->data[d].count; i++) classes_seen(r, &e->data[d].item[i], (enum dir)d);
}

void report_exposure(struct report *r, const struct exposure *x) {
  if (!r) return;
  const struct api_event *ev = x->event;
  uint64_t key = hash_mix(key_of(ev->service, ev->endpoint), key_of(x->consumer, span_str(x->hit->class_id)));
  struct row *row = row_of(r, ROW_EXPOSURE, hash_mix(key, (uint64_t)x->dir));
  if (!row) return;
  struct json j = {&row->json, false};
  JSON_LIT(&j, "{");
  JSON_STR(&j, "service", ev->service);
  JSON_STR(&j, "endpoint", ev->endpoint);
  JSON_TEXT(&j, "class", x->hit->class_id);
  JSON_TEXT(&j, "direction", x->dir == DIR_REQUEST ? "request" : "response");
  JSON_STR(&j, "consumer", x->consumer);
  JSON_TEXT(&j, "zone", x->zone);
  JSON_BOOL(&j, "authenticated", x->authenticated);
  JSON_BOOL(&j, "plaintext", x->plaintext);
  JSON_STR(&j, "sample", x->hit->sample);
  encoder_grade(&j, &x->hit->grade);
  json_close(&j, 0, '}', true);
}

static void ips(struct json *j, const char *key, const uint8_t (*addr)[16], unsigned n) {
  JSON_LIT(j, "\"");
  json_raw(j, key, strlen(key));
  JSON_LIT(j, "\":[");
  encoder_ips(j, addr, n);
  json_close(j, j->out->len, ']', true);
}

void report_finding(struct report *r, const struct finding *f) {
  struct row *row = r ? row_of(r, ROW_FINDING, hash64(f->id, 3)) : NULL;
  if (!row) return;
  struct json j = {&row->json, false};
  const struct rule *rl = f->rule;
  JSON_LIT(&j, "{");
  JSON_U64(&j, "severity", f->severity);
  JSON_U64(&j, "confidence", f->confidence);
  JSON_TEXT(&j, "rule", rl->id);
  JSON_STR(&j, "name", span_str(rl->name));
  JSON_STR(&j, "name_zh", span_str(rl->name_zh));
  JSON_TEXT(&j, "category", category_name(rl->category));
  JSON_STR(&j, "reason", f->reason.len ? f->reason : span_str(rl->reason));
  JSON_STR(&j, "reason_zh", f->reason_zh.len ? f->reason_zh : span_str(rl->reason_zh));
  JSON_STR(&j, "remedy", span_str(rl->remedy));
  JSON_STR(&j, "remedy_zh", span_str(rl->remedy_zh));
  JSON_STR(&j, "service", f->service);
  JSON_STR(&j, "endpoint", f->endpoint);
  JSON_U64(&j, "count", f->count);
  JSON_TIME(&j, "first", f->first_ns);
  JSON_TIME(&j, "last", f->last_ns);
  ips(&j, "actors", f->actor, f->nactors);
  ips(&j, "targets", f->target, f->ntargets);
  size_t at = JSON_OPEN_LIST(&j, "evidence");
  for (unsigned i = 0; i < f->nevidence && i < FINDING_EVIDENCE; i++) {
    JSON_LIT(&j, "[");
    json_str(&j, f->evidence[i].where);
    json_str(&j, f->evidence[i].what);
    json_close(&j, j.out->len, ']', true);
  }
  json_close(&j, at, ']', true);
  json_close(&j, 0, '}', true);
}

void report_incident(struct report *r, const struct incident *i) {
  struct row *row = r ? row_of(r, ROW_INCIDENT, hash64(i->id, 4)) : NULL;
  if (!row) return;
  struct json j = {&row->json, false};
  JSON_LIT(&j, "{");
  JSON_U64(&j, "severity", i->severity);
  JSON_STR(&j, "name", i->nrules ? span_str(i->rule[0]->name) : i->id);
  JSON_STR(&j, "name_zh", i->nrules ? span_str(i->rule[0]->name_zh) : i->id);
  size_t at = JSON_OPEN_LIST(&j, "rules");
  for (unsigned k = 0; k < i->nrules && k < FINDING_CALLS; k++) json_text(&j, i->rule[k]->id);
  json_close(&j, at, ']', true);
  at = JSON_OPEN_LIST(&j, "stages");
  for (unsigned k = 0; k < i->nstages && k < INCIDENT_STAGES; k++) {
    JSON_LIT(&j, "[");
    json_text(&j, tactic_name(i->stage[k].tactic, false));
    json_str(&j, span_str(tactic_name(i->stage[k].tactic, true)));
    json_close(&j, j.out->len, ']', true);
  }
  json_close(&j, at, ']', true);
  ips(&j, "actors", i->actor, i->nactors);
  ips(&j, "targets", i->target, i->ntargets);
  JSON_STR(&j, "service", i->service);
  JSON_U64(&j, "findings", i->nfindings);
  JSON_U64(&j, "count", i->count);
  JSON_TIME(&j, "first", i->first_ns);
  JSON_TIME(&j, "last", i->last_ns);
  JSON_BOOL(&j, "open", i->open);
  json_close(&j, 0, '}', true);
}

static void class_names(struct json *j, const struct data_hits hits[2]) {
  size_t at = JSON_OPEN_LIST(j, "data");
  for (int d = 0; d < 2; d++)
    for (uint32_t i = 0; i < hits[d].count; i++) json_text(j, hits[d].item[i].class_id);
  json_close(j, at, ']', true);
}

void report_asset(struct report *r, const struct asset *a) {
  if (!r || strcmp(a->kind, "service") == 0) return;
  uint64_t key = hash64(a->id, 5);
  struct table_entry *old = table_find(&r->rows[ROW_ASSET], key, NULL);
  bool merged = a->change && strcmp(a->change, "merged") == 0;
  if (merged && old) {
    table_remove(&r->rows[ROW_ASSET], old);
    row_free(old);
  }
  if (merged || (!old && a->change && strcmp(a->change, "retired") == 0)) return;
  struct row *row = row_of(r, ROW_ASSET, key);
  if (!row) return;
  struct json j = {&row->json, false};
  JSON_LIT(&j, "{");
  JSON_TEXT(&j, "kind", a->kind);
  JSON_STR(&j, "service", a->service);
  JSON_STR(&j, "endpoint", a->endpoint);
  JSON_TEXT(&j, "protocol", a->protocol);
  JSON_TEXT(&j, "state", a->state ? a->state : a->change);
  JSON_TEXT(&j, "exposure", a->exposure);
  JSON_U64(&j, "calls", a->calls);
  JSON_U64(&j, "callers", a->callers);
  size_t at = JSON_OPEN_LIST(&j, "auth");
  for (unsigned i = 0; i < AUTH_KINDS; i++)
    if (a->auth >> i & 1) json_text(&j, auth_kind_name((enum auth_kind)i));
  json_close(&j, at, ']', true);
  class_names(&j, a->data);
  if (a->risk >= 0) JSON_U64(&j, "risk", (uint64_t)a->risk);
  JSON_STR(&j, "why", a->risk_why);
  JSON_STR(&j, "owner", a->owner);
  JSON_KEY(&j, "seen");
  json_double(&j, a->visibility);
  size_t tags_at = JSON_OPEN_LIST(&j, "tags");
  for (struct span tags = a->tags; tags.len;) json_str(&j, span_cut(&tags, ','));
  json_close(&j, tags_at, ']', true);
  JSON_TIME(&j, "first", a->first_ns);
  JSON_TIME(&j, "last", a->last_ns);
  json_close(&j, 0, '}', true);
}

static void map_row(void *user, const struct datamap_row *m) {
  struct report *r = user;
  uint64_t key =
      hash_mix(key_of(span_str(m->service), span_str(m->consumer)), hash64(span_str(m->class_id), m->dir));
  struct row *row = row_of(r, ROW_MAP, key);
  if (!row) return;
  struct json j = {&row->json, false};
  JSON_LIT(&j, "{");
  JSON_STR(&j, "service", span_str(m->service));
  JSON_TEXT(&j, "class", m->class_id);
  JSON_TEXT(&j, "direction", m->dir == DIR_REQUEST ? "request" : "response");
  JSON_STR(&j, "consumer", span_str(m->consumer));
  JSON_TEXT(&j, "zone", zones_name(m->zone));
  JSON_U64(&j, "calls", m->calls);
  JSON_U64(&j, "count", m->count);
  JSON_U64(&j, "subjects", datamap_subjects(m));
  JSON_TIME(&j, "first", m->first_ns);
  JSON_TIME(&j, "last", m->last_ns);
  encoder_grade(&j, &m->grade);
  json_close(&j, 0, '}', true);
}

static void map_step(void *user, const struct datamap_step *s) {
  struct report *r = user;
  uint64_t key = hash_mix(key_of(span_str(s->from), span_str(s->consumer)),
                          key_of(span_str(s->service), span_str(s->class_id)));
  struct row *row = row_of(r, ROW_PATH, key);
  if (!row) return;
  struct json j = {&row->json, false};
  JSON_LIT(&j, "{");
  JSON_TEXT(&j, "class", s->class_id);
  JSON_STR(&j, "from", span_str(s->from));
  JSON_STR(&j, "service", span_str(s->service));
  JSON_STR(&j, "consumer", span_str(s->consumer));
  JSON_U64(&j, "calls", s->calls);
  JSON_U64(&j, "subjects", distinct_count(&s->subjects));
  JSON_TIME(&j, "last", s->last_ns);
  json_close(&j, 0, '}', true);
}

void report_datamap(struct report *r, const struct datamap *m) {
  if (r && m) datamap_each(m, map_row, map_step, r);
}

static void rows(struct json *j, const struct table *t) {
  for (const struct table_entry *e = t->oldest; e; e = e->newer) {
    const struct row *row = (const struct row *)(const void *)e;
    if (row->json.len > 1 && row->json.base[row->json.len - 1] == ',')
      json_raw(j, row->json.base, row->json.len);
  }
}

static void data(const struct report *r, const struct report_totals *t, struct json *j) {
  static const char *const name[] = {"\"assets\":[",    "\"exposures\":[", "\"findings\":[",
                                     "\"incidents\":[", "\"map\":[",       "\"paths\":["};
  JSON_LIT(j, "{");
  JSON_STR(j, "title", span_str(t->title));
  JSON_TEXT(j, "version", TAPSCOPE_VERSION);
  if (t->first_ns) JSON_TIME(j, "first", t->first_ns);
  if (t->last_ns) JSON_TIME(j, "last", t->last_ns);
  for (int i = 0; i < REPORT_TABLES; i++) {
    size_t at = json_open(j, name[i], strlen(name[i]));
    rows(j, &r->rows[i]);
    json_close(j, at, ']', true);
  }
  size_t at = JSON_OPEN_LIST(j, "classes");
  for (unsigned i = 0; i < r->nclasses; i++) {
    const struct class_row *c = &r->class[i];
    JSON_LIT(j, "{");
    JSON_TEXT(j, "class", c->id);
    encoder_grade(j, &c->grade);
    JSON_U64(j, "calls", c->calls);
    JSON_U64(j, "in", c->in);
    JSON_U64(j, "out", c->out);
    json_close(j, j->out->len, '}', true);
  }
  json_close(j, at, ']', true);
  at = JSON_OPEN_LIST(j, "counters");
  for (int i = 0; i < CTR_COUNT; i++) {
    JSON_LIT(j, "[");
    json_text(j, ctr_name((enum counter)i));
    json_text(j, ctr_doc((enum counter)i));
    json_u64(j, t->counters[i]);
    json_close(j, j->out->len, ']', true);
  }
  json_close(j, at, ']', true);
  json_close(j, 0, '}', true);
}

/* The data stand in a script element: no '<' may. */
static int write_data(FILE *f, struct span s) {
  if (s.len && s.base[s.len - 1] == ',') s.len--;
  while (s.len) {
    size_t n = span_index(s, '<');
    if (fwrite(s.base, 1, n, f) != n) return ERR_IO;
    if (n < s.len && fputs("\\u003c", f) < 0) return ERR_IO;
    s = span_skip(s, n + 1);
  }
  return 0;
}

int report_write(const struct report *r, const char *path, const struct report_totals *t) {
  char part[4096];
  struct buf text;
  if (snprintf(part, sizeof part, "%s.part", path) >= (int)sizeof part) return ERR_IO;
  buf_init(&text, NULL, 0);
  struct json j = {&text, false};
  data(r, t, &j);
  FILE *f = j.bad ? NULL : fopen(part, "we");
  int rc = j.bad ? ERR_NOMEM : f ? 0 : ERR_IO;
  if (rc == 0 && fputs(report_page_head, f) < 0) rc = ERR_IO;
  if (rc == 0) rc = write_data(f, buf_span(&text));
  if (rc == 0 && fputs(report_page_tail, f) < 0) rc = ERR_IO;
  if (f && fclose(f) != 0) rc = ERR_IO;
  if (rc == 0 && rename(part, path) < 0) rc = ERR_IO;
  if (rc < 0 && f) unlink(part);
  buf_done(&text);
  return rc;
}
