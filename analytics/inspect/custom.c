/* SPDX-License-Identifier: Apache-2.0 */
/* The user's own patterns at work: PCRE2 on values in which the prefilter saw them. */
#include "analytics/inspect/custom.h"
#include "analytics/inspect/rules.h"

enum { CUSTOM_STEPS = 100000 };

bool custom_match(const struct custom *c, struct span text) {
  pcre2_match_data *data = pcre2_match_data_create(1, NULL);
  pcre2_match_context *limits = pcre2_match_context_create(NULL);
  bool found = false;
  if (data && limits) {
    pcre2_set_match_limit(limits, CUSTOM_STEPS);
    found = pcre2_match(c->code, text.base, text.len, 0, PCRE2_NO_UTF_CHECK, data, limits) >= 0;
  }
  pcre2_match_context_free(limits);
  pcre2_match_data_free(data);
  return found;
}

void custom_free(struct custom_set *s) {
  while (s) {
    struct custom_set *older = s->older;
    for (unsigned i = 0; i < s->count; i++) pcre2_code_free(s->item[i].code);
    arena_done(&s->arena);
    mem_free(s);
    s = older;
  }
}

static void value(struct inspect_ctx *cx, const struct leaf *leaf) {
  (void)leaf;
  const struct custom_set *s = words_custom(cx->rules);
  for (unsigned i = 0; s && i < s->count; i++) {
    const struct custom *c = &s->item[i];
    if (!(cx->form->custom & BIT(i)) || !(c->places & BIT(cx->place)) || inspect_done(cx, &c->rule)) continue;
    if (custom_match(c, cx->form->text)) inspect_attack(cx, &c->rule, c->confidence, 0);
  }
}

/* Each pattern has a rule of its own. */
const struct inspection inspect_custom = {.rule = NULL, .value = value, .wants = BIT(WORD_CUSTOM)};
