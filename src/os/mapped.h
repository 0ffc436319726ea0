/*
 * A file in memory that several processes share and that outlives all of them: what is stored
 * stays, at whatever instant a process is killed. All its blocks are allocated before it is mapped,
 * so a full disk is an error here and never a SIGBUS at some later store.
 */
#ifndef OS_MAPPED_H
#define OS_MAPPED_H

#include <stddef.h>
#include <sys/types.h>

enum mapped_access {
    MAPPED_READ,
    MAPPED_WRITE
};

/* All-zero is closed. */
struct mapped {
    void *bytes;
    size_t size;
};

/*
 * Makes a new file of zeros, with exactly this mode, and maps it for writing. -EEXIST when there is
 * one, -ENOSPC when there is no room for it. A process that is killed in here may leave a file that
 * is shorter, or all zero.
 */
int mapped_create(int directory, const char *name, size_t size, mode_t mode,
                  struct mapped *ret_mapped);

/*
 * Maps the file as it is. -ELOOP for a symbolic link, -EINVAL for what is empty, or no ordinary
 * file with one name only; for writing -EPERM when it belongs to another user. Whoever may write
 * the file can cut it under a reader, who then gets SIGBUS: so read those of one's own and of root.
 */
int mapped_open(int directory, const char *name, enum mapped_access access,
                struct mapped *ret_mapped);

/*
 * Makes the file larger, with zeros at its end, and maps it anew, perhaps elsewhere. On failure
 * nothing has changed, and *self is as it was.
 */
int mapped_grow(int directory, const char *name, size_t size, struct mapped *self);

/* Gives the file another name, in the place of whatever has that now: so what is made under a name
 * that nobody looks for appears complete. Returns 0 or -errno. */
int mapped_rename(int directory, const char *from, const char *to);

/* Removes the file; what has it mapped keeps it. Returns 0, also when there is none, or -errno. */
int mapped_remove(int directory, const char *name);

void mapped_close(struct mapped *self);

#endif
