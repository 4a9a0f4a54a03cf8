/* SPDX-License-Identifier: Apache-2.0 */
/* tapscope: a passive traffic-mirror analyzer. */
#include "app/commands.h"
#include "base/err.h"
#include "base/log.h"

#include <stdio.h>

static int command_version(const struct options *o, const struct settings *s) {
  (void)o, (void)s;
  puts("tapscope " TAPSCOPE_VERSION);
  return EXIT_GOOD;
}

static int command_help(const struct options *o, const struct settings *s) {
  (void)o, (void)s;
  options_usage();
  return EXIT_GOOD;
}

static const struct {
  const char *name;
  int (*run)(const struct options *o, const struct settings *s);
} commands[] = {
    {"replay", command_replay},   {"live", command_live},         {"check", command_check},
    {"config", command_config},   {"explain", command_explain},   {"assets", command_assets},
    {"openapi", command_openapi}, {"data-map", command_data_map}, {"graph", command_graph},
    {"version", command_version}, {"--version", command_version}, {"help", command_help},
    {"--help", command_help},     {"-h", command_help},
};

static int run(const struct options *o, const struct settings *s) {
  if (o->help) return command_help(o, s);
  for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
    if (strcmp(o->command, commands[i].name) == 0) return commands[i].run(o, s);
  log_msg(LOG_ERROR, "no command \"%s\"; see tapscope --help", o->command);
  return EXIT_USAGE;
}

int main(int argc, char **argv) {
  struct settings settings;
  struct options options;
  if (argc < 2) {
    options_usage();
    return EXIT_USAGE;
  }
  int rc = settings_init(&settings);
  if (rc < 0) {
    log_msg(LOG_ERROR, "cannot set the configuration's defaults: %s", err_str(rc));
    settings_done(&settings);
    return EXIT_FAILED;
  }
  rc = options_parse(&options, &settings, argc, argv);
  int status = rc < 0 ? EXIT_USAGE : run(&options, &settings);
  settings_done(&settings);
  return status;
}
