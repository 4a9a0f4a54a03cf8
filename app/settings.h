/* SPDX-License-Identifier: Apache-2.0 */
/* Every section of the configuration in one place. */
#ifndef APP_SETTINGS_H
#define APP_SETTINGS_H

#include "analytics/analyzer.h"
#include "capture/capture.h"
#include "dissect/dissector.h"
#include "output/record.h"

/** Section "sensor": the program itself. */
struct sensor_conf {
  int64_t workers;              /* threads that dissect and inspect; 0: one a core, less one */
  int64_t batch;                /* packets an epoch */
  int64_t queue;                /* batches waiting per worker */
  uint64_t interval_ns;         /* between sensor records, packet time */
  struct conf_list cpus;        /* pin worker threads to these */
  char *user;                   /* become this user after opening interfaces */
  bool seccomp;                 /* system-call filter once running live */
  char *report;                 /* path of report.html; empty: none */
  struct conf_list protect;     /* server ports whose flows are shed last */
  char *metrics_file;           /* Prometheus text for a collector; empty: none */
  char *metrics_listen;         /* ADDRESS:PORT to serve the same; empty: none */
  uint64_t metrics_interval_ns; /* between two writes of the file */
};

/** Section "state". */
struct state_conf {
  char *dir; /* inventory, spool, keys; empty: keep nothing */
};

enum { SETTINGS_SECTIONS = 8 };
struct settings {
  struct sensor_conf sensor;
  struct state_conf state;
  struct capture_conf capture;
  struct dissect_conf dissect;
  struct analytics_conf analytics;
  struct output_conf output;
  struct conf_section section[SETTINGS_SECTIONS];
};

/** Bind the sections and set defaults. ERR_NOMEM. */
int settings_init(struct settings *s);
void settings_done(struct settings *s);

#endif
