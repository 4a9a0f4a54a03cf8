/* SPDX-License-Identifier: Apache-2.0 */
/* Operation models: what a call over HTTP means to a known kind of server (registry, Kubernetes, etcd…). */
#ifndef DISSECT_MODEL_H
#define DISSECT_MODEL_H

#include "dissect/txn.h"

/** One model: one file, one row in dissect/model/table.c. */
struct opmodel {
  const char *name; /* "kubernetes": goes to tapscope.model */
  /** Whether t is a call to such a server; if so set operation, service where it is clear, and facts. Runs once when t is complete. */
  bool (*apply)(struct txn *t);
};
extern const struct opmodel *const opmodel_table[]; /* NULL at the end */
/** Apply the first model that takes t. */
void opmodel_apply(struct txn *t);

/** List the files that a complete call over HTTP carries in t->files. */
void files_apply(struct txn *t);

#endif
