/* SPDX-License-Identifier: Apache-2.0 */
/* tapscope check, tapscope config: validate and show the configuration. */
#include "analytics/analyst.h"
#include "app/commands.h"
#include "app/pipeline.h"
#include "base/err.h"
#include "base/log.h"

#include <stdio.h>

/* Everything that a start would read; the state of a sensor that may be running is left alone. */
static int check_all(const struct settings *s, struct conf_error *err) {
  struct ruleset *rules;
  struct analyst *analyst = NULL;
  struct counters ctr = {0};
  int rc = pipeline_check(s, err);
  if (rc < 0 || (rc = ruleset_load(&rules, &s->analytics, err)) < 0) return rc;
  rc = analyst_new(&analyst, &s->analytics, rules, NULL, &ctr, (struct analyst_sink){0}, err);
  analyst_free(analyst);
  ruleset_free(rules);
  return rc;
}

int command_check(const struct options *o, const struct settings *s) {
  struct conf_error err = {.text = ""};
  if (o->inputs > 0) {
    log_msg(LOG_ERROR, "check takes no arguments; name a configuration with -c FILE");
    return EXIT_USAGE;
  }
  if (check_all(s, &err) < 0) {
    log_msg(LOG_ERROR, "%s", err.text[0] ? err.text : "out of memory");
    return EXIT_USAGE;
  }
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
