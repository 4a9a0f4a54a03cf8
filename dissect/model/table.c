/* SPDX-License-Identifier: Apache-2.0 */
/* The operation models, tried in this order. */
#include "dissect/model/model.h"
#include "dissect/model/path.h"

/* clang-format off */
#define MODELS(X) \
  X(opmodel_etcd) X(opmodel_registry) X(opmodel_kubernetes) X(opmodel_kubelet) X(opmodel_metadata) \
  X(opmodel_docker) X(opmodel_actuator) X(opmodel_nacos) X(opmodel_eureka) X(opmodel_consul) \
  X(opmodel_elasticsearch) X(opmodel_s3)
/* clang-format on */

#define X(name) extern const struct opmodel name;
MODELS(X)
#undef X

const struct opmodel *const opmodel_table[] = {
#define X(name) &name,
    MODELS(X)
#undef X
        NULL,
};

void opmodel_apply(struct txn *t) {
  if (!t->path.len) return;
  struct model_path parts = model_path_cut(t);
  const struct opmodel *const *m = opmodel_table;
  t->parts = &parts;
  while (*m && !(*m)->apply(t)) m++;
  t->parts = NULL;
  if (*m) txn_fact_str(t, "tapscope.model", span_str((*m)->name));
}
