/* SPDX-License-Identifier: Apache-2.0 */
/* Data classes as the files of rules/data describe them, compiled. Const after loading; shared by all workers. */
#ifndef ANALYTICS_DATA_CLASSES_H
#define ANALYTICS_DATA_CLASSES_H

#include "analytics/event.h"
#include "base/conf.h"
#include "base/arena.h"
#include "analytics/data/validate.h"

enum { CLASSES_MAX = 240, CLASS_HINTS = 10 };

/** Words or examples of one class; texts live in the classes' arena. */
struct class_words {
  struct span *item;
  uint32_t count, size;
};
/** How a value is shown: head and tail characters stay, the rest is stars. */
struct class_mask {
  uint8_t style; /* enum mask_style */
  uint8_t head, tail;
};
enum mask_style { MASK_ALL, MASK_KEEP, MASK_CARD, MASK_EMAIL };

struct data_class {
  const char *id, *name, *name_zh, *group;
  const struct validator *validator; /* never NULL */
  bool alone;                        /* the value suffices */
  bool weak;                         /* by its key only when nothing else fits */
  bool credential;                   /* at home in authentication headers and cookies */
  struct class_mask mask;
  struct grade grade;
  struct class_words keys, near, literals, match, nomatch;
  void *pattern;  /* pcre2_code, or NULL */
  double entropy; /* least bits a character of a pattern's match */
  uint8_t back;   /* the pattern begins so many bytes before the literal */
  uint16_t order;
};

/** What a key says: classes, the likeliest first. */
struct class_hints {
  uint8_t count;
  bool blank;     /* the key says nothing at all: a number, a single letter, "value" */
  bool technical; /* a counter, a time, an order number: weak values do not count under it */
  bool counts;    /* the number of something, a time, a sum: a bare number under it is that */
  uint8_t item[CLASS_HINTS];
};

/** Classes that grade higher together: one of each set must be there. */
enum { COMBINATION_SETS = 6 };
struct combination {
  uint64_t set[COMBINATION_SETS][4]; /* bits by data_class.order */
  uint8_t count;
  struct grade grade;
  struct combination *next;
};

/** Classes of one shape by the length of the value, in the order of rules: those for length class l at item[from[l]…from[l + 1]). */
enum { SHAPE_LENGTHS = 48 };
struct shape_index {
  uint8_t *item;
  uint16_t from[SHAPE_LENGTHS + 1];
};
/** A value's length class: its length, the last for all that are longer. */
static inline unsigned shape_length(size_t len) {
  return len < SHAPE_LENGTHS ? (unsigned)len : SHAPE_LENGTHS - 1;
}

struct key_table;
struct class_ids; /* texts of ids, shared with the classes that come after these */
struct literals;  /* Vectorscan database over literals and neighbour words */
struct classes {
  struct arena arena;
  struct class_ids *ids;
  struct data_class item[CLASSES_MAX];
  uint32_t count;
  struct key_table *keys;
  struct literals *literals;
  struct combination *combinations;
  struct shape_index by_shape[SHAPES]; /* classes whose value suffices or that have neighbour words */
  int16_t name_class, address_class, plate_class; /* index, or -1 */
};

/** Read dir/data/ and dir/grading.yaml. ERR_IO, ERR_SYNTAX, ERR_NOMEM; err names file, line, remedy. */
int classes_load(struct classes **out, const char *dir, struct conf_error *err);
/** The same; cache: a folder that keeps what was compiled, or NULL. */
int classes_open(struct classes **out, const char *dir, const char *cache, struct conf_error *err);
void classes_free(struct classes *c); /* takes NULL */
/** Give the classes of c, not yet in use, the very ids of those that are: calls under way point at them, and outlive older. ERR_NOMEM. */
int classes_adopt(struct classes *c, struct classes *older);
/** Class by id, or NULL. */
const struct data_class *classes_find(const struct classes *c, const char *id);

/** What a key says; parent is the key above it (used where the key alone is generic), may be empty. */
void class_keys_hints(const struct classes *c, struct span key, struct span parent, struct class_hints *out);
/** Compile the keys of all classes. ERR_NOMEM. */
int class_keys_compile(struct classes *c);
void class_keys_free(struct key_table *k);

/** Upgrade grades where classes stand together in one message; item[i] is the class of hit i. */
void grade_combine(const struct classes *c, struct data_hits *hits, const uint8_t *item);

/** Masked form of value; lives in arena. */
struct span mask_value(const struct class_mask *m, struct span value, struct arena *arena);

#endif
