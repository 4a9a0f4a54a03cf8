/* SPDX-License-Identifier: Apache-2.0 */
/* GraphQL documents (GraphQL specification of October 2021, sections 2 and 4). */
#ifndef DISSECT_MODEL_GRAPHQL_H
#define DISSECT_MODEL_GRAPHQL_H

#include "base/span.h"

enum { GRAPHQL_ROOTS = 16, GRAPHQL_PATHS = 64, GRAPHQL_PATH = 128 };

/** What one operation of a document asks for; spans borrow from the document. */
struct graphql {
  const char *type;                /* "query", "mutation", "subscription" */
  struct span name;                /* empty where it has none */
  struct span root[GRAPHQL_ROOTS]; /* names of the fields it begins with, aliases undone */
  unsigned roots;
  char path[GRAPHQL_PATHS][GRAPHQL_PATH]; /* selected fields, dotted, in order of selection */
  unsigned paths;
  uint32_t fields, aliases, depth; /* fragments counted where they are spread */
  uint32_t operations;             /* in the document */
  bool introspection;              /* asks for __schema or __type */
  bool capped;                     /* larger than is followed */
};

/** Read the operation called `want` (empty: the first one) of a document. False where it is no GraphQL. */
bool graphql_read(struct span document, struct span want, struct graphql *out);

#endif
