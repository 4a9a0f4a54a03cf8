/* SPDX-License-Identifier: Apache-2.0 */
/* Messages for the operator, on standard error. Only app/ logs; libraries return errors. */
#ifndef BASE_LOG_H
#define BASE_LOG_H

enum log_level { LOG_ERROR, LOG_WARN, LOG_INFO, LOG_DEBUG };

/** Print nothing above this level. Call before threads start. */
void log_set_level(enum log_level l);
/** One line: "tapscope: error: …". Never pass traffic content. */
void log_msg(enum log_level l, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#endif
