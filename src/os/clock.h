/*
 * The clocks of this project, in microseconds. Time-outs, delays and "ran for so long" are
 * CLOCK_MONOTONIC: it is what the event loop and systemd's …TimestampMonotonic properties use, it
 * is the same in every process of a boot, and the time that a laptop sleeps neither makes a service
 * healthy nor lets its stop time out. CLOCK_REALTIME is for people to read only.
 */
#ifndef OS_CLOCK_H
#define OS_CLOCK_H

#include "base/usec.h"

#define CLOCK_BOOT_ID_SIZE 16

usec_t clock_monotonic(void);

/* Since 1970, UTC. */
usec_t clock_realtime(void);

/*
 * Which boot this is, random for each: points of monotonic time, pids and identities of another
 * boot mean nothing. 0 or -errno; without a procfs -ENOENT.
 */
int clock_boot_id(uint8_t ret_id[CLOCK_BOOT_ID_SIZE]);

#endif
