/* Socket activation; the protocol of sd_listen_fds(3). */
#include "abide.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Returns 0, 1 when the variable is unset, or -EINVAL. */
static int number_from_environment(const char *name, long *ret_number) {
    const char *text = getenv(name);
    if (text == NULL) {
        return 1;
    }
    size_t size = strlen(text);
    if (size == 0 || size > 9 || strspn(text, "0123456789") != size) {
        return -EINVAL;
    }
    *ret_number = strtol(text, NULL, 10);
    return 0;
}

int abide_listen_fds(void) {
    long pid = 0;
    long count = 0;
    int r = number_from_environment("LISTEN_PID", &pid);
    if (r != 0) {
        return r < 0 ? r : 0;
    }
    if (pid != getpid()) {
        return 0; /* They were meant for an ancestor. */
    }
    r = number_from_environment("LISTEN_FDS", &count);
    if (r != 0) {
        return r < 0 ? r : 0;
    }
    if (count > INT_MAX - ABIDE_LISTEN_FDS_START) {
        return -EINVAL;
    }
    for (int fd = ABIDE_LISTEN_FDS_START; fd < ABIDE_LISTEN_FDS_START + (int)count; fd++) {
        int flags = fcntl(fd, F_GETFD);
        if (flags < 0 || fcntl(fd, F_SETFD, flags | FD_CLOEXEC) < 0) {
            return -errno;
        }
    }
    return (int)count;
}
