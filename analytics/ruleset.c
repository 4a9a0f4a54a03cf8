/* SPDX-License-Identifier: Apache-2.0 */
/* Loads everything that rules/ says, as one constant object. */
#include "analytics/ruleset.h"
#include "base/err.h"
#include "base/mem.h"

#include <errno.h>
#include <stdio.h>

/* The key is the digest of the file's content, so that any file will do. */
static int load_key(struct ruleset *r, const char *path, struct conf_error *err) {
  uint8_t text[4096];
  size_t n = 0;
  if (path && *path) {
    FILE *f = fopen(path, "rb");
    if (!f) {
      snprintf(err->text, sizeof err->text, "%s: analytics.key_file: %s; make it with head -c 32 /dev/urandom", path,
               strerror(errno));
      return ERR_IO;
    }
    n = fread(text, 1, sizeof text, f);
    fclose(f);
  }
  hash_sha256(n ? span_of(text, n) : SPAN_LIT("tapscope fixed key"), r->key);
  memset(text, 0, sizeof text);
  return 0;
}

int ruleset_load(struct ruleset **out, const struct analytics_conf *conf, struct conf_error *err) {
  struct ruleset *r = mem_zalloc(sizeof *r);
  if (!r) return ERR_NOMEM;
  int rc = load_key(r, conf->key_file, err);
  if (rc < 0) {
    ruleset_free(r);
    return rc;
  }
  *out = r;
  return 0;
}

void ruleset_free(struct ruleset *r) {
  if (!r) return;
  mem_free(r);
}
