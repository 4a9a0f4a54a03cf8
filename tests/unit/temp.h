/* SPDX-License-Identifier: Apache-2.0 */
/* Files and folders that live as long as a test. */
#ifndef TESTS_UNIT_TEMP_H
#define TESTS_UNIT_TEMP_H

#include "cmocka_all.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { TEMP_NAME = 32 };

/** Write a text to a path. */
static inline void write_text(const char *path, const char *text) {
  FILE *f = fopen(path, "w");
  assert_non_null(f);
  assert_true(fputs(text, f) >= 0);
  assert_int_equal(fclose(f), 0);
}

/** A new file with this text. The caller unlinks it. */
static inline const char *temp_text(char path[TEMP_NAME], const char *text) {
  snprintf(path, TEMP_NAME, "/tmp/tapscope-test-XXXXXX");
  int fd = mkstemp(path);
  assert_true(fd >= 0);
  close(fd);
  write_text(path, text);
  return path;
}

/** A new, empty folder. The caller removes it with temp_drop. */
static inline const char *temp_folder(char dir[TEMP_NAME]) {
  snprintf(dir, TEMP_NAME, "/tmp/tapscope-test-XXXXXX");
  assert_non_null(mkdtemp(dir));
  return dir;
}
static inline void temp_drop(const char *dir) {
  char cmd[64];
  snprintf(cmd, sizeof cmd, "rm -rf %s", dir);
  assert_int_equal(system(cmd), 0);
}

/** Around all tests: a folder of theirs. */
static char temp_dir[TEMP_NAME];
static inline int temp_begin(void **state) {
  (void)state;
  temp_folder(temp_dir);
  return 0;
}
static inline int temp_end(void **state) {
  (void)state;
  temp_drop(temp_dir);
  return 0;
}

#endif
