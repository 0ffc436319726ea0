/*
 * Folders, and the links in them, by path. Every function returns 0 or -errno.
 */
#ifndef OS_FOLDER_H
#define OS_FOLDER_H

#include <sys/types.h>

/* Where a function of this layer takes a folder's descriptor: the working directory, AT_FDCWD. */
#define FOLDER_CWD (-100)

/*
 * Makes the folder `path`, which must be absolute, and what is missing above it. What is made has
 * the mode `mode`, whatever the umask; what is there stays as it is. -ENOTDIR when something else
 * is in the way.
 */
int folder_make(const char *path, mode_t mode);

/* Opens the folder, to reach what is in it. */
int folder_open(const char *path, int *ret_fd);

/* Opens the folder `name` in another, which is made with exactly this mode if it is missing. A link
 * in its place is refused. */
int folder_open_below(int folder, const char *name, mode_t mode, int *ret_fd);

/* Removes a file of the folder; it is no error when there is none. */
int folder_unlink_at(int folder, const char *name);

/*
 * Appends the names in the folder to the list (base/str.h), sorted by strcmp(3); those that begin
 * with a dot are left out. A folder that does not exist is empty. -E2BIG.
 */
int folder_list(const char *path, char ***place);

/* Makes `path` a symbolic link to `target`, also when it is another link already. */
int folder_link(const char *target, const char *path);

/* Removes a file or link; 1 when there was none. */
int folder_unlink(const char *path);

/* 1 when something is there (a link that points nowhere, too), 0 when not. */
int folder_has(const char *path);

#endif
