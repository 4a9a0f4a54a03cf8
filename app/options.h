/* SPDX-License-Identifier: Apache-2.0 */
/* The command line. */
#ifndef APP_OPTIONS_H
#define APP_OPTIONS_H

#include "app/settings.h"

enum { OPTIONS_SINKS = 16 };
enum progress_mode { PROGRESS_AUTO, PROGRESS_PLAIN, PROGRESS_NONE };

struct options {
  const char *command;       /* "replay" */
  char *sink[OPTIONS_SINKS]; /* -o */
  size_t sinks;
  char **input; /* files and what else stands without a dash */
  size_t inputs;
  char *interfaces;                   /* -i, comma separated */
  const char *service;                /* --service */
  const char *format;                 /* --format */
  const char *tag, *owner, *in_state; /* filters of assets; owner: what to set, too */
  const char *from;                   /* --from */
  int min_risk;
  enum progress_mode progress;
  bool quiet, help;
};

/** Read the arguments after the program's name into o and the settings (-c, --set, --workers, --state, --only and
 *  so on). Prints what is wrong and how to mend it. 0 or < 0. Borrows argv for the life of o. */
int options_parse(struct options *o, struct settings *s, int argc, char **argv);
/** Print the usage text. */
void options_usage(void);

#endif
