/* SPDX-License-Identifier: Apache-2.0 */
/* What the analyst's own files share: its parts, in the order in which an event passes them. */
#ifndef ANALYTICS_ANALYST_CORE_H
#define ANALYTICS_ANALYST_CORE_H

#include "analytics/analyst.h"
#include "analytics/analyst_hop.h"
#include "analytics/analyst_zone.h"
#include "analytics/datamap.h"
#include "analytics/finding_book.h"
#include "analytics/graph.h"
#include "analytics/incident_book.h"
#include "analytics/inventory.h"
#include "analytics/image_list.h"
#include "analytics/places.h"
#include "analytics/segments.h"
#include "analytics/service.h"
#include "analytics/template.h"
#include "analytics/template_model.h"

enum { ANALYST_CORRELATIONS = 64 };

struct analyst {
  const struct analytics_conf *conf;
  const struct ruleset *rules;
  struct counters *ctr;
  struct analyst_sink sink;
  struct zones zones;
  struct service_names *names;
  struct templates *templates;
  struct hops *hops;
  struct traits *traits;         /* of endpoints, for correlations */
  struct places *places;         /* NULL: none given */
  struct segments *segments;     /* NULL: none given */
  struct image_list *image_list; /* NULL: none given */
  struct inventory *inventory;
  struct datamap *datamap;
  struct graph *graph;
  struct finding_book *findings;
  struct incident_book *incidents;
  void *state[ANALYST_CORRELATIONS];       /* by row of correlation_table */
  const void *ahead[ANALYST_CORRELATIONS]; /* states by row of correlation_aheads */
  struct arena scratch;                    /* dies with each event */
  uint64_t now;                            /* packet time, rises only */
  uint64_t first;                          /* of the first event or flow */
  uint64_t learned, judged;                /* events seen by analyst_learn and by analyst_event */
  uint64_t ticked;                         /* last whole second that was ticked */
  const struct watch *watch;               /* NULL: nobody measures */
  uint64_t renamed, named; /* when the inventory was named anew; by which generation of templates */
};

/** Join what one transaction shows by itself into findings; stray: nobody can be named for it. */
void analyst_signals(struct analyst *a, const struct api_event *e, bool stray);

#endif
