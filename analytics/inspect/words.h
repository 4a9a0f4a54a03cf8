/* SPDX-License-Identifier: Apache-2.0 */
/* Words that point to attacks: the prefilter's table, and the answers' one. */
#ifndef ANALYTICS_INSPECT_WORDS_H
#define ANALYTICS_INSPECT_WORDS_H

#include "analytics/inspect/inspect.h"

enum word_group {
  WORD_SQL,
  WORD_XSS,
  WORD_CMD,
  WORD_PATH,
  WORD_RFI,
  WORD_SSRF,
  WORD_XXE,
  WORD_TEMPLATE,
  WORD_EXPR,
  WORD_JNDI,
  WORD_JAVA,
  WORD_DESER,
  WORD_FASTJSON,
  WORD_SPRING,
  WORD_STRUTS,
  WORD_PHP,
  WORD_NODE,
  WORD_PROTO,
  WORD_NOSQL,
  WORD_LDAP,
  WORD_XPATH,
  WORD_CRLF,
  WORD_SCANNER,
  WORD_WEBSHELL,
  WORD_GRAPHQL,
  WORD_SSI,
  WORD_SQLFN,
  WORD_DOTS,
  WORD_CUSTOM,
  WORD_GROUPS
};
enum answer_group {
  ANSWER_PASSWD,
  ANSWER_WINFILE,
  ANSWER_SHELL,
  ANSWER_SQL,
  ANSWER_JAVA,
  ANSWER_PYTHON,
  ANSWER_PHP,
  ANSWER_NET,
  ANSWER_GO,
  ANSWER_RUBY,
  ANSWER_NODE,
  ANSWER_LISTING,
  ANSWER_PHPINFO,
  ANSWER_GIT,
  ANSWER_ENVFILE,
  ANSWER_ACTUATOR,
  ANSWER_SWAGGER,
  ANSWER_DRUID,
  ANSWER_HEAPDUMP,
  ANSWER_WEBSHELL,
  ANSWER_PRIVATE_KEY,
  ANSWER_SOURCE,
  ANSWER_CONSOLE,
  ANSWER_METADATA,
  ANSWER_KUBE,
  ANSWER_NACOS,
  ANSWER_SQLDUMP,
  ANSWER_GROUPS
};
#define BIT(g) (1ULL << (g))

/** A pattern (Hyperscan's subset of PCRE, without case unless WORD_CASED) worth some points of its group; ten make an attack
 *  for the groups that judge by points alone. */
struct word {
  const char *pattern;
  uint8_t group, points;
  bool cased;
};
extern const struct word words_request[]; /* pattern NULL at the end */
/** Literal texts of answers. */
struct answer_word {
  const char *text;
  uint8_t group;
};
extern const struct answer_word words_answer[];

/** Whether s, letters' case aside, is one of the most common passwords. */
bool words_common_password(struct span s);

/** The user's patterns, NULL where there are none. */
struct custom_set;
const struct custom_set *words_custom(const struct inspect_rules *r);

/** Run the request's words over one form: sets bits and points. scratch is the worker's. */
struct hs_scratch;
void words_scan(const struct inspect_rules *r, struct hs_scratch *scratch, struct inspect_form *f);
/** Run the answer's words: at[group] becomes the end offset of the first hit. */
uint64_t words_scan_answer(const struct inspect_rules *r, struct hs_scratch *scratch, struct span body,
                           size_t at[ANSWER_GROUPS]);
/** Scratch for one worker. ERR_NOMEM. */
int words_scratch(const struct inspect_rules *r, struct hs_scratch **out);
void words_scratch_free(struct hs_scratch *scratch);

#endif
