/* SPDX-License-Identifier: Apache-2.0 */
/* Files and folders to a list of captures. */
#include "capture/paths.h"
#include "base/err.h"
#include "capture/capfile.h"
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

enum { DEPTH = 16 };

static int put(struct paths *p, const char *path) {
  if (p->count == p->room) {
    size_t room = p->room ? p->room * 2 : 8;
    char **q = mem_realloc(p->item, room * sizeof *q);
    if (!q) return ERR_NOMEM;
    p->item = q;
    p->room = room;
  }
  char *copy = mem_strdup(path);
  if (!copy) return ERR_NOMEM;
  p->item[p->count++] = copy;
  return 0;
}

static int by_name(const struct dirent **a, const struct dirent **b) {
  return strcmp((*a)->d_name, (*b)->d_name);
}

static int add(struct paths *p, const char *path, int depth, struct conf_error *err);

static int add_entry(struct paths *p, const char *dir, const char *name, int depth, struct conf_error *err) {
  char path[4096];
  struct stat st;
  int n = snprintf(path, sizeof path, "%s/%s", dir, name);
  if (name[0] == '.' || n < 0 || (size_t)n >= sizeof path || stat(path, &st) != 0) return 0;
  if (S_ISDIR(st.st_mode)) return depth > 0 ? add(p, path, depth - 1, err) : 0;
  return S_ISREG(st.st_mode) && capfile_probe(path) ? put(p, path) : 0;
}

static int add_folder(struct paths *p, const char *path, int depth, struct conf_error *err) {
  struct dirent **list;
  int n = scandir(path, &list, NULL, by_name), rc = 0;
  if (n < 0) {
    snprintf(err->text, sizeof err->text, "%s: cannot read the folder: %s", path, strerror(errno));
    return ERR_IO;
  }
  for (int i = 0; i < n; i++) {
    if (rc >= 0) rc = add_entry(p, path, list[i]->d_name, depth, err);
    free(list[i]);
  }
  free(list);
  return rc;
}

static int add(struct paths *p, const char *path, int depth, struct conf_error *err) {
  struct stat st;
  if (strcmp(path, "-") == 0) return put(p, path);
  if (stat(path, &st) != 0) {
    snprintf(err->text, sizeof err->text, "%s: %s", path, strerror(errno));
    return ERR_IO;
  }
  return S_ISDIR(st.st_mode) ? add_folder(p, path, depth, err) : put(p, path);
}

int paths_add(struct paths *p, const char *path, struct conf_error *err) {
  int rc = add(p, path, DEPTH, err);
  if (rc == ERR_NOMEM) snprintf(err->text, sizeof err->text, "%s: not enough memory", path);
  return rc;
}

void paths_done(struct paths *p) {
  for (size_t i = 0; i < p->count; i++) mem_free(p->item[i]);
  mem_free(p->item);
  *p = (struct paths){0};
}
