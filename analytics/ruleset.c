/* SPDX-License-Identifier: Apache-2.0 */
/* Loads everything that rules/ says, as one constant object. */
#include "analytics/inspect/inspect.h"
#include "analytics/policy.h"
#include "analytics/ruleset.h"
#include "analytics/data/classes.h"
#include "analytics/inventory_tag.h"
#include "analytics/exceptions.h"
#include "analytics/service_given.h"
#include "analytics/spec.h"
#include "base/err.h"
#include "base/mem.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

enum { DESCRIPTOR_FILE_MOST = 64 << 20 };

/* The key is the digest of the file's content, so that any file will do. */
static int load_key(struct ruleset *r, const char *path, struct conf_error *err) {
  uint8_t text[4096];
  size_t n = 0;
  if (path && *path) {
    FILE *f = fopen(path, "rb");
    if (!f) {
      snprintf(err->text, sizeof err->text,
               "%s: analytics.key_file: %s; make it with head -c 32 /dev/urandom", path, strerror(errno));
      return ERR_IO;
    }
    n = fread(text, 1, sizeof text, f);
    fclose(f);
  }
  hash_sha256(n ? span_of(text, n) : SPAN_LIT("tapscope fixed key"), r->key);
  memset(text, 0, sizeof text);
  return 0;
}

/* The folder named by the user; else beside the program, above its build folder, or where packages put it. */
static int find_dir(const char *named, char out[4096], struct conf_error *err) {
  static const char *const tries[] = {"/rules", "/../rules", "/../../rules", "/../share/tapscope/rules"};
  char self[3800];
  out[0] = err->text[0] = 0;
  if (named && *named) {
    snprintf(out, 4096, "%s", named);
    return 0;
  }
  ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
  self[n > 0 ? n : 0] = 0;
  char *slash = strrchr(self, '/');
  if (slash) *slash = 0;
  for (size_t i = 0; i < sizeof tries / sizeof *tries; i++) {
    snprintf(out, 4096, "%s%s/grading.yaml", self, tries[i]);
    if (access(out, R_OK) != 0) continue;
    snprintf(out, 4096, "%s%s", self, tries[i]);
    return 0;
  }
  snprintf(err->text, sizeof err->text, "no folder of rules beside %.300s; set analytics.rules_dir", self);
  return ERR_IO;
}

/* One file of protoc --descriptor_set_out. */
static int load_descriptor(struct ruleset *r, const char *path, struct conf_error *err) {
  struct buf text;
  uint8_t block[65536];
  size_t n;
  int rc = 0;
  FILE *f = fopen(path, "rb");
  if (!f) {
    snprintf(err->text, sizeof err->text, "%s: analytics.descriptors: %s", path, strerror(errno));
    return ERR_IO;
  }
  buf_init(&text, NULL, DESCRIPTOR_FILE_MOST);
  while (rc >= 0 && (n = fread(block, 1, sizeof block, f)) > 0) rc = buf_put(&text, span_of(block, n));
  fclose(f);
  if (rc >= 0) rc = descriptors_add(&r->descriptors, buf_span(&text));
  buf_done(&text);
  if (rc < 0)
    snprintf(err->text, sizeof err->text,
             "%s: analytics.descriptors: %s; make it with protoc --include_imports --descriptor_set_out=FILE",
             path, err_str(rc));
  return rc;
}

static int load_descriptors(struct ruleset *r, const struct conf_list *files, struct conf_error *err) {
  int rc = 0;
  descriptors_init(&r->descriptors);
  for (size_t i = 0; i < files->count && rc >= 0; i++) rc = load_descriptor(r, files->item[i], err);
  if (rc >= 0) descriptors_join(&r->descriptors);
  return rc;
}

/* Those that came with the program, if they did, then the user's. */
static int load_tags(struct ruleset *r, const struct analytics_conf *conf, const char *dir,
                     struct conf_error *err) {
  char path[4200];
  int rc = 0;
  r->tags = inventory_tag_new();
  if (!r->tags) return ERR_NOMEM;
  snprintf(path, sizeof path, "%s/tags.yaml", dir);
  if (access(path, F_OK) == 0) rc = inventory_tag_load(r->tags, path, err);
  for (size_t i = 0; rc == 0 && i < conf->tags_files.count; i++)
    rc = inventory_tag_load(r->tags, conf->tags_files.item[i], err);
  return rc;
}

/* The file named by the user, else the folder's own where it has one. */
static int load_exceptions(struct ruleset *r, const char *named, const char *dir, struct conf_error *err) {
  char path[4200];
  if (named && *named) return exceptions_load(&r->exceptions, named, err);
  snprintf(path, sizeof path, "%s/exceptions.yaml", dir);
  return access(path, F_OK) == 0 ? exceptions_load(&r->exceptions, path, err) : 0;
}

int ruleset_load(struct ruleset **out, const struct analytics_conf *conf, struct conf_error *err) {
  return ruleset_open(out, conf, NULL, err);
}

int ruleset_open(struct ruleset **out, const struct analytics_conf *conf, const char *cache,
                 struct conf_error *err) {
  struct ruleset *r = mem_zalloc(sizeof *r);
  if (!r) return ERR_NOMEM;
  char dir[4096];
  int rc = find_dir(conf->rules_dir, dir, err);
  if (rc >= 0) rc = load_key(r, conf->key_file, err);
  if (rc >= 0) rc = classes_open(&r->classes, dir, cache, err);
  if (rc >= 0) rc = load_tags(r, conf, dir, err);
  if (rc >= 0 && conf->policies_file && *conf->policies_file)
    rc = policy_load(&r->policies, conf->policies_file, r->classes, err);
  if (rc >= 0) rc = service_given_load(&r->given, conf->assets_file, &conf->kubernetes, err);
  if (rc >= 0) rc = spec_load(&r->specs, &conf->specs, conf->specs_dir, err);
  if (rc >= 0) rc = inspect_rules_open(&r->inspect, dir, cache, err);
  if (rc >= 0) rc = load_exceptions(r, conf->exceptions_file, dir, err);
  if (rc >= 0) rc = load_descriptors(r, &conf->descriptors, err);
  if (rc < 0) {
    if (!err->text[0]) snprintf(err->text, sizeof err->text, "%.300s: %s", dir, err_str(rc));
    ruleset_free(r);
    return rc;
  }
  *out = r;
  return 0;
}

void ruleset_free(struct ruleset *r) {
  if (!r) return;
  policy_free(r->policies);
  classes_free(r->classes);
  inventory_tag_free(r->tags);
  spec_free(r->specs);
  service_given_free(r->given);
  inspect_rules_free(r->inspect);
  exceptions_free(r->exceptions);
  descriptors_done(&r->descriptors);
  mem_free(r);
}

const struct inventory_tags *ruleset_tags(const struct ruleset *r) { return r ? r->tags : NULL; }
const struct exceptions *ruleset_exceptions(const struct ruleset *r) { return r ? r->exceptions : NULL; }

const struct specs *ruleset_specs(const struct ruleset *r) { return r ? r->specs : NULL; }
const struct service_given *ruleset_given(const struct ruleset *r) { return r ? r->given : NULL; }

int ruleset_adopt(struct ruleset *r, struct ruleset *older) {
  return classes_adopt(r->classes, older->classes);
}

void ruleset_keep(struct ruleset *r, struct ruleset *older) {
  inspect_rules_keep(r->inspect, older->inspect);
}
