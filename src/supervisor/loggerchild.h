/*
 * The logger as our child: started with the supervisor, started again whenever it ends, and the
 * last to be stopped.
 */
#ifndef SUPERVISOR_LOGGERCHILD_H
#define SUPERVISOR_LOGGERCHILD_H

struct shell;

/* Never more than this without a logger: services wait once their pipes are full. */
#define LOGGERCHILD_DELAY_MSEC 100

/* Starts it, or tries again in LOGGERCHILD_DELAY_MSEC. Returns 0 or -errno. */
int loggerchild_start(struct shell *shell);

/* It has ended and was reaped. */
void loggerchild_ended(struct shell *shell);

/* Asks it to write what is in the pipes, and to end. */
void loggerchild_stop(struct shell *shell);

#endif
