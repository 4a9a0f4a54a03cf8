/* SPDX-License-Identifier: Apache-2.0 */
/* The fixed parts of the report's page. */
#ifndef OUTPUT_REPORT_PAGE_H
#define OUTPUT_REPORT_PAGE_H

extern const char report_page_head[]; /* up to the data */
extern const char report_page_tail[]; /* after them */

#endif
