/* SPDX-License-Identifier: Apache-2.0 */
/* Signals by sigtimedwait: no handler, so nothing that a handler must not do. */
#include "app/signals.h"

#include <signal.h>
#include <stddef.h>
#include <time.h>

static void set_of(sigset_t *set) {
  sigemptyset(set);
  sigaddset(set, SIGINT);
  sigaddset(set, SIGTERM);
  sigaddset(set, SIGHUP);
}

void signals_init(void) {
  sigset_t set;
  set_of(&set);
  sigprocmask(SIG_BLOCK, &set, NULL);
  signal(SIGPIPE, SIG_IGN);
}

enum signal_event signals_wait(int timeout_ms) {
  sigset_t set;
  set_of(&set);
  const struct timespec ts = {timeout_ms / 1000, (long)(timeout_ms % 1000) * 1000000};
  int sig = sigtimedwait(&set, NULL, &ts);
  if (sig < 0) return SIGNAL_NONE;
  return sig == SIGHUP ? SIGNAL_RELOAD : SIGNAL_STOP;
}
