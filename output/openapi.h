/* SPDX-License-Identifier: Apache-2.0 */
/* What was learned of services, as an OpenAPI 3.1 document. */
#ifndef OUTPUT_OPENAPI_H
#define OUTPUT_OPENAPI_H

#include "analytics/inventory_row.h"
#include "base/buf.h"

/** Write one document of the HTTP endpoints among rows, which are put in order of path here. title: the service, or a word for
 *  all. Endpoints of other protocols, and methods that OpenAPI has no word for, are left out. Number of operations, ERR_NOMEM. */
int openapi_write(struct buf *out, struct row **rows, size_t n, struct span title);
/** Whether an endpoint can stand in such a document. */
bool openapi_takes(const struct row *r);

#endif
