/* SPDX-License-Identifier: Apache-2.0 */
/* Bodies that are told by their first bytes and not walked. */
#ifndef DISSECT_BODY_FILETYPE_H
#define DISSECT_BODY_FILETYPE_H

#include "dissect/body/body.h"

extern const struct body_format pdf_format, image_format, binary_format;
/** "png", "pdf", "gzip", "elf"… by magic number, or NULL. Static text. */
const char *filetype_name(struct span head);
/** What a file is by its content: the same, inside of ZIP archives "xlsx", "docx", "jar"…, else "php", "jsp", "script", "json",
 *  "xml", "html", "csv", "text" or "binary". Static text; "empty" for none. */
const char *filetype_of(struct span body);
/** Whether a magic number's type is a document, an image or an archive, rather than what pages and programs are built of. */
bool filetype_is_file(const char *type);
/** Whether `type` contradicts a media type (lower case) or, where that says nothing, a name's extension. Empty spans say nothing. */
bool filetype_differs(const char *type, struct span mime, struct span extension);

#endif
