/*
 * Where the own cgroup lies is put together from two files of proc(5): the mount of the cgroup2
 * file system with the part of the hierarchy that it shows, and the path of this process in the
 * hierarchy. Whether one may work there is tried, not guessed from ids: delegation, namespaces and
 * read-only mounts all decide on it.
 */
#include "os/cgroup.h"

#include "base/alloc.h"
#include "os/atomicfile.h"
#include "os/fd.h"
#include "os/identity.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/vfs.h>
#include <unistd.h>

/* Of /proc/self/mountinfo, and of cgroup.procs with some 100,000 processes. */
#define FILE_SIZE_MAX ((size_t)1024 * 1024)
/* So many pidfds are open at a time. */
#define BATCH_MAX 64

static int write_file(int directory, const char *name, const char *text) {
    auto_fd int fd = openat(directory, name, O_WRONLY | O_CLOEXEC);
    if (fd < 0) {
        return -errno;
    }
    return write(fd, text, strlen(text)) < 0 ? -errno : 0;
}

/* mountinfo writes a blank, a tab, a newline and a backslash as \ooo. */
static void decode_octal(char *text) {
    char *to = text;
    for (const char *from = text; *from != '\0'; to++) {
        if (from[0] == '\\' && strspn(from + 1, "01234567") >= 3) {
            *to = (char)((from[1] - '0') * 64 + (from[2] - '0') * 8 + (from[3] - '0'));
            from += 4;
        } else {
            *to = *from++;
        }
    }
    *to = '\0';
}

/* The part of `path` below `root`, "" or beginning with a slash; NULL when it is not below. */
static const char *below(const char *root, const char *path) {
    size_t length = strcmp(root, "/") == 0 ? 0 : strlen(root);
    if (strncmp(path, root, length) != 0 || (path[length] != '/' && path[length] != '\0')) {
        return NULL;
    }
    return strcmp(path + length, "/") == 0 ? "" : path + length;
}

/* One line of mountinfo: when it is a cgroup2 that shows `own`, where that is. */
static bool parse_mount(char *line, const char *own, char *ret_path, size_t size) {
    const char *type = strstr(line, " - ");
    if (type == NULL || strncmp(type, " - cgroup2 ", strlen(" - cgroup2 ")) != 0) {
        return false;
    }
    char *rest = line;
    char *fields[5]; /* mount id, parent id, device, root, mount point */
    for (int i = 0; i < 5; i++) {
        fields[i] = strsep(&rest, " ");
        if (rest == NULL) {
            return false;
        }
    }
    decode_octal(fields[3]);
    decode_octal(fields[4]);
    const char *part = below(fields[3], own);
    if (part == NULL) {
        return false;
    }
    int length = snprintf(ret_path, size, "%s%s", fields[4], part);
    return length >= 0 && (size_t)length < size;
}

static int find_own(char *ret_path, size_t size) {
    auto_free char *cgroups = NULL;
    auto_free char *mounts = NULL;
    size_t length = 0;
    int error = atomicfile_read(AT_FDCWD, "/proc/self/cgroup", FILE_SIZE_MAX, &cgroups, &length);
    if (error == 0) {
        error = atomicfile_read(AT_FDCWD, "/proc/self/mountinfo", FILE_SIZE_MAX, &mounts, &length);
    }
    if (error < 0) {
        return error;
    }
    const char *own = NULL;
    char *rest = cgroups;
    char *line = NULL;
    while ((line = strsep(&rest, "\n")) != NULL) {
        if (strncmp(line, "0::/", 4) == 0) {
            own = line + 3;
        }
    }
    if (own == NULL) {
        return -ENOENT;
    }
    rest = mounts;
    while ((line = strsep(&rest, "\n")) != NULL) {
        if (parse_mount(line, own, ret_path, size)) {
            return 0;
        }
    }
    return -ENOENT;
}

