/*
 * The file may have been removed, and made anew by another, between our open and our lock; what
 * counts is the file that the name leads to afterwards. So it is never removed by us.
 */
#include "os/homelock.h"

#include "os/fd.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define TRIES_MAX 16
#define PID_TEXT_SIZE 16

static int lock_whole_file(int fd) {
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    if (fcntl(fd, F_OFD_SETLK, &lock) < 0) {
        return errno == EAGAIN || errno == EACCES ? -EBUSY : -errno;
    }
    return 0;
}

int homelock_adopt(int fd) {
    int error = lock_whole_file(fd);
    if (error < 0) {
        return error;
    }
    char text[PID_TEXT_SIZE];
    int length = snprintf(text, sizeof text, "%d\n", getpid());
    if (ftruncate(fd, 0) < 0 || pwrite(fd, text, (size_t)length, 0) != length) {
        return -errno;
    }
    return 0;
}

/* 1 when `fd` is the file that has the name. */
static int has_name(int directory, int fd) {
    struct stat own;
    struct stat named;
    if (fstat(fd, &own) < 0) {
        return -errno;
    }
    if (fstatat(directory, HOMELOCK_NAME, &named, AT_SYMLINK_NOFOLLOW) < 0) {
        return errno == ENOENT ? 0 : -errno;
    }
    return own.st_dev == named.st_dev && own.st_ino == named.st_ino ? 1 : 0;
}

int homelock_take(int directory, int *ret_fd) {
    int flags = O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK;
    for (int i = 0; i < TRIES_MAX; i++) {
        auto_fd int fd = openat(directory, HOMELOCK_NAME, flags, 0600);
        if (fd < 0) {
            return -errno;
        }
        int error = lock_whole_file(fd);
        if (error < 0) {
            return error;
        }
        int result = has_name(directory, fd);
        if (result < 0) {
            return result;
        }
        if (result == 0) {
            continue;
        }
        error = fchmod(fd, 0600) < 0 ? -errno : homelock_adopt(fd);
        if (error == 0) {
            *ret_fd = take_fd(&fd);
        }
        return error;
    }
    return -EBUSY;
}

int homelock_holder(int directory, pid_t *ret_pid) {
    auto_fd int fd =
        openat(directory, HOMELOCK_NAME, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0) {
        return errno == ENOENT ? 0 : -errno;
    }
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    if (fcntl(fd, F_OFD_GETLK, &lock) < 0) {
        return -errno;
    }
    if (lock.l_type == F_UNLCK) {
        return 0;
    }
    char text[PID_TEXT_SIZE] = "";
    ssize_t size = pread(fd, text, sizeof text - 1, 0);
    if (size < 0) {
        return -errno;
    }
    long pid = strtol(text, NULL, 10);
    *ret_pid = pid > 0 && pid <= INT32_MAX ? (pid_t)pid : 0;
    return 1;
}
