/*
 * Nothing here may wait (a FIFO without a reader is an error, not a hung start), follow a symbolic
 * link for writing, or create what should be a device: opening a missing /dev/null with O_CREAT, as
 * root, would put a regular file there that slowly fills the file system.
 */
#include "libabide/streams.h"

#include "abide.h"
#include "libabide/fail.h"
#include "os/fd.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#define NULL_DEVICE "/dev/null"
#define OPEN_FLAGS (O_NONBLOCK | O_NOCTTY)
#define OUTPUT_FLAGS (OPEN_FLAGS | O_WRONLY | O_APPEND | O_NOFOLLOW)
#define OUTPUT_MODE 0640

/* A file that comes and goes while it is opened is somebody's game. */
#define CREATE_TRIES_MAX 3

static const char *const names[3] = {"stdin", "stdout", "stderr"};

static int open_null(void) {
    auto_fd int fd = fd_above_stdio(open(NULL_DEVICE, O_RDWR | O_NOCTTY | O_CLOEXEC));
    struct stat st;
    if (fd < 0 || fstat(fd, &st) < 0) {
        return -errno;
    }
    if (!S_ISCHR(st.st_mode) || st.st_rdev != makedev(1, 3)) {
        return -ENODEV;
    }
    return take_fd(&fd);
}

static int open_input(const char *path) {
    int fd = fd_above_stdio(open(path, OPEN_FLAGS | O_RDONLY | O_CLOEXEC));
    return fd < 0 ? -errno : fd;
}

static int open_output(const char *path, const struct account *account) {
    for (unsigned i = 0; i < CREATE_TRIES_MAX; i++) {
        int fd = fd_above_stdio(open(path, OUTPUT_FLAGS | O_CLOEXEC));
        if (fd >= 0 || errno != ENOENT) {
            return fd < 0 ? -errno : fd;
        }
        auto_fd int created =
            fd_above_stdio(open(path, OUTPUT_FLAGS | O_CREAT | O_EXCL | O_CLOEXEC, OUTPUT_MODE));
        if (created < 0 && errno == EEXIST) {
            continue;
        }
        if (created >= 0 && account->changes_uid &&
            fchown(created, account->uid, account->gid) < 0) {
            return -errno;
        }
        return created < 0 ? -errno : take_fd(&created);
    }
    return -EEXIST;
}

/* O_NONBLOCK served the opening only: it belongs to the open file, and the daemon expects to block.
 */
static int make_blocking(int fd) {
    int flags = fcntl(fd, F_GETFL);
    return flags < 0 || fcntl(fd, F_SETFL, flags & ~O_NONBLOCK) < 0 ? -errno : 0;
}

int streams_open(struct streams *self, struct abide_daemon *daemon, const struct account *account) {
    const char *const paths[3] = {daemon->stdin_path, daemon->stdout_path, daemon->stderr_path};
    for (int i = 0; i < 3; i++) {
        const char *path = paths[i] != NULL ? paths[i] : NULL_DEVICE;
        int fd = strcmp(path, NULL_DEVICE) == 0 ? open_null()
                 : i == STDIN_FILENO            ? open_input(path)
                                                : open_output(path, account);
        if (fd == -ELOOP && i != STDIN_FILENO) {
            return fail_words(daemon, ELOOP, "%s %s is a symbolic link: name its target", names[i],
                              path);
        }
        if (fd < 0) {
            return fail(daemon, -fd, "%s %s", names[i], path);
        }
        self->fds[i] = fd;
        int r = make_blocking(fd);
        if (r < 0) {
            return fail(daemon, -r, "%s %s", names[i], path);
        }
    }
    return 0;
}

static void close_all(struct streams *self) {
    for (int i = 0; i < 3; i++) {
        self->fds[i] = fd_close(self->fds[i]);
    }
}

int streams_install(struct streams *self, struct abide_daemon *daemon) {
    for (int i = 0; i < 3; i++) {
        if (dup2(self->fds[i], i) < 0) {
            return fail(daemon, errno, "dup2 of %s", names[i]);
        }
    }
    close_all(self);
    return 0;
}
