/*
 * What a daemon has around it: descriptors, working directory, umask.
 */
#ifndef LIBABIDE_PLACE_H
#define LIBABIDE_PLACE_H

struct abide_daemon;

/* Closes every descriptor but 0, 1, 2, `report_fd` and daemon->keep_fds. Returns 0, or -errno with
 * daemon->error set. */
int place_close_others(struct abide_daemon *daemon, int report_fd);

/* Enters the working directory and sets the umask. Returns 0, or -errno with daemon->error set. */
int place_enter(struct abide_daemon *daemon);

#endif
