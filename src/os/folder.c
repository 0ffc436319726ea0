/*
 * A path is walked from its root with one descriptor: each part is made or entered relative to the
 * one before it. mkdirat(2) is masked by the umask, so the mode is set again on what was made.
 */
#include "os/folder.h"

#include "base/alloc.h"
#include "base/str.h"
#include "os/fd.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#if FOLDER_CWD != AT_FDCWD
#error "FOLDER_CWD is what openat(2) takes for the working directory"
#endif

/* Enters the folder `name` of the folder *fd, made if it is missing, and keeps it in *fd. */
static int descend(int *fd, const char *name, mode_t mode) {
    bool is_new = mkdirat(*fd, name, mode) == 0;
    if (!is_new && errno != EEXIST) {
        return -errno;
    }
    auto_fd int next = openat(*fd, name, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (next < 0) {
        return -errno;
    }
    if (is_new && fchmodat(*fd, name, mode, 0) < 0) {
        return -errno;
    }
    (void)fd_close(*fd);
    *fd = take_fd(&next);
    return 0;
}

int folder_make(const char *path, mode_t mode) {
    assert(path[0] == '/');
    auto_free char *copy = strdup(path);
    if (copy == NULL) {
        return -ENOMEM;
    }
    auto_fd int fd = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) {
        return -errno;
    }
    char *rest = copy;
    for (const char *name; (name = strsep(&rest, "/")) != NULL;) {
        int r = name[0] != '\0' ? descend(&fd, name, mode) : 0;
        if (r < 0) {
            return r;
        }
    }
    return 0;
}

int folder_open(const char *path, int *ret_fd) {
    int fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) {
        return -errno;
    }
    *ret_fd = fd;
    return 0;
}

static DIR *close_folder(DIR *folder) {
    if (folder != NULL) {
        (void)closedir(folder);
    }
    return NULL;
}
DEFINE_CLEANUP(close_folder, DIR *)

static int compare(const void *a, const void *b) {
    return strcmp(*(char *const *)a, *(char *const *)b);
}

int folder_open_below(int folder, const char *name, mode_t mode, int *ret_fd) {
    bool is_new = mkdirat(folder, name, 0700) == 0;
    if (!is_new && errno != EEXIST) {
        return -errno;
    }
    auto_fd int fd =
        fd_above_stdio(openat(folder, name, O_DIRECTORY | O_RDONLY | O_NOFOLLOW | O_CLOEXEC));
    if (fd < 0 || (is_new && fchmod(fd, mode) < 0)) {
        return -errno;
    }
    *ret_fd = take_fd(&fd);
    return 0;
}

int folder_unlink_at(int folder, const char *name) {
    return unlinkat(folder, name, 0) < 0 && errno != ENOENT ? -errno : 0;
}

int folder_list(const char *path, char ***place) {
    auto_(close_folder) DIR *folder = opendir(path);
    if (folder == NULL) {
        return errno == ENOENT ? 0 : -errno;
    }
    for (;;) {
        errno = 0;
        const struct dirent *entry = readdir(folder);
        if (entry == NULL && errno != 0) {
            return -errno;
        }
        if (entry == NULL) {
            break;
        }
        if (entry->d_name[0] != '.') {
            int r = str_list_append(place, entry->d_name, strlen(entry->d_name));
            if (r < 0) {
                return r;
            }
        }
    }
    if (*place != NULL) {
        qsort(*place, str_list_count(*place), sizeof(char *), compare);
    }
    return 0;
}

int folder_link(const char *target, const char *path) {
    static const char suffix[] = ".new";
    size_t length = strlen(path);
    auto_free char *temporary = malloc(length + sizeof(suffix));
    if (temporary == NULL) {
        return -ENOMEM;
    }
    memcpy(temporary, path, length);
    memcpy(temporary + length, suffix, sizeof(suffix));
    (void)unlink(temporary); /* Left by somebody who was killed here; if not, symlink() says so. */
    if (symlink(target, temporary) < 0) {
        return -errno;
    }
    if (rename(temporary, path) < 0) {
        int error = errno;
        (void)unlink(temporary);
        return -error;
    }
    return 0;
}

int folder_unlink(const char *path) {
    if (unlink(path) == 0) {
        return 0;
    }
    return errno == ENOENT ? 1 : -errno;
}

int folder_has(const char *path) {
    struct stat status;
    if (lstat(path, &status) == 0) {
        return 1;
    }
    return errno == ENOENT || errno == ENOTDIR ? 0 : -errno;
}
