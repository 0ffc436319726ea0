/* The parts may belong to what *place owns, so that is released last. */
#include "client/path.h"

#include "base/alloc.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

int path_make_of(char **place, const char *const *parts) {
    size_t length = 0;
    for (size_t i = 0; parts[i] != NULL; i++) {
        length += strlen(parts[i]);
    }
    char *path = alloc_zeroed(length + 1, 1);
    if (path == NULL) {
        return -ENOMEM;
    }
    char *end = path;
    for (size_t i = 0; parts[i] != NULL; i++) {
        end = mempcpy(end, parts[i], strlen(parts[i]));
    }
    cleanup_free(place);
    *place = path;
    return 0;
}
