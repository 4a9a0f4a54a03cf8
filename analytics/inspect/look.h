/* SPDX-License-Identifier: Apache-2.0 */
/* One text of a request through the rows whose words or bytes occur in it; the state of the engine, which inspect.c walks requests with. */
#ifndef ANALYTICS_INSPECT_LOOK_H
#define ANALYTICS_INSPECT_LOOK_H

#include "analytics/inspect/inspect.h"
#include "analytics/inspect/normalize.h"
#include "analytics/inspect/words.h"

enum {
  INSPECT_CLEAN = 256,   /* header values known to be harmless */
  INSPECT_ISSUERS = 256, /* of tokens */
};

struct inspect {
  struct inspect_ctx cx;
  struct hs_scratch *hs;
  struct inspect_form form[INSPECT_FORMS];
  uint8_t text[INSPECT_FORMS][INSPECT_TEXT], low[INSPECT_FORMS][INSPECT_TEXT];
  uint8_t decoded[INSPECT_TEXT]; /* of a query parameter */
  uint8_t keybuf[512];
  uint64_t clean[INSPECT_CLEAN];
  uint64_t issuer[INSPECT_ISSUERS]; /* the lowest bit: signs with a common secret */
  struct zones zones;
  uint64_t wanted; /* of all rows */
  uint64_t only;   /* rows that want any of these word groups; 0 for all */
  bool own_form;   /* a form's body was read here already */
  uint32_t wanted_classes;
  size_t answer_at[ANSWER_GROUPS];
  const struct watch *watch; /* NULL: nobody measures */
};

/** Look at a value as it stands and decoded. plus: '+' may be a blank. */
void look_text(struct inspect *in, enum place place, const struct leaf *leaf, bool plus);
/** Look at a name, which counts as a value when it holds more than a name does. */
void look_key(struct inspect *in, enum place place, struct span key);
/** Note a password of lists in a field of that name; what becomes of it is judged once the answer is known. */
void look_password(struct inspect *in, const struct leaf *l);
/** Whether nothing of these classes of bytes can be an attack in a value of len bytes. */
bool look_plain(uint32_t classes, size_t len);
/** The name that a row's work is measured under. */
const char *look_row_name(const struct inspection *row);

#endif
