/* SPDX-License-Identifier: Apache-2.0 */
/* tapscope data-map: what a sensor keeps in its state folder about who moves which data to whom, and along which path. */
#include "analytics/datamap.h"
#include "app/commands.h"
#include "app/listing.h"
#include "base/err.h"
#include "base/log.h"

#include <stdio.h>
#include <stdlib.h>

enum { DEPTH = 8 };
struct map {
  struct listing rows, steps, hosts;
  const char *service; /* only this one; NULL: all */
  enum listing_format format;
  struct buf line;
};

static int keep_row(void *user, struct datamap_row *r) {
  return listing_keep(&((struct map *)user)->rows, r);
}
static int keep_step(void *user, struct datamap_step *x) {
  return listing_keep(&((struct map *)user)->steps, x);
}
static int keep_host(void *user, struct state_host *h) { return listing_keep(user, h); }

static void drop(struct map *m) {
  for (size_t i = 0; i < m->rows.count; i++)
    distinct_done(&((struct datamap_row *)m->rows.item[i])->subjects);
  for (size_t i = 0; i < m->steps.count; i++)
    distinct_done(&((struct datamap_step *)m->steps.item[i])->subjects);
  struct listing *const all[] = {&m->rows, &m->steps, &m->hosts};
  for (size_t k = 0; k < 3; k++) listing_drop(all[k]);
  buf_done(&m->line);
}

/* What an address answers as, else itself. */
static const char *named(const struct map *m, const char *address) {
  for (size_t i = 0; i < m->hosts.count; i++) {
    const struct state_host *h = m->hosts.item[i];
    if (strcmp(h->address, address) == 0) return h->service;
  }
  return address;
}

static int by_row(const void *a, const void *b) {
  const struct datamap_row *x = *(void *const *)a, *y = *(void *const *)b;
  int c = strcmp(x->service, y->service);
  if (!c) c = strcmp(x->class_id, y->class_id);
  if (!c) c = (int)x->dir - (int)y->dir;
  return c ? c : strcmp(x->consumer, y->consumer);
}

static int by_step(const void *a, const void *b) {
  const struct datamap_step *x = *(void *const *)a, *y = *(void *const *)b;
  int c = strcmp(x->class_id, y->class_id);
  if (!c) c = strcmp(x->from, y->from);
  if (!c) c = strcmp(x->service, y->service);
  return c ? c : strcmp(x->consumer, y->consumer);
}

static void print_row(struct map *m, const struct datamap_row *r) {
  const char *way = r->dir == DIR_REQUEST ? "request" : "response", *who = named(m, r->consumer);
  unsigned long long calls = r->calls, count = r->count, subjects = datamap_subjects(r);
  if (m->format == LISTING_TABLE) {
    printf("%-28.28s %-18s %-8s %-28.28s %-10s %8llu %9llu %9llu  C%u/%u\n", r->service, r->class_id, way,
           who, zones_name(r->zone), calls, count, subjects, r->grade.jrt0171, r->grade.jrt0197);
    return;
  }
  if (m->format == LISTING_CSV) {
    printf("\"%s\",%s,%s,\"%s\",%s,%llu,%llu,%llu,%u,%u\n", r->service, r->class_id, way, who,
           zones_name(r->zone), calls, count, subjects, r->grade.jrt0171, r->grade.jrt0197);
    return;
  }
  struct json j = {.out = &m->line};
  m->line.len = 0;
  size_t at = json_open(&j, "{", 1);
  JSON_STR(&j, "service", span_str(r->service));
  JSON_TEXT(&j, "class", r->class_id);
  JSON_TEXT(&j, "direction", way);
  JSON_STR(&j, "consumer", span_str(who));
  JSON_STR(&j, "address", span_str(r->consumer));
  JSON_TEXT(&j, "zone", zones_name(r->zone));
  JSON_U64(&j, "calls", calls);
  JSON_U64(&j, "count", count);
  JSON_U64(&j, "subjects", subjects);
  JSON_U64(&j, "jrt0171", r->grade.jrt0171);
  JSON_U64(&j, "jrt0197", r->grade.jrt0197);
  json_close(&j, at, '}', true);
  printf("%.*s\n", (int)(m->line.len ? m->line.len - 1 : 0), (const char *)m->line.base);
}

static bool shown(const struct map *m, const char *service) {
  return !m->service || strcmp(m->service, service) == 0;
}

static bool begins(const struct map *m, const struct datamap_step *x) {
  for (size_t i = 0; i < m->steps.count; i++) {
    const struct datamap_step *y = m->steps.item[i];
    if (y != x && strcmp(y->class_id, x->class_id) == 0 && strcmp(y->service, x->from) == 0) return false;
  }
  return true;
}

