/* SPDX-License-Identifier: Apache-2.0 */
/* For measuring: somebody who is told when a detection begins and ends its work on something. */
#ifndef ANALYTICS_WATCH_H
#define ANALYTICS_WATCH_H

#include <stdbool.h>
#include <stddef.h>

struct watch {
  /** what: static text, the id of a rule or the name of a part. */
  void (*note)(void *user, const char *what, bool end);
  void *user;
};

static inline void watch_begin(const struct watch *w, const char *what) {
  if (w) w->note(w->user, what, false);
}
static inline void watch_end(const struct watch *w, const char *what) {
  if (w) w->note(w->user, what, true);
}

#endif
