/* SPDX-License-Identifier: Apache-2.0 */
/* Error codes shared by the whole tree. */
#ifndef BASE_ERR_H
#define BASE_ERR_H

/** Results are int: >= 0 is good, < 0 is one of these. */
enum err {
  ERR_NOMEM = -1,  /* allocation failed */
  ERR_CAP = -2,    /* a configured cap was reached */
  ERR_SYNTAX = -3, /* input does not follow its grammar */
  ERR_RANGE = -4,  /* value outside its allowed range */
  ERR_TRUNC = -5,  /* input ends too early */
  ERR_IO = -6,     /* the operating system refused; see errno */
  ERR_UNSUPPORTED = -7,
  ERR_NOTFOUND = -8,
  ERR_AGAIN = -9, /* nothing to do now; call again later */
};

/** Name a code in plain words. Never NULL. */
const char *err_str(int code);

#endif
