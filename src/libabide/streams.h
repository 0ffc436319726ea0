/*
 * Standard input, output and error of a daemon.
 */
#ifndef LIBABIDE_STREAMS_H
#define LIBABIDE_STREAMS_H

#include "libabide/account.h"

/* Three open descriptors above 2. STREAMS_INIT is none. */
struct streams {
    int fds[3];
};

#define STREAMS_INIT                                                                               \
    { .fds = {-1, -1, -1}, }

/*
 * Opens the three paths of `daemon`, relative to the current directory, with the privileges of the
 * moment; an output that is created belongs to `account`, so that the daemon can open it again
 * after a rotation. Expects a umask of 0. Returns 0, or -errno with daemon->error set; then the
 * process must end.
 */
int streams_open(struct streams *self, struct abide_daemon *daemon, const struct account *account);

/* Puts them in the place of 0, 1 and 2 and closes them. Returns 0, or -errno with daemon->error
 * set. */
int streams_install(struct streams *self, struct abide_daemon *daemon);

#endif
