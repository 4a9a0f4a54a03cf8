/* SPDX-License-Identifier: Apache-2.0 */
/* Names of what events hold. */
#include "analytics/event.h"
#include "analytics/finding.h"

const char *event_hidden_name(enum data_hidden h) {
  static const char *const names[] = {"shown", "masked", "hashed", "encrypted"};
  return (unsigned)h < sizeof names / sizeof *names ? names[h] : "shown";
}

const char *auth_kind_name(enum auth_kind k) {
  static const char *const names[AUTH_KINDS] = {"none", "basic",     "digest",  "bearer",
                                                "jwt",  "session",   "api_key", "signature",
                                                "mtls", "negotiate", "login"};
  return k < AUTH_KINDS ? names[k] : "none";
}

bool event_is_attack(const struct api_event *e) {
  for (const struct signal *s = e->signals; s; s = s->next)
    if (s->rule->category == CATEGORY_ATTACK) return true;
  return false;
}
