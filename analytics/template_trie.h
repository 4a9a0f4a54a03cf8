/* SPDX-License-Identifier: Apache-2.0 */
/* Inside of the template learner: the trie of what was seen, and the view of it that folds variables. */
#ifndef ANALYTICS_TEMPLATE_TRIE_H
#define ANALYTICS_TEMPLATE_TRIE_H

#include "analytics/template.h"
#include "base/table.h"

enum { TRIE_SEGMENTS = 32, TRIE_CHILDREN = 1024, TRIE_TEXT = 128 };

/** A place in the tree of paths. In the evidence: as seen. In a view: groups of such, variables folded. */
struct trie_node {
  struct table_entry te;                   /* by parent and segment */
  struct trie_node *parent, *child, *next; /* first child, next sibling, in order of making */
  struct span text;                        /* segment; of a variable: the extension it keeps, often empty */
  uint32_t id, calls, ends, nchild;        /* ends: calls that end here */
  bool variable, folded;                   /* folded (view): the word stands for its parent's variable */
  bool settled, takes_words; /* of an earlier run: a word that stays one; a variable that words stood for */
  uint8_t shape;
  struct trie_node *into; /* view: where folded words lead */
  uint64_t print[2];      /* of answers to GET that end here: the smallest two, 0 for none */
};
struct trie {
  struct table nodes;
  struct arena arena;
  uint32_t next_id;
  size_t cap; /* most nodes */
};
/** An empty trie of at most cap nodes. 0 or ERR_NOMEM. */
int trie_init(struct trie *t, size_t cap);
void trie_done(struct trie *t);
/** Forget all nodes. */
void trie_reset(struct trie *t);
/** The root, made where there is none. NULL without memory. */
struct trie_node *trie_root(struct trie *t);
/** The child for a segment, or for the variable there; NULL where there is none. */
struct trie_node *trie_child(const struct trie *t, const struct trie_node *parent, struct span text,
                             bool variable);
/** The child, made where there is none. NULL at the cap or without memory. */
struct trie_node *trie_get(struct trie *t, struct trie_node *parent, struct span text, bool variable);

/** How a segment is filed: *variable, and the text that the node is known by. */
struct span trie_key(struct span segment, enum template_shape shape, struct span before, bool *variable);

/** What the children of one place look like together. */
struct trie_company {
  uint32_t words, calls;    /* word-like children; their calls */
  uint32_t numbered, slugs; /* ending in a number; that or hyphenated */
  uint32_t leaves;          /* ending there with nothing below */
  uint32_t told;            /* words with answers whose form is known */
  uint32_t variable_calls;
  bool takes_words; /* words stood for the variable here before */
};
/** Evidence about one word. */
struct trie_word {
  struct span text;
  uint32_t calls;
  bool leaf, below;         /* ends here with nothing below; has something below */
  bool below_like_variable; /* what is below is also below the variable beside it */
  uint32_t alike;           /* most siblings that share one of the names below it */
  bool told;                /* has answers of a form that other places do not have */
  bool same_as_variable;    /* and the variable beside it has them too */
  uint32_t same;            /* and so many siblings */
};
enum trie_before { BEFORE_ROOT, BEFORE_VARIABLE, BEFORE_VERSION, BEFORE_PLURAL, BEFORE_WORD };
enum trie_before template_word_before_text(struct span before);
enum trie_before template_word_before_of(const struct trie_node *parent);
/** Log-odds that the word is a value of a variable. Weights from public API descriptions by logistic regression. */
double template_word_judge(const struct trie_word *w, const struct trie_company *c, enum trie_before before);
bool template_word_is_numbered(struct span word);
bool template_word_is_slug(struct span word);

/** Answers by their form, of a whole service, and of the children of one place. */
struct trie_prints {
  struct table table;
  struct arena arena;
};
/** Remember the form of an answer to a call that ended at n; 0 for none. */
void template_print_note(struct trie_node *n, uint64_t print);
/** ERR_NOMEM; template_print_done is due in any case. */
int template_print_init(struct trie_prints *p, const struct trie *evidence);
void template_print_done(struct trie_prints *p);
/** Count n (of group, from 1) as a child of the place; tell what is known of a child; forget the place. */
void template_print_add(struct trie_prints *p, const struct trie_node *n, uint32_t group, bool variable);
void template_print_tell(struct trie_prints *p, const struct trie_node *n, struct trie_word *w);
void template_print_clear(struct trie_prints *p, const struct trie_node *n);

/** Build the view of evidence. ERR_NOMEM. */
int template_view_fill(struct trie *view, const struct trie *evidence);

#endif
