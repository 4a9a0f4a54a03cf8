/* SPDX-License-Identifier: Apache-2.0 */
/* Values that stand for private ones without showing them: masked, hashed, encrypted. */
#ifndef ANALYTICS_DATA_FORM_H
#define ANALYTICS_DATA_FORM_H

#include "analytics/data/classes.h"

/** How v hides what it stands for: stars or circles; the length and alphabet of a digest (MD5, SHA-1, SHA-2, SM3; hex); a
 *  cipher's output (base64 of whole blocks, or of a JWE). key_says: what the key's name says by itself. */
enum data_hidden form_of(struct span v, enum data_hidden key_says);
/** Whether a key's name says that its value is hashed or encrypted: idNoMd5, mobile_enc, 手机号密文. */
enum data_hidden form_of_key(struct span key,
                             struct span *bare); /* bare: the key without that word; may be NULL */
/** The class that the mask alone tells of: 138****8000, 4201**********7323, 6222 **** **** 0123, z***@qq.com; NULL for none. */
const char *form_masked_class(struct span v);
/** Classes whose values may be hidden: those of persons, not credentials and identifiers of devices. */
bool form_applies(const struct data_class *c);

#endif
