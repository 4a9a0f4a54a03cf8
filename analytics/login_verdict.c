/* SPDX-License-Identifier: Apache-2.0 */
/* Whether an answer says yes or no by its fields, whatever its status: {"code":"A0001","msg":"密码错误"}. */
#include "analytics/login_verdict.h"
#include "analytics/login_words.h"
#include "analytics/notes.h"

bool login_is_refusal(struct span v) {
  /* clang-format off */
  static const char *const bad[] = {
    "invalid", "incorrect", "wrong", "fail", "denied", "unauthor", "not match", "mismatch", "locked",
    "expired", "not exist", "not found", "bad cred", "forbidden", "disabled", "blocked",
    "\xe9\x94\x99\xe8\xaf\xaf", "\xe5\xa4\xb1\xe8\xb4\xa5", "\xe4\xb8\x8d\xe6\xad\xa3\xe7\xa1\xae",
    "\xe4\xb8\x8d\xe5\xad\x98\xe5\x9c\xa8", "\xe9\x94\x81\xe5\xae\x9a", "\xe6\x97\xa0\xe6\x95\x88",
    "\xe6\x8b\x92\xe7\xbb\x9d", "\xe8\xbf\x87\xe6\x9c\x9f", NULL,
  };
  /* clang-format on */
  uint8_t low[256];
  v = span_head(v, sizeof low);
  for (size_t i = 0; i < v.len; i++)
    low[i] = (uint8_t)(v.base[i] + ((uint8_t)(v.base[i] - 'A') < 26 ? 32 : 0));
  return login_any_in(span_of(low, v.len), bad);
}

static bool good_code(struct span v) {
  WORDS(good, "0", "00", "000", "0000", "00000", "000000", "200", "20000", "ok", "OK", "Ok", "success",
        "SUCCESS", "Success", "true", "1", "A00000", "S0000", "succeeded", "S", "Y", "10000", "成功",
        "0000000000");
  size_t letters = 0;
  if (span_in(v, good)) return true;
  while (letters < v.len && (uint8_t)((v.base[letters] | 32) - 'a') < 26) letters++;
  if (v.len < letters + 3 || letters > 6) return v.len == 7 && span_eq(v, SPAN_LIT("AAAAAAA"));
  for (size_t i = letters; i < v.len; i++) /* SUC0000, 00000000 */
    if (v.base[i] != '0') return false;
  return true;
}

/* "status" and "result" hold many things that are no verdict: "ACTIVE", a session's id. */
static bool is_bad_code(struct span v) {
  WORDS(bad, "f", "n", "e", "no", "nok", "ko", "error", "err", "false", "deny", "reject", "rejected");
  uint8_t low[24];
  struct span s = login_squeeze(v, low, sizeof low);
  bool digits = s.len > 0;
  for (size_t i = 0; i < s.len; i++) digits &= (uint8_t)(s.base[i] - '0') < 10;
  return digits || span_in(s, bad) || login_has(s, "err") || login_is_refusal(v);
}

enum verdict { VERDICT_NONE = 1, VERDICT_FLAG, VERDICT_CODE, VERDICT_STATE, VERDICT_TEXT, VERDICT_TOKEN };

static enum verdict judge_answer(struct span key) {
  WORDS(flags, "success", "succeed", "ok", "issuccess", "authenticated", "loggedin", "valid", "verified",
        "passed");
  WORDS(states, "status", "result", "状态", "结果");
  WORDS(codes, "code", "errcode", "errorcode", "retcode", "resultcode", "respcode", "returncode",
        "statuscode", "rspcode", "rescode", "rtncode", "rtcode", "responsecode", "bizcode", "subcode",
        "errno", "errorno", "返回码", "响应码");
  WORDS(texts, "message", "msg", "error", "errmsg", "errormessage", "errordescription", "detail", "reason",
        "retmsg", "respmsg", "rspmsg", "errormsg", "resultmsg", "returnmsg", "responsemsg", "resmsg",
        "errordesc", "respdesc", "statusmessage", "title", "消息", "信息", "提示", "原因", "错误信息");
  WORDS(tokens, "token", "accesstoken", "idtoken", "refreshtoken", "jwt", "sessionid", "sid", "ticket",
        "authtoken");
  uint8_t buf[32];
  struct span k = login_squeeze(key, buf, sizeof buf);
  if (span_in(k, flags)) return VERDICT_FLAG;
  if (span_in(k, states)) return VERDICT_STATE;
  if (span_in(k, codes)) return VERDICT_CODE;
  if (span_in(k, texts)) return VERDICT_TEXT;
  return span_in(k, tokens) ? VERDICT_TOKEN : VERDICT_NONE;
}

static enum verdict verdict_of(const struct leaf *leaf) {
  uint16_t *note = notes_at(leaf, NOTE_VERDICT);
  if (!note) return judge_answer(leaf->key);
  if (!*note) *note = (uint16_t)judge_answer(leaf->key);
  return (enum verdict) * note;
}

void login_verdict_take(struct login_verdict *said, const struct leaf *leaf, bool remote) {
  struct span v = leaf->value;
  if (remote && span_starts(leaf->path, SPAN_LIT("errors[")) && v.len) said->verdict = -1; /* of GraphQL */
  switch (verdict_of(leaf)) {
  case VERDICT_FLAG:
    said->verdict = span_eq(v, SPAN_LIT("true")) || good_code(v) ? (said->verdict < 0 ? -1 : 1) : -1;
    break;
  case VERDICT_STATE:
    if (!good_code(v) && !is_bad_code(v)) break;
    /* fallthrough */
  case VERDICT_CODE:
    if (v.len && v.len < 24 && leaf->type != LEAF_NULL)
      said->verdict = good_code(v) && said->verdict >= 0 ? 1 : good_code(v) ? said->verdict : -1;
    break;
  case VERDICT_TEXT:
    if (v.len > 1 && login_is_refusal(v)) said->verdict = -1;
    break;
  case VERDICT_TOKEN:
    if (v.len >= 8) said->token = true;
    break;
  default: break;
  }
}
