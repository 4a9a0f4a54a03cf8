/* SPDX-License-Identifier: Apache-2.0 */
/* Templates of well-known servers, whose paths need no learning: Kubernetes, kubelet, registry, Docker, cloud metadata. */
#ifndef ANALYTICS_TEMPLATE_MODEL_H
#define ANALYTICS_TEMPLATE_MODEL_H

#include "base/arena.h"

/** The template of path by the operation model of that name; an empty span where the model does not tell. */
struct span template_model(struct span model, struct span path, struct arena *arena);

#endif
