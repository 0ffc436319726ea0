/*
 * A supervisor in the background, for `abide supervise --daemon` and for the commands that need one
 * and find none.
 */
#ifndef ABIDE_BACKGROUND_H
#define ABIDE_BACKGROUND_H

#include "abide/call.h"
#include "client/connection.h"

/*
 * Makes a daemon of a fork of this process. Like fork(2) it returns twice: BACKGROUND_DAEMON in the
 * daemon, which is to become the supervisor and to say by abide_notify() when it is ready; in the
 * caller, after that or when it has failed, which is said, the exit status.
 */
#define BACKGROUND_DAEMON (-1)
int background_fork(const struct call *call, int *ret_pid);

/*
 * Connects to the supervisor; if there is none, starts one by `abide supervise --daemon` and says
 * so in one line. 0, or an exit status.
 */
int background_connect(struct call *call, struct connection *ret_connection);

#endif
