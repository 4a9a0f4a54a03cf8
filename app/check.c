/* SPDX-License-Identifier: Apache-2.0 */
/* tapscope check, tapscope config: validate and show the configuration. */
#include "app/commands.h"
#include "base/err.h"
#include "base/log.h"

#include <stdio.h>

int command_check(const struct options *o, const struct settings *s) {
  struct ruleset *rules;
  struct conf_error err = {.text = ""};
  if (o->inputs > 0) {
    log_msg(LOG_ERROR, "check takes no arguments; name a configuration with -c FILE");
    return EXIT_USAGE;
  }
  if (ruleset_load(&rules, &s->analytics, &err) < 0) {
    log_msg(LOG_ERROR, "%s", err.text);
    return EXIT_USAGE;
  }
  ruleset_free(rules);
  puts("configuration and rules are valid");
  return EXIT_GOOD;
}

int command_config(const struct options *o, const struct settings *s) {
  (void)o;
  struct buf out;
  buf_init(&out, NULL, 0);
  int rc = conf_example(s->section, &out);
  if (rc >= 0)
    fwrite(out.base, 1, out.len, stdout);
  else
    log_msg(LOG_ERROR, "cannot print the configuration: %s", err_str(rc));
  buf_done(&out);
  return rc < 0 ? EXIT_FAILED : EXIT_GOOD;
}
