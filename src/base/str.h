/*
 * Owned strings and lists of them.
 *
 * A list of strings is what execve(2) takes: a `char **` whose last entry is NULL. NULL itself is
 * the empty list. Strings and lists come from malloc; the functions that take a place (`char **` or
 * `char ***`) replace or extend what the place owns, and leave it untouched when they fail.
 */
#ifndef BASE_STR_H
#define BASE_STR_H

#include <stddef.h>

/* No list grows beyond this; it keeps every size calculation far from overflow. */
#define STR_LIST_MAX 65536

/*
 * Makes *place own a copy of the first `length` bytes at `text`, none of which may be NUL, and
 * releases what it owned before. Returns 0 or -ENOMEM.
 */
int str_replace(char **place, const char *text, size_t length);

/*
 * Appends a copy of the first `length` bytes at `text`, none of which may be NUL, to the list in
 * *place. Returns 0, -ENOMEM, or -E2BIG when the list is full.
 */
int str_list_append(char ***place, const char *text, size_t length);

size_t str_list_count(char *const *list);

/* Frees the list and its strings; returns NULL. */
char **str_list_free(char **list);

#endif
