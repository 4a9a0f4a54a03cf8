/* SPDX-License-Identifier: Apache-2.0 */
/* A call's path cut at its slashes, for models. */
#ifndef DISSECT_MODEL_PATH_H
#define DISSECT_MODEL_PATH_H

#include "dissect/txn.h"

enum { MODEL_SEGMENTS = 24 };
struct model_path {
  struct span part[MODEL_SEGMENTS]; /* without empty ones at either end */
  unsigned count;
};

/** Cut t->path; more than MODEL_SEGMENTS parts stay in the last. */
struct model_path model_path_cut(const struct txn *t);
/** The same as every model finds it, cut once. */
static inline const struct model_path *model_path(const struct txn *t) { return t->parts; }
/** Whether part i is there and equals the text. */
static inline bool model_is(const struct model_path *p, unsigned i, const char *text) {
  return i < p->count && span_eq(p->part[i], span_str(text));
}
/** Part i, or an empty span. */
static inline struct span model_part(const struct model_path *p, unsigned i) {
  return i < p->count ? p->part[i] : span_of("", 0);
}
/** Whether the request's method is this one. */
static inline bool model_method(const struct txn *t, const char *method) {
  return span_eq(t->method, span_str(method));
}
/** Value of a query parameter as sent, or an empty span with NULL base. */
struct span model_query(const struct txn *t, const char *name);
/** Set tapscope.action to "a.b". */
void model_action(struct txn *t, struct span a, const char *b);

#endif
