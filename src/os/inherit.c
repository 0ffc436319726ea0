/* The kept descriptor is duplicated out of the way first, then everything around it goes. */
#include "os/inherit.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* The descriptor that the variable names, moved; -1 when it names none. */
static int move_kept(const char *variable, int first_free) {
    const char *text = getenv(variable);
    char *end = NULL;
    errno = 0;
    long fd = text != NULL ? strtol(text, &end, 10) : -1;
    if (fd <= STDERR_FILENO || fd > INT_MAX || errno != 0 || *end != '\0') {
        return -1;
    }
    return fcntl((int)fd, F_DUPFD_CLOEXEC, first_free);
}

int inherit_close_descriptors(const char *variable, int first_free) {
    char number[16];
    int kept = move_kept(variable, first_free);
    if (kept < 0) {
        (void)unsetenv(variable); /* Its name holds no '='. */
        return close_range(STDERR_FILENO + 1, ~0u, 0) < 0 ? -errno : 0;
    }
    (void)snprintf(number, sizeof(number), "%d", kept);
    if (setenv(variable, number, 1) < 0 ||
        close_range(STDERR_FILENO + 1, (unsigned)kept - 1, 0) < 0 ||
        close_range((unsigned)kept + 1, ~0u, 0) < 0) {
        return -errno;
    }
    return 0;
}

int inherit_raise_descriptors(struct rlimit *ret_before) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) < 0) {
        return -errno;
    }
    *ret_before = limit;
    limit.rlim_cur = limit.rlim_max;
    (void)setrlimit(RLIMIT_NOFILE, &limit); /* Else less fits, and what does not says so. */
    return 0;
}

void inherit_clear_umask(void) {
    (void)umask(0);
}
