/* procfs gives both as text without a size, so both are read in growing pieces with a limit. */
#include "os/orphans.h"

#include "base/alloc.h"
#include "os/fd.h"
#include "os/procstat.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define PIECE_SIZE ((size_t)16 * 1024)
#define ENVIRONMENT_SIZE_MAX ((size_t)8 << 20) /* above the kernel's limit for arguments */
#define LIST_SIZE_MAX ((size_t)ORPHANS_CHILDREN_MAX * 12)

/* Reads a file of procfs whole, with a NUL behind it. Returns 0 or -errno. */
static int read_file(const char *path, size_t size_max, char **ret_text, size_t *ret_size) {
    auto_fd int fd = open(path, O_RDONLY | O_CLOEXEC);
    auto_free char *text = NULL;
    size_t size = 0;
    size_t room = 0;
    if (fd < 0) {
        return -errno;
    }
    for (;;) {
        if (room - size < PIECE_SIZE) {
            room = room > 0 ? room * 2 : PIECE_SIZE * 2;
            char *grown = room <= size_max * 2 ? alloc_resized(text, room, 1) : NULL;
            if (grown == NULL) {
                return -ENOMEM;
            }
            text = grown;
        }
        ssize_t n = read(fd, text + size, room - size - 1);
        if (n < 0 && errno != EINTR) {
            return -errno;
        }
        if (n == 0) {
            text[size] = '\0';
            *ret_text = take_ptr(&text);
            *ret_size = size;
            return 0;
        }
        size += n > 0 ? (size_t)n : 0;
    }
}

int orphans_adopt(void) {
    return prctl(PR_SET_CHILD_SUBREAPER, 1) < 0 ? -errno : 0;
}

bool orphans_in_group(pid_t group) {
    siginfo_t info;
    return waitid(P_PGID, (id_t)group, &info, WEXITED | WNOHANG | WNOWAIT) == 0;
}

bool orphans_leads_group(pid_t pid) {
    return getpgid(pid) == pid;
}

int orphans_list_children(pid_t **ret_pids, size_t *ret_count) {
    auto_free char *text = NULL;
    size_t size = 0;
    char path[64];
    (void)snprintf(path, sizeof(path), "/proc/self/task/%d/children", (int)getpid());
    int r = read_file(path, LIST_SIZE_MAX, &text, &size);
    if (r < 0) {
        return r;
    }
    auto_free pid_t *pids = alloc_zeroed(size / 2 + 1, sizeof(pid_t)); /* "1 2 3 " */
    if (pids == NULL) {
        return -ENOMEM;
    }
    size_t count = 0;
    char *end = text;
    for (const char *at = text; *at != '\0'; at = end) {
        long pid = strtol(at, &end, 10);
        if (end == at) {
            break;
        }
        pids[count++] = (pid_t)pid;
    }
    *ret_pids = take_ptr(&pids);
    *ret_count = count;
    return 0;
}

/* Of a process whose environment was not there: was that so for a moment only? */
static bool is_changing(pid_t pid) {
    struct procstat stat;
    if (procstat_read(pid, &stat) < 0 || stat.state == 'Z' || stat.state == 'X') {
        return false;
    }
    return stat.start_code == 0 || stat.env_start != stat.env_end;
}

int orphans_has_variable(pid_t pid, const char *assignment) {
    auto_free char *text = NULL;
    size_t size = 0;
    char path[64];
    (void)snprintf(path, sizeof(path), "/proc/%d/environ", (int)pid);
    int r = read_file(path, ENVIRONMENT_SIZE_MAX, &text, &size);
    if (r == -ESRCH || (r == 0 && size == 0)) {
        return is_changing(pid) ? -EAGAIN : 0;
    }
    for (size_t at = 0; at < size; at += strlen(text + at) + 1) {
        if (strcmp(text + at, assignment) == 0) {
            return 1;
        }
    }
    return 0;
}
