/* SPDX-License-Identifier: Apache-2.0 */
/* Hessian over HTTP (hessian.caucho.com): the method stands in the body. */
#include "dissect/body/hessian.h"
#include "dissect/model/dialect.h"

static void read_answer(struct txn *t) {
  struct hessian h;
  enum hessian_envelope what;
  struct span method;
  uint64_t args;
  struct span body = side_body(&t->side[DIR_RESPONSE]);
  if (body.len < 4 || hessian_open(&h, body, NULL, &what, &method, &args) < 0 || what == HESSIAN_BARE) return;
  t->outcome = what == HESSIAN_FAULT ? TXN_ERROR : TXN_OK;
}

bool hessian_apply(struct dialect *d) {
  struct hessian h;
  enum hessian_envelope what;
  struct span method;
  uint64_t args;
  struct span body = side_body(&d->t->side[DIR_REQUEST]);
  if (body.len < 4 || hessian_open(&h, body, NULL, &what, &method, &args) < 0 || what != HESSIAN_CALL)
    return false;
  d->name = "hessian";
  dialect_operation(d, method);
  read_answer(d->t);
  return true;
}
