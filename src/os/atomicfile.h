/*
 * Small files, whole. A reader sees the old bytes or the new ones, never a part, and a file that
 * was there is still there when the writer is killed or the disk is full. Every function returns 0
 * or -errno.
 */
#ifndef OS_ATOMICFILE_H
#define OS_ATOMICFILE_H

#include <stddef.h>
#include <sys/types.h>

/* Whether the bytes also outlive a loss of power; that costs the time of the disk. */
enum atomicfile_sync {
    ATOMICFILE_SYNC_NONE,
    ATOMICFILE_SYNC_DISK
};

struct atomicfile {
    int directory; /* A descriptor, or AT_FDCWD. */
    const char *name;
    const void *bytes;
    size_t size;
    mode_t mode; /* Exactly this, whatever the umask is. */
    enum atomicfile_sync sync;
};

/*
 * Writes a new file beside the old one, and renames it. A writer that is killed may leave the new
 * one behind: ".NAME." and sixteen hexadecimal digits. A link in the place of the name is replaced,
 * not followed.
 */
int atomicfile_write(const struct atomicfile *self);

/*
 * Reads the ordinary file `name` (of /proc and /sys too), and ends it with a NUL that is not in
 * *ret_size. *ret_text is the caller's, from malloc. -EFBIG when there are more than `size_max`
 * bytes, -EINVAL when it is no ordinary file.
 */
int atomicfile_read(int directory, const char *name, size_t size_max, char **ret_text,
                    size_t *ret_size);

#endif
