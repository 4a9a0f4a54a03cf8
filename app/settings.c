/* SPDX-License-Identifier: Apache-2.0 */
/* Joins the option tables of all folders. */
#include "app/settings.h"

#include <stddef.h>

#define AT(field) offsetof(struct sensor_conf, field)
static const struct conf_option sensor_options[] = {
    {"workers", CONF_INT, AT(workers), "0", 0, 64, NULL,
     "threads that dissect and inspect; 0: one a core, less one"},
    {"batch", CONF_INT, AT(batch), "2048", 16, 65536, NULL, "packets an epoch"},
    {"queue", CONF_INT, AT(queue), "8", 2, 1024, NULL, "batches waiting per worker"},
    {"interval", CONF_DURATION, AT(interval_ns), "60s", 1, 86400, NULL, "packet time between sensor records"},
    {"cpus", CONF_LIST, AT(cpus), "", 0, 0, NULL,
     "processors of worker threads, in turn: 3, 2-5, node1 (a NUMA node)"},
    {"user", CONF_STRING, AT(user), "", 0, 0, NULL, "become this user once interfaces are open"},
    {"seccomp", CONF_BOOL, AT(seccomp), "true", 0, 0, NULL, "filter system calls while running live"},
    {"report", CONF_STRING, AT(report), "", 0, 0, NULL, "write a report page to this path at the end"},
    {"protect", CONF_LIST, AT(protect), "", 0, 0, NULL,
     "server ports whose flows are shed last under overload"},
    {"metrics_file", CONF_STRING, AT(metrics_file), "", 0, 0, NULL,
     "keep every counter here as Prometheus text, for node_exporter's textfile collector (name it *.prom)"},
    {"metrics_interval", CONF_DURATION, AT(metrics_interval_ns), "15s", 1, 3600, NULL,
     "time between two writes of that file"},
    {"metrics_listen", CONF_STRING, AT(metrics_listen), "", 0, 0, NULL,
     "serve the same at http://ADDRESS:PORT/metrics, as in 127.0.0.1:9464; empty: do not"},
    {NULL, CONF_BOOL, 0, NULL, 0, 0, NULL, NULL},
};
static const struct conf_option state_options[] = {
    {"dir", CONF_STRING, offsetof(struct state_conf, dir), "", 0, 0, NULL,
     "folder of the inventory, the spool and keys; empty: keep nothing"},
    {NULL, CONF_BOOL, 0, NULL, 0, 0, NULL, NULL},
};

int settings_init(struct settings *s) {
  memset(s, 0, sizeof *s);
  /* clang-format off */
  const struct conf_section all[SETTINGS_SECTIONS] = {
    {"sensor", sensor_options, &s->sensor},          {"state", state_options, &s->state},
    {"capture", capture_options, &s->capture},       {"dissect", dissect_options, &s->dissect},
    {"analytics", analytics_options, &s->analytics}, {"assets", analytics_asset_options, &s->analytics},
    {"output", output_options, &s->output},          {NULL, NULL, NULL},
  };
  /* clang-format on */
  memcpy(s->section, all, sizeof all);
  return conf_defaults(s->section);
}

void settings_done(struct settings *s) {
  if (s->section[0].name) conf_done(s->section);
}
