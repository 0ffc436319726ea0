/*
 * Where a path may block for as long as a server somewhere pleases: the mounted network file
 * systems, as /proc/self/mounts names them. Nothing is asked of any of them.
 */
#ifndef OS_MOUNTS_H
#define OS_MOUNTS_H

#include <stdbool.h>

/* All-zero: none. */
struct mounts {
    char **remote; /* where they are mounted; for str_list_free() */
};

/* Reads the table anew; on failure it stays as it was. Returns 0 or -errno. */
int mounts_read(struct mounts *self);

/* Does the absolute `path` lie in one of them? Symbolic links are not followed: that could block.
 */
bool mounts_may_block(const struct mounts *self, const char *path);

void mounts_fini(struct mounts *self);

#endif
