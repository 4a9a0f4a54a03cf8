/* SPDX-License-Identifier: Apache-2.0 */
/* Messages for the operator, each one write to standard error so that lines of two threads do not mix. */
#include "base/log.h"
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

static enum log_level threshold = LOG_INFO;

void log_set_level(enum log_level l) { threshold = l; }

void log_msg(enum log_level l, const char *fmt, ...) {
  static const char *const name[] = {"error", "warning", "info", "debug"};
  if (l > threshold) return;
  char line[1024];
  int n = snprintf(line, sizeof line, "tapscope: %s: ", name[l]);
  va_list ap;
  va_start(ap, fmt);
  int m = vsnprintf(line + n, sizeof line - (size_t)n - 1, fmt, ap);
  va_end(ap);
  if (m < 0) return;
  size_t len = (size_t)n + (size_t)m;
  if (len > sizeof line - 2) len = sizeof line - 2;
  line[len++] = '\n';
  ssize_t done = write(STDERR_FILENO, line, len);
  (void)done;
}
