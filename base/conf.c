/* SPDX-License-Identifier: Apache-2.0 */
/* Configuration: defaults, the file, assignments from the command line. */
#include "base/conf.h"
#include "base/conf_find.h"
#include "base/conf_value.h"
#include "base/conf_yaml.h"
#include "base/err.h"
#include <errno.h>

enum { NAME_SHOWN = 80, VALUE_SHOWN = 40 };

static int set_default(const struct conf_option *o, void *into) {
  struct span text = span_str(o->fallback);
  return o->type == CONF_LIST ? conf_value_split(o, into, text) : conf_value_scalar(o, into, text);
}

/* Every option is visited even after a failure, so that conf_done finds no field undefined. */
int conf_defaults(const struct conf_section *sections) {
  int rc = 0;
  for (const struct conf_section *s = sections; s->name; s++) {
    for (const struct conf_option *o = s->options; o->key; o++) {
      void *field = (char *)s->into + o->offset;
      if (o->type == CONF_STRING) *(char **)field = NULL;
      if (o->type == CONF_LIST) *(struct conf_list *)field = (struct conf_list){NULL, 0};
      int one = set_default(o, s->into);
      if (rc == 0) rc = one;
    }
  }
  return rc;
}

static int with_memory_text(int rc, struct conf_error *err) {
  if (rc == ERR_NOMEM) snprintf(err->text, sizeof err->text, "out of memory");
  return rc;
}

int conf_file(const struct conf_section *sections, const char *path, struct conf_error *err) {
  err->text[0] = 0;
  FILE *f = fopen(path, "rb");
  if (!f) {
    snprintf(err->text, sizeof err->text, "%s: cannot be opened: %s", path, strerror(errno));
    return ERR_IO;
  }
  int rc = conf_yaml_read(sections, f, path, err);
  if (rc < 0 && ferror(f)) {
    snprintf(err->text, sizeof err->text, "%s: cannot be read: %s", path, strerror(errno));
    rc = ERR_IO;
  }
  fclose(f);
  return with_memory_text(rc, err);
}

static int set_failed(int rc, const struct conf_option *o, struct span name, struct span value,
                      struct conf_error *err) {
  struct conf_expected expected = conf_value_expected(o);
  snprintf(err->text, sizeof err->text, "%.*s: expected %s, found \"%.*s\"",
           SPAN_FMT(span_head(name, NAME_SHOWN)), expected.text, SPAN_FMT(span_head(value, VALUE_SHOWN)));
  return with_memory_text(rc, err);
}

static int set_unknown(const struct conf_section *sections, struct span name, struct conf_error *err) {
  char shown[NAME_SHOWN + 1], near[128];
  snprintf(shown, sizeof shown, "%.*s", SPAN_FMT(name));
  bool hint = conf_find_nearest(sections, shown, near, sizeof near);
  snprintf(err->text, sizeof err->text, "%s: expected a known option%s%s%s", shown,
           hint ? "; did you mean " : "", hint ? near : "", hint ? "?" : "");
  return ERR_NOTFOUND;
}

int conf_set(const struct conf_section *sections, const char *assignment, struct conf_error *err) {
  err->text[0] = 0;
  struct span value = span_str(assignment);
  bool assigns = span_index(value, '=') < value.len;
  struct span name = span_trim(span_cut(&value, '='));
  size_t dot = name.len;
  while (dot && name.base[dot - 1] != '.') dot--;
  if (!assigns || !dot) {
    snprintf(err->text, sizeof err->text, "\"%.*s\": expected section.key=value",
             SPAN_FMT(span_head(name, NAME_SHOWN)));
    return ERR_SYNTAX;
  }
  struct span section = span_head(name, dot - 1);
  struct span key = span_skip(name, dot);
  void *into;
  const struct conf_option *o = conf_find_option(sections, section, key, &into);
  if (!o) return set_unknown(sections, name, err);
  int rc = o->type == CONF_LIST ? conf_value_split(o, into, value) : conf_value_scalar(o, into, value);
  return rc < 0 ? set_failed(rc, o, name, value, err) : 0;
}

void conf_done(const struct conf_section *sections) {
  for (const struct conf_section *s = sections; s->name; s++)
    for (const struct conf_option *o = s->options; o->key; o++) conf_value_free(o, s->into);
}
