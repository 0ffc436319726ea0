/*
 * One call for everybody who may wait for a daemon: the start that forked it, systemd or abide
 * behind NOTIFY_SOCKET, s6 behind a descriptor.
 */
#include "abide.h"
#include "libabide/report.h"
#include "os/fd.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

/* sd_notify(3) gives no limit; this is what systemd's manager accepts (NOTIFY_BUFFER_MAX). */
#define STATE_SIZE_MAX 4096

static bool has_line(const char *state, const char *line) {
    size_t size = strlen(line);
    while (state != NULL) {
        if (strncmp(state, line, size) == 0 && (state[size] == '\n' || state[size] == '\0')) {
            return true;
        }
        state = strchr(state, '\n');
        state = state != NULL ? state + 1 : NULL;
    }
    return false;
}

/* A descriptor's number in the environment: -1 when it is unset, -EINVAL when it is none. */
static int fd_from_environment(const char *name) {
    const char *text = getenv(name);
    if (text == NULL || text[0] == '\0') {
        return -1;
    }
    size_t size = strlen(text);
    if (size > 9 || strspn(text, "0123456789") != size) {
        return -EINVAL;
    }
    return (int)strtol(text, NULL, 10);
}

/*
 * A pipe whose other end waits for a newline and for its closing. Its number is given to an eventfd
 * instead of becoming free, so that a second READY=1 can't write into a file that was opened later.
 */
static int tell_pipe(void) {
    int fd = fd_from_environment("NOTIFY_FD");
    struct stat st;
    if (fd < 0) {
        return fd == -EINVAL ? fd : 0;
    }
    if (fstat(fd, &st) < 0) {
        return -errno;
    }
    if (!S_ISFIFO(st.st_mode) && !S_ISSOCK(st.st_mode)) {
        return 0; /* Told before. */
    }
    struct pollfd reader = {.fd = fd, .events = POLLOUT};
    if (poll(&reader, 1, 0) == 1 && (reader.revents & (POLLERR | POLLHUP)) != 0) {
        return -EPIPE; /* Nobody waits any more; write(2) would raise SIGPIPE. */
    }
    if (write(fd, "\n", 1) < 0) {
        return -errno;
    }
    auto_fd int placeholder = eventfd(0, EFD_CLOEXEC);
    return placeholder < 0 || dup3(placeholder, fd, O_CLOEXEC) < 0 ? -errno : 1;
}

static int tell_socket(const char *state) {
    const char *path = getenv("NOTIFY_SOCKET");
    if (path == NULL || path[0] == '\0') {
        return 0;
    }
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    size_t size = strlen(path);
    if ((path[0] != '/' && path[0] != '@') || path[1] == '\0') {
        return -EAFNOSUPPORT;
    }
    if (size >= sizeof(address.sun_path)) {
        return -E2BIG;
    }
    memcpy(address.sun_path, path, size);
    if (path[0] == '@') {
        address.sun_path[0] =
            '\0'; /* The abstract name space; its names end where the length says. */
    }
    socklen_t length =
        (socklen_t)(offsetof(struct sockaddr_un, sun_path) + size + (path[0] == '/' ? 1 : 0));
    auto_fd int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd < 0) {
        return -errno;
    }
    ssize_t n;
    do {
        n = sendto(fd, state, strlen(state), MSG_NOSIGNAL, (struct sockaddr *)&address, length);
    } while (n < 0 && errno == EINTR);
    return n < 0 ? -errno : 1;
}

int abide_notify(struct abide_daemon *daemon, const char *state) {
    if (state == NULL || state[0] == '\0') {
        return -EINVAL;
    }
    if (strnlen(state, STATE_SIZE_MAX) >= STATE_SIZE_MAX) {
        return -E2BIG;
    }
    int told = 0;
    int first_error = 0;
    bool is_ready = has_line(state, "READY=1");
    const int results[] = {
        is_ready && daemon != NULL ? report_ready(daemon) : 0,
        is_ready ? tell_pipe() : 0,
        tell_socket(state),
    };
    for (size_t i = 0; i < sizeof(results) / sizeof(results[0]); i++) {
        if (results[i] > 0) {
            told = 1;
        } else if (results[i] < 0 && first_error == 0) {
            first_error = results[i];
        }
    }
    return first_error < 0 ? first_error : told;
}

int abide_ready(struct abide_daemon *daemon) {
    return abide_notify(daemon, "READY=1");
}
