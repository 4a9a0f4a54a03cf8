/* SPDX-License-Identifier: Apache-2.0 */
/* Signals, taken by the main thread alone and one at a time. */
#ifndef APP_SIGNALS_H
#define APP_SIGNALS_H

enum signal_event { SIGNAL_NONE, SIGNAL_STOP, SIGNAL_RELOAD };

/** Block the signals that signals_wait takes, in this thread and all it starts. */
void signals_init(void);
/** Wait at most timeout_ms for SIGINT, SIGTERM (stop) or SIGHUP (reload). */
enum signal_event signals_wait(int timeout_ms);

#endif
