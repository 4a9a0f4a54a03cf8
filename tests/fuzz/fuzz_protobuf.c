/* SPDX-License-Identifier: Apache-2.0 */
/* Bodies that the first byte calls protobuf, gRPC, WebSocket messages or an event stream. */
#include "dissect/body/walk.h"

static int leaf(void *user, const struct leaf *l) {
  uint64_t *sum = user;
  for (size_t i = 0; i < l->value.len; i++) *sum += l->value.base[i];
  return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  static const char *const types[] = {"application/x-protobuf", "application/grpc", "text/event-stream",
                                      "application/connect+json"};
  static const struct body_format *const formats[] = {&protobuf_format, &grpc_format, &sse_format,
                                                      &websocket_format};
  uint64_t sum = 0;
  if (!size) return 0;
  struct body_walk w = {.leaf = leaf, .user = &sum, .mime = span_str(types[data[0] & 3])};
  (void)body_walk(&w, span_of(data + 1, size - 1), NULL);
  w = (struct body_walk){.leaf = leaf, .user = &sum, .mime = span_of("", 0)};
  if (formats[data[0] & 3] == &websocket_format) (void)body_walk(&w, span_of(data + 1, size - 1), NULL);
  return 0;
}
