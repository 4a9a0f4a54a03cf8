/* SPDX-License-Identifier: Apache-2.0 */
/* Thrift's binary and compact protocols (thrift.apache.org, doc/specs): message heads and values one by one. */
#ifndef DISSECT_BODY_THRIFT_H
#define DISSECT_BODY_THRIFT_H

#include "base/reader.h"
#include "dissect/body/walk.h"

enum { THRIFT_NAME = 128, THRIFT_DEPTH = 48 };
enum thrift_protocol { THRIFT_BINARY, THRIFT_OLD /* binary without version */, THRIFT_COMPACT };
enum thrift_call { THRIFT_CALL = 1, THRIFT_REPLY, THRIFT_EXCEPTION, THRIFT_ONEWAY };
enum thrift_type {
  THRIFT_STOP = 0,
  THRIFT_BOOL = 2,
  THRIFT_BYTE,
  THRIFT_DOUBLE,
  THRIFT_I16 = 6,
  THRIFT_I32 = 8,
  THRIFT_I64 = 10,
  THRIFT_STRING,
  THRIFT_STRUCT,
  THRIFT_MAP,
  THRIFT_SET,
  THRIFT_LIST,
  THRIFT_UUID
};

struct thrift_head {
  enum thrift_protocol protocol;
  enum thrift_call call;
  int32_t seqid;
  struct span name; /* "getCustomer", "LoanService:apply" */
  size_t size;      /* bytes of the head; the struct of arguments or results follows */
};
/** Read the head of a message. 1, 0 when more bytes are wanted, ERR_SYNTAX. */
int thrift_head_read(struct span s, struct thrift_head *h);

enum thrift_event { THRIFT_DONE, THRIFT_OPEN /* struct, map, set, list */, THRIFT_VALUE, THRIFT_CLOSE };
struct thrift_frame {
  uint8_t type, item, value; /* of what is open; of its items or keys; of a map's values */
  bool is_value;             /* of a map: a value comes next */
  int32_t field;             /* of a struct: the last one read */
  uint32_t left;
};
/** A reader of one struct's values that can be stopped at any byte and goes on with more. */
struct thrift_values {
  enum thrift_protocol protocol;
  unsigned top;
  struct thrift_frame stack[THRIFT_DEPTH];
};
struct thrift_token {
  enum thrift_type type;
  bool key;       /* it is a map's key */
  int32_t field;  /* where it stands in a struct */
  int64_t number; /* also of a truth value */
  double real;
  struct span text; /* of strings; UUIDs as bytes */
};
void thrift_values_begin(struct thrift_values *v, enum thrift_protocol protocol);
/** Take one token off r. enum thrift_event; THRIFT_DONE at the struct's end; ERR_TRUNC with r where it stood and *want the number of
 *  bytes it takes at least; ERR_SYNTAX, ERR_CAP. */
int thrift_values_next(struct thrift_values *v, struct reader *r, struct thrift_token *t, size_t *want);

#endif