/* What clone into a cgroup and the functions here need; `own` is where this process is. */
static int check_base(const char *own, const char *path) {
    char file[PATH_MAX + 32];
    auto_free char *type = NULL;
    size_t size = 0;
    /* Moving a process needs the right to write the nearest cgroup above both ends. */
    (void)snprintf(file, sizeof file, "%s/cgroup.procs", own);
    if (faccessat(AT_FDCWD, file, W_OK, AT_EACCESS) < 0) {
        return -errno;
    }
    (void)snprintf(file, sizeof file, "%s/cgroup.kill", path);
    if (faccessat(AT_FDCWD, file, W_OK, AT_EACCESS) < 0) {
        return errno == ENOENT ? -EOPNOTSUPP : -errno;
    }
    (void)snprintf(file, sizeof file, "%s/cgroup.type", path);
    int error = atomicfile_read(AT_FDCWD, file, FILE_SIZE_MAX, &type, &size);
    if (error == 0 && strcmp(type, "domain\n") != 0) {
        error = -EOPNOTSUPP;
    }
    return error;
}

int cgroup_find_base(const char *name, char *ret_path, size_t size) {
    assert(name != NULL && ret_path != NULL);
    char own[PATH_MAX];
    char path[PATH_MAX];
    int error = find_own(own, sizeof own);
    if (error < 0) {
        return error;
    }
    int length = snprintf(path, sizeof path, "%s/%s", own, name);
    if (length < 0 || (size_t)length >= sizeof path || (size_t)length >= size) {
        return -ENAMETOOLONG;
    }
    bool is_new = mkdir(path, 0755) == 0;
    if (!is_new && errno != EEXIST) {
        return -errno;
    }
    error = check_base(own, path);
    if (error < 0) {
        if (is_new) {
            (void)rmdir(path); /* It was for this try only. */
        }
        return error;
    }
    memcpy(ret_path, path, (size_t)length + 1);
    return 0;
}

int cgroup_open_base(const char *path, int *ret_fd) {
    auto_fd int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    struct statfs filesystem;
    if (fd < 0 || fstatfs(fd, &filesystem) < 0) {
        return -errno;
    }
    if (filesystem.f_type != CGROUP2_SUPER_MAGIC) {
        return -EMEDIUMTYPE;
    }
    *ret_fd = take_fd(&fd);
    return 0;
}

int cgroup_open(int base, const char *name, int *ret_fd) {
    int fd = openat(base, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0) {
        return -errno;
    }
    *ret_fd = fd;
    return 0;
}

int cgroup_make(int base, const char *name, int *ret_fd) {
    if (mkdirat(base, name, 0755) < 0) {
        return -errno;
    }
    return cgroup_open(base, name, ret_fd);
}

int cgroup_is_populated(int fd) {
    auto_free char *text = NULL;
    size_t size = 0;
    int error = atomicfile_read(fd, "cgroup.events", FILE_SIZE_MAX, &text, &size);
    if (error < 0) {
        return error;
    }
    const char *value = strstr(text, "populated ");
    if (value == NULL) {
        return -EBADMSG;
    }
    return value[strlen("populated ")] != '0' ? 1 : 0;
}

int cgroup_open_events(int fd, int *ret_fd) {
    int events = openat(fd, "cgroup.events", O_RDONLY | O_CLOEXEC);
    if (events < 0) {
        return -errno;
    }
    *ret_fd = events;
    return 0;
}

int cgroup_kill(int fd) {
    return write_file(fd, "cgroup.kill", "1");
}

/* The directories of a cgroup, itself first, each before those in it. */
struct subtree {
    char *paths[CGROUP_SUBTREE_MAX];
    size_t n;
};

static void *subtree_free(struct subtree *self) {
    for (size_t i = 0; self != NULL && i < self->n; i++) {
        free(self->paths[i]);
    }
    free(self);
    return NULL;
}

DEFINE_CLEANUP(subtree_free, struct subtree *)

static int subtree_add(struct subtree *self, const char *parent, const char *name) {
    char path[PATH_MAX];
    if (self->n == CGROUP_SUBTREE_MAX) {
        return -EOVERFLOW;
    }
    int length = snprintf(path, sizeof path, "%s/%s", parent, name);
    if (length < 0 || (size_t)length >= sizeof path) {
        return -ENAMETOOLONG;
    }
    self->paths[self->n] = strdup(path);
    if (self->paths[self->n] == NULL) {
        return -ENOMEM;
    }
    self->n++;
    return 0;
}

