/* SPDX-License-Identifier: Apache-2.0 */
/* Names of addresses that the user gives: a CSV or YAML file, and lists of Services, Endpoints and Pods out of Kubernetes. */
#ifndef ANALYTICS_SERVICE_GIVEN_H
#define ANALYTICS_SERVICE_GIVEN_H

#include "base/conf.h"
#include "base/span.h"

/** Where a name comes from; the greater wins. */
enum given_origin { GIVEN_POD, GIVEN_SERVICE, GIVEN_ENDPOINTS, GIVEN_FILE };
struct service_given; /* const once read */

/** Read `file` (CSV "address,name" or YAML "address: name", a line each; NULL or "": none) and `lists` (JSON or YAML as
 *  `kubectl get services,endpoints,pods -A -o json` writes; EndpointSlices too). *out is NULL where nothing is given. ERR_IO, ERR_SYNTAX,
 *  ERR_CAP, ERR_NOMEM; err names file and remedy. */
int service_given_load(struct service_given **out, const char *file, const struct conf_list *lists,
                       struct conf_error *err);
void service_given_free(struct service_given *g); /* takes NULL */
/** The name of an address, best of its port; an empty span when there is none. Lives as long as g, which may be NULL. */
struct span service_given_find(const struct service_given *g, const uint8_t addr[16], uint16_t port,
                               enum given_origin *origin);

#endif
