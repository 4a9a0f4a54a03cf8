/* SPDX-License-Identifier: Apache-2.0 */
/* Which processors a thread runs on, and with them the NUMA node that its memory comes from. */
#ifndef APP_CPUS_H
#define APP_CPUS_H

#include "base/conf.h"

#include <sched.h>

/** One item of a list: a processor "3", some "2-5", those of a NUMA node "node1", or "near": of the node that network interface
 *  `near` hangs on (all where it has none, as virtual ones). sys: "/sys". 0; ERR_SYNTAX, ERR_RANGE (no such one here) with err. */
int cpus_read(cpu_set_t *out, const char *item, const char *near, const char *sys, struct conf_error *err);
/** Check every item; option: the name of the list, for messages. As cpus_read. */
int cpus_check(const struct conf_list *list, const char *option, bool near, struct conf_error *err);
/** Put the calling thread on the index-th item, in turn; nothing where the list is empty. Pages that it touches first then come from
 *  memory beside it. */
void cpus_pin(const struct conf_list *list, unsigned index, const char *near);

#endif
