/*
 * One supervisor a home: whoever holds the lock of the file `lock` in the runtime directory.
 *
 * The lock belongs to the open file description (fcntl(2), F_OFD_SETLK): every process that has
 * inherited the descriptor holds it, so it is free only when keeper and supervisor are both dead.
 * Close it in everything else, or a service holds the home. Other than with flock(2), one can ask
 * who holds it without taking it for a moment. The file has mode 0600, because whoever can open it
 * could lock it, too. Every function returns 0 or -errno unless it says otherwise.
 */
#ifndef OS_HOMELOCK_H
#define OS_HOMELOCK_H

#include <sys/types.h>

#define HOMELOCK_NAME "lock"

/* Takes the lock and writes the pid of this process into it. -EBUSY when another holds it. */
int homelock_take(int directory, int *ret_fd);

/* For a process that has inherited the lock: makes sure of it, and writes its own pid into it. */
int homelock_adopt(int fd);

/*
 * 1 when the lock is held: *ret_pid is who wrote itself into it last, 0 if nobody has yet. 0 when
 * it is free, also without the file. Takes nothing.
 */
int homelock_holder(int directory, pid_t *ret_pid);

#endif
