/*
 * The session leader: the process between the caller and the daemon, the first fork's child. It
 * lives until the daemon is ready, as its parent, so that the caller learns a true exit status when
 * the daemon ends before that; and it kills a daemon that nobody waits for any more.
 */
#ifndef LIBABIDE_LEADER_H
#define LIBABIDE_LEADER_H

struct abide_daemon;

/*
 * Call it in the first fork's child, with all signals blocked. Makes a session, forks, and passes
 * the daemon's first report on to `caller_fd`. Returns in the daemon only: the descriptor for its
 * reports.
 */
int leader_run(struct abide_daemon *daemon, int caller_fd);

#endif
