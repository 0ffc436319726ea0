/*
 * Services of a supervisor that was killed: they live on, and nobody keeps them. Until a supervisor
 * can take them over, the next one ends them before it starts any, so that no service ever runs
 * twice.
 */
#ifndef SUPERVISOR_LEFTOVERS_H
#define SUPERVISOR_LEFTOVERS_H

#include "base/usec.h"

/* From SIGTERM to SIGKILL, for all of them together. */
#define LEFTOVERS_STOP_USEC (10 * USEC_PER_SEC)

/*
 * Ends every process that the status file in the runtime folder names, if it was written in this
 * boot; each is known by its identity, so that no stranger is signalled. Returns how many there
 * were, or -errno; -EPROTONOSUPPORT when another version of abide wrote the file: then nothing was
 * done.
 */
int leftovers_end(int runtime_fd);

#endif
