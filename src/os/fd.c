/* An owner closes a descriptor on every path, so closing never fails and never disturbs errno. */
#include "os/fd.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

int fd_close(int fd) {
    if (fd >= 0) {
        int saved = errno;
        (void)close(fd); /* On Linux the descriptor is gone whatever close(2) says. */
        errno = saved;
    }
    return -1;
}

int fd_open_null(int *ret_fd) {
    int fd = fd_above_stdio(open("/dev/null", O_RDWR | O_CLOEXEC));
    if (fd < 0) {
        return -errno;
    }
    *ret_fd = fd;
    return 0;
}

int fd_open_pipe(int ret_fds[2]) {
    int fds[2];
    if (pipe2(fds, O_CLOEXEC) < 0) {
        return -errno;
    }
    auto_fd int reading = fd_above_stdio(fds[0]);
    auto_fd int writing = fd_above_stdio(fds[1]);
    if (reading < 0 || writing < 0) {
        return -errno;
    }
    ret_fds[0] = take_fd(&reading);
    ret_fds[1] = take_fd(&writing);
    return 0;
}

int fd_above_stdio(int fd) {
    if (fd < 0 || fd > STDERR_FILENO) {
        return fd;
    }
    int moved = fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
    (void)fd_close(fd);
    return moved;
}
