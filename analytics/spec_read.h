/* SPDX-License-Identifier: Apache-2.0 */
/* Reading of specifications. Private to analytics/spec*. */
#ifndef ANALYTICS_SPEC_READ_H
#define ANALYTICS_SPEC_READ_H

#include "analytics/spec.h"
#include "analytics/template_rule.h"

struct spec_host {
  struct span host, base; /* lower case without a usual port; "/api" or empty */
};
struct spec_document {
  json_t *root;
  struct span file, service, title, version; /* service: given by the user, else empty */
};
struct specs {
  struct arena arena;
  struct template_rules *paths; /* data: struct spec_operation list */
  struct spec_host *host;
  size_t hosts;
  const struct spec_operation **all;
  size_t operations;
  struct spec_document *document;
  size_t documents;
};

/** Keep one file's document, to be read by spec_read_all. */
int spec_read_file(struct specs *s, const char *path, struct span service, struct conf_error *err);
/** Read all documents, newest version of each title first. */
int spec_read_all(struct specs *s, struct conf_error *err);
/** Add an operation (copied) under a host and base path. */
int spec_add(struct specs *s, struct span host, struct span base, const struct spec_operation *op);

#endif