static void print_path(struct map *m, const struct datamap_step *const *path, unsigned n) {
  uint64_t least = UINT64_MAX;
  bool wanted = !m->service;
  for (unsigned i = 0; i < n; i++) {
    uint64_t subjects = distinct_count(&path[i]->subjects);
    if (subjects < least) least = subjects;
    wanted |= m->service && (shown(m, path[i]->from) || shown(m, path[i]->service));
  }
  if (!wanted) return;
  const char *last = named(m, path[n - 1]->consumer);
  if (m->format == LISTING_JSON) {
    struct json j = {.out = &m->line};
    m->line.len = 0;
    size_t at = json_open(&j, "{", 1);
    JSON_TEXT(&j, "class", path[0]->class_id);
    size_t in = JSON_OPEN_LIST(&j, "path");
    json_str(&j, span_str(path[0]->from));
    for (unsigned i = 0; i < n; i++) json_str(&j, span_str(path[i]->service));
    json_str(&j, span_str(last));
    json_close(&j, in, ']', true);
    JSON_U64(&j, "subjects", least);
    json_close(&j, at, '}', true);
    printf("%.*s\n", (int)(m->line.len ? m->line.len - 1 : 0), (const char *)m->line.base);
    return;
  }
  printf(m->format == LISTING_CSV ? "%s,%llu,\"%s" : "%-18s %9llu  %s", path[0]->class_id,
         (unsigned long long)least, path[0]->from);
  for (unsigned i = 0; i < n; i++) printf(" > %s", path[i]->service);
  printf(m->format == LISTING_CSV ? " > %s\"\n" : " > %s\n", last);
}

/* Depth first; a service stands once in a path. */
static void follow(struct map *m, const struct datamap_step **path, unsigned n) {
  bool more = false;
  for (size_t i = 0; i < m->steps.count && n < DEPTH; i++) {
    const struct datamap_step *x = m->steps.item[i], *end = path[n - 1];
    if (strcmp(x->class_id, end->class_id) != 0 || strcmp(x->from, end->service) != 0) continue;
    if (strcmp(named(m, end->consumer), x->service) != 0) continue; /* it went to this one */
    bool again = strcmp(path[0]->from, x->service) == 0;
    for (unsigned k = 0; k < n && !again; k++) again = strcmp(path[k]->service, x->service) == 0;
    if (again) continue;
    more = true;
    path[n] = x;
    follow(m, path, n + 1);
  }
  if (!more) print_path(m, path, n);
}

static void print_all(struct map *m) {
  const struct datamap_step *path[DEPTH];
  if (m->rows.count) qsort(m->rows.item, m->rows.count, sizeof *m->rows.item, by_row);
  if (m->steps.count) qsort(m->steps.item, m->steps.count, sizeof *m->steps.item, by_step);
  if (m->format == LISTING_TABLE)
    printf("%-28s %-18s %-8s %-28s %-10s %8s %9s %9s  %s\n", "service", "class", "way", "consumer", "zone",
           "calls", "values", "subjects", "grade");
  if (m->format == LISTING_CSV)
    puts("service,class,direction,consumer,zone,calls,count,subjects,jrt0171,jrt0197");
  for (size_t i = 0; i < m->rows.count; i++)
    if (shown(m, ((struct datamap_row *)m->rows.item[i])->service)) print_row(m, m->rows.item[i]);
  if (m->format == LISTING_TABLE && m->steps.count) printf("\n%-18s %9s  %s\n", "class", "subjects", "path");
  if (m->format == LISTING_CSV && m->steps.count) puts("\nclass,subjects,path");
  for (size_t i = 0; i < m->steps.count; i++) {
    path[0] = m->steps.item[i];
    if (begins(m, path[0])) follow(m, path, 1);
  }
}

int command_data_map(const struct options *o, const struct settings *s) {
  struct conf_error err = {.text = ""};
  struct state_db *db = NULL;
  struct map m = {.service = o->service};
  if (!s->state.dir || !*s->state.dir) {
    log_msg(LOG_ERROR, "name the folder that a sensor keeps its state in by --state DIR");
    return EXIT_USAGE;
  }
  if (!listing_format(o->format, false, &m.format)) return EXIT_USAGE;
  buf_init(&m.line, NULL, 0);
  int rc = datamap_store_open(&db, s->state.dir, true, &err);
  if (rc >= 0) rc = state_host_load(db, keep_host, &m.hosts);
  if (rc >= 0) rc = datamap_store_load(db, keep_row, keep_step, &m);
  if (rc >= 0)
    print_all(&m);
  else
    log_msg(LOG_ERROR, "%s", err.text[0] ? err.text : err_str(rc));
  state_db_close(db);
  drop(&m);
  return rc < 0 ? EXIT_FAILED : EXIT_GOOD;
}
