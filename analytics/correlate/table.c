/* SPDX-License-Identifier: Apache-2.0 */
/* The correlations, in the order in which they see an event. */
#include "analytics/correlate/correlate.h"

const struct correlation *const correlation_table[] = {
    NULL,
};
