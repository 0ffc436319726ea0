/*
 * Lock first, then make sure that the name still means the locked file (somebody may have removed
 * it in between), then write. A file is removed only under its lock, so whoever holds the lock of a
 * file that the name means is alone.
 */
#include "libabide/pidfile.h"

#include "abide.h"
#include "libabide/fail.h"
#include "libabide/process.h"
#include "os/fd.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Each try that fails saw another process come or go, which takes microseconds; a hundred racing
 * starts need a few. The later ones wait a millisecond, for who was interrupted while at it. */
#define ACQUIRE_TRIES_MAX 1000
#define ACQUIRE_TRIES_AT_ONCE 10

/* A pid, a newline, and what a shell or an editor adds. */
#define CONTENT_SIZE_MAX 32

/* O_NONBLOCK: a FIFO in the file's place must not hang the start. */
#define OPEN_FLAGS (O_NOFOLLOW | O_NONBLOCK | O_NOCTTY)

static int open_directory(struct pidfile *self, struct abide_daemon *daemon) {
    const char *path = daemon->pidfile;
    const char *slash = strrchr(path, '/');
    const char *base = slash != NULL ? slash + 1 : path;
    size_t base_size = strlen(base);
    if (base_size > NAME_MAX) {
        return fail(daemon, ENAMETOOLONG, "pidfile %s", path);
    }
    if (base_size == 0 || strcmp(base, ".") == 0 || strcmp(base, "..") == 0) {
        return fail_words(daemon, EINVAL, "pidfile %s does not end in a file's name", path);
    }
    char directory[PATH_MAX];
    size_t size = slash != NULL ? (size_t)(slash - path) + 1 : 0; /* "/" stays "/" */
    assert(size < sizeof(directory));
    memcpy(directory, path, size);
    directory[size] = '\0';
    int fd = open(size > 0 ? directory : ".", O_PATH | O_DIRECTORY | O_CLOEXEC);
    fd = fd_above_stdio(fd);
    if (fd < 0) {
        return fail(daemon, errno, "directory of pidfile %s", path);
    }
    memcpy(self->base, base, base_size + 1);
    self->dir_fd = fd;
    return 0;
}

static bool is_current(const struct pidfile *self) {
    struct stat held;
    struct stat named;
    return fstat(self->fd, &held) == 0 &&
           fstatat(self->dir_fd, self->base, &named, AT_SYMLINK_NOFOLLOW) == 0 &&
           held.st_dev == named.st_dev && held.st_ino == named.st_ino;
}

static bool holds_pid_only(int fd) {
    char content[CONTENT_SIZE_MAX + 1];
    ssize_t n = pread(fd, content, sizeof(content), 0);
    if (n < 0 || n > CONTENT_SIZE_MAX) {
        return false;
    }
    content[n] = '\0';
    size_t digits = strspn(content, "0123456789");
    size_t nuls = 0;
    while (nuls < (size_t)n && content[nuls] == '\0') {
        nuls++;
    }
    /* Only NULs: what a loss of power can leave of a file that was not written to the disk yet. */
    return digits + strspn(content + digits, " \t\r\n") == (size_t)n || nuls == (size_t)n;
}

/* Returns 0, or -errno for a file that is not to be written. */
static int check_file(const struct pidfile *self, struct abide_daemon *daemon) {
    struct stat st;
    if (fstat(self->fd, &st) < 0) {
        return fail(daemon, errno, "pidfile %s", daemon->pidfile);
    }
    if (!S_ISREG(st.st_mode)) {
        return fail_words(daemon, EINVAL, "pidfile %s is not a regular file", daemon->pidfile);
    }
    if (st.st_nlink > 1) {
        return fail_words(daemon, EPERM,
                          "pidfile %s has a second hard link: it is not overwritten; remove it",
                          daemon->pidfile);
    }
    if (st.st_uid != 0 && st.st_uid != geteuid()) {
        return fail_words(daemon, EPERM,
                          "pidfile %s belongs to uid %u: it is not overwritten; remove it",
                          daemon->pidfile, (unsigned)st.st_uid);
    }
    if (!holds_pid_only(self->fd)) {
        return fail_words(daemon, EINVAL,
                          "pidfile %s holds something else than a pid: it is not overwritten; name "
                          "another file, or remove it",
                          daemon->pidfile);
    }
    return 0;
}

/* The daemon locks the file from its first byte on. Who removes a stale file locks it from the
 * second: that keeps a daemon out, and can't be taken for one. */
enum lock_start {
    LOCK_DAEMON = 0,
    LOCK_CLEARER = 1,
};

static struct flock make_lock(enum lock_start start, short type) {
    return (struct flock){.l_type = type, .l_whence = SEEK_SET, .l_start = start};
}

/*
 * Returns 0 and the pid of the daemon that holds the lock, 1 when none does, or -errno. A read lock
 * does not count: anybody who may read the file can have one, and pretend; a lock for writing needs
 * the right to write.
 */
static int lock_holder(int fd, pid_t *ret_pid) {
    struct flock lock = make_lock(LOCK_DAEMON, F_RDLCK); /* In whose way is only a write lock. */
    if (fcntl(fd, F_GETLK, &lock) < 0) {
        return -errno;
    }
    if (lock.l_type == F_UNLCK || lock.l_start != LOCK_DAEMON) {
        return 1;
    }
    *ret_pid = lock.l_pid > 0 ? lock.l_pid : 0;
    return 0;
}

