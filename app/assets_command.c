/* SPDX-License-Identifier: Apache-2.0 */
/* tapscope assets: list, accept, tag, merge, split; tapscope openapi. They read and write the state folder. */
#include "app/assets_diff.h"
#include "app/commands.h"
#include "base/err.h"
#include "base/log.h"
#include "output/openapi.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

static struct inventory_store *open_store(const struct settings *s) {
  char path[4096];
  struct conf_error err = {.text = ""};
  struct inventory_store *store = NULL;
  if (!s->state.dir[0]) {
    log_msg(LOG_ERROR, "name the folder of the inventory with --state DIR");
    return NULL;
  }
  snprintf(path, sizeof path, "%s/inventory.db", s->state.dir);
  if (access(path, R_OK) != 0) {
    log_msg(LOG_ERROR, "%s: %m; run replay or live with --state %s first", path, s->state.dir);
    return NULL;
  }
  if (inventory_store_open(&store, s->state.dir, &err) < 0) log_msg(LOG_ERROR, "%s", err.text);
  return store;
}

static int list(const struct options *o, struct assets_list *l) {
  struct buf out;
  buf_init(&out, NULL, 0);
  int rc = assets_list_print(l, o->format ? o->format : "table", &out);
  if (rc == ERR_NOTFOUND)
    log_msg(LOG_ERROR, "--format: expected table, json or csv, found \"%s\"", o->format);
  if (rc == 0) fwrite(out.base, 1, out.len, stdout);
  buf_done(&out);
  return rc == 0 ? EXIT_GOOD : rc == ERR_NOTFOUND ? EXIT_USAGE : EXIT_FAILED;
}

static int diff(const struct options *o, const struct settings *s, const struct assets_list *l) {
  struct conf_error err = {.text = ""};
  struct specs *specs = NULL;
  struct buf out;
  if (spec_load(&specs, &s->analytics.specs, s->analytics.specs_dir, &err) < 0 || !specs) {
    log_msg(LOG_ERROR, "%s",
            err.text[0] ? err.text : "no specifications; name them with --set assets.specs=FILE,...");
    return EXIT_USAGE;
  }
  buf_init(&out, NULL, 0);
  uint64_t now = (uint64_t)time(NULL) * 1000000000;
  int rc = assets_diff_print(l, specs, now, o->format ? o->format : "table", &out);
  if (rc == 0) fwrite(out.base, 1, out.len, stdout);
  if (rc == ERR_NOTFOUND)
    log_msg(LOG_ERROR, "--format: expected table, json or csv, found \"%s\"", o->format);
  buf_done(&out);
  spec_free(specs);
  return rc == 0 ? EXIT_GOOD : rc == ERR_NOTFOUND ? EXIT_USAGE : EXIT_FAILED;
}

static int accept(const struct options *o, const struct assets_list *l, struct inventory_store *store) {
  uint64_t now = (uint64_t)time(NULL) * 1000000000;
  char id[ROW_ID + 1] = "";
  long n = 0;
  for (size_t i = 0; i < l->count; i++) {
    memcpy(id, l->row[i]->id, ROW_ID);
    bool named = o->inputs < 2;
    for (size_t k = 1; k < o->inputs; k++) named |= strcmp(o->input[k], id) == 0;
    if (named && inventory_store_accept(store, id, now) > 0) n++;
  }
  printf("%ld endpoints accepted into the baseline\n", n);
  return n || l->count == 0 ? EXIT_GOOD : EXIT_USAGE;
}

static int label(const struct options *o, struct inventory_store *store) {
  if (o->inputs < 2 || (o->inputs < 3 && !o->owner)) {
    log_msg(LOG_ERROR, "usage: tapscope assets tag ID [TAG,...] [--owner NAME] --state DIR");
    return EXIT_USAGE;
  }
  int n = inventory_store_label(store, o->input[1], o->inputs > 2 ? o->input[2] : NULL, o->owner);
  if (n == 1) return EXIT_GOOD;
  log_msg(LOG_ERROR, "no endpoint has the id \"%s\"; see tapscope assets --format csv", o->input[1]);
  return EXIT_USAGE;
}

static bool has_variable(const char *path) { return strchr(path, '{') && strchr(path, '}'); }

static struct span no_name(void *user, struct span service, struct span method, struct span path,
                           struct arena *arena) {
  (void)user, (void)service, (void)method, (void)path, (void)arena;
  return (struct span){0};
}

/* Rows that are in the store already take their new names at once. */
static int apply_rules(const struct settings *s) {
  static const struct zones zones;
  struct counters *unused = mem_zalloc(sizeof *unused);
  struct conf_error err = {.text = ""};
  struct inventory *v = NULL;
  int rc =
      unused ? inventory_new(&v, &s->analytics, &zones, s->state.dir, unused, (struct analyst_sink){0}, &err)
             : ERR_NOMEM;
  if (rc >= 0) {
    inventory_rename(v, no_name, NULL, (uint64_t)time(NULL) * 1000000000);
    rc = inventory_finish(v, 0);
  }
  inventory_free(v);
  mem_free(unused);
  if (rc < 0) log_msg(LOG_ERROR, "%s", err.text[0] ? err.text : err_str(rc));
  return rc < 0 ? EXIT_FAILED : EXIT_GOOD;
}

