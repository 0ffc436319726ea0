/*
 * Lists grow by doubling, and how much room there is follows from the count alone: a list is moved
 * when its entries with their NULL fill a power of two. So a list needs no header, and is passed to
 * execve(2) as it is.
 */
#include "base/str.h"

#include "base/alloc.h"

#include <assert.h>
#include <errno.h>
#include <stdint.h>
#include <string.h>

static char *copy(const char *text, size_t length) {
    assert(text != NULL || length == 0);
    assert(length == 0 || memchr(text, '\0', length) == NULL);
    assert(length < SIZE_MAX);
    char *copied = alloc_zeroed(length + 1, 1);
    if (copied != NULL && length != 0) {
        memcpy(copied, text, length);
    }
    return copied;
}

int str_replace(char **place, const char *text, size_t length) {
    char *copied = copy(text, length);
    if (copied == NULL) {
        return -ENOMEM;
    }
    cleanup_free(place);
    *place = copied;
    return 0;
}

size_t str_list_count(char *const *list) {
    size_t count = 0;
    while (list != NULL && list[count] != NULL) {
        count++;
    }
    return count;
}

/* Room for one more entry; `count` is how many there are, without the NULL. */
static int make_room(char ***place, size_t count) {
    size_t used = *place != NULL ? count + 1 : 0;
    if (used != 0 && (used & (used - 1)) != 0) {
        return 0;
    }
    char **grown = alloc_resized(*place, used != 0 ? 2 * used : 2, sizeof(char *));
    if (grown == NULL) {
        return -ENOMEM;
    }
    grown[count] = NULL;
    *place = grown;
    return 0;
}

int str_list_append(char ***place, const char *text, size_t length) {
    size_t count = str_list_count(*place);
    if (count >= STR_LIST_MAX) {
        return -E2BIG;
    }
    auto_free char *copied = copy(text, length);
    if (copied == NULL) {
        return -ENOMEM;
    }
    int r = make_room(place, count);
    if (r < 0) {
        return r;
    }
    (*place)[count] = take_ptr(&copied);
    (*place)[count + 1] = NULL;
    return 0;
}

char **str_list_free(char **list) {
    for (size_t i = 0; list != NULL && list[i] != NULL; i++) {
        cleanup_free(&list[i]);
    }
    cleanup_free(&list);
    return NULL;
}