static int subtree_add_children(struct subtree *self, int base, const char *path) {
    int fd = openat(base, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    DIR *directory = fd < 0 ? NULL : fdopendir(fd);
    if (directory == NULL) {
        int error = -errno;
        (void)fd_close(fd);
        return error == -ENOENT ? 0 : error; /* The service has removed it meanwhile. */
    }
    int error = 0;
    const struct dirent *entry = NULL;
    while (error == 0 && (entry = readdir(directory)) != NULL) {
        if (entry->d_type == DT_DIR && strcmp(entry->d_name, ".") != 0 &&
            strcmp(entry->d_name, "..") != 0) {
            error = subtree_add(self, path, entry->d_name);
        }
    }
    (void)closedir(directory);
    return error;
}

/* A list that grows while it is gone through, in place of a recursion. */
static int subtree_read(int base, const char *name, struct subtree **ret_subtree) {
    auto_(subtree_free) struct subtree *self = calloc(1, sizeof *self);
    if (self == NULL) {
        return -ENOMEM;
    }
    int error = subtree_add(self, ".", name);
    for (size_t i = 0; error == 0 && i < self->n; i++) {
        error = subtree_add_children(self, base, self->paths[i]);
    }
    if (error == 0) {
        *ret_subtree = take_ptr(&self);
    }
    return error;
}

/* Lines of numbers; where reading fails (the cgroup may have gone) there is nobody. */
static char *read_procs(int base, const char *path) {
    char file[PATH_MAX + 32];
    char *text = NULL;
    size_t size = 0;
    (void)snprintf(file, sizeof file, "%s/cgroup.procs", path);
    return atomicfile_read(base, file, FILE_SIZE_MAX, &text, &size) < 0 ? NULL : text;
}

static bool lists(const char *procs, pid_t pid) {
    const char *at = procs;
    while (at != NULL && *at != '\0') {
        char *end = NULL;
        if (strtol(at, &end, 10) == pid) {
            return true;
        }
        at = *end == '\n' ? end + 1 : NULL;
    }
    return false;
}

/*
 * Signals the next BATCH_MAX processes of the list. Each pidfd is opened first, and the list read
 * again then: a number that still stands there belongs to a process of this cgroup, and the pidfd
 * to that one or to one that has ended.
 */
static size_t signal_batch(int base, const char *path, const char **at, int signal) {
    pid_t pids[BATCH_MAX];
    int pidfds[BATCH_MAX];
    size_t n = 0;
    while (n < BATCH_MAX && **at != '\0') {
        char *end = NULL;
        pids[n] = (pid_t)strtol(*at, &end, 10);
        *at = *end == '\n' ? end + 1 : end + strlen(end);
        pidfds[n] = pids[n] > 0 ? pidfd_open(pids[n], 0) : -1;
        n += pidfds[n] >= 0 ? 1 : 0;
    }
    auto_free char *now = read_procs(base, path);
    size_t n_signalled = 0;
    for (size_t i = 0; i < n; i++) {
        if (lists(now, pids[i]) && identity_signal(pidfds[i], signal) == 0) {
            n_signalled++;
        }
        (void)fd_close(pidfds[i]);
    }
    return n_signalled;
}

int cgroup_signal(int fd, int signal, size_t *ret_n) {
    auto_(subtree_free) struct subtree *subtree = NULL;
    int error = subtree_read(fd, ".", &subtree);
    if (error < 0) {
        return error;
    }
    assert(subtree != NULL);
    size_t n = 0;
    for (size_t i = 0; i < subtree->n; i++) {
        auto_free char *procs = read_procs(fd, subtree->paths[i]);
        const char *at = procs;
        while (at != NULL && *at != '\0') {
            n += signal_batch(fd, subtree->paths[i], &at, signal);
        }
    }
    *ret_n = n;
    return 0;
}

int cgroup_remove(int base, const char *name) {
    auto_(subtree_free) struct subtree *subtree = NULL;
    int error = subtree_read(base, name, &subtree);
    if (error < 0) {
        return error;
    }
    assert(subtree != NULL);
    for (size_t i = subtree->n; i > 0; i--) {
        if (unlinkat(base, subtree->paths[i - 1], AT_REMOVEDIR) < 0 && errno != ENOENT) {
            return -errno;
        }
    }
    return 0;
}
