/*
 * Rotated files of one service: their names, the turn from `current` to such a name, and the
 * budget.
 *
 * A rotated file is named by the time of its rotation, 20261122T165412.123456Z.log, later perhaps
 * with .zst behind it. Names never go back, even when the clock does: a new one is at least one
 * microsecond after the newest in the folder. So the order of names is the order of writing.
 */
#ifndef LOGGER_ROTATE_H
#define LOGGER_ROTATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ROTATE_CURRENT "current"
/* "20261122T165412.123456Z.log" and its NUL. */
#define ROTATE_NAME_SIZE 28

struct rotate_limits {
    uint64_t size_max; /* of all rotated files together; 0 = no limit */
    uint32_t count_max; /* of rotated files; 0 = no limit */
};

/* Whether `name` is that of a rotated file, compressed or not, and its time. */
bool rotate_parse_name(const char *name, uint64_t *ret_usec);

/* The time that a file rotated at `now` is named by, when `newest` is the newest there (0: none).
 */
uint64_t rotate_next(uint64_t now, uint64_t newest);

/* Gives `current` in the folder `dir_fd` its rotated name. */
int rotate_current(int dir_fd, uint64_t now);

/*
 * Opens the rotated file that has this inode, for reading and writing. Returns -ENOENT if there is
 * none. This is how a killed logger's successor finds the file that was renamed under it.
 */
int rotate_open_inode(int dir_fd, uint64_t device, uint64_t inode, int *ret_fd);

/* Removes the oldest rotated files until the limits hold. */
int rotate_trim(int dir_fd, const struct rotate_limits *limits);

#endif
