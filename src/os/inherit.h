/*
 * What a process was started with, and does not want: descriptors, limits, a umask.
 */
#ifndef OS_INHERIT_H
#define OS_INHERIT_H

#include <sys/resource.h>

/*
 * Closes every descriptor above 2, but keeps the one whose number is in the environment variable
 * `variable` (NOTIFY_FD), if it is open: that one gets a new number, not below `first_free`, which
 * the variable has then. A variable that names none is removed. Returns 0 or -errno.
 */
int inherit_close_descriptors(const char *variable, int first_free);

/* The limit of open descriptors is raised as far as it may be; *ret_before is what it was. Returns
 * 0 or -errno; a limit that can't be raised is no error. */
int inherit_raise_descriptors(struct rlimit *ret_before);

/* Every mode that this process gives is explicit from here on. */
void inherit_clear_umask(void);

#endif
