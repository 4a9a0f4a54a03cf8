/* SPDX-License-Identifier: Apache-2.0 */
/* Fields of a message as a JSON Schema. Private to the export. */
#ifndef OUTPUT_OPENAPI_SCHEMA_H
#define OUTPUT_OPENAPI_SCHEMA_H

#include "analytics/schema_book.h"
#include "output/json.h"

/** Write the schema of a parameter. */
void openapi_schema_field(struct json *j, const struct schema_book *b, const struct schema_field *f);
/** Write the schema of all fields of a place as one object; false (and nothing written) when there are none. */
bool openapi_schema_body(struct json *j, const struct schema_book *b, enum schema_place place,
                         struct arena *arena);

#endif
