/*
 * The pipe from an `abide exec`: it ends when the service's program was executed, or brings the
 * reason why it was not (os/exec_request.h).
 */
#ifndef SUPERVISOR_REPORT_H
#define SUPERVISOR_REPORT_H

#include "core/process.h"

#include <stdint.h>

struct shell;
struct unit;

/* Takes over `fd_take` and posts EVENT_EXECED or EVENT_EXEC_FAILED for that spawn. Returns 0, or
 * -errno; then the descriptor is closed. */
int report_watch(struct shell *shell, const struct unit *unit, enum role role, uint64_t attempt,
                 int fd_take);

#endif
