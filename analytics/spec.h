/* SPDX-License-Identifier: Apache-2.0 */
/* Specifications of APIs: Swagger 2.0, OpenAPI 3.0 and 3.1, YAML or JSON; what they say of a call. */
#ifndef ANALYTICS_SPEC_H
#define ANALYTICS_SPEC_H

#include "base/arena.h"
#include "base/conf.h"

#include <jansson.h>

enum spec_in { SPEC_QUERY, SPEC_PATH, SPEC_HEADER, SPEC_COOKIE, SPEC_FORM };
enum spec_type {
  SPEC_STRING = 1,
  SPEC_INTEGER = 2,
  SPEC_NUMBER = 4,
  SPEC_BOOLEAN = 8,
  SPEC_OBJECT = 16,
  SPEC_ARRAY = 32,
  SPEC_NULL = 64
};
struct spec_parameter {
  struct span name;
  enum spec_in in;
  unsigned types; /* bits of enum spec_type; 0: not said */
  bool required;
};
struct spec_operation {
  struct span method; /* upper case */
  struct span path;   /* with the base path, as written */
  struct span file;
  bool deprecated, removed,
      secured;        /* removed: only older versions of the document have it; secured: no call without */
  uint64_t sunset_ns; /* 0: none */
  const struct spec_parameter *parameter;
  unsigned parameters;
  uint16_t status[32];
  unsigned statuses;
  bool any_status; /* "default" */
  uint8_t classes; /* bit n: "nXX" */
  const json_t *root, *request,
      *response;               /* document; schemas of JSON bodies (response: of 200, 201 or the first 2XX) */
  struct spec_operation *next; /* of the same path */
  struct span host;
};
struct specs;
/** entries: "FILE", "FOLDER" or "SERVICE=FILE"; folder: one more, "" for none. ERR_IO, ERR_SYNTAX, ERR_NOMEM; err names the file
 *  and the remedy. *out is NULL where there are none. */
int spec_load(struct specs **out, const struct conf_list *entries, const char *folder,
              struct conf_error *err);
void spec_free(struct specs *s); /* takes NULL */

struct spec_match {
  bool covered;                    /* some document speaks for this service and part of the path */
  struct span path;                /* template, as the document has it; empty: none fits */
  const struct spec_operation *op; /* NULL: no such method there */
};
struct spec_match spec_find(const struct specs *s, struct span service, struct span method, struct span path);
/** All operations, in order of file and path; NULL at the end. */
const struct spec_operation *spec_operation_at(const struct specs *s, size_t i);
/** Whether the document's host means this service: the same name, or its first labels. */
bool spec_same_host(struct span host, struct span service);
/** Types that a schema gives to a field ("items[].age"); 0: it does not say. *known: it names the field or is open to more. */
unsigned spec_field(const struct spec_operation *op, const json_t *schema, struct span path, bool *known);
bool spec_has_status(const struct spec_operation *op, unsigned status);

#endif
