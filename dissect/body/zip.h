/* SPDX-License-Identifier: Apache-2.0 */
/* Members of a ZIP archive, for what is built of it. */
#ifndef DISSECT_BODY_ZIP_H
#define DISSECT_BODY_ZIP_H

#include "dissect/body/walk.h"

enum { ZIP_MEMBERS = 64, ZIP_BYTES = 32 << 20 };
struct zip_member {
  struct span name;
  struct buf text; /* unpacked, up to the cap */
};
/** Walk the sheets of a workbook: the first row of a sheet names its columns. As body_format.walk. */
int xlsx_walk(struct body_walk *w, struct zip_member *m, unsigned n);

#endif
