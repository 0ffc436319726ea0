/*
 * For LD_PRELOAD: makes one call of the C library fail.
 *
 *     FAIL_CALL=NAME:NTH:ERRNO[:PART] FAIL_ONCE=FILE [FAIL_NAP_USEC=N]
 *
 * The NTH call of NAME in a line of forks fails (a fork inherits the count; 0: every call). With
 * PART only calls count whose path contains it. fcntl means F_SETLK alone. With
 * an ERRNO of 0 the call claims to have succeeded, and did nothing. FILE, which must not
 * exist, is created by the failure, so that no other process fails in the same way. The nap, before
 * the failure, lets other processes go ahead.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Numbers come from the tests, which write them well. */
static int number_of(const char *text) {
    return (int)strtol(text, NULL, 10);
}

#define EXPORTED __attribute__((visibility("default")))

/* By a bare system call, since open(2) may be what fails. */
static bool is_first(void) {
    const char *path = getenv("FAIL_ONCE");
    return path != NULL &&
           syscall(SYS_openat, AT_FDCWD, path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666) >= 0;
}

static bool fails(const char *name, const char *path) {
    static int count;
    char wanted[32];
    char part[256] = "";
    int nth;
    int error;
    const char *setting = getenv("FAIL_CALL");
    if (setting == NULL || sscanf(setting, "%31[^:]:%d:%d:%255s", wanted, &nth, &error, part) < 3) {
        return false;
    }
    if (strcmp(wanted, name) != 0 || (path != NULL && strstr(path, part) == NULL)) {
        return false;
    }
    if (nth != 0 && (++count != nth || !is_first())) {
        return false;
    }
    const char *nap = getenv("FAIL_NAP_USEC");
    (void)usleep(nap != NULL ? (useconds_t)number_of(nap) : 0);
    errno = error;
    return true;
}

/* The next definition of the symbol `symbol`, which is that of the C library. */
#define NEXT(symbol) ((typeof(&(symbol)))dlsym(RTLD_NEXT, #symbol))

#define WRAP(name, parameters, arguments)                                                          \
    EXPORTED int name parameters {                                                                 \
        return fails(#name, NULL) ? (errno == 0 ? 0 : -1) : NEXT(name) arguments;                  \
    }

WRAP(setsid, (void), ())
WRAP(fork, (void), ())
WRAP(socketpair, (int domain, int type, int protocol, int fds[2]), (domain, type, protocol, fds))
WRAP(pidfd_open, (pid_t pid, unsigned flags), (pid, flags))
WRAP(close_range, (unsigned fd, unsigned max_fd, int flags), (fd, max_fd, flags))
WRAP(dup2, (int fd, int fd2), (fd, fd2))
WRAP(setgroups, (size_t n, const gid_t *groups), (n, groups))
WRAP(setresgid, (gid_t rgid, gid_t egid, gid_t sgid), (rgid, egid, sgid))
WRAP(setresuid, (uid_t ruid, uid_t euid, uid_t suid), (ruid, euid, suid))
WRAP(chdir, (const char *path), (path))
WRAP(eventfd, (unsigned count, int flags), (count, flags))
WRAP(signalfd, (int fd, const sigset_t *mask, int flags), (fd, mask, flags))
WRAP(sigaction, (int sig, const struct sigaction *act, struct sigaction *oact), (sig, act, oact))
WRAP(setenv, (const char *name, const char *value, int replace), (name, value, replace))
WRAP(fchown, (int fd, uid_t owner, gid_t group), (fd, owner, group))

EXPORTED int prctl(int option, ...) {
    va_list arguments;
    va_start(arguments, option);
    unsigned long argument = va_arg(arguments, unsigned long);
    va_end(arguments);
    return fails("prctl", NULL) ? -1 : NEXT(prctl)(option, argument, 0ul, 0ul, 0ul);
}

/* Both names of a call with a file offset: which one is linked depends on _FILE_OFFSET_BITS. */
#define WRAP_OPEN(symbol)                                                                          \
    EXPORTED int symbol(const char *file, int oflag, ...) {                                        \
        va_list arguments;                                                                         \
        va_start(arguments, oflag);                                                                \
        mode_t mode = va_arg(arguments, mode_t);                                                   \
        va_end(arguments);                                                                         \
        return fails("open", file) ? -1 : NEXT(symbol)(file, oflag, mode);                         \
    }

#define WRAP_OPENAT(symbol)                                                                        \
    EXPORTED int symbol(int fd, const char *file, int oflag, ...) {                                \
        va_list arguments;                                                                         \
        va_start(arguments, oflag);                                                                \
        mode_t mode = va_arg(arguments, mode_t);                                                   \
        va_end(arguments);                                                                         \
        return fails("openat", file) ? -1 : NEXT(symbol)(fd, file, oflag, mode);                   \
    }

#define WRAP_FCNTL(symbol)                                                                         \
    EXPORTED int symbol(int fd, int cmd, ...) {                                                    \
        va_list arguments;                                                                         \
        va_start(arguments, cmd);                                                                  \
        void *argument = va_arg(arguments, void *);                                                \
        va_end(arguments);                                                                         \
        return cmd == F_SETLK && fails("fcntl", NULL) ? -1 : NEXT(symbol)(fd, cmd, argument);      \
    }

WRAP_OPEN(open)
WRAP_OPENAT(openat)
WRAP_FCNTL(fcntl)

EXPORTED int ftruncate(int fd, off_t length) {
    return fails("ftruncate", NULL) ? -1 : NEXT(ftruncate)(fd, length);
}

EXPORTED ssize_t pwrite(int fd, const void *buf, size_t n, off_t offset) {
    return fails("pwrite", NULL) ? -1 : NEXT(pwrite)(fd, buf, n, offset);
}

WRAP_OPEN(open64)
WRAP_OPENAT(openat64)
WRAP_FCNTL(fcntl64)

EXPORTED int ftruncate64(int fd, off64_t length) {
    return fails("ftruncate", NULL) ? -1 : NEXT(ftruncate64)(fd, length);
}

EXPORTED ssize_t pwrite64(int fd, const void *buf, size_t n, off64_t offset) {
    return fails("pwrite", NULL) ? -1 : NEXT(pwrite64)(fd, buf, n, offset);
}
