/* SPDX-License-Identifier: Apache-2.0 */
/* Messages to the service manager (sd_notify(3)), without its library. */
#ifndef BASE_NOTIFY_H
#define BASE_NOTIFY_H

/** Send "READY=1", "WATCHDOG=1", "STOPPING=1", "STATUS=…" to the datagram socket `path` ("/run/…", or "@…" for an
 *  abstract one; what NOTIFY_SOCKET holds). NULL or "": nothing to do. 0, or ERR_IO (a service goes on without it). */
int notify_send(const char *path, const char *message);
/** Nanoseconds between WATCHDOG=1 messages, half of what WATCHDOG_USEC asks for; 0 when it is NULL or makes no sense. */
unsigned long long notify_interval(const char *watchdog_usec);

#endif
