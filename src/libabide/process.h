/*
 * What belongs to the process and not to a struct abide_daemon: signal dispositions, and so the
 * library's one global, which the signal handler needs.
 *
 * SIGTERM and SIGINT end a daemon at once, after its pidfile was removed, unless it asked for
 * abide_stopping() or abide_stop_fd(): then they only say so.
 */
#ifndef LIBABIDE_PROCESS_H
#define LIBABIDE_PROCESS_H

#include "libabide/pidfile.h"

#include <stdbool.h>

struct abide_daemon;

/* Sets every signal to its default action. The mask is left. */
void process_reset_signals(void);

enum process_kind {
    /* SIGHUP, which asks for a reload, does nothing unless the program installs a handler. */
    PROCESS_DAEMON,
    /* SIGHUP stays what it was: a terminal may send it. */
    PROCESS_FOREGROUND,
};

/*
 * From here on this process is the daemon: installs the handlers, unblocks all signals, and removes
 * `pidfile_take` when the process ends by exit(3) or by such a signal; takes over its descriptors.
 * Returns 0, or -errno with daemon->error set; then the pidfile is still the caller's.
 */
int process_begin(struct abide_daemon *daemon, struct pidfile *pidfile_take,
                  enum process_kind kind);

/* Removes the pidfile, and sets SIGTERM and SIGINT to their default actions again. */
void process_end(void);

/* Is `pid` this process, or the guardian whose worker it is? */
bool process_is_daemon(pid_t pid);

/* Is `path` the pidfile that this process holds? */
bool process_holds_pidfile(const char *path);

#endif
