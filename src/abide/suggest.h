/*
 * The nearest right word for a wrong one: one that somebody could have meant by a slip of a finger.
 */
#ifndef ABIDE_SUGGEST_H
#define ABIDE_SUGGEST_H

#include <stddef.h>

/* Longer words are not compared. */
#define SUGGEST_WORD_MAX 255

/*
 * How many characters must be inserted, deleted, replaced or swapped with their neighbour to make
 * `b` of `a`; SIZE_MAX when one of them is too long.
 */
size_t suggest_distance(const char *a, const char *b);

/* All-zero but for `typed` is a search that has found nothing yet. */
struct suggest {
    const char *typed;
    const char *nearest; /* NULL: nothing is near enough */
    size_t distance;
};

/* Offers one right word, which must stay where it is. */
void suggest_offer(struct suggest *self, const char *word);

#endif
