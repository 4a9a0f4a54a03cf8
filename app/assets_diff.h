/* SPDX-License-Identifier: Apache-2.0 */
/* The inventory against specifications. */
#ifndef APP_ASSETS_DIFF_H
#define APP_ASSETS_DIFF_H

#include "analytics/spec.h"
#include "app/assets_list.h"

/** Print what differs: shadow, zombie, orphan, parameter, type, status, authentication. now_ns: for sunsets. ERR_NOTFOUND: no such
 *  format; ERR_NOMEM. */
int assets_diff_print(const struct assets_list *l, const struct specs *specs, uint64_t now_ns,
                      const char *format, struct buf *out);

#endif
