/*
 * Where a program is found follows execvp(3): a candidate that may not be executed is passed over,
 * and only told of when nothing better comes. An empty entry of PATH is the working directory.
 */
#include "os/self.h"

#include "base/alloc.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#define SEARCH_PATH_DEFAULT "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
/* What a terminal that does not know its width is taken for. */
#define COLUMNS_DEFAULT 80

bool self_is_root(void) {
    return geteuid() == 0;
}

uid_t self_user(void) {
    return geteuid();
}

pid_t self_pid(void) {
    return getpid();
}

int self_working_directory(char **ret_path) {
    char *path = getcwd(NULL, 0); /* glibc allocates. */
    if (path == NULL) {
        return -errno;
    }
    *ret_path = path;
    return 0;
}

void self_host_name(char *buffer, size_t size) {
    if (gethostname(buffer, size) < 0) {
        buffer[0] = '\0';
    }
    buffer[size - 1] = '\0';
}

unsigned int self_terminal_columns(int fd) {
    struct winsize size;
    if (ioctl(fd, TIOCGWINSZ, &size) < 0) {
        return 0;
    }
    return size.ws_col != 0 ? size.ws_col : COLUMNS_DEFAULT;
}

int self_program(char **ret_path) {
    char *path = realpath("/proc/self/exe", NULL);
    if (path == NULL) {
        return -errno;
    }
    *ret_path = path;
    return 0;
}

/* FOLDER/NAME, with the working directory before a folder that is not absolute. */
static int join(const char *folder, size_t folder_length, const char *name, char **ret_path) {
    auto_free char *cwd = NULL;
    bool is_relative = folder_length == 0 || folder[0] != '/';
    int r = is_relative ? self_working_directory(&cwd) : 0;
    if (r < 0) {
        return r;
    }
    size_t cwd_length = cwd != NULL ? strlen(cwd) : 0;
    char *path = malloc(cwd_length + 1 + folder_length + 1 + strlen(name) + 1);
    if (path == NULL) {
        return -ENOMEM;
    }
    char *end = path;
    if (cwd != NULL && strcmp(cwd, "/") != 0) {
        end = mempcpy(end, cwd, cwd_length);
    }
    if (cwd != NULL) {
        *end++ = '/';
    }
    end = mempcpy(end, folder, folder_length);
    if (folder_length != 0 && folder[folder_length - 1] != '/') {
        *end++ = '/';
    }
    memcpy(end, name, strlen(name) + 1);
    *ret_path = path;
    return 0;
}

static int check_program(const char *path) {
    struct stat status;
    if (stat(path, &status) < 0) {
        return errno == ENOTDIR ? -ENOENT : -errno;
    }
    if (!S_ISREG(status.st_mode)) {
        return -EACCES;
    }
    return faccessat(AT_FDCWD, path, X_OK, AT_EACCESS) < 0 ? -errno : 0;
}

/* One candidate: 0 and its path, or why it is none. */
static int try_program(const char *folder, size_t folder_length, const char *name,
                       char **ret_path) {
    auto_free char *path = NULL;
    int r = join(folder, folder_length, name, &path);
    if (r < 0) {
        return r;
    }
    r = check_program(path);
    if (r < 0) {
        return r;
    }
    *ret_path = take_ptr(&path);
    return 0;
}

int self_find_program(const char *name, const char *search_path, char **ret_path) {
    if (name[0] == '\0') {
        return -ENOENT;
    }
    if (name[0] == '/') {
        return try_program("/", 1, name + strspn(name, "/"), ret_path);
    }
    if (strchr(name, '/') != NULL) {
        while (strncmp(name, "./", 2) == 0) {
            name += 1 + strspn(name + 1, "/");
        }
        return try_program("", 0, name, ret_path);
    }
    const char *rest = search_path != NULL ? search_path : SEARCH_PATH_DEFAULT;
    int found = -ENOENT;
    for (;;) {
        size_t length = strcspn(rest, ":");
        int r = try_program(rest, length, name, ret_path);
        if (r == 0 || r == -ENOMEM) {
            return r;
        }
        found = r != -ENOENT ? r : found;
        if (rest[length] == '\0') {
            return found;
        }
        rest += length + 1;
    }
}
