/* SPDX-License-Identifier: Apache-2.0 */
/* Files of the user's with one entry a line. */
#include "analytics/lines.h"
#include "base/err.h"

#include <errno.h>
#include <stdio.h>

enum { LINE = 2048 };

static int refuse(const struct lines *l, unsigned number, int rc, struct conf_error *err) {
  if (rc == ERR_SYNTAX)
    snprintf(err->text, sizeof err->text, "%.300s:%u: expected %s", l->path, number, l->expected);
  else
    snprintf(err->text, sizeof err->text, "%.300s:%u: %s", l->path, number, err_str(rc));
  return rc;
}

static int read_all(const struct lines *l, FILE *f,
                    int (*take)(void *user, struct span text, unsigned number), void *user,
                    struct conf_error *err) {
  char line[LINE];
  for (unsigned n = 1; fgets(line, sizeof line, f); n++) {
    struct span whole = span_str(line), text = span_trim(whole);
    bool cut = whole.len == LINE - 1 && whole.base[whole.len - 1] != '\n';
    if (!text.len || text.base[0] == '#') continue;
    int rc = cut ? ERR_SYNTAX : take(user, text, n);
    if (rc < 0 && !(rc == ERR_SYNTAX && n == 1 && l->heading)) return refuse(l, n, rc, err);
  }
  if (!ferror(f)) return 0;
  snprintf(err->text, sizeof err->text, "%.300s: %s", l->path, strerror(errno));
  return ERR_IO;
}

int lines_read(const struct lines *l, int (*take)(void *user, struct span text, unsigned number), void *user,
               struct conf_error *err) {
  if (!l->path || !*l->path) return 0;
  FILE *f = fopen(l->path, "re");
  if (!f) {
    snprintf(err->text, sizeof err->text, "%.300s: %s; set %s to a readable file", l->path, strerror(errno),
             l->option);
    return ERR_IO;
  }
  int rc = read_all(l, f, take, user, err);
  fclose(f);
  return rc;
}