static int rule(const struct options *o, const struct settings *s, struct inventory_store *store) {
  const char *kind = o->input[0];
  bool merge = strcmp(kind, "merge") == 0;
  if (o->inputs != 3 || o->input[2][0] != '/' || (merge && !has_variable(o->input[2]))) {
    log_msg(LOG_ERROR, "usage: tapscope assets %s SERVICE %s --state DIR; SERVICE may be *", kind,
            merge ? "/path/{variable}" : "/path/literal");
    return EXIT_USAGE;
  }
  int rc = inventory_store_rule(store, kind, span_str(o->input[1]), span_str(o->input[2]));
  if (rc < 0) log_msg(LOG_ERROR, "%s/inventory.db cannot be written: %s", s->state.dir, err_str(rc));
  return rc < 0 ? EXIT_FAILED : apply_rules(s);
}

int command_assets(const struct options *o, const struct settings *s) {
  const char *verb = o->inputs ? o->input[0] : "list";
  struct assets_list l = {.count = 0};
  struct inventory_store *store = open_store(s);
  if (!store) return EXIT_USAGE;
  int status = EXIT_USAGE;
  if (strcmp(verb, "tag") == 0) {
    status = label(o, store);
  } else if (strcmp(verb, "merge") == 0 || strcmp(verb, "split") == 0) {
    status = rule(o, s, store);
  } else if (assets_list_load(&l, store, o) < 0) {
    log_msg(LOG_ERROR, "%s/inventory.db cannot be read", s->state.dir);
    status = EXIT_FAILED;
  } else if (strcmp(verb, "list") == 0) {
    status = list(o, &l);
  } else if (strcmp(verb, "diff") == 0) {
    status = diff(o, s, &l);
  } else if (strcmp(verb, "accept") == 0) {
    status = accept(o, &l, store);
  } else {
    log_msg(LOG_ERROR, "assets: no \"%s\"; expected list, diff, accept, tag, merge or split", verb);
  }
  assets_list_free(&l);
  inventory_store_close(store);
  return status;
}

/* A service's name as a file's: no slash, no colon. */
static void file_name(char *out, size_t size, const char *dir, struct span service) {
  int n = snprintf(out, size, "%s/%.*s.json", dir, SPAN_FMT(service));
  for (size_t i = strlen(dir) + 1; n > 0 && i < (size_t)n && i < size; i++)
    if (strchr("/:[]", out[i])) out[i] = '_';
}

static int write_file(const char *path, const struct buf *text) {
  FILE *f = fopen(path, "we");
  if (f && fwrite(text->base, 1, text->len, f) == text->len && fclose(f) == 0) return 0;
  log_msg(LOG_ERROR, "%s: %m", path);
  if (f) fclose(f);
  return ERR_IO;
}

/* A file for each service, into a folder. */
static int write_all(struct assets_list *l, const char *dir) {
  char path[4096];
  int rc = 0;
  for (size_t i = 0, next; i < l->count && rc >= 0; i = next) {
    struct buf out;
    for (next = i; next < l->count && span_eq(row_service(l->row[next]), row_service(l->row[i]));) next++;
    bool some = false;
    for (size_t k = i; k < next; k++) some |= openapi_takes(l->row[k]);
    if (!some) continue;
    file_name(path, sizeof path, dir, row_service(l->row[i]));
    buf_init(&out, NULL, 0);
    rc = openapi_write(&out, l->row + i, next - i, row_service(l->row[i]));
    if (rc >= 0) rc = write_file(path, &out);
    buf_done(&out);
  }
  return rc < 0 ? EXIT_FAILED : EXIT_GOOD;
}

int command_openapi(const struct options *o, const struct settings *s) {
  struct assets_list l = {.count = 0};
  struct inventory_store *store = open_store(s);
  if (!store) return EXIT_USAGE;
  int status = assets_list_load(&l, store, o) < 0 ? EXIT_FAILED : EXIT_GOOD;
  if (status == EXIT_GOOD && o->service && !l.count) {
    log_msg(LOG_ERROR, "no endpoints of \"%s\"; see tapscope assets", o->service);
    status = EXIT_USAGE;
  } else if (status == EXIT_GOOD && o->inputs) {
    status = write_all(&l, o->input[0]);
  } else if (status == EXIT_GOOD) {
    struct buf out;
    buf_init(&out, NULL, 0);
    int rc = openapi_write(&out, l.row, l.count,
                           o->service ? span_str(o->service) : SPAN_LIT("All services seen"));
    if (rc >= 0) fwrite(out.base, 1, out.len, stdout);
    status = rc < 0 ? EXIT_FAILED : EXIT_GOOD;
    buf_done(&out);
  }
  assets_list_free(&l);
  inventory_store_close(store);
  return status;
}
