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

int fd_above_stdio(int fd) {
    if (fd < 0 || fd > STDERR_FILENO) {
        return fd;
    }
    int moved = fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
    (void)fd_close(fd);
    return moved;
}
