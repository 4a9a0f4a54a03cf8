/* SPDX-License-Identifier: Apache-2.0 */
/* Java's object streams (Java Object Serialization Specification, 6): values with the path of their fields. */
#ifndef DISSECT_BODY_JAVASER_H
#define DISSECT_BODY_JAVASER_H

#include "base/reader.h"
#include "dissect/body/walk.h"

enum { JAVASER_HANDLES = 2048, JAVASER_CLASSES = 256 };

/** What a handle stands for. */
struct javaser_handle {
  struct span text;   /* of a string; NULL base where it is none */
  uint16_t class_one; /* of a class: its number plus one */
};
struct javaser_class {
  struct span name;
  uint8_t flags;
  uint16_t fields, super_one; /* number of its super class plus one, 0: none */
  const uint8_t *names;       /* where its fields' descriptions stand */
};
struct javaser {
  struct reader r;
  struct body_walk *w; /* NULL: pass over all */
  size_t block;        /* bytes left of the data block at hand */
  unsigned depth;
  uint32_t nhandles, nclasses;
  /** Pairs of strings of a map on top, where not NULL; < 0 ends it. */
  int (*pair)(void *user, struct span key, struct span value);
  void *user;
  struct javaser_handle handle[JAVASER_HANDLES];
  struct javaser_class class[JAVASER_CLASSES];
};

/** Begin a stream (with its magic number) or the rest of one. ERR_SYNTAX, ERR_TRUNC. */
int javaser_begin(struct javaser *j, struct span s, struct body_walk *w);
/** n bytes of data blocks, which must stand in one. An empty span and r.bad where they do not. */
struct span javaser_data(struct javaser *j, size_t n);
/** Read one object (null, a reference, a string…), giving its leaves below node. 0, ERR_TRUNC, ERR_SYNTAX, ERR_CAP, or what leaf() or
 *  pair() returned. */
int javaser_object(struct javaser *j, struct path_node *at);

#endif
