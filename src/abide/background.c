/*
 * The commands run `abide supervise --daemon` as a child instead of forking into the supervisor
 * themselves: so the supervisor is always the program with "supervise" in argv[1], whoever started
 * it. It is given no more of the caller's environment than a service may depend on: who happened to
 * start it must not decide how services run.
 */
#include "abide/background.h"

#include "abide.h"
#include "abide/asking.h"
#include "abide/say.h"
#include "base/alloc.h"
#include "base/str.h"
#include "client/path.h"
#include "os/atomicfile.h"
#include "os/await.h"
#include "os/child.h"
#include "os/fd.h"
#include "os/folder.h"
#include "os/homelock.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* How long a supervisor may take to be ready: it reads every unit file first. */
#define READY_USEC (90 * USEC_PER_SEC)
/* One that was just started may be shut down by somebody else at that moment. */
#define START_TRIES 3
/* In the environment of a supervisor that a command starts, which does not mind another one. */
#define JOIN "ABIDE_JOIN"
/* How often, and for how long in all, a supervisor that was quicker is asked whether it is ready.
 */
#define OTHER_LOOK_USEC (10 * USEC_PER_MSEC)
#define OTHER_LOOKS_MAX 6000
/* Where it writes what it has to say; a file, since nobody may be there to read a pipe. */
#define DIAG_NAME "/abide-supervise.diag"
/* More of that file is not looked at. */
#define DIAG_SIZE_MAX ((size_t)16 * 1024 * 1024)

static const char *const kept_variables[] = {
    "PATH",     "HOME", "USER",   "LOGNAME",        "SHELL",           "LANG",
    "LANGUAGE", "TZ",   "TMPDIR", "XDG_STATE_HOME", "XDG_CONFIG_HOME",
};

/* Says the last line that the supervisor wrote, after the `size` bytes that were there before. */
static void say_last_words(const char *path, size_t size) {
    auto_free char *text = NULL;
    size_t length = 0;
    if (atomicfile_read(FOLDER_CWD, path, DIAG_SIZE_MAX, &text, &length) < 0 || length <= size) {
        say("the supervisor did not start, and did not say why; see %s", path);
        return;
    }
    while (length > size && text[length - 1] == '\n') {
        text[--length] = '\0';
    }
    char *last = memrchr(text + size, '\n', length - size);
    last = last != NULL ? last + 1 : text + size;
    say("the supervisor did not start: %s (all that it said is in %s)", last, path);
}

static size_t size_of(const char *path) {
    auto_free char *text = NULL;
    size_t size = 0;
    return atomicfile_read(FOLDER_CWD, path, DIAG_SIZE_MAX, &text, &size) == 0 ? size : 0;
}

/* Another supervisor was quicker: it holds the lock. Waits until it answers; false when it does
 * not. */
static bool await_other(const struct call *call) {
    for (unsigned i = 0; i < OTHER_LOOKS_MAX; i++) {
        struct connection connection = CONNECTION_CLOSED;
        auto_fd int folder = -1;
        int holder = 0;
        if (folder_open(call->home.runtime, &folder) < 0 || homelock_holder(folder, &holder) <= 0) {
            return false;
        }
        int status = asking_try(call, &connection);
        if (status != ASKING_NOBODY) {
            if (status == 0) {
                connection_close(&connection);
            }
            return status == 0;
        }
        await_moment(OTHER_LOOK_USEC);
    }
    return false;
}

int background_fork(const struct call *call, int *ret_pid) {
    int fds[2];
    int r = await_open_pipe(fds);
    auto_fd int reader = r == 0 ? fds[0] : -1;
    auto_fd int writer = r == 0 ? fds[1] : -1;
    auto_free char *diag = NULL;
    r = r < 0 ? r : path_make(&diag, call->home.logs, DIAG_NAME);
    if (r < 0) {
        return say_fail(OUTCOME_FAILED, "%s", strerrordesc_np(-r));
    }
    size_t size_before = size_of(diag);
    struct abide_daemon daemon = {
        .name = "abide", .stderr_path = diag, .keep_fds = &writer, .n_keep_fds = 1};
    int pid = abide_daemonize(&daemon);
    if (pid < 0) {
        return say_fail(OUTCOME_FAILED, "the supervisor did not start: %s", daemon.error);
    }
    if (pid == 0) {
        char number[16];
        (void)snprintf(number, sizeof(number), "%d", take_fd(&writer));
        if (setenv("NOTIFY_FD", number, /* overwrite= */ 1) < 0) {
            return say_fail(OUTCOME_FAILED, "out of memory");
        }
        return BACKGROUND_DAEMON;
    }
    writer = fd_close(writer);
    r = await_ready(reader, READY_USEC);
    if (r == 0 && getenv(JOIN) != NULL && await_other(call)) {
        *ret_pid = 0;
        return 0;
    }
    if (r == 0) {
        say_last_words(diag, size_before);
        return OUTCOME_FAILED;
    }
    if (r < 0) {
        return say_fail(OUTCOME_TIMED_OUT, "the supervisor (pid %d) is not ready in time; see %s",
                        pid, diag);
    }
    *ret_pid = pid;
    return 0;
}

static char **environment_of(const struct call *call) {
    char **environment = NULL;
    for (char **entry = call->environment; *entry != NULL; entry++) {
        size_t length = strcspn(*entry, "=");
        bool is_kept = strncmp(*entry, "LC_", 3) == 0;
        for (size_t i = 0; i < sizeof(kept_variables) / sizeof(*kept_variables); i++) {
            is_kept = is_kept || (strlen(kept_variables[i]) == length &&
                                  memcmp(kept_variables[i], *entry, length) == 0);
        }
        if (is_kept && str_list_append(&environment, *entry, strlen(*entry)) < 0) {
            return str_list_free(environment);
        }
    }
    static const char join[] = JOIN "=1";
    if (str_list_append(&environment, join, sizeof(join) - 1) < 0) {
        return str_list_free(environment);
    }
    return environment;
}

static int start(struct call *call) {
    char words[][16] = {"abide", "supervise", "--daemon", "--home"};
    bool is_private = call->home.directory != NULL;
    char *argv[] = {
        words[0], words[1], words[2], is_private ? words[3] : NULL, call->home.directory, NULL};
    char *no_environment[] = {NULL};
    char **environment = environment_of(call);
    struct child_options options = {.path = "/proc/self/exe",
                                    .argv = argv,
                                    .envp = environment != NULL ? environment : no_environment};
    int status;
    int r = child_run(&options, &status, NULL);
    environment = str_list_free(environment);
    if (r < 0) {
        return say_fail(OUTCOME_FAILED, "the supervisor did not start: %s", strerrordesc_np(-r));
    }
    return status;
}

int background_connect(struct call *call, struct connection *ret_connection) {
    int status = asking_try(call, ret_connection);
    if (status != ASKING_NOBODY) {
        return status;
    }
    for (unsigned i = 0; i < START_TRIES; i++) {
        status = start(call);
        /* Somebody else may have started one at the same moment; then that is the one. */
        int second = asking_try(call, ret_connection);
        if (second != ASKING_NOBODY) {
            return second;
        }
        if (status != 0) {
            return status;
        }
    }
    return say_fail(OUTCOME_NO_SUPERVISOR,
                    "the supervisor that was started has ended again at once");
}
