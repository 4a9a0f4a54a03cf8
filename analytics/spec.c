/* SPDX-License-Identifier: Apache-2.0 */
/* What specifications say: operations by host and path. */
#include "analytics/spec.h"
#include "analytics/spec_read.h"
#include "base/err.h"
#include "base/mem.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { HOSTS = 4096, FILES = 4096 };

static int host_of(struct specs *s, struct span host, struct span base) {
  for (size_t i = 0; i < s->hosts; i++)
    if (span_eq(s->host[i].host, host) && span_eq(s->host[i].base, base)) return 0;
  struct spec_host *h = s->hosts < HOSTS ? mem_realloc(s->host, (s->hosts + 1) * sizeof *h) : NULL;
  if (!h) return ERR_NOMEM;
  s->host = h;
  h[s->hosts++] = (struct spec_host){arena_copy(&s->arena, host), arena_copy(&s->arena, base)};
  return 0;
}

int spec_add(struct specs *s, struct span host, struct span base, const struct spec_operation *op) {
  struct span path =
      base.len ? arena_printf(&s->arena, "%.*s%.*s", SPAN_FMT(base), SPAN_FMT(op->path)) : op->path;
  struct template_rule *rule = template_rule_add(s->paths, host, path);
  struct spec_operation *copy = arena_alloc(&s->arena, sizeof *copy), **list;
  if (!rule || !copy || host_of(s, host, base) < 0) return ERR_NOMEM;
  *copy = *op;
  copy->path = path;
  copy->host = arena_copy(&s->arena, host);
  copy->next = NULL;
  for (list = (struct spec_operation **)&rule->data; *list; list = &(*list)->next)
    if (span_eq((*list)->method, op->method)) { /* said twice: what is in force wins */
      if ((*list)->removed && !op->removed) copy->next = (*list)->next, **list = *copy;
      return 0;
    }
  *list = copy;
  const struct spec_operation **all = mem_realloc(s->all, (s->operations + 1) * sizeof *all);
  if (!all) return ERR_NOMEM;
  s->all = all;
  all[s->operations++] = copy;
  return 0;
}

static bool is_spec(const char *name) {
  size_t n = strlen(name);
  static const char *const ends[] = {".json", ".yaml", ".yml"};
  for (size_t i = 0; i < 3; i++)
    if (n > strlen(ends[i]) && strcmp(name + n - strlen(ends[i]), ends[i]) == 0) return true;
  return false;
}

static int by_name(const void *a, const void *b) { return strcmp(*(char *const *)a, *(char *const *)b); }

/* In order of name, so that the result does not depend on the file system. */
static int load_folder(struct specs *s, const char *path, struct conf_error *err) {
  char *names[FILES], text[4096];
  size_t n = 0, taken = 0;
  int rc = 0;
  DIR *d = opendir(path);
  if (!d) {
    snprintf(err->text, sizeof err->text, "%.300s: no folder that can be read", path);
    return ERR_IO;
  }
  for (struct dirent *e; n < FILES && (e = readdir(d));)
    if (e->d_name[0] != '.' && is_spec(e->d_name) && (names[n] = mem_strdup(e->d_name))) n++;
  closedir(d);
  qsort(names, n, sizeof *names, by_name);
  for (size_t i = 0; i < n; i++) {
    snprintf(text, sizeof text, "%.3000s/%.900s", path, names[i]);
    int got = rc == 0 ? spec_read_file(s, text, (struct span){0}, err) : ERR_NOTFOUND;
    if (got == 0) taken++;
    if (got < 0 && got != ERR_NOTFOUND) rc = got; /* what is no specification may lie there too */
    mem_free(names[i]);
  }
  if (rc == 0 && !taken) {
    snprintf(err->text, sizeof err->text, "%.300s: no specification in this folder", path);
    rc = ERR_NOTFOUND;
  }
  return rc;
}

static int load_entry(struct specs *s, const char *entry, struct conf_error *err) {
  struct stat st;
  if (stat(entry, &st) == 0)
    return S_ISDIR(st.st_mode) ? load_folder(s, entry, err) : spec_read_file(s, entry, (struct span){0}, err);
  const char *cut = strchr(entry, '=');
  if (cut) return spec_read_file(s, cut + 1, span_of(entry, (size_t)(cut - entry)), err);
  return spec_read_file(s, entry, (struct span){0}, err);
}

int spec_load(struct specs **out, const struct conf_list *entries, const char *folder,
              struct conf_error *err) {
  bool some = entries->count || (folder && *folder);
  *out = NULL;
  if (!some) return 0;
  struct specs *s = mem_zalloc(sizeof *s);
  if (!s) return ERR_NOMEM;
  arena_init(&s->arena, NULL, 0);
  s->paths = template_rule_new();
  int rc = s->paths ? 0 : ERR_NOMEM;
  for (size_t i = 0; i < entries->count && rc == 0; i++) rc = load_entry(s, entries->item[i], err);
  if (rc == 0 && folder && *folder) rc = load_folder(s, folder, err);
  if (rc == 0) rc = spec_read_all(s, err);
  if (rc < 0)
    spec_free(s);
  else
    *out = s;
  return rc;
}

void spec_free(struct specs *s) {
  if (!s) return;
  for (size_t i = 0; i < s->documents; i++) json_decref(s->document[i].root);
  mem_free(s->document);
  mem_free(s->host);
  mem_free(s->all);
  template_rule_free(s->paths);
  arena_done(&s->arena);
  mem_free(s);
}

bool spec_same_host(struct span host, struct span service) {
  struct span a = host.len < service.len ? host : service, b = host.len < service.len ? service : host;
  if (!a.len || !span_starts_nocase(b, a)) return false;
  if (a.len == b.len) return true;
  bool number = a.base[0] >= '0' && a.base[0] <= '9';
  return (b.base[a.len] == '.' && !number) || b.base[a.len] == ':';
}

static bool within(struct span path, struct span base) {
  return span_starts(path, base) && (path.len == base.len || path.base[base.len] == '/' || !base.len);
}

struct spec_match spec_find(const struct specs *s, struct span service, struct span method,
                            struct span path) {
  struct spec_match m = {.covered = false};
  for (size_t i = 0; s && i < s->hosts; i++) {
    const struct spec_host *h = &s->host[i];
    if (!within(path, h->base) || !spec_same_host(h->host, service)) continue;
    m.covered = true;
    if (m.op) continue;
    const struct template_rule *rule = template_rule_find(s->paths, h->host, path);
    if (!rule) continue;
    m.path = rule->path;
    for (const struct spec_operation *op = rule->data; op && !m.op; op = op->next)
      if (span_eq(op->method, method)) m.op = op;
    for (const struct spec_operation *op = rule->data; op && !m.op; op = op->next)
      if (span_eq(method, SPAN_LIT("HEAD")) && span_eq(op->method, SPAN_LIT("GET"))) m.op = op;
  }
  return m;
}

const struct spec_operation *spec_operation_at(const struct specs *s, size_t i) {
  return s && i < s->operations ? s->all[i] : NULL;
}

bool spec_has_status(const struct spec_operation *op, unsigned status) {
  if (op->any_status || (status < 800 && op->classes >> (status / 100) & 1)) return true;
  for (unsigned i = 0; i < op->statuses; i++)
    if (op->status[i] == status) return true;
  return false;
}
