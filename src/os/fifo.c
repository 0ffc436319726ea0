/* Opened for reading first: that does not wait, and then the end for writing does not either. */
#include "os/fifo.h"

#include "os/fd.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

int fifo_make(int folder, const char *hidden, const char *name, int ret_fds[2]) {
    if (mkfifoat(folder, hidden, 0600) < 0) {
        return -errno;
    }
    auto_fd int reading =
        fd_above_stdio(openat(folder, hidden, O_RDONLY | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC));
    auto_fd int writing =
        reading < 0 ? -1
                    : fd_above_stdio(openat(folder, hidden, O_WRONLY | O_NOFOLLOW | O_CLOEXEC));
    if (writing < 0 || renameat(folder, hidden, folder, name) < 0) {
        int error = errno;
        (void)unlinkat(folder, hidden, 0); /* The error to tell is the first. */
        return -error;
    }
    ret_fds[0] = take_fd(&reading);
    ret_fds[1] = take_fd(&writing);
    return 0;
}

int fifo_open_writer(int fd, int *ret_fd) {
    char path[64];
    (void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    int writing = fd_above_stdio(open(path, O_WRONLY | O_CLOEXEC));
    if (writing < 0) {
        return -errno;
    }
    *ret_fd = writing;
    return 0;
}

bool fifo_is_unlinked(int fd) {
    struct stat st;
    return fstat(fd, &st) < 0 || st.st_nlink == 0;
}
