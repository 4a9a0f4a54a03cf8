/* SPDX-License-Identifier: Apache-2.0 */
/* Processors by number, range, NUMA node and interface; nodes as sysfs tells them (Documentation/ABI/stable/sysfs-devices-node). */
#include "app/cpus.h"
#include "base/err.h"
#include "base/span.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

/* "0-3,8,10-11" */
static int add_ranges(cpu_set_t *out, struct span text) {
  while (text.len) {
    struct span to = span_trim(span_cut(&text, ',')), from = span_cut(&to, '-');
    uint64_t a, b;
    if (span_u64(from, &a) < 0) return ERR_SYNTAX;
    b = a;
    if (to.len && span_u64(to, &b) < 0) return ERR_SYNTAX;
    if (b < a || b >= CPU_SETSIZE) return ERR_RANGE;
    for (; a <= b; a++) CPU_SET(a, out);
  }
  return CPU_COUNT(out) ? 0 : ERR_SYNTAX;
}

static int read_text(char *out, size_t size, const char *path) {
  FILE *f = fopen(path, "re");
  if (!f) return ERR_IO;
  bool some = fgets(out, (int)size, f);
  fclose(f);
  return some ? 0 : ERR_IO;
}

static int of_node(cpu_set_t *out, struct span number, const char *sys) {
  char path[256], text[1024];
  uint64_t node;
  if (span_u64(number, &node) < 0) return ERR_SYNTAX;
  snprintf(path, sizeof path, "%s/devices/system/node/node%llu/cpulist", sys, (unsigned long long)node);
  return read_text(text, sizeof text, path) < 0 ? ERR_RANGE : add_ranges(out, span_trim(span_str(text)));
}

static int near_interface(cpu_set_t *out, const char *interface, const char *sys) {
  char path[256], text[32];
  snprintf(path, sizeof path, "%s/class/net/%.64s/device/numa_node", sys, interface);
  if (read_text(text, sizeof text, path) == 0 && text[0] != '-')
    return of_node(out, span_trim(span_str(text)), sys);
  for (unsigned i = 0; i < CPU_SETSIZE; i++) CPU_SET(i, out);
  return 0;
}

int cpus_read(cpu_set_t *out, const char *item, const char *near, const char *sys, struct conf_error *err) {
  struct span text = span_str(item);
  cpu_set_t here;
  CPU_ZERO(out);
  bool node = span_starts(text, SPAN_LIT("node"));
  int rc = near && strcmp(item, "near") == 0 ? near_interface(out, near, sys)
           : node                            ? of_node(out, span_skip(text, 4), sys)
                                             : add_ranges(out, text);
  if (rc >= 0 && sched_getaffinity(0, sizeof here, &here) == 0) {
    CPU_AND(&here, &here, out);
    if (!CPU_COUNT(&here)) rc = ERR_RANGE;
  }
  if (rc == ERR_SYNTAX)
    snprintf(err->text, sizeof err->text,
             "\"%.60s\": expected a processor as 3, some as 2-5, a node as node1%s", item,
             near ? ", or near" : "");
  else if (rc < 0)
    snprintf(err->text, sizeof err->text,
             "\"%.60s\": this machine has none such, or not for this process; lscpu lists them", item);
  return rc;
}

int cpus_check(const struct conf_list *list, const char *option, bool near, struct conf_error *err) {
  struct conf_error why;
  cpu_set_t set;
  for (size_t i = 0; i < list->count; i++) {
    int rc = cpus_read(&set, list->item[i], near ? "" : NULL, "/sys", &why);
    if (rc < 0) return snprintf(err->text, sizeof err->text, "%s: %.400s", option, why.text), rc;
  }
  return 0;
}

void cpus_pin(const struct conf_list *list, unsigned index, const char *near) {
  struct conf_error err;
  cpu_set_t set;
  if (list->count && cpus_read(&set, list->item[index % list->count], near, "/sys", &err) == 0)
    pthread_setaffinity_np(pthread_self(), sizeof set, &set);
}
