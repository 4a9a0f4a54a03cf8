/* SPDX-License-Identifier: Apache-2.0 */
/* Headers are written the same whether they are remembered or not, and one that is to be hidden is hidden though it was shown before. */
#include "output/encoder.h"
#include "tests/unit/cmocka_all.h"

static struct header known(const char *name, const char *value) {
  return (struct header){span_str(name), span_str(value), true, true};
}

static const char *write(struct encoder *e, struct header *h, uint32_t n, const struct redactions *r) {
  static char text[4096];
  struct headers hs = {h, n, n};
  buf_reset(&e->out);
  e->j.bad = false;
  encoder_headers(e, &hs, r);
  assert_false(e->j.bad);
  assert_true(e->out.len < sizeof text);
  memcpy(text, e->out.base, e->out.len);
  text[e->out.len] = 0;
  return text;
}

static struct encoder *fresh(struct output_conf *conf) {
  *conf = (struct output_conf){.sample_calls = 1};
  struct encoder *e = encoder_new(conf, "0");
  assert_non_null(e);
  return e;
}

static void test_again_and_again(void **state) {
  (void)state;
  struct output_conf conf;
  struct encoder *e = fresh(&conf);
  struct header h[] = {known("User-Agent", "probe/1.0 \"x\""), known("Accept", "a"), known("Accept", "b"),
                       known("Authorization", "Bearer 123456789"), known("X-Note", "")};
  for (int i = 0; i < 5; i++)
    assert_string_equal(write(e, h, 5, NULL),
                        "\"headers\":{\"user-agent\":[\"probe/1.0 \\\"x\\\"\"],\"accept\":[\"a\",\"b\"],"
                        "\"authorization\":[\"Bearer ***\"],\"x-note\":[\"\"]},");
  h[0] = known("user-agent", "probe/1.0 \"y\"");
  h[1].value = SPAN_LIT("c");
  for (int i = 0; i < 5; i++)
    assert_string_equal(write(e, h, 2, NULL),
                        "\"headers\":{\"user-agent\":[\"probe/1.0 \\\"y\\\"\"],\"accept\":[\"c\"]},");
  encoder_free(e);
}

static void test_hidden_later(void **state) {
  (void)state;
  struct output_conf conf;
  struct encoder *e = fresh(&conf);
  struct header h = known("x-customer", "Zhang San");
  struct span raw = h.value;
  struct redactions r = {&raw, 1, 1, false}, all = {.all = true};
  for (int i = 0; i < 5; i++) {
    assert_string_equal(write(e, &h, 1, NULL), "\"headers\":{\"x-customer\":[\"Zhang San\"]},");
    assert_string_equal(write(e, &h, 1, &r), "\"headers\":{\"x-customer\":[\"*********\"]},");
    assert_null(strstr(write(e, &h, 1, &all), "Zhang"));
  }
  encoder_free(e);
}

/* Names are told apart by what is shown of them. */
static void test_long_names(void **state) {
  (void)state;
  struct output_conf conf;
  struct encoder *e = fresh(&conf);
  char a[131], b[132];
  memset(a, 'n', sizeof a), memset(b, 'n', sizeof b);
  struct header h[] = {{span_of(a, sizeof a), SPAN_LIT("1"), true, true},
                       {span_of(b, sizeof b), SPAN_LIT("2"), true, true}};
  for (int i = 0; i < 5; i++) {
    const char *text = write(e, h, 2, NULL);
    assert_non_null(strstr(text, ":[\"1\",\"2\"]},"));
  }
  encoder_free(e);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_again_and_again),
                                     cmocka_unit_test(test_hidden_later), cmocka_unit_test(test_long_names)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
