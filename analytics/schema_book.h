/* SPDX-License-Identifier: Apache-2.0 */
/* What an endpoint's messages look like: parameters, fields, statuses, media types; learned call by call. */
#ifndef ANALYTICS_SCHEMA_BOOK_H
#define ANALYTICS_SCHEMA_BOOK_H

#include "analytics/event.h"

enum schema_place {
  SCHEMA_PATH,
  SCHEMA_QUERY,
  SCHEMA_HEADER,
  SCHEMA_REQUEST,
  SCHEMA_RESPONSE, /* of calls that were answered well */
  SCHEMA_ERROR,    /* of the others */
  SCHEMA_PLACES
};
const char *
schema_book_place(enum schema_place p); /* "path", "query", "header", "request", "response", "error" */

enum {
  SCHEMA_FIELDS = 256, /* of one endpoint, all places together */
  SCHEMA_WORDS = 12,
  SCHEMA_SHAPES = 32,
  SCHEMA_STATUSES = 24,
  SCHEMA_MEDIA = 8,
  SCHEMA_MEDIUM = 64,
  SCHEMA_NEWS = 480
};
/** One parameter or field. */
struct schema_field {
  struct span path; /* "data.items[].status", "pageSize"; a path parameter by its name */
  uint64_t hash;    /* of place and path */
  enum schema_place place;
  uint16_t types;    /* bits: 1 << enum leaf_type */
  uint16_t format;   /* enum field_format bits */
  uint64_t present;  /* messages that had it */
  uint64_t occurred; /* occurrences, in the messages that were looked at */
  bool measured;     /* min and max are set: of numbers; of strings their lengths */
  double min, max;
  bool closed; /* its values are not those of a small set, or may not be told */
  uint8_t nwords;
  struct span word[SCHEMA_WORDS];
  struct span class_id, sample; /* of the data in it, masked; empty where none */
};
struct schema_status {
  uint16_t status;
  uint64_t calls;
};
struct schema_medium {
  char type[SCHEMA_MEDIUM];
  uint8_t len;
  uint64_t calls;
};
struct schema_shape {
  uint64_t print;
  uint32_t seen, pending; /* pending: counted since it was last looked at */
};
struct schema_book {
  struct arena arena; /* owns paths and words */
  struct schema_field *field;
  uint32_t nfields, size;
  uint64_t messages[SCHEMA_PLACES]; /* that `present` of the fields is out of */
  struct schema_shape shape[3][SCHEMA_SHAPES];
  uint8_t nshapes[3];
  struct schema_status status[SCHEMA_STATUSES];
  uint8_t nstatuses;
  struct schema_medium medium[2][SCHEMA_MEDIA]; /* by enum dir */
  uint8_t nmedia[2];
  bool full;       /* a field found no room */
  uint32_t missed; /* fields not kept for want of memory; arena.missed counts words and paths */
};
/** What a call changed, as text: "response field items[].idNo appeared; status 500 appeared". */
struct schema_news {
  char text[SCHEMA_NEWS];
  size_t len;
};

struct schema_book *schema_book_new(void);    /* NULL when out of memory */
void schema_book_free(struct schema_book *b); /* takes NULL */
/** Learn from a call that is no attack. endpoint: "GET /a/{id}", names path parameters. told: what is new goes to *news.
 *  Deterministic in the order of calls. False when a field found no room. */
bool schema_book_learn(struct schema_book *b, const struct api_event *e, struct span endpoint, bool tell,
                       struct schema_news *news);
/** Add all that from holds. */
void schema_book_merge(struct schema_book *to, const struct schema_book *from);
/** Find or add a field; NULL at the cap or without memory. */
struct schema_field *schema_book_field(struct schema_book *b, enum schema_place p, struct span path);
/** Add one word to the set that f's values come from; closes the set when it is full. */
void schema_book_word(struct schema_book *b, struct schema_field *f, struct span word);
/** Remember which class of data the field holds, and one masked value; the first stays. */
void schema_book_class(struct schema_book *b, struct schema_field *f, struct span class_id,
                       struct span sample);
/** The field that a hit's path names ("body.data[].idNo", "query.mobile"), NULL where there is none. good: the call was answered
 *  well. */
struct schema_field *schema_book_hit(struct schema_book *b, enum dir d, bool good, struct span path);
void schema_book_status(struct schema_book *b, uint16_t status, uint64_t calls);
/** True when the type is new. */
bool schema_book_medium(struct schema_book *b, enum dir d, struct span type, uint64_t calls);

#endif
