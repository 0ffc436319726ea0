/*
 * A cgroup2 directory for each run of a service: nothing leaves it, one write kills all in it, and
 * it says when it is empty. No controllers are needed.
 *
 *     char path[PATH_MAX];
 *     int error = cgroup_find_base("abide", path, sizeof path);     // -ENOENT, -EACCES: do without
 *     error = cgroup_open_base(path, &base);
 *     error = cgroup_make(base, "web.service.17", &cgroup);
 *     …spawn into it…
 *     error = cgroup_kill(cgroup);
 *     error = cgroup_remove(base, "web.service.17");                // -EBUSY: later
 *
 * After cgroup_kill() use a new name: from Linux 6.14 on a cgroup that was killed kills whatever is
 * cloned into it later. Nothing here kills the base, where the caller may be.
 *
 * Every function returns 0 or -errno unless it says otherwise.
 */
#ifndef OS_CGROUP_H
#define OS_CGROUP_H

#include <stddef.h>

/* A service may have made so many cgroups below its own; -EOVERFLOW beyond. */
#define CGROUP_SUBTREE_MAX 4096

/*
 * Makes (or finds) the directory `name` below the cgroup of this process, and gives its path. To
 * be kept: a later supervisor that was started elsewhere would find another. -ENOENT where no
 * cgroup2 is mounted, -EACCES, -EPERM or -EROFS where it may not be written (an ordinary user
 * without delegation, most containers), -EOPNOTSUPP before Linux 5.14 or in a threaded cgroup.
 */
int cgroup_find_base(const char *name, char *ret_path, size_t size);

/* -ENOENT when it has gone, -EMEDIUMTYPE when it is no cgroup2. */
int cgroup_open_base(const char *path, int *ret_fd);

/* -EEXIST when there is one: take a name that was not used yet. */
int cgroup_make(int base, const char *name, int *ret_fd);
int cgroup_open(int base, const char *name, int *ret_fd);

/* 1 when a process is left in it or below, 0 when not, also right after the last was reaped. */
int cgroup_is_populated(int fd);

/*
 * A descriptor that is ready for POLLPRI when cgroup_is_populated() may have changed; up to 15 ms
 * late. Read it from the start, or ask cgroup_is_populated(), after each time.
 */
int cgroup_open_events(int fd, int *ret_fd);

/* SIGKILL for all in it and below, at once; nothing can fork away. */
int cgroup_kill(int fd);

/* Another signal for each process in it and below, and how many were there. */
int cgroup_signal(int fd, int signal, size_t *ret_n);

/* With all that is below. -EBUSY while a process is left (and shortly after); 0 without such. */
int cgroup_remove(int base, const char *name);

#endif
