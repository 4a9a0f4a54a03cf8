/* SPDX-License-Identifier: Apache-2.0 */
/* Java's object streams piece by piece: data blocks, handles, descriptions of classes. */
#include "base/err.h"
#include "dissect/body/javaser_read.h"

enum { FIRST_HANDLE = 0x7e0000, INTERFACES_MOST = 64 };

int javaser_read_failed(const struct javaser *j) { return j->r.bad ? ERR_TRUNC : ERR_SYNTAX; }

bool javaser_read_peek(struct javaser *j, uint8_t *c) {
  if (!reader_left(&j->r)) {
    reader_fail(&j->r);
    return false;
  }
  *c = *j->r.pos;
  return true;
}

struct javaser_handle *javaser_read_new_handle(struct javaser *j) {
  uint32_t n = j->nhandles++;
  if (n >= JAVASER_HANDLES) return NULL;
  j->handle[n] = (struct javaser_handle){.class_one = 0};
  return &j->handle[n];
}

const struct javaser_handle *javaser_read_handle(const struct javaser *j, uint32_t number) {
  uint32_t n = number - FIRST_HANDLE;
  return n < j->nhandles && n < JAVASER_HANDLES ? &j->handle[n] : NULL;
}

static struct span read_utf(struct javaser *j) { return reader_take(&j->r, reader_u16be(&j->r)); }

/* ---- data blocks ---- */

bool javaser_read_block(struct javaser *j) {
  uint8_t c;
  if (j->block) {
    reader_skip(&j->r, j->block);
    j->block = 0;
    return true;
  }
  if (!javaser_read_peek(j, &c) || (c != TC_BLOCKDATA && c != TC_BLOCKDATALONG)) return false;
  reader_skip(&j->r, 1);
  reader_skip(&j->r, c == TC_BLOCKDATA ? reader_u8(&j->r) : reader_u32be(&j->r));
  return true;
}

bool javaser_read_end(struct javaser *j) {
  uint8_t c;
  while (javaser_read_block(j) && !j->r.bad) continue;
  if (!javaser_read_peek(j, &c) || c != TC_ENDBLOCKDATA) return false;
  reader_skip(&j->r, 1);
  return true;
}

/* ---- classes ---- */

/* A string, or the handle of one; what is neither is an error. */
static int type_name(struct javaser *j) {
  uint8_t c = reader_u8(&j->r);
  if (c == TC_REFERENCE) {
    (void)reader_u32be(&j->r);
  } else if (c == TC_STRING) {
    struct javaser_handle *h = javaser_read_new_handle(j);
    struct span s = read_utf(j);
    if (h) h->text = s;
  } else {
    return javaser_read_failed(j);
  }
  return j->r.bad ? ERR_TRUNC : 0;
}

static int field_names(struct javaser *j, uint16_t n) {
  for (uint16_t i = 0; i < n; i++) {
    uint8_t type = reader_u8(&j->r);
    (void)read_utf(j);
    int rc = type == '[' || type == 'L' ? type_name(j) : 0;
    if (rc < 0 || j->r.bad) return rc < 0 ? rc : ERR_TRUNC;
  }
  return 0;
}

/* Of a class: nobody's values. */
static int annotations(struct javaser *j) {
  int rc = 0;
  while (rc == 0 && !javaser_read_end(j)) rc = j->r.bad ? ERR_TRUNC : javaser_object(j, NULL);
  return rc;
}

static int new_class(struct javaser *j, uint16_t *one) {
  struct javaser_class c = {.name = read_utf(j)};
  reader_skip(&j->r, 8);
  struct javaser_handle *h = javaser_read_new_handle(j);
  c.flags = reader_u8(&j->r);
  c.fields = reader_u16be(&j->r);
  c.names = j->r.pos;
  if (j->nclasses == JAVASER_CLASSES) return ERR_CAP;
  uint32_t number = j->nclasses++;
  *one = (uint16_t)(number + 1);
  if (h) h->class_one = *one;
  j->class[number] = (struct javaser_class){.name = c.name}; /* until it is read */
  int rc = field_names(j, c.fields);
  if (rc == 0) rc = annotations(j);
  if (rc == 0) rc = javaser_read_class(j, &c.super_one);
  j->class[number] = c;
  return rc;
}

static int proxy_class(struct javaser *j, uint16_t *one) {
  uint32_t n = reader_u32be(&j->r);
  if (n > INTERFACES_MOST) return javaser_read_failed(j);
  (void)javaser_read_new_handle(j);
  for (uint32_t i = 0; i < n; i++) (void)read_utf(j);
  int rc = annotations(j);
  return rc < 0 ? rc : javaser_read_class(j, one);
}

int javaser_read_class(struct javaser *j, uint16_t *one) {
  *one = 0;
  uint8_t c = reader_u8(&j->r);
  if (c == TC_NULL) return j->r.bad ? ERR_TRUNC : 0;
  if (c == TC_REFERENCE) {
    const struct javaser_handle *h = javaser_read_handle(j, reader_u32be(&j->r));
    if (!h || !h->class_one) return javaser_read_failed(j);
    *one = h->class_one;
    return 0;
  }
  if (c != TC_CLASSDESC && c != TC_PROXYCLASSDESC) return javaser_read_failed(j);
  if (++j->depth > DEPTH_MOST) return ERR_CAP;
  int rc = c == TC_CLASSDESC ? new_class(j, one) : proxy_class(j, one);
  j->depth--;
  return rc;
}