/* The lock can't be had. Returns 1 when it may be tried again, or -errno. */
static int explain_lock(const struct pidfile *self, struct abide_daemon *daemon) {
    struct flock lock = make_lock(LOCK_DAEMON, F_WRLCK);
    pid_t pid = 0;
    int r = lock_holder(self->fd, &pid);
    if (r < 0) {
        return fail(daemon, -r, "lock of pidfile %s", daemon->pidfile);
    }
    if (r == 0 && pid == 0) {
        return fail_words(daemon, EEXIST,
                          "already running, outside of this pid name space (pidfile %s)",
                          daemon->pidfile);
    }
    if (r == 0) {
        return fail_words(daemon, EEXIST, "already running, pid %d (pidfile %s)", (int)pid,
                          daemon->pidfile);
    }
    if (fcntl(self->fd, F_GETLK, &lock) == 0 && lock.l_type == F_RDLCK) {
        return fail_words(daemon, EBUSY,
                          "pid %d, which is not the daemon, has a read lock on pidfile %s: end it",
                          (int)lock.l_pid, daemon->pidfile);
    }
    return 1;
}

/* Opens and locks the file. Returns 0, 1 when somebody was quicker and it may be tried again, or
 * -errno. */
static int try_acquire(struct pidfile *self, struct abide_daemon *daemon) {
    self->fd = fd_close(self->fd);
    self->fd = fd_above_stdio(
        openat(self->dir_fd, self->base, OPEN_FLAGS | O_RDWR | O_CREAT | O_CLOEXEC, 0644));
    if (self->fd < 0) {
        return errno == ELOOP ? fail_words(daemon, ELOOP, "pidfile %s is a symbolic link: refused",
                                           daemon->pidfile)
                              : fail(daemon, errno, "pidfile %s", daemon->pidfile);
    }
    struct flock lock = make_lock(LOCK_DAEMON, F_WRLCK);
    if (fcntl(self->fd, F_SETLK, &lock) < 0) {
        return errno == EACCES || errno == EAGAIN
                   ? explain_lock(self, daemon)
                   : fail(daemon, errno, "lock of pidfile %s", daemon->pidfile);
    }
    return is_current(self) ? check_file(self, daemon) : 1;
}

static int write_pid(const struct pidfile *self, struct abide_daemon *daemon) {
    char text[CONTENT_SIZE_MAX];
    int size = snprintf(text, sizeof(text), "%d\n", (int)getpid());
    assert(size > 0 && (size_t)size < sizeof(text));
    ssize_t n = ftruncate(self->fd, 0) < 0 ? -1 : pwrite(self->fd, text, (size_t)size, 0);
    if (n != size) {
        int error = n < 0 ? errno : ENOSPC;
        pidfile_remove(self);
        return fail(daemon, error, "write of pidfile %s", daemon->pidfile);
    }
    return 0;
}

int pidfile_acquire(struct pidfile *self, struct abide_daemon *daemon) {
    assert(self->fd < 0 && self->dir_fd < 0);
    if (daemon->pidfile == NULL) {
        return 0;
    }
    int r = open_directory(self, daemon);
    for (unsigned i = 0; r >= 0 && i < ACQUIRE_TRIES_MAX; i++) {
        r = try_acquire(self, daemon);
        if (r == 0) {
            r = write_pid(self, daemon);
            if (r == 0) {
                return 0;
            }
        } else if (r > 0 && i >= ACQUIRE_TRIES_AT_ONCE) {
            (void)poll(NULL, 0, 1);
        }
    }
    pidfile_close(self);
    return r < 0 ? r : fail(daemon, EBUSY, "lock of pidfile %s", daemon->pidfile);
}

bool pidfile_is(const struct pidfile *self, int fd) {
    struct stat held;
    struct stat other;
    return self->fd >= 0 && fstat(self->fd, &held) == 0 && fstat(fd, &other) == 0 &&
           held.st_dev == other.st_dev && held.st_ino == other.st_ino;
}

void pidfile_remove(const struct pidfile *self) {
    if (self->fd < 0 || !is_current(self)) {
        return;
    }
    if (unlinkat(self->dir_fd, self->base, 0) < 0) {
        (void)ftruncate(self->fd, 0); /* Best effort: without its lock the file is stale anyway. */
    }
}

void pidfile_close(struct pidfile *self) {
    self->fd = fd_close(self->fd);
    self->dir_fd = fd_close(self->dir_fd);
}

int pidfile_holder(struct abide_daemon *daemon, pid_t *ret_pid) {
    if (process_holds_pidfile(daemon->pidfile)) {
        *ret_pid = getpid(); /* Opening and closing it would give up the lock. */
        return 0;
    }
    auto_fd int fd = open(daemon->pidfile, OPEN_FLAGS | O_RDONLY | O_CLOEXEC);
    if (fd < 0 && errno == ENOENT) {
        return 1;
    }
    if (fd < 0) {
        return errno == ELOOP ? fail_words(daemon, ELOOP, "pidfile %s is a symbolic link: refused",
                                           daemon->pidfile)
                              : fail(daemon, errno, "pidfile %s", daemon->pidfile);
    }
    int r = lock_holder(fd, ret_pid);
    return r < 0 ? fail(daemon, -r, "lock of pidfile %s", daemon->pidfile) : r;
}

void pidfile_clear(struct abide_daemon *daemon) {
    struct pidfile self = PIDFILE_INIT;
    struct abide_daemon scratch = *daemon; /* The reason why this failed is of no use to anyone. */
    if (!process_holds_pidfile(daemon->pidfile) && open_directory(&self, &scratch) == 0) {
        self.fd = openat(self.dir_fd, self.base, OPEN_FLAGS | O_RDWR | O_CLOEXEC);
        struct flock lock = make_lock(LOCK_CLEARER, F_WRLCK);
        if (self.fd >= 0 && fcntl(self.fd, F_SETLK, &lock) == 0 &&
            check_file(&self, &scratch) == 0) {
            pidfile_remove(&self);
        }
    }
    pidfile_close(&self);
}
