/* SPDX-License-Identifier: Apache-2.0 */
/* Pieces of Java's object streams. Internal to javaser*.c. */
#ifndef DISSECT_BODY_JAVASER_READ_H
#define DISSECT_BODY_JAVASER_READ_H

#include "dissect/body/javaser.h"

enum {
  TC_NULL = 0x70,
  TC_REFERENCE,
  TC_CLASSDESC,
  TC_OBJECT,
  TC_STRING,
  TC_ARRAY,
  TC_CLASS,
  TC_BLOCKDATA,
  TC_ENDBLOCKDATA,
  TC_RESET,
  TC_BLOCKDATALONG,
  TC_EXCEPTION,
  TC_LONGSTRING,
  TC_PROXYCLASSDESC,
  TC_ENUM,
  SC_WRITE_METHOD = 1,
  SC_SERIALIZABLE = 2,
  SC_EXTERNALIZABLE = 4,
  SC_BLOCK_DATA = 8,
  DEPTH_MOST = 48
};

/** Why reading failed: ERR_TRUNC, ERR_SYNTAX. */
int javaser_read_failed(const struct javaser *j);
/** The next byte, not taken. False at the end, where the reader is bad from now on. */
bool javaser_read_peek(struct javaser *j, uint8_t *c);
/** Number the object, string or class at hand. NULL over the cap: it stands for nothing. */
struct javaser_handle *javaser_read_new_handle(struct javaser *j);
/** What a handle of the stream stands for, or NULL. */
const struct javaser_handle *javaser_read_handle(const struct javaser *j, uint32_t number);
/** Pass over a data block, or the rest of one; false where none stands here. */
bool javaser_read_block(struct javaser *j);
/** Pass over data blocks, then over an end mark; false where an object stands before it. */
bool javaser_read_end(struct javaser *j);
/** Read the description of a class, or its handle: its number plus one, 0 for none. ERR_TRUNC, ERR_SYNTAX, ERR_CAP. */
int javaser_read_class(struct javaser *j, uint16_t *one);

#endif
