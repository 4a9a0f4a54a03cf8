/* SPDX-License-Identifier: Apache-2.0 */
/* What the heap of test builds can be asked besides its environment. */
#ifndef BASE_MEM_FAIL_H
#define BASE_MEM_FAIL_H

/** Refuse the n-th request from now on and the run - 1 after it; n 0: none. */
void mem_fail_at(unsigned long n, unsigned long run);
/** Requests made so far, over all threads. */
unsigned long mem_fail_seen(void);

#endif
