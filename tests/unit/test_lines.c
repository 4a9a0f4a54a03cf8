/* SPDX-License-Identifier: Apache-2.0 */
/* The user's files of lines: addresses on earth, segments, images. What is right is used, what is wrong is named with its line. */
#include "analytics/image_list.h"
#include "analytics/places.h"
#include "analytics/segments.h"
#include "base/err.h"
#include "temp.h"

static char path[TEMP_NAME];

/* A file of that text, until the next one. */
static const char *file(const char *text) {
  if (path[0]) unlink(path);
  return temp_text(path, text);
}

static const uint8_t inside[16] = {[10] = 0xff, [11] = 0xff, 10, 0, 0, 1};
static const uint8_t other[16] = {[10] = 0xff, [11] = 0xff, 198, 51, 100, 9};

static void test_places(void **state) {
  (void)state;
  struct places *p;
  struct conf_error err = {0};
  assert_int_equal(
      places_load(&p,
                  file("network,place,latitude,longitude\n# ours\n\n10.0.0.0/8,Shanghai,31.2,121.5\n"
                       " 10.0.0.0/24 , Beijing ,39.9,116.4"),
                  &err),
      0);
  assert_string_equal(places_of(p, inside)->name, "Beijing");
  assert_null(places_of(p, other));
  places_free(p);
  assert_int_equal(places_load(&p, file("10.0.0.0/8,a,1,2\n10.0.0.0/8,b,north,2\n"), &err), ERR_SYNTAX);
  assert_non_null(strstr(err.text, ":2: expected \"CIDR,place"));
  assert_int_equal(places_load(&p, "/nowhere/x", &err), ERR_IO);
  assert_non_null(strstr(err.text, "analytics.places_file"));
  assert_int_equal(places_load(&p, NULL, &err), 0);
  assert_null(p);
}

static void test_segments(void **state) {
  (void)state;
  struct segments *s;
  struct conf_error err = {0};
  unsigned line = 0;
  assert_int_equal(
      segments_load(&s, file("allow,10.0.0.0/8,198.51.100.0/24,443\r\ndeny,0.0.0.0/0,198.51.100.0/24\n"),
                    &err),
      0);
  assert_int_equal(segments_judge(s, inside, other, 443, &line), VERDICT_ALLOW);
  assert_int_equal(segments_judge(s, inside, other, 80, &line), VERDICT_DENY);
  assert_int_equal(line, 2);
  segments_free(s);
  assert_int_equal(segments_load(&s, file("permit,10.0.0.0/8,10.0.0.0/8\n"), &err), ERR_SYNTAX);
  assert_non_null(strstr(err.text, ":1: expected \"allow|deny"));
}

static void test_image_list(void **state) {
  (void)state;
  struct image_list *l;
  struct conf_error err = {0};
  assert_int_equal(image_list_load(&l, file("deny,sha256:02\nDENY , sha256:01\nregistry,reg.bank\n"), &err),
                   0);
  assert_true(image_list_denies(l, SPAN_LIT("sha256:01")) && image_list_denies(l, SPAN_LIT("sha256:02")));
  assert_false(image_list_denies(l, SPAN_LIT("reg.bank")));
  assert_true(image_list_names_registries(l) && image_list_has_registry(l, SPAN_LIT("reg.bank")));
  assert_false(image_list_has_registry(l, SPAN_LIT("sha256:01")));
  image_list_free(l);
  assert_int_equal(image_list_load(&l, file("deny,sha256:01\ndenied,sha256:02\n"), &err), ERR_SYNTAX);
  assert_non_null(strstr(err.text, ":2: expected \"deny,DIGEST\""));
  assert_int_equal(image_list_load(&l, "/nowhere/x", &err), ERR_IO);
  assert_non_null(strstr(err.text, "analytics.images_file"));
  assert_false(image_list_names_registries(NULL) || image_list_denies(NULL, SPAN_LIT("sha256:01")));
}

/* A line that does not fit is not taken for two. */
static void test_long_line(void **state) {
  (void)state;
  struct image_list *l;
  struct conf_error err = {0};
  char text[4096] = "deny,";
  memset(text + 5, 'a', 3000);
  strcpy(text + 3005, ",x\n");
  assert_int_equal(image_list_load(&l, file(text), &err), ERR_SYNTAX);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_places), cmocka_unit_test(test_segments),
                                     cmocka_unit_test(test_image_list), cmocka_unit_test(test_long_line)};
  int failed = cmocka_run_group_tests(tests, NULL, NULL);
  unlink(path);
  return failed;
}
