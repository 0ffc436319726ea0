/*
 * UNIX sockets with a name in the file system. A path can have UNIXSOCK_PATH_MAX bytes, as the
 * kernel's structure has no more; a longer one is -ENAMETOOLONG, and the cure is a home with a
 * shorter path. Every function returns 0 or -errno; every socket is close-on-exec.
 */
#ifndef OS_UNIXSOCK_H
#define OS_UNIXSOCK_H

#include "base/usec.h"

#include <stdbool.h>
#include <sys/socket.h>
#include <sys/types.h>

#define UNIXSOCK_PATH_MAX 107
/* How a socket is called until it is ready; at least as short as the names that are used. */
#define UNIXSOCK_NEW_NAME ".new"

struct unixsock_listen {
    const char *directory;
    const char *name;
    int type; /* SOCK_STREAM, SOCK_SEQPACKET or SOCK_DGRAM. */
    int backlog; /* Connections that may wait; not for SOCK_DGRAM. */
    mode_t mode; /* Exactly this, whatever the umask is. */
    bool wants_credentials; /* Each message tells its sender (SO_PASSCRED). */
};

/*
 * Makes a socket that does not block, bound and listening, in the place of one that a former
 * process has left. The name leads to the old one or to the new one, never to nothing, and the new
 * one has its mode from the first moment. Hold the lock of the home: of two callers at once the
 * later one wins. -EEXIST when something else than a socket has the name.
 */
int unixsock_listen(const struct unixsock_listen *self, int *ret_fd);

/*
 * Connects, and limits the wait for this and for each later send and receive on the socket to
 * `timeout`: -ETIMEDOUT here, EAGAIN from those. USEC_INFINITY waits for ever. -ECONNREFUSED when
 * nobody listens any more, -ENOENT when nobody ever did.
 */
int unixsock_connect(const char *path, int type, usec_t timeout, int *ret_fd);

struct unixsock_peer {
    pid_t pid; /* For the log only: that process may have ended. */
    uid_t uid;
    gid_t gid;
};

/* Who connected, or was listening: the effective ids at that moment, from the kernel. */
int unixsock_peer(int fd, struct unixsock_peer *ret_peer);

#endif
