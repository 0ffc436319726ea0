/*
 * bind(2) makes the name before anybody listens, and chmod(2) comes later still. So the socket is
 * bound under another name, made ready, and renamed.
 */
#include "os/unixsock.h"

#include "os/fd.h"

#include <assert.h>
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

static_assert(sizeof(((struct sockaddr_un *)NULL)->sun_path) == UNIXSOCK_PATH_MAX + 1,
              "the longest path and its NUL");

static int make_address(const char *directory, const char *name, struct sockaddr_un *ret_address) {
    *ret_address = (struct sockaddr_un){.sun_family = AF_UNIX};
    int length = snprintf(ret_address->sun_path, sizeof ret_address->sun_path, "%s%s%s", directory,
                          directory[0] == '\0' ? "" : "/", name);
    return length < 0 || length > UNIXSOCK_PATH_MAX ? -ENAMETOOLONG : 0;
}

/* 0 when the name is free or leads to a socket. */
static int check_place(const char *path) {
    struct stat status;
    if (lstat(path, &status) < 0) {
        return errno == ENOENT ? 0 : -errno;
    }
    return S_ISSOCK(status.st_mode) ? 0 : -EEXIST;
}

static int make_ready(int fd, const struct unixsock_listen *self,
                      const struct sockaddr_un *address) {
    int on = 1;
    if (self->wants_credentials && setsockopt(fd, SOL_SOCKET, SO_PASSCRED, &on, sizeof on) < 0) {
        return -errno;
    }
    /* The mode of the unbound socket is an upper limit of the name's, before chmod can set it. */
    if (fchmod(fd, self->mode) < 0 ||
        bind(fd, (const struct sockaddr *)address, sizeof *address) < 0 ||
        chmod(address->sun_path, self->mode) < 0) {
        return -errno;
    }
    if (self->type != SOCK_DGRAM && listen(fd, self->backlog) < 0) {
        return -errno;
    }
    return 0;
}

int unixsock_listen(const struct unixsock_listen *self, int *ret_fd) {
    assert(self->directory != NULL && self->name != NULL);
    struct sockaddr_un address;
    struct sockaddr_un new_address;
    int error = make_address(self->directory, self->name, &address);
    if (error == 0) {
        error = make_address(self->directory, UNIXSOCK_NEW_NAME, &new_address);
    }
    if (error == 0) {
        error = check_place(address.sun_path);
    }
    if (error == 0) {
        error = check_place(new_address.sun_path);
    }
    if (error < 0) {
        return error;
    }
    (void)unlink(new_address.sun_path); /* Left by a process that was killed here. */
    auto_fd int fd = socket(AF_UNIX, self->type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) {
        return -errno;
    }
    error = make_ready(fd, self, &new_address);
    if (error == 0 && rename(new_address.sun_path, address.sun_path) < 0) {
        error = -errno;
    }
    if (error < 0) {
        (void)unlink(new_address.sun_path); /* The error to tell is the first. */
        return error;
    }
    *ret_fd = take_fd(&fd);
    return 0;
}

static int set_timeout(int fd, usec_t timeout) {
    struct timeval value = {
        .tv_sec = (time_t)(timeout / USEC_PER_SEC),
        .tv_usec = (suseconds_t)(timeout % USEC_PER_SEC),
    };
    if (timeout == USEC_INFINITY) {
        return 0;
    }
    if (setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &value, sizeof value) < 0 ||
        setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &value, sizeof value) < 0) {
        return -errno;
    }
    return 0;
}

int unixsock_connect(const char *path, int type, usec_t timeout, int *ret_fd) {
    assert(path != NULL);
    assert(timeout > 0); /* The kernel takes 0 for "no limit". */
    struct sockaddr_un address;
    int error = make_address("", path, &address);
    if (error < 0) {
        return error;
    }
    auto_fd int fd = socket(AF_UNIX, type | SOCK_CLOEXEC, 0);
    if (fd < 0) {
        return -errno;
    }
    error = set_timeout(fd, timeout);
    if (error < 0) {
        return error;
    }
    if (connect(fd, (const struct sockaddr *)&address, sizeof address) < 0) {
        return errno == EAGAIN ? -ETIMEDOUT : -errno;
    }
    *ret_fd = take_fd(&fd);
    return 0;
}

int unixsock_peer(int fd, struct unixsock_peer *ret_peer) {
    struct ucred credentials;
    socklen_t size = sizeof credentials;
    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &credentials, &size) < 0) {
        return -errno;
    }
    *ret_peer = (struct unixsock_peer){
        .pid = credentials.pid,
        .uid = credentials.uid,
        .gid = credentials.gid,
    };
    return 0;
}
