/* SPDX-License-Identifier: Apache-2.0 */
/* Checks that each line of standard input is a JSON object that any store takes: UTF-8, no key twice, no NUL in a key, numbers
 * of 64 bits at most. Prints how many lines there are; leaves with 1 after telling the first bad one. Reads to the end always. */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

int main(void) {
  char *line = NULL;
  size_t size = 0;
  unsigned long lines = 0, bytes = 0, bad = 0;
  for (ssize_t n; (n = getline(&line, &size, stdin)) > 0;) {
    json_error_t error;
    lines++;
    bytes += (unsigned long)n;
    json_t *o = json_loadb(line, (size_t)n, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, &error);
    if ((!o || !json_is_object(o) || line[n - 1] != '\n') && !bad++)
      fprintf(stderr, "line %lu is not JSON: %s: %.1000s\n", lines, o ? "no object, or cut" : error.text,
              line);
    json_decref(o);
  }
  printf("%lu %lu\n", lines, bytes);
  free(line);
  return bad ? 1 : 0;
}
