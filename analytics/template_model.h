/* SPDX-License-Identifier: Apache-2.0 */
/* Templates of well-known servers, whose paths need no learning: Kubernetes, kubelet, registry, Docker, cloud metadata,
 * Elasticsearch, S3, Consul, Eureka, etcd. */
#ifndef ANALYTICS_TEMPLATE_MODEL_H
#define ANALYTICS_TEMPLATE_MODEL_H

#include "dissect/txn.h"

/** The template of path by the operation model of that name; an empty span where the model does not tell. */
struct span template_model(struct span model, struct span path, struct arena *arena);

/** Whether t is of a server that there is a model for: its paths are not learned. */
bool template_model_has(const struct txn *t);

#endif
