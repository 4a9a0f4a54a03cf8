/* SPDX-License-Identifier: Apache-2.0 */
/* Text with formatting, as editors in web pages make it: what stands in it and does nothing by itself. */
#ifndef ANALYTICS_INSPECT_RICH_H
#define ANALYTICS_INSPECT_RICH_H

#include "base/span.h"

/** Whether s (lower case) is prose in paragraphs, lists or tables of HTML: several formatting tags, closed again, and words
 *  between them. */
bool rich_is_text(struct span s);
/** Whether what was sent as the text of an HTML element called `key` is markup that is escaped, for readers to see. */
bool rich_is_shown(struct span key, struct span raw);
/** Whether a tag of that name with these attributes runs nothing, loads nothing that runs in the page's name and sends
 *  nothing elsewhere; attributes for events and addresses that are scripts are the caller's to look at. */
bool rich_is_passive(struct span name, struct span attributes);

#endif
