/*
 * The second field is the program's name in brackets, and the name may hold brackets and spaces
 * itself. No later field holds a bracket, so the last one ends the name; then come numbers.
 * There are no assertions: to abort is not for the child of a spawn.
 */
#include "os/procstat.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <unistd.h>

#define PROCSTAT_LINE_MAX 2048

/* Numbers of proc(5) less one; the state, field 3, is read before the loop. */
enum field {
    FIELD_PPID = 4,
    FIELD_PGRP = 5,
    FIELD_SESSION = 6,
    FIELD_N_THREADS = 20,
    FIELD_START_TIME = 22,
    FIELD_START_CODE = 26,
    FIELD_ENV_START = 50,
    FIELD_ENV_END = 51
};

static bool parse_number(const char *text, size_t size, size_t *offset, uint64_t *ret_value) {
    size_t i = *offset;
    bool is_negative = i < size && text[i] == '-';
    if (is_negative) {
        i++;
    }
    uint64_t value = 0;
    size_t first = i;
    while (i < size && text[i] >= '0' && text[i] <= '9') {
        value = value * 10 + (uint64_t)(text[i] - '0');
        i++;
    }
    if (i == first) {
        return false;
    }
    *offset = i;
    *ret_value = is_negative ? 0 - value : value;
    return true;
}

static void store_field(struct procstat *stat, int field, uint64_t value) {
    if (field == FIELD_PPID) {
        stat->ppid = (pid_t)value;
    } else if (field == FIELD_PGRP) {
        stat->pgrp = (pid_t)value;
    } else if (field == FIELD_SESSION) {
        stat->session = (pid_t)value;
    } else if (field == FIELD_N_THREADS) {
        stat->n_threads = value;
    } else if (field == FIELD_START_TIME) {
        stat->start_time = value;
    } else if (field == FIELD_START_CODE) {
        stat->start_code = value;
    } else if (field == FIELD_ENV_START) {
        stat->env_start = value;
    } else if (field == FIELD_ENV_END) {
        stat->env_end = value;
    }
}

int procstat_parse(const char *text, size_t size, struct procstat *ret_stat) {
    size_t open = 0;
    size_t close = size;
    while (open < size && text[open] != '(') {
        open++;
    }
    while (close > open && text[close - 1] != ')') {
        close--;
    }
    if (close <= open + 1 || size - close < 3) {
        return -EBADMSG;
    }
    struct procstat stat = {.state = text[close + 1]};
    for (size_t i = 0; open + 1 + i < close - 1 && i < sizeof stat.comm - 1; i++) {
        stat.comm[i] = text[open + 1 + i];
    }
    size_t offset = close + 2;
    for (int field = FIELD_PPID; field <= FIELD_ENV_END; field++) {
        uint64_t value = 0;
        if (offset >= size || text[offset] != ' ') {
            return -EBADMSG;
        }
        offset++;
        if (!parse_number(text, size, &offset, &value)) {
            return -EBADMSG;
        }
        store_field(&stat, field, value);
    }
    *ret_stat = stat;
    return 0;
}

/* "/proc/PID/stat" without snprintf(), which is not async-signal-safe. */
static void make_path(pid_t pid, char *path) {
    static const char head[] = "/proc/";
    static const char tail[] = "/stat";
    char digits[12];
    size_t n_digits = 0;
    for (pid_t rest = pid; rest > 0; rest /= 10) {
        digits[n_digits++] = (char)('0' + rest % 10);
    }
    size_t length = 0;
    for (size_t i = 0; i < sizeof head - 1; i++) {
        path[length++] = head[i];
    }
    while (n_digits > 0) {
        path[length++] = digits[--n_digits];
    }
    for (size_t i = 0; i < sizeof tail; i++) {
        path[length++] = tail[i];
    }
}

int procstat_read(pid_t pid, struct procstat *ret_stat) {
    char path[32];
    make_path(pid, path);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return errno == ENOENT && access("/proc/self/stat", F_OK) == 0 ? -ESRCH : -errno;
    }
    char line[PROCSTAT_LINE_MAX];
    ssize_t size = read(fd, line, sizeof line);
    int error = errno;
    (void)close(fd);
    if (size < 0) {
        return -error; /* ESRCH when the process was reaped since it was opened. */
    }
    return procstat_parse(line, (size_t)size, ret_stat);
}
