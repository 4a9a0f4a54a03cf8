/* SPDX-License-Identifier: Apache-2.0 */
/* Descriptor sets of Protocol Buffers (descriptor.proto; protoc --descriptor_set_out): names for what is read by number else. */
#ifndef DISSECT_BODY_DESCRIPTOR_H
#define DISSECT_BODY_DESCRIPTOR_H

#include "base/arena.h"
#include "base/span.h"

/** FieldDescriptorProto.Type. */
enum descriptor_type {
  DESCRIPTOR_DOUBLE = 1,
  DESCRIPTOR_FLOAT,
  DESCRIPTOR_INT64,
  DESCRIPTOR_UINT64,
  DESCRIPTOR_INT32,
  DESCRIPTOR_FIXED64,
  DESCRIPTOR_FIXED32,
  DESCRIPTOR_BOOL,
  DESCRIPTOR_STRING,
  DESCRIPTOR_GROUP,
  DESCRIPTOR_MESSAGE,
  DESCRIPTOR_BYTES,
  DESCRIPTOR_UINT32,
  DESCRIPTOR_ENUM,
  DESCRIPTOR_SFIXED32,
  DESCRIPTOR_SFIXED64,
  DESCRIPTOR_SINT32,
  DESCRIPTOR_SINT64
};

struct descriptor_message;
struct descriptor_field {
  uint32_t number;
  uint8_t type; /* enum descriptor_type */
  bool repeated;
  struct span name, type_name;
  const struct descriptor_message *message; /* of a message field whose type is known */
};
struct descriptor_message {
  struct descriptor_message *next;
  struct span name;               /* full, without the leading dot */
  struct descriptor_field *field; /* in order of number */
  uint32_t fields;
  bool map_entry;
};
struct descriptor_method {
  struct descriptor_method *next;
  struct span name; /* "pkg.Service/Method" */
  struct span type[2];
  const struct descriptor_message *message[2]; /* of request and response, NULL where not in the set */
};
struct descriptors {
  struct arena arena;
  struct descriptor_message *messages;
  struct descriptor_method *methods;
  uint32_t nmessages, nmethods;
  const struct descriptor_method **by_name; /* nmethods of them, after descriptors_join */
};

void descriptors_init(struct descriptors *d);
void descriptors_done(struct descriptors *d);
/** Read a FileDescriptorSet; what it holds is copied. ERR_SYNTAX, ERR_CAP, ERR_NOMEM. */
int descriptors_add(struct descriptors *d, struct span set);
/** After the last descriptors_add: find the messages that fields and methods name. */
void descriptors_join(struct descriptors *d);
/** By "pkg.Service/Method"; NULL where it is not known. */
const struct descriptor_method *descriptors_method(const struct descriptors *d, struct span name);
const struct descriptor_field *descriptor_field(const struct descriptor_message *m, uint32_t number);

#endif
