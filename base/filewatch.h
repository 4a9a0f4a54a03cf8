/* SPDX-License-Identifier: Apache-2.0 */
/* Watches the files that name addresses: exports of Kubernetes are written anew from time to time. */
#ifndef BASE_FILEWATCH_H
#define BASE_FILEWATCH_H

#include "base/conf.h"

#include <stdbool.h>
#include <stdint.h>

struct filewatch {
  const char *file; /* may be NULL or "" */
  const struct conf_list *more;
  uint64_t taken, seen; /* stamps: of what was read; of the look before */
  double looked;        /* seconds */
};
/** Keeps file and more. */
void filewatch_start(struct filewatch *l, const char *file, const struct conf_list *more, double now);
/** True once when a file differs from what was read, and has been left alone between two looks. Looks every five seconds. */
bool filewatch_changed(struct filewatch *l, double now);

#endif
