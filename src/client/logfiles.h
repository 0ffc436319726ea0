/*
 * The files of one service's log, in the order in which they were written: rotated ones
 * (20261122T165412.123456Z.log), then `current`.
 */
#ifndef CLIENT_LOGFILES_H
#define CLIENT_LOGFILES_H

#include <stdint.h>

/* A rotated file's name and its NUL, or "current". */
#define LOGFILES_NAME_SIZE 28
#define LOGFILES_CURRENT "current"

struct logfile {
    char name[LOGFILES_NAME_SIZE];
    int fd;
    uint64_t device;
    uint64_t inode;
};

/*
 * Opens the first file behind the one named `name`; NULL: the very first. Returns 1, or 0 if there
 * is none. Where files are being rotated the answer is that of one moment.
 */
int logfiles_open_next(int folder_fd, const char *name, struct logfile *ret_file);

/* Opens the last file before the one named `name`; NULL: the very last. Returns 1, or 0 if none. */
int logfiles_open_previous(int folder_fd, const char *name, struct logfile *ret_file);

/* The file's present name, after it may have been rotated. -ENOENT if it was removed. */
int logfiles_find_name(int folder_fd, struct logfile *file);

#endif
