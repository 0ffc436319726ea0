/*
 * The folder is read anew for each step: steps are as rare as files, and nothing that was
 * remembered could be wrong by now. "current" sorts behind every digit, so names compare as text.
 */
#include "client/logfiles.h"

#include "os/fd.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* A file can be rotated or removed between its choice and its opening; then another choice is made.
 */
#define TRIES_MAX 100

static DIR *free_dir(DIR *dir) {
    if (dir != NULL) {
        (void)closedir(dir);
    }
    return NULL;
}
DEFINE_CLEANUP(free_dir, DIR *)

static int open_dir(int folder_fd, DIR **ret_dir) {
    DIR *dir;
    auto_fd int fd = openat(folder_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    if (fd < 0) {
        return -errno;
    }
    dir = fdopendir(fd);
    if (dir == NULL) {
        return -errno;
    }
    (void)take_fd(&fd); /* The stream owns it now. */
    *ret_dir = dir;
    return 0;
}

static bool is_log_name(const char *name) {
    static const char shape[] = "ddddddddTdddddd.ddddddZ.log";

    static_assert(sizeof(shape) == LOGFILES_NAME_SIZE, "the shape is a whole name");
    if (strcmp(name, LOGFILES_CURRENT) == 0) {
        return true;
    }
    for (size_t i = 0; i < sizeof(shape); i++) {
        bool is_digit = name[i] >= '0' && name[i] <= '9';
        if (shape[i] == 'd' ? !is_digit : name[i] != shape[i]) {
            return false;
        }
    }
    return true;
}

static void set_name(struct logfile *file, const char *name) {
    memcpy(file->name, name, strlen(name) + 1);
}

static int open_file(int folder_fd, const char *name, struct logfile *ret_file) {
    struct logfile file;
    struct stat stat;
    auto_fd int fd = openat(folder_fd, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);

    if (fd < 0 || fstat(fd, &stat) < 0) {
        return -errno;
    }
    if (!S_ISREG(stat.st_mode)) {
        return -EINVAL;
    }
    set_name(&file, name);
    file.device = stat.st_dev;
    file.inode = stat.st_ino;
    file.fd = take_fd(&fd);
    *ret_file = file;
    return 0;
}

enum direction {
    FORWARD,
    BACKWARD,
};

static bool is_behind(const char *name, const char *other, enum direction direction) {
    int order = strcmp(name, other);

    return direction == FORWARD ? order > 0 : order < 0;
}

/* Whether `name` lies beyond `from` and is nearer to it than the best one until now. */
static bool is_better(const char *name, const char *best, const char *from,
                      enum direction direction) {
    return (from == NULL || is_behind(name, from, direction)) &&
           (best[0] == '\0' || is_behind(best, name, direction));
}

static int choose(int folder_fd, const char *from, enum direction direction,
                  char best[LOGFILES_NAME_SIZE]) {
    auto_(free_dir) DIR *dir = NULL;
    int result = open_dir(folder_fd, &dir);

    if (result < 0) {
        return result;
    }
    best[0] = '\0';
    for (const struct dirent *entry = readdir(dir); entry != NULL; entry = readdir(dir)) {
        if (is_log_name(entry->d_name) && is_better(entry->d_name, best, from, direction)) {
            memcpy(best, entry->d_name, strlen(entry->d_name) + 1);
        }
    }
    return 0;
}

static int open_neighbour(int folder_fd, const char *from, enum direction direction,
                          struct logfile *ret_file) {
    int result = -ENOENT;

    for (int i = 0; i < TRIES_MAX && result == -ENOENT; i++) {
        char name[LOGFILES_NAME_SIZE];

        result = choose(folder_fd, from, direction, name);
        if (result < 0) {
            return result;
        }
        if (name[0] == '\0') {
            return 0;
        }
        result = open_file(folder_fd, name, ret_file);
    }
    return result < 0 ? result : 1;
}

int logfiles_open_next(int folder_fd, const char *name, struct logfile *ret_file) {
    return open_neighbour(folder_fd, name, FORWARD, ret_file);
}

int logfiles_open_previous(int folder_fd, const char *name, struct logfile *ret_file) {
    return open_neighbour(folder_fd, name, BACKWARD, ret_file);
}

int logfiles_find_name(int folder_fd, struct logfile *file) {
    auto_(free_dir) DIR *dir = NULL;
    int result = open_dir(folder_fd, &dir);

    if (result < 0) {
        return result;
    }
    for (const struct dirent *entry = readdir(dir); entry != NULL; entry = readdir(dir)) {
        struct stat stat;
        if (is_log_name(entry->d_name) &&
            fstatat(folder_fd, entry->d_name, &stat, AT_SYMLINK_NOFOLLOW) == 0 &&
            stat.st_dev == file->device && stat.st_ino == file->inode) {
            set_name(file, entry->d_name);
            return 0;
        }
    }
    return -ENOENT;
}
