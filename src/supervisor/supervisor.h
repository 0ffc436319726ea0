/*
 * `abide supervise`: the supervisor of one home.
 *
 * It reads unit files, spawns services, sees them end, and asks the core what to do; it owns the
 * control socket, writes the status file, and keeps the logger alive. It decides nothing itself.
 */
#ifndef SUPERVISOR_SUPERVISOR_H
#define SUPERVISOR_SUPERVISOR_H

#include <stdbool.h>

/* The folders exist; strings outlive the call. */
struct supervisor_options {
    const char *runtime_path;
    const char *state_path;
    const char *log_path;
    const char *units_path;
    const char *version; /* of the program, for clients */
    bool starts_all; /* every unit, not only the enabled ones */
};

/*
 * Supervises until a shutdown is asked for, by a client or by SIGTERM or SIGINT, and every service
 * has stopped. It is the whole life of its process, which must have one thread; inherited
 * descriptors but 0, 1, 2 and that of NOTIFY_FD are closed. Says READY=1 (abide_notify()) when
 * everything is set up. Returns the exit status: 0 after a shutdown; 1 when it could not begin,
 * with the reason on stderr.
 */
int supervisor_main(const struct supervisor_options *options);

#endif
