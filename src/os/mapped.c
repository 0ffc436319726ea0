/* posix_fallocate() for an existing file too: a copy of it may have come back with holes. */
#include "os/mapped.h"

#include "os/fd.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static int map(int fd, size_t size, enum mapped_access access, struct mapped *ret_mapped) {
    int protection = access == MAPPED_WRITE ? PROT_READ | PROT_WRITE : PROT_READ;
    void *bytes = mmap(NULL, size, protection, MAP_SHARED, fd, 0);
    if (bytes == MAP_FAILED) {
        return -errno;
    }
    *ret_mapped = (struct mapped){.bytes = bytes, .size = size};
    return 0;
}

int mapped_create(int directory, const char *name, size_t size, mode_t mode,
                  struct mapped *ret_mapped) {
    assert(name != NULL);
    assert(size > 0);
    int flags = O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
    auto_fd int fd = openat(directory, name, flags, 0600);
    if (fd < 0) {
        return -errno;
    }
    int error = -posix_fallocate(fd, 0, (off_t)size);
    if (error == 0 && fchmod(fd, mode) < 0) {
        error = -errno;
    }
    if (error == 0) {
        error = map(fd, size, MAPPED_WRITE, ret_mapped);
    }
    if (error < 0) {
        (void)unlinkat(directory, name, 0); /* The error to tell is the first. */
    }
    return error;
}

int mapped_open(int directory, const char *name, enum mapped_access access,
                struct mapped *ret_mapped) {
    assert(name != NULL);
    int flags = O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;
    struct stat status;
    auto_fd int fd = openat(directory, name, flags | (access == MAPPED_WRITE ? O_RDWR : O_RDONLY));
    if (fd < 0 || fstat(fd, &status) < 0) {
        return -errno;
    }
    if (!S_ISREG(status.st_mode) || status.st_nlink != 1 || status.st_size <= 0) {
        return -EINVAL;
    }
    if (access == MAPPED_WRITE) {
        if (status.st_uid != geteuid()) {
            return -EPERM;
        }
        int error = posix_fallocate(fd, 0, status.st_size);
        if (error != 0) {
            return -error;
        }
    }
    return map(fd, (size_t)status.st_size, access, ret_mapped);
}

int mapped_grow(int directory, const char *name, size_t size, struct mapped *self) {
    assert(self->bytes != NULL && size > self->size);
    auto_fd int fd = openat(directory, name, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0) {
        return -errno;
    }
    int error = -posix_fallocate(fd, 0, (off_t)size);
    struct mapped grown = {.bytes = NULL};
    if (error == 0) {
        error = map(fd, size, MAPPED_WRITE, &grown);
    }
    if (error == 0) {
        mapped_close(self);
        *self = grown;
    }
    return error;
}

int mapped_rename(int directory, const char *from, const char *to) {
    return renameat(directory, from, directory, to) < 0 ? -errno : 0;
}

int mapped_remove(int directory, const char *name) {
    return unlinkat(directory, name, 0) < 0 && errno != ENOENT ? -errno : 0;
}

void mapped_close(struct mapped *self) {
    if (self->bytes != NULL) {
        (void)munmap(self->bytes, self->size);
    }
    *self = (struct mapped){.bytes = NULL};
}
