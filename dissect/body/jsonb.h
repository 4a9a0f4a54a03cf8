/* SPDX-License-Identifier: Apache-2.0 */
/* JSONB of fastjson2 (github.com/alibaba/fastjson2, its specification of JSONB): JSON in bytes, Dubbo 3's preferred serialization. */
#ifndef DISSECT_BODY_JSONB_H
#define DISSECT_BODY_JSONB_H

#include "base/reader.h"
#include "dissect/body/walk.h"

enum { JSONB_SYMBOLS = 256 };

struct jsonb {
  struct reader r;
  struct body_walk *w; /* NULL: pass over all */
  unsigned depth;
  uint32_t nsymbols;
  struct span symbol[JSONB_SYMBOLS];
  /** Pairs of strings of the object on top, where not NULL; < 0 ends it. */
  int (*pair)(void *user, struct span key, struct span value);
  void *user;
};

/** Begin to read s, which one value fills. */
void jsonb_begin(struct jsonb *j, struct span s, struct body_walk *w);
/** Read one value, giving its leaves below node. 0, ERR_TRUNC, ERR_SYNTAX, ERR_CAP, or what leaf() or pair() returned. */
int jsonb_value(struct jsonb *j, struct path_node *at);
/** Read a string, or null as an empty one. As jsonb_value. */
int jsonb_text(struct jsonb *j, struct span *out);
/** Read a whole number. As jsonb_value. */
int jsonb_int(struct jsonb *j, int64_t *out);
/** The name of the type that s tells first, empty where it tells none. */
struct span jsonb_type(struct span s);

#endif
