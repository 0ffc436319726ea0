/*
 * The guardian: the small process that stays, with a restart policy, as the parent of the one that
 * does the daemon's work (the worker). It holds the pidfile, restarts the worker with a delay from
 * base/backoff, passes signals on, and ends with the worker when asked to stop. The worker ends
 * with it, too: it is killed if the guardian is, so that two workers never run.
 */
#ifndef LIBABIDE_GUARDIAN_H
#define LIBABIDE_GUARDIAN_H

#include "libabide/pidfile.h"

struct abide_daemon;

/*
 * Becomes the guardian of a new worker and never returns in it. In each worker it returns 0, with
 * all signals blocked, `pidfile` closed, and in `report_fd` a descriptor for the worker's reports;
 * the guardian passes the first one on to the old `report_fd`, to which it also says why it fails.
 */
int guardian_begin(struct abide_daemon *daemon, struct pidfile *pidfile, int *report_fd);

#endif
