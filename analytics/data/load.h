/* SPDX-License-Identifier: Apache-2.0 */
/* Reading rules from YAML. */
#ifndef ANALYTICS_DATA_LOAD_H
#define ANALYTICS_DATA_LOAD_H

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <yaml.h>

#include "analytics/data/classes.h"

struct load {
  struct classes *classes;
  struct conf_error *err;
  yaml_document_t doc;
  const char
      *option; /* "analytics.x to …" that sets the path, for the remedy; NULL: that of the rules' folder */
  char path[4200];
};
/** Read every class of dir/data. */
int load_classes(struct load *l, const char *dir);
/** Read l->path and hand its root to each(). ERR_IO, ERR_SYNTAX, ERR_NOMEM, or each()'s. */
int load_file(struct load *l, int (*each)(struct load *, const yaml_node_t *));
/** The same for every .yaml of a folder, by name. How many there are: 0 also without a folder. */
int load_folder(struct load *l, const char *folder, int (*each)(struct load *, const yaml_node_t *));
const yaml_node_t *load_get(struct load *l, const yaml_node_t *map, const char *key);
struct span load_text(const yaml_node_t *n);
/** Write "FILE:LINE: what: more" to l->err; ERR_SYNTAX. */
int load_fail(struct load *l, const yaml_node_t *n, const char *what, const char *more);
/** Read {jrt0171: C1–C3, jrt0197: 1–5, gbt35273: 1–2, iso29100: 1–2, pci: 1–2}; n NULL: nothing. ERR_SYNTAX. */
int load_grade(struct load *l, const yaml_node_t *n, struct grade *out);
/** Read dir/grading.yaml into the classes. */
int load_grades(struct load *l, const char *dir);

#endif
