/*
 * Children that this process did not make: what a child left behind when it ended, handed to the
 * nearest subreaper (prctl(2), PR_SET_CHILD_SUBREAPER). They are told apart by INVOCATION_ID.
 */
#ifndef OS_ORPHANS_H
#define OS_ORPHANS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* More children are not looked at. */
#define ORPHANS_CHILDREN_MAX 131072

/* From here on this process is a subreaper. Returns 0 or -errno. */
int orphans_adopt(void);

/* Is any process of the group, dead or alive, a child of ours? Then the number is nobody else's. */
bool orphans_in_group(pid_t group);

/* Does the process lead a group of its own? */
bool orphans_leads_group(pid_t pid);

/* All children of this single-threaded process, dead ones too, in memory that the caller frees.
 * Returns 0 or -errno; -ENOENT where the kernel has no such list (CONFIG_PROC_CHILDREN). */
int orphans_list_children(pid_t **ret_pids, size_t *ret_count);

/*
 * 1 when the environment that the process was executed with holds this "NAME=VALUE", 0 when not,
 * and for a process that may not be looked at or has gone. -EAGAIN when it can't be said now: a
 * process in the middle of an exec has no environment yet, and one that is ending has none any
 * more, while it still holds its descriptors.
 */
int orphans_has_variable(pid_t pid, const char *assignment);

#endif
