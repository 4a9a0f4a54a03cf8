/* SPDX-License-Identifier: Apache-2.0 */
/* Names of the error codes. */
#include "base/err.h"

const char *err_str(int code) {
  if (code >= 0) return "no error";
  switch ((enum err)code) {
  case ERR_NOMEM: return "out of memory";
  case ERR_CAP: return "a configured cap was reached";
  case ERR_SYNTAX: return "syntax error";
  case ERR_RANGE: return "value out of range";
  case ERR_TRUNC: return "input ends too early";
  case ERR_IO: return "input/output error";
  case ERR_UNSUPPORTED: return "not supported";
  case ERR_NOTFOUND: return "not found";
  case ERR_AGAIN: return "nothing to do now";
  }
  return "unknown error";
}
