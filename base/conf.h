/* SPDX-License-Identifier: Apache-2.0 */
/* Configuration: const tables of options beside the code that reads them, filled from YAML and --set. */
#ifndef BASE_CONF_H
#define BASE_CONF_H

#include "base/span.h"

enum conf_type {
  CONF_BOOL,     /* bool */
  CONF_INT,      /* int64_t, min..max; suffixes K M G (1024) for sizes */
  CONF_DURATION, /* uint64_t nanoseconds; "30s", "5m", "2h", "200ms" */
  CONF_DOUBLE,   /* double, min..max */
  CONF_STRING,   /* char *, owned by the settings, "" when unset */
  CONF_ENUM,     /* int, index into `words` ("a|b|c") */
  CONF_LIST,     /* struct conf_list of strings */
};
struct conf_list {
  char **item;
  size_t count;
};
/** One option. A table ends with an entry whose key is NULL. */
struct conf_option {
  const char *key; /* within its section, as in "max_flows" */
  enum conf_type type;
  size_t offset;        /* of the field in the section's struct */
  const char *fallback; /* default, as it would stand in the file */
  double min, max;      /* for INT, DOUBLE and DURATION (in seconds) */
  const char *words;    /* for ENUM */
  const char *doc;      /* one line for the example file */
};
/** One section: a table and the struct it fills. An array ends with an entry whose name is NULL. */
struct conf_section {
  const char *name; /* "capture" */
  const struct conf_option *options;
  void *into;
};
/** Where something is wrong: "FILE:LINE: key: what was expected". */
struct conf_error {
  char text[512];
};

/** Set every option to its default. ERR_NOMEM. */
int conf_defaults(const struct conf_section *sections);
/** Read a YAML file over the present values. ERR_IO, ERR_SYNTAX, ERR_RANGE, ERR_NOTFOUND (unknown key),
 *  ERR_NOMEM; err tells where and the remedy. */
int conf_file(const struct conf_section *sections, const char *path, struct conf_error *err);
/** Apply one "section.key=value" (lists: comma separated). Errors as conf_file. */
int conf_set(const struct conf_section *sections, const char *assignment, struct conf_error *err);
/** Free strings and lists of all sections. */
void conf_done(const struct conf_section *sections);
/** Print every option with its default and text as a YAML file; used to make tapscope.example.yaml. */
struct buf;
int conf_example(const struct conf_section *sections, struct buf *out);

#endif
