/* What the logger must know stands in names and small files, so that it survives everybody. */
#include "supervisor/logpipe.h"

#include "os/atomicfile.h"
#include "os/fd.h"
#include "os/fifo.h"
#include "os/folder.h"
#include "supervisor/shell.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#define NAME_SIZE (SPEC_NAME_MAX + 32)

int logpipe_open(struct shell *shell, struct unit *unit, enum role role, int *ret_write_fd) {
    char hidden[NAME_SIZE];
    int fds[2] = {-1, -1};
    if (role == ROLE_CONTROL) {
        return unit->log_fd < 0 ? -ENOENT : fifo_open_writer(unit->log_fd, ret_write_fd);
    }
    uint64_t run = ++shell->last_log_run;
    (void)snprintf(hidden, sizeof(hidden), ".%s.%llu", unit->spec.name, (unsigned long long)run);
    int r = fifo_make(shell->log_dir_fd, hidden, hidden + 1, fds);
    if (r < 0) {
        return r;
    }
    (void)fd_close(unit->old_log_fd);
    unit->old_log_fd = take_fd(&unit->log_fd);
    unit->log_fd = fds[0];
    *ret_write_fd = fds[1];
    return 0;
}

int logpipe_configure(const struct shell *shell, const struct unit *unit) {
    static const char *const stamps[LOG_STAMP_COUNT] = {
        [LOG_STAMP_UTC] = "utc",
        [LOG_STAMP_LOCAL] = "local",
        [LOG_STAMP_NONE] = "raw",
    };
    const struct log_settings *log = &unit->spec.log;
    char name[NAME_SIZE];
    char text[256];
    (void)snprintf(name, sizeof(name), "%s.conf", unit->spec.name);
    if (log->stamp == LOG_STAMP_UTC && log->file_size_max == 0 && log->total_size_max == 0) {
        return folder_unlink_at(shell->log_dir_fd, name);
    }
    int size = snprintf(text, sizeof(text), "version=1\nstamp=%s\n", stamps[log->stamp]);
    assert(size > 0 && (size_t)size < sizeof(text));
    size_t used = (size_t)size;
    if (log->file_size_max != 0) {
        used += (size_t)snprintf(text + used, sizeof(text) - used, "file-size-max=%llu\n",
                                 (unsigned long long)log->file_size_max);
    }
    if (log->total_size_max != 0) {
        used += (size_t)snprintf(text + used, sizeof(text) - used, "total-size-max=%llu\n",
                                 (unsigned long long)log->total_size_max);
    }
    assert(used < sizeof(text));
    const struct atomicfile file = {
        .directory = shell->log_dir_fd,
        .name = name,
        .bytes = text,
        .size = used,
        .mode = 0600,
    };
    return atomicfile_write(&file);
}

/* Closes a read end whose FIFO the logger has unlinked, or that nothing can be read from any more.
 */
static void release(int *fd) {
    if (*fd >= 0 && fifo_is_unlinked(*fd)) {
        *fd = fd_close(*fd);
    }
}

bool logpipe_release(struct unit *unit) {
    bool has_ended = unit->pids[ROLE_MAIN] == 0;
    release(&unit->old_log_fd);
    if (has_ended) {
        release(&unit->log_fd);
    }
    return unit->old_log_fd >= 0 || (has_ended && unit->log_fd >= 0);
}
