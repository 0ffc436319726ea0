/* Fields come from outside, so a wrong one is an error with its cure, never an assertion. */
#include "libabide/settings.h"

#include "abide.h"
#include "libabide/fail.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>

static int check_text(struct abide_daemon *daemon, const char *field, const char *value) {
    if (value == NULL) {
        return 0;
    }
    if (value[0] == '\0') {
        return fail_words(daemon, EINVAL, "%s is empty: leave it NULL for the default", field);
    }
    if (strnlen(value, PATH_MAX) >= PATH_MAX) {
        return fail_words(daemon, EINVAL, "%s is longer than %d bytes", field, PATH_MAX - 1);
    }
    return 0;
}

static int check_texts(struct abide_daemon *daemon) {
    const struct {
        const char *field;
        const char *value;
    } texts[] = {
        {"name", daemon->name},
        {"pidfile", daemon->pidfile},
        {"stdin_path", daemon->stdin_path},
        {"stdout_path", daemon->stdout_path},
        {"stderr_path", daemon->stderr_path},
        {"working_directory", daemon->working_directory},
        {"user", daemon->user},
        {"group", daemon->group},
    };
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        int r = check_text(daemon, texts[i].field, texts[i].value);
        if (r < 0) {
            return r;
        }
    }
    return 0;
}

static int check_keep_fds(struct abide_daemon *daemon) {
    if (daemon->n_keep_fds > ABIDE_KEEP_FDS_MAX) {
        return fail_words(daemon, EINVAL, "n_keep_fds is %zu: at most %d descriptors are kept",
                          daemon->n_keep_fds, ABIDE_KEEP_FDS_MAX);
    }
    if (daemon->n_keep_fds > 0 && daemon->keep_fds == NULL) {
        return fail_words(daemon, EINVAL, "keep_fds is NULL, but n_keep_fds is %zu",
                          daemon->n_keep_fds);
    }
    for (size_t i = 0; i < daemon->n_keep_fds; i++) {
        int fd = daemon->keep_fds[i];
        if (fd >= 0 && fd <= 2) {
            return fail_words(daemon, EINVAL, "keep_fds[%zu] is %d: name a file for it instead", i,
                              fd);
        }
        if (fcntl(fd, F_GETFD) < 0) {
            return fail(daemon, EBADF, "keep_fds[%zu] is %d", i, fd);
        }
    }
    return 0;
}

static int check_numbers(struct abide_daemon *daemon) {
    if (daemon->umask > ABIDE_UMASK_NONE) {
        return fail_words(daemon, EINVAL,
                          "umask is %#o: 0001 to 0777, 0 for %#o, or ABIDE_UMASK_NONE",
                          (unsigned)daemon->umask, (unsigned)SETTINGS_UMASK);
    }
    if ((unsigned)daemon->restart > ABIDE_RESTART_ALWAYS) {
        return fail_words(daemon, EINVAL, "restart is %d: no such policy", (int)daemon->restart);
    }
    if ((unsigned)daemon->ready_when > ABIDE_READY_BY_CALL) {
        return fail_words(daemon, EINVAL, "ready_when is %d: no such moment",
                          (int)daemon->ready_when);
    }
    for (size_t i = 0; i < sizeof(daemon->reserved) / sizeof(daemon->reserved[0]); i++) {
        if (daemon->reserved[i] != 0) {
            return fail_words(daemon, EINVAL,
                              "reserved[%zu] is not 0: was struct abide_daemon initialised?", i);
        }
    }
    return 0;
}

int settings_check(struct abide_daemon *daemon, enum settings_need need) {
    if (daemon == NULL) {
        return -EINVAL;
    }
    daemon->error[0] = '\0';
    int r = check_numbers(daemon); /* First: they tell an uninitialised struct. */
    if (r >= 0) {
        r = check_texts(daemon);
    }
    if (r >= 0 &&
        need != SETTINGS_NEED_PIDFILE) { /* Who only looks for a daemon opens no socket. */
        r = check_keep_fds(daemon);
    }
    if (r < 0) {
        return r;
    }
    if (need == SETTINGS_NEED_RUN && daemon->run == NULL) {
        return fail_words(daemon, EINVAL, "run is NULL: the daemon has nothing to do");
    }
    if (need == SETTINGS_NEED_PIDFILE && daemon->pidfile == NULL) {
        return fail_words(daemon, EINVAL,
                          "pidfile is NULL: a running daemon is found by its pidfile");
    }
    return 0;
}

const char *settings_name(const struct abide_daemon *daemon) {
    return daemon->name != NULL ? daemon->name : program_invocation_short_name;
}

mode_t settings_umask(const struct abide_daemon *daemon) {
    if (daemon->umask == 0) {
        return SETTINGS_UMASK;
    }
    return daemon->umask == ABIDE_UMASK_NONE ? 0 : daemon->umask;
}

usec_t settings_start_timeout(const struct abide_daemon *daemon) {
    return daemon->start_timeout_usec != 0 ? daemon->start_timeout_usec
                                           : SETTINGS_START_TIMEOUT_USEC;
}

usec_t settings_stop_timeout(const struct abide_daemon *daemon) {
    return daemon->stop_timeout_usec != 0 ? daemon->stop_timeout_usec : SETTINGS_STOP_TIMEOUT_USEC;
}
