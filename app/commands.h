/* SPDX-License-Identifier: Apache-2.0 */
/* Subcommands: each one file, one row in main.c. Each returns the program's exit status. */
#ifndef APP_COMMANDS_H
#define APP_COMMANDS_H

#include "app/options.h"

/** Exit statuses: 0 good, 1 failed, 2 wrong use or bad input, 3 records left undelivered (kept in the spool). */
enum { EXIT_GOOD, EXIT_FAILED, EXIT_USAGE, EXIT_UNDELIVERED };

int command_replay(const struct options *o, const struct settings *s);
int command_live(const struct options *o, const struct settings *s);
int command_check(const struct options *o, const struct settings *s);
int command_explain(const struct options *o, const struct settings *s);
int command_data_map(const struct options *o, const struct settings *s);
int command_graph(const struct options *o, const struct settings *s);
int command_assets(const struct options *o, const struct settings *s);
int command_openapi(const struct options *o, const struct settings *s);
int command_config(const struct options *o, const struct settings *s);

#endif
