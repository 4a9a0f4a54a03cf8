/* SPDX-License-Identifier: Apache-2.0 */
/* Whether an answer says yes or no by its fields, whatever its status: {"code":"A0001","msg":"密码错误"}. */
#ifndef ANALYTICS_LOGIN_VERDICT_H
#define ANALYTICS_LOGIN_VERDICT_H

#include "dissect/body/body.h"

struct login_verdict {
  int verdict; /* of the answer's fields: 1 good, -1 bad, 0 nothing said */
  bool token;  /* it gives one */
};

/** Take a leaf of the answer. remote: of a procedure, whose errors stand in a list. */
void login_verdict_take(struct login_verdict *said, const struct leaf *leaf, bool remote);
/** Whether the text says no: "invalid", "失败". */
bool login_is_refusal(struct span v);

#endif
