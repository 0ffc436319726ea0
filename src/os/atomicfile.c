/*
 * rename(2) within a directory is atomic. With a sync, the order is: the file's bytes, the rename,
 * the directory; so after a loss of power the name leads to one or the other, complete.
 */
#include "os/atomicfile.h"

#include "base/alloc.h"
#include "os/fd.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#define READ_SIZE_FIRST ((size_t)4096)

static int write_all(int fd, const char *bytes, size_t size) {
    size_t written = 0;
    while (written < size) {
        ssize_t n = write(fd, bytes + written, size - written);
        if (n < 0 && errno != EINTR) {
            return -errno;
        }
        written += n > 0 ? (size_t)n : 0;
    }
    return 0;
}

static int sync_directory(int directory) {
    auto_fd int fd = openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return fd < 0 || fsync(fd) < 0 ? -errno : 0;
}

static int fill(const struct atomicfile *self, const char *temporary) {
    int flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
    auto_fd int fd = openat(self->directory, temporary, flags, 0600);
    if (fd < 0) {
        return -errno;
    }
    int error = write_all(fd, self->bytes, self->size);
    if (error == 0 && fchmod(fd, self->mode) < 0) {
        error = -errno;
    }
    if (error == 0 && self->sync == ATOMICFILE_SYNC_DISK && fsync(fd) < 0) {
        error = -errno;
    }
    if (error == 0 && renameat(self->directory, temporary, self->directory, self->name) < 0) {
        error = -errno;
    }
    if (error < 0) {
        (void)unlinkat(self->directory, temporary, 0); /* The error to tell is the first. */
    }
    return error;
}

int atomicfile_write(const struct atomicfile *self) {
    assert(self->name != NULL);
    assert(self->bytes != NULL || self->size == 0);
    uint64_t random = 0;
    char temporary[NAME_MAX + 1];
    if (getrandom(&random, sizeof random, 0) != sizeof random) {
        return -errno;
    }
    int length = snprintf(temporary, sizeof temporary, ".%s.%016llx", self->name,
                          (unsigned long long)random);
    if (length < 0 || (size_t)length >= sizeof temporary) {
        return -ENAMETOOLONG;
    }
    int error = fill(self, temporary);
    if (error == 0 && self->sync == ATOMICFILE_SYNC_DISK) {
        error = sync_directory(self->directory);
    }
    return error;
}

/* Files of /proc say that they have no size, so only their end tells it. */
static int read_all(int fd, size_t size_max, char **ret_text, size_t *ret_size) {
    auto_free char *text = NULL;
    size_t allocated = 0;
    size_t size = 0;
    for (;;) {
        if (size == allocated) {
            allocated = allocated == 0 ? READ_SIZE_FIRST : 2 * allocated;
            char *larger = realloc(text, allocated + 1);
            if (larger == NULL) {
                return -ENOMEM;
            }
            text = larger;
        }
        ssize_t n = read(fd, text + size, allocated - size);
        if (n < 0 && errno != EINTR) {
            return -errno;
        }
        if (n == 0) {
            break;
        }
        size += n > 0 ? (size_t)n : 0;
        if (size > size_max) {
            return -EFBIG;
        }
    }
    text[size] = '\0';
    *ret_text = take_ptr(&text);
    *ret_size = size;
    return 0;
}

int atomicfile_read(int directory, const char *name, size_t size_max, char **ret_text,
                    size_t *ret_size) {
    assert(name != NULL);
    assert(size_max < SIZE_MAX / 4);
    struct stat status;
    /* O_NONBLOCK, because a FIFO would make open wait for its writer. */
    auto_fd int fd = openat(directory, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0 || fstat(fd, &status) < 0) {
        return -errno;
    }
    if (!S_ISREG(status.st_mode)) {
        return -EINVAL;
    }
    return read_all(fd, size_max, ret_text, ret_size);
}
