/* SPDX-License-Identifier: Apache-2.0 */
/* A frame decoder with the options as they stand by default, for tests of the capture. */
#ifndef TESTS_UNIT_DECODER_H
#define TESTS_UNIT_DECODER_H

#include "capture/capture.h"
#include "cmocka_all.h"

static struct capture_conf conf;
static struct counters ctr;
static struct decoder *dec;
static struct buf scratch;

/** Around each test: a decoder, with counters at nought. */
static inline int decoder_begin(void **state) {
  (void)state;
  memset(&ctr, 0, sizeof ctr);
  dec = decoder_new(&conf, 42, &ctr);
  return !dec;
}
static inline int decoder_end(void **state) {
  (void)state;
  decoder_free(dec);
  return 0;
}

static const struct conf_section decoder_sections[] = {{"capture", capture_options, &conf},
                                                       {NULL, NULL, NULL}};

/** Around all tests: options and room. */
static inline int decoder_setup(void **state) {
  (void)state;
  buf_init(&scratch, NULL, 0);
  return conf_defaults(decoder_sections) < 0;
}
static inline int decoder_teardown(void **state) {
  (void)state;
  buf_done(&scratch);
  conf_done(decoder_sections);
  return 0;
}

#define DECODER_TEST(name) cmocka_unit_test_setup_teardown(name, decoder_begin, decoder_end)

#endif
