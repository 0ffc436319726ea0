/*
 * Paths put together from strings.
 *
 *     auto_free char *path = NULL;
 *     r = path_make(&path, home->state, "/units/", name);
 */
#ifndef CLIENT_PATH_H
#define CLIENT_PATH_H

/* Makes *place own the strings in a row, and releases what it owned before. 0 or -ENOMEM. */
#define path_make(place, ...)                                                                      \
    path_make_of((place), (const char *const[]){__VA_ARGS__, (const char *)0})

/* What path_make() calls; `parts` ends with NULL. */
int path_make_of(char **place, const char *const *parts);

#endif
