/*
 * The end of a file that others append to.
 */
#ifndef OS_TAIL_H
#define OS_TAIL_H

#include <stdbool.h>
#include <stddef.h>

/* Every part is the caller's: `text` from malloc, not ended by a NUL. */
struct tail {
    char *text;
    size_t size;
    bool is_whole; /* the file is no longer than that */
};

/*
 * Reads the last bytes, at most `size_max`, of the regular file `name` in the folder. -ENOENT;
 * -EINVAL when it is no regular file.
 */
int tail_read(int directory, const char *name, size_t size_max, struct tail *ret_tail);

#endif
