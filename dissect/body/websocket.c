/* SPDX-License-Identifier: Apache-2.0 */
/* Messages of a WebSocket connection as its dissector puts them into a body, each walked for itself: JSON, the JSON behind
 * Engine.IO's numbers, STOMP frames, protobuf, text. */
#include "base/reader.h"
#include "dissect/body/protobuf.h"

enum { RECORD = 8, BINARY = 2, COMMAND_MOST = 16 };

/* Engine.IO and Socket.IO: digits, "/namespace,", then JSON; SockJS: a letter before a list of messages. */
static struct span without_number(struct span s) {
  size_t i = 0;
  if (span_starts(s, SPAN_LIT("a["))) return span_skip(s, 1);
  while (i < s.len && i < 8 && s.base[i] >= '0' && s.base[i] <= '9') i++;
  struct span rest = span_skip(s, i);
  if (rest.len && rest.base[0] == '/') rest = span_skip(rest, span_index(rest, ',') + 1);
  return i && rest.len && (rest.base[0] == '{' || rest.base[0] == '[') ? rest : s;
}

/* STOMP: a command, header lines, an empty line, the body, NUL. */
static bool is_stomp(struct span s) {
  size_t end = span_index(s, '\n');
  if (end < 3 || end > COMMAND_MOST || s.len < 4 || s.base[s.len - 1] != 0) return false;
  for (size_t i = 0; i < end; i++)
    if ((s.base[i] < 'A' || s.base[i] > 'Z') && s.base[i] != '\r') return false;
  return true;
}

static int walk_text(struct body_walk *w, struct span s, uint32_t index) {
  struct span json = without_number(span_trim(s));
  if (json.len > 1 && (json.base[0] == '{' || json.base[0] == '[')) {
    int rc = json_walk(w, json);
    if (rc != ERR_SYNTAX) return rc;
  }
  return s.len ? walk_value(w, walk_root(w), index, LEAF_TEXT, s, s) : 0;
}

static int walk_stomp(struct body_walk *w, struct span s, uint32_t index) {
  struct path_node *root = walk_root(w);
  (void)span_cut(&s, '\n');
  while (s.len) {
    struct span value = span_trim(span_cut(&s, '\n'));
    if (!value.len) break;
    struct span name = span_cut(&value, ':');
    int rc = walk_value(w, path_child(w->paths, root, name), 0, LEAF_STRING, value, value);
    if (rc < 0) return rc;
  }
  return walk_text(w, span_head(s, s.len ? s.len - 1 : 0), index);
}

/* A frame in a string, as SockJS carries it. */
static int stomp_walk(struct body_walk *w, struct span s) {
  uint32_t before = w->leaves;
  int rc = walk_stomp(w, s, 0);
  return rc < 0 ? rc : (int)(w->leaves - before);
}

static int stomp_match(struct span mime, struct span head) {
  (void)mime;
  return is_stomp(head) ? 2 : 0;
}
const struct body_format stomp_format = {"stomp", stomp_match, stomp_walk};

static int walk_binary(struct body_walk *w, struct span s, uint32_t index) {
  uint8_t c = s.len ? s.base[0] : 0;
  if (c && c < 0x20 && protobuf_is_message(s)) return protobuf_walk(w, s);
  if (c == '{' || c == '[' || is_stomp(s) || (s.len && charset_is_utf8(s) && !memchr(s.base, 0, s.len)))
    return is_stomp(s) ? walk_stomp(w, s, index) : walk_text(w, s, index);
  if (protobuf_is_message(s)) return protobuf_walk(w, s);
  return s.len ? walk_value(w, walk_root(w), index, LEAF_BYTES, s, s) : 0;
}

static int websocket_walk(struct body_walk *w, struct span s) {
  struct reader r = reader_of(s);
  uint32_t before = w->leaves, n = 0;
  while (reader_left(&r) >= RECORD) {
    reader_skip(&r, 3);
    uint8_t opcode = reader_u8(&r);
    uint32_t len = reader_u32be(&r);
    struct span body = span_head(reader_rest(&r), len);
    reader_skip(&r, body.len);
    int rc = opcode == BINARY ? walk_binary(w, body, n)
             : is_stomp(body) ? walk_stomp(w, body, n)
                              : walk_text(w, body, n);
    walk_items(w, ++n);
    if (rc < 0 && rc != ERR_SYNTAX) return rc;
  }
  return (int)(w->leaves - before);
}

static int match(struct span mime, struct span head) {
  (void)mime;
  return span_starts(head, SPAN_LIT("\xf5WS")) ? 2 : 0;
}

const struct body_format websocket_format = {"websocket", match, websocket_walk};
