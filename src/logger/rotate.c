/*
 * Rotations are rare (one in 64 MiB), so the folder is read each time instead of being remembered:
 * the budget then holds for what is really there, whoever put it or removed it.
 */
#include "logger/rotate.h"

#include "logger/stamp.h"
#include "os/fd.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static_assert(ROTATE_NAME_SIZE == STAMP_NAME_SIZE + sizeof(".log") - 1, "the name has its room");

/* Removing more than this in one go is left to the next rotation. */
#define TRIM_MAX 4096

static DIR *free_dir(DIR *dir) {
    if (dir != NULL) {
        (void)closedir(dir);
    }
    return NULL;
}
DEFINE_CLEANUP(free_dir, DIR *)

/* Opens the folder anew, so that reading it does not move the caller's position. */
static int open_dir(int dir_fd, DIR **ret_dir) {
    DIR *dir;
    auto_fd int fd = openat(dir_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

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

bool rotate_parse_name(const char *name, uint64_t *ret_usec) {
    const char *suffix = name + STAMP_NAME_SIZE - 1;

    /* stamp_parse_name() ends at the first byte that does not fit, so a short name is safe. */
    if (!stamp_parse_name(name, ret_usec)) {
        return false;
    }
    return strcmp(suffix, ".log") == 0 || strcmp(suffix, ".log.zst") == 0;
}

uint64_t rotate_next(uint64_t now, uint64_t newest) {
    return now > newest ? now : newest + 1;
}

static int find_newest(int dir_fd, uint64_t *ret_usec) {
    auto_(free_dir) DIR *dir = NULL;
    uint64_t newest = 0;
    int result = open_dir(dir_fd, &dir);

    if (result < 0) {
        return result;
    }
    for (const struct dirent *entry = readdir(dir); entry != NULL; entry = readdir(dir)) {
        uint64_t usec;
        if (rotate_parse_name(entry->d_name, &usec) && usec > newest) {
            newest = usec;
        }
    }
    *ret_usec = newest;
    return 0;
}

int rotate_current(int dir_fd, uint64_t now) {
    char name[ROTATE_NAME_SIZE];
    uint64_t newest;
    int result = find_newest(dir_fd, &newest);

    if (result < 0) {
        return result;
    }
    stamp_format_name(rotate_next(now, newest), name);
    memcpy(name + STAMP_NAME_SIZE - 1, ".log", sizeof(".log"));
    /* No file of that name can be there: it would have been the newest. */
    return renameat(dir_fd, ROTATE_CURRENT, dir_fd, name) < 0 ? -errno : 0;
}

int rotate_open_inode(int dir_fd, uint64_t device, uint64_t inode, int *ret_fd) {
    auto_(free_dir) DIR *dir = NULL;
    int result = open_dir(dir_fd, &dir);

    if (result < 0) {
        return result;
    }
    for (const struct dirent *entry = readdir(dir); entry != NULL; entry = readdir(dir)) {
        const int flags = O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC;
        struct stat stat;
        uint64_t usec;

        if (!rotate_parse_name(entry->d_name, &usec) ||
            fstatat(dir_fd, entry->d_name, &stat, AT_SYMLINK_NOFOLLOW) < 0 ||
            stat.st_dev != device || stat.st_ino != inode) {
            continue;
        }
        auto_fd int fd = openat(dir_fd, entry->d_name, flags);
        if (fd < 0) {
            return -errno;
        }
        if (fstat(fd, &stat) == 0 && stat.st_dev == device && stat.st_ino == inode) {
            *ret_fd = take_fd(&fd);
            return 0;
        }
    }
    return -ENOENT;
}

struct usage {
    uint64_t size;
    uint32_t count;
    uint64_t oldest;
    char oldest_name[ROTATE_NAME_SIZE + sizeof(".zst")];
};

static int measure(int dir_fd, struct usage *ret_usage) {
    struct usage usage = {.oldest = UINT64_MAX};
    auto_(free_dir) DIR *dir = NULL;
    int result = open_dir(dir_fd, &dir);

    if (result < 0) {
        return result;
    }
    for (const struct dirent *entry = readdir(dir); entry != NULL; entry = readdir(dir)) {
        struct stat stat;
        uint64_t usec = 0;

        if (!rotate_parse_name(entry->d_name, &usec) ||
            fstatat(dir_fd, entry->d_name, &stat, AT_SYMLINK_NOFOLLOW) < 0) {
            continue;
        }
        usage.size += (uint64_t)stat.st_size;
        usage.count++;
        if (usec < usage.oldest) {
            usage.oldest = usec;
            memcpy(usage.oldest_name, entry->d_name, strlen(entry->d_name) + 1);
        }
    }
    *ret_usage = usage;
    return 0;
}

static bool is_over(const struct usage *usage, const struct rotate_limits *limits) {
    return (limits->size_max != 0 && usage->size > limits->size_max) ||
           (limits->count_max != 0 && usage->count > limits->count_max);
}

int rotate_trim(int dir_fd, const struct rotate_limits *limits) {
    size_t n_removed = 0;
    struct usage usage;

    while (n_removed < TRIM_MAX) {
        int result = measure(dir_fd, &usage);
        if (result < 0) {
            return result;
        }
        if (usage.count == 0 || !is_over(&usage, limits)) {
            break;
        }
        if (unlinkat(dir_fd, usage.oldest_name, 0) < 0 && errno != ENOENT) {
            return -errno;
        }
        n_removed++;
    }
    return 0;
}
