/* SPDX-License-Identifier: Apache-2.0 */
/* Bodies that are told by their first bytes and not walked. */
#ifndef DISSECT_BODY_FILETYPE_H
#define DISSECT_BODY_FILETYPE_H

#include "dissect/body/body.h"

extern const struct body_format pdf_format, image_format, binary_format;
/** "png", "pdf", "gzip", "elf"… by magic number, or NULL. Static text. */
const char *filetype_name(struct span head);

#endif
