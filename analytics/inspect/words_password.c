/* SPDX-License-Identifier: Apache-2.0 */
/* The most common passwords, and the defaults of well-known products. */
#include "analytics/inspect/normalize.h"
#include "analytics/inspect/words.h"

/* One entry of the list per common password, folded to lower case. */
bool words_common_password(struct span s) {
  static const char *const list[] = {
      "admin",     "password",  "123456",   "12345678",  "123456789", "1234567890",    "111111",  "000000",
      "admin123",  "admin@123", "root",     "toor",      "test",      "guest",         "qwerty",  "abc123",
      "password1", "passw0rd",  "p@ssw0rd", "666666",    "888888",    "123123",        "654321",  "1q2w3e4r",
      "1qaz2wsx",  "welcome1",  "changeme", "letmein",   "nacos",     "123qwe",        "a123456", "woaini",
      "5201314",   "qwe123",    "default",  "tomcat",    "weblogic",  "administrator", "12345",   "1234",
      "admin888",  "root123",   "test123",  "qwerty123", NULL};
  uint8_t low[24];
  if (!s.len || s.len > sizeof low) return false;
  normalize_lower(s, low);
  return span_in(span_of(low, s.len), list);
}
