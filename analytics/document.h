/* SPDX-License-Identifier: Apache-2.0 */
/* A YAML or JSON file as a tree. */
#ifndef ANALYTICS_DOCUMENT_H
#define ANALYTICS_DOCUMENT_H

#include "base/conf.h"

#include <jansson.h>

enum { DOCUMENT_BYTES = 64 << 20 };

/** Read a file: JSON when it begins with a bracket, else YAML (anchors resolved, first document only). The caller owns *out
 *  (json_decref). ERR_IO, ERR_SYNTAX, ERR_CAP, ERR_NOMEM; err names file, line and what is wrong. */
int document_load(json_t **out, const char *path, struct conf_error *err);
/** A string's text, or an empty span. */
struct span document_text(const json_t *value);
/** A member of an object by name; NULL where there is none or it is no object. */
static inline json_t *document_get(const json_t *object, const char *key) {
  return json_object_get(object, key);
}

#endif
