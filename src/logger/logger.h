/*
 * The logger: the one process that reads every service's log pipe and writes it to files.
 *
 * For each run N of a service NAME the supervisor makes a FIFO RUNTIME/log/NAME.N and, before it,
 * the settings RUNTIME/log/NAME.conf (logger/settings.h; by write-and-rename, temporary names begin
 * with a dot). The logger watches that folder, reads the FIFOs, stamps the lines and appends them
 * to LOGS/NAME/current; full files become LOGS/NAME/20261122T165412.123456Z.log (logger/rotate.h).
 * At the end of a FIFO (it had a writer and has none any more) the logger unlinks it: that is how
 * the supervisor knows that every line of the run is on file.
 *
 * A SIGKILL at any instant loses, doubles and tears nothing: see logger/inflight.h. What the logger
 * has to say for itself goes to LOGS/abide-log.diag.
 */
#ifndef LOGGER_LOGGER_H
#define LOGGER_LOGGER_H

#include "base/usec.h"

struct logger_options {
    const char *runtime_path; /* must exist; its folder `log` is made if missing */
    const char *logs_path; /* made if missing (0750), its parent must exist */
    /*
     * How long an empty FIFO without a writer is kept that no logger has ever seen with one; 0 = 10
     * s. Longer than any supervisor takes from mkfifo() to open(); see logger/pipes.c.
     */
    usec_t grace_usec;
};

/*
 * Runs until SIGTERM or SIGINT, then moves what is readable into the files and returns 0. It is the
 * whole life of its process: it blocks signals, sets the umask and raises the soft limit of open
 * files. Returns -EBUSY if another logger serves this runtime folder, or another -errno if it could
 * not begin or RUNTIME/log has been removed.
 */
int logger_run(const struct logger_options *options);

#endif
