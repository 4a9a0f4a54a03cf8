/* SPDX-License-Identifier: Apache-2.0 */
/* Words of keys that say nothing of a class themselves, and those that say it is none. Lists end with NULL. */
#ifndef ANALYTICS_DATA_KEY_WORDS_H
#define ANALYTICS_DATA_KEY_WORDS_H

extern const char *const key_words_roles[];     /* who or what kind: customer, payee, old… */
extern const char *const key_words_tails[];     /* kind of thing, at the end: number, list… */
extern const char *const key_words_technical[]; /* what a system counts or times */
/** Ends of the last word of keys under which a bare number is a count, a time, a sum or the number of a thing; "=": all of the word. */
extern const char *const key_words_counts[];

#endif
