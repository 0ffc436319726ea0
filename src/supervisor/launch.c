/*
 * Two ways with one end. `abide exec` is needed for an account, a file to open or to read, a name
 * to look for, and a directory that may block; everything else goes straight to execve(2).
 */
#include "supervisor/launch.h"

#include "base/alloc.h"
#include "base/str.h"
#include "core/expand.h"
#include "os/exec_explain.h"
#include "os/exec_request.h"
#include "os/fd.h"
#include "os/self.h"

#include <assert.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEFAULT_PATH "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

/* The service holds a read end of its own log pipe there, out of the way of its other descriptors.
 */
#define LOG_READ_TARGET (SPAWN_FD_END - 1)

/* Room for the variables of a run: INVOCATION_ID, MAINPID, and the end of the list. */
#define RUN_VARIABLES_MAX 3
#define VARIABLE_SIZE 64

static int append(char ***list, const char *text) {
    return str_list_append(list, text, strlen(text));
}

/* Root's services begin with PATH and the language only; a user's with what names the user, too. */
static int make_environment(struct launcher *self, bool is_root) {
    static const char *const inherited[] = {"LANG", "HOME", "USER", "LOGNAME", "SHELL", "TZ"};
    size_t count = is_root ? 1 : sizeof(inherited) / sizeof(inherited[0]);
    const char *path = getenv("PATH");
    int r = is_root || path == NULL ? append(&self->environment, DEFAULT_PATH) : 0;
    for (size_t i = 0; r == 0 && i <= count; i++) {
        const char *name = i < count ? inherited[i] : is_root ? NULL : "PATH";
        const char *value = name != NULL ? getenv(name) : NULL;
        char text[4096];
        if (value != NULL &&
            snprintf(text, sizeof(text), "%s=%s", name, value) < (int)sizeof(text)) {
            r = append(&self->environment, text);
        }
    }
    return r;
}

int launcher_open(struct launcher *self) {
    bool is_root = self_is_root();
    int r = spawner_open(&self->spawner);
    if (r == 0) {
        r = self_program(&self->program);
    }
    if (r == 0) {
        r = make_environment(self, is_root);
    }
    if (r == 0) {
        r = mounts_read(&self->mounts);
    }
    static char root[] = "/";
    char *home = is_root ? NULL : getenv("HOME");
    self->directory = home != NULL ? home : root;
    self->null_fd = -1;
    return r == 0 ? fd_open_null(&self->null_fd) : r;
}

void launcher_close(struct launcher *self) {
    self->null_fd = fd_close(self->null_fd);
    mounts_fini(&self->mounts);
    self->environment = str_list_free(self->environment);
    free(self->program);
    self->program = NULL;
    spawner_close(&self->spawner);
}

static bool has_prefix(const char *entry, const char *name) {
    size_t length = strcspn(name, "=");
    return strncmp(entry, name, length) == 0 && entry[length] == '=';
}

static bool is_unset(const struct spec *spec, const char *entry) {
    for (char **name = spec->unset_environment; name != NULL && *name != NULL; name++) {
        if (has_prefix(entry, *name) && (strchr(*name, '=') == NULL || strcmp(entry, *name) == 0)) {
            return true;
        }
    }
    return false;
}

/* Is the variable set again by a later entry of Environment=? */
static bool is_overridden(char *const *later, const char *entry) {
    for (; later != NULL && *later != NULL; later++) {
        if (has_prefix(*later, entry)) {
            return true;
        }
    }
    return false;
}

int launch_prepare(const struct launcher *self, struct unit *unit) {
    const struct spec *spec = &unit->spec;
    char **made = NULL;
    int r = 0;
    for (char **entry = self->environment; r == 0 && entry != NULL && *entry != NULL; entry++) {
        if (!is_overridden(spec->environment, *entry) && !is_unset(spec, *entry)) {
            r = append(&made, *entry);
        }
    }
    for (char **name = spec->pass_environment; r == 0 && name != NULL && *name != NULL; name++) {
        char text[4096];
        const char *value = getenv(*name);
        if (value != NULL &&
            snprintf(text, sizeof(text), "%s=%s", *name, value) < (int)sizeof(text) &&
            !is_overridden(spec->environment, text) && !is_unset(spec, text)) {
            r = append(&made, text);
        }
    }
    for (char **entry = spec->environment; r == 0 && entry != NULL && *entry != NULL; entry++) {
        if (!is_overridden(entry + 1, *entry) && !is_unset(spec, *entry)) {
            r = append(&made, *entry);
        }
    }
    if (r < 0) {
        (void)str_list_free(made);
        return r;
    }
    (void)str_list_free(unit->environment);
    unit->environment = made;
    return 0;
}

static bool is_file(enum stdio_kind kind) {
    return kind == STDIO_FILE || kind == STDIO_APPEND || kind == STDIO_TRUNCATE;
}

bool launch_is_logged(const struct spec *spec) {
    return spec->standard_output.kind == STDIO_DEFAULT || spec->standard_output.kind == STDIO_LOG ||
           spec->standard_error.kind == STDIO_LOG;
}

static char *directory_of(const struct launcher *self, const struct spec *spec) {
    return spec->working_directory != NULL ? spec->working_directory : self->directory;
}

static bool needs_helper(const struct launcher *self, const struct unit *unit,
                         const struct command *command) {
    const struct spec *spec = &unit->spec;
    return spec->user != NULL || spec->group != NULL || spec->supplementary_groups != NULL ||
           spec->env_files.count > 0 || spec->working_directory_is_home ||
           spec->working_directory_may_be_missing || is_file(spec->standard_input.kind) ||
           is_file(spec->standard_output.kind) || is_file(spec->standard_error.kind) ||
           command->path[0] != '/' || mounts_may_block(&self->mounts, command->path) ||
           mounts_may_block(&self->mounts, directory_of(self, spec));
}

/* What stdin, stdout and stderr are for the spawned child. A file's place is taken by /dev/null
 * until the helper opens it. */
static void choose_streams(const struct launcher *self, const struct spec *spec, int log_fd,
                           int ret_fds[3]) {
    enum stdio_kind out = spec->standard_output.kind;
    enum stdio_kind error = spec->standard_error.kind;
    ret_fds[0] = self->null_fd;
    ret_fds[1] = out == STDIO_DEFAULT || out == STDIO_LOG ? log_fd : self->null_fd;
    ret_fds[2] = error == STDIO_LOG                                 ? log_fd
                 : error == STDIO_DEFAULT || error == STDIO_INHERIT ? ret_fds[1]
                                                                    : self->null_fd;
}

static enum exec_stream stream_of(const struct stdio *stdio, int number, bool is_before_file) {
    switch (stdio->kind) {
    case STDIO_FILE:
        return number == STDIN_FILENO ? EXEC_STREAM_READ : EXEC_STREAM_WRITE;
    case STDIO_APPEND:
        return EXEC_STREAM_APPEND;
    case STDIO_TRUNCATE:
        return EXEC_STREAM_TRUNCATE;
    case STDIO_DEFAULT:
        return number == STDERR_FILENO && is_before_file ? EXEC_STREAM_COPY : EXEC_STREAM_INHERITED;
    case STDIO_INHERIT:
        return number != STDIN_FILENO && is_before_file ? EXEC_STREAM_COPY : EXEC_STREAM_INHERITED;
    case STDIO_NULL:
    case STDIO_LOG:
    case STDIO_TTY:
    case STDIO_SOCKET:
    case STDIO_DATA:
    case STDIO_FD:
        break;
    }
    return EXEC_STREAM_INHERITED;
}

static int list_env_files(const struct spec *spec, char ***ret_list) {
    char **list = NULL;
    int r = 0;
    for (size_t i = 0; r == 0 && i < spec->env_files.count; i++) {
        const struct env_file *file = &spec->env_files.items[i];
        size_t length = strlen(file->path);
        auto_free char *entry = alloc_zeroed(length + 2, 1);
        if (entry == NULL) {
            r = -ENOMEM;
        } else {
            entry[0] = file->may_be_missing ? '-' : '+';
            memcpy(entry + 1, file->path, length);
            r = str_list_append(&list, entry, length + 1);
        }
    }
    if (r < 0) {
        (void)str_list_free(list);
        return r;
    }
    *ret_list = list;
    return 0;
}

/* Returns 0 and the descriptor of a request, or -errno. */
static int make_request(const struct launcher *self, const struct unit *unit,
                        const struct command *command, char **environment, int *ret_fd) {
    const struct spec *spec = &unit->spec;
    bool is_restricted = (command->flags & COMMAND_PRIVILEGED) == 0;
    bool changes_user = is_restricted && (command->flags & COMMAND_NO_SETUID) == 0;
    struct exec_request request = {
        .path = command->path,
        .argv = command->argv,
        .environment = environment,
        .unset_environment = spec->unset_environment,
        .user = changes_user ? spec->user : NULL,
        .group = changes_user ? spec->group : NULL,
        .supplementary_groups = changes_user ? spec->supplementary_groups : NULL,
        .working_directory = directory_of(self, spec),
        .umask = spec->umask,
        .expands = (command->flags & COMMAND_NO_EXPANSION) == 0,
        .working_directory_is_home = spec->working_directory_is_home,
        .working_directory_may_be_missing = spec->working_directory_may_be_missing,
    };
    const struct stdio *const streams[3] = {&spec->standard_input, &spec->standard_output,
                                            &spec->standard_error};
    for (int i = 0; i < 3; i++) {
        bool is_before_file = i > 0 && request.streams[i - 1] != EXEC_STREAM_INHERITED;
        request.streams[i] = stream_of(streams[i], i, is_before_file);
        request.stream_paths[i] = streams[i]->target;
    }
    int r = list_env_files(spec, &request.env_files);
    if (r == 0) {
        r = exec_request_send(&request, ret_fd);
    }
    (void)str_list_free(request.env_files);
    return r;
}

/* The list that execve(2) takes: the unit's entries and the run's, none of them copied. */
static char **run_environment(const struct unit *unit, enum role role,
                              char variables[RUN_VARIABLES_MAX][VARIABLE_SIZE]) {
    size_t count = str_list_count(unit->environment);
    char **list = alloc_zeroed(count + RUN_VARIABLES_MAX, sizeof(char *));
    if (list == NULL) {
        return NULL;
    }
    if (count > 0) {
        memcpy(list, unit->environment, count * sizeof(char *));
    }
    (void)snprintf(variables[0], VARIABLE_SIZE, "INVOCATION_ID=%s", unit->invocation);
    list[count++] = variables[0];
    if (role == ROLE_CONTROL && unit->pids[ROLE_MAIN] != 0) {
        (void)snprintf(variables[1], VARIABLE_SIZE, "MAINPID=%d", (int)unit->pids[ROLE_MAIN]);
        list[count++] = variables[1];
    }
    return list;
}

static size_t choose_limits(const struct launcher *self, const struct spec *spec,
                            struct spawn_limit ret_limits[LIMIT_COUNT]) {
    static const int resources[LIMIT_COUNT] = {
        [LIMIT_CPU] = RLIMIT_CPU,           [LIMIT_FSIZE] = RLIMIT_FSIZE,
        [LIMIT_DATA] = RLIMIT_DATA,         [LIMIT_STACK] = RLIMIT_STACK,
        [LIMIT_CORE] = RLIMIT_CORE,         [LIMIT_RSS] = RLIMIT_RSS,
        [LIMIT_NPROC] = RLIMIT_NPROC,       [LIMIT_NOFILE] = RLIMIT_NOFILE,
        [LIMIT_MEMLOCK] = RLIMIT_MEMLOCK,   [LIMIT_AS] = RLIMIT_AS,
        [LIMIT_LOCKS] = RLIMIT_LOCKS,       [LIMIT_SIGPENDING] = RLIMIT_SIGPENDING,
        [LIMIT_MSGQUEUE] = RLIMIT_MSGQUEUE, [LIMIT_NICE] = RLIMIT_NICE,
        [LIMIT_RTPRIO] = RLIMIT_RTPRIO,     [LIMIT_RTTIME] = RLIMIT_RTTIME,
    };
    size_t count = 0;
    for (size_t i = 0; i < LIMIT_COUNT; i++) {
        const struct limit_value *value = &spec->limits[i];
        if (value->is_set) {
            ret_limits[count++] = (struct spawn_limit){
                .resource = resources[i],
                .limit = {.rlim_cur = value->soft, .rlim_max = value->hard},
            };
        }
    }
    if (!spec->limits[LIMIT_NOFILE].is_set) { /* The supervisor has raised its own. */
        ret_limits[count++] =
            (struct spawn_limit){.resource = RLIMIT_NOFILE, .limit = self->nofile};
    }
    return count;
}

static void explain(struct unit *unit, const struct spawn_options *options,
                    const struct spawn_result *result) {
    if (result->step == SPAWN_STEP_EXEC) {
        exec_explain(result->error, options->path, options->cwd, unit->detail,
                     sizeof(unit->detail));
    } else if (result->step == SPAWN_STEP_CHDIR) {
        exec_explain_chdir(result->error, options->cwd, unit->detail, sizeof(unit->detail));
    } else {
        (void)snprintf(unit->detail, sizeof(unit->detail), "step %d of the start: %s",
                       (int)result->step, strerror(result->error));
    }
}

/* One launch in the making. */
struct attempt {
    struct launcher *launcher;
    struct unit *unit;
    const struct command *command;
    char **environment; /* owned; the strings are not */
    char variables[RUN_VARIABLES_MAX][VARIABLE_SIZE];
    struct spawn_limit limits[LIMIT_COUNT];
    struct spawn_fd fds[3];
    struct spawn_options options;
};

/* The direct way. */
static int launch_program(struct attempt *attempt, struct spawn_result *ret_result) {
    const struct spec *spec = &attempt->unit->spec;
    const struct command *command = attempt->command;
    struct spawn_options *options = &attempt->options;
    char **argv = NULL;
    options->path = command->path;
    options->argv = command->argv;
    options->cwd = directory_of(attempt->launcher, spec);
    options->umask = (mode_t)spec->umask;
    if ((command->flags & COMMAND_NO_EXPANSION) == 0 && expand_is_needed(command->argv)) {
        int r = expand_argv(command->argv, attempt->environment, &argv);
        if (r < 0) {
            return r;
        }
        options->argv = argv;
    }
    int r = spawn(&attempt->launcher->spawner, options, ret_result);
    options->argv = NULL; /* Was of this call only. */
    (void)str_list_free(argv);
    return r;
}

/* By way of `abide exec`. */
static int launch_helper(struct attempt *attempt, struct spawn_result *ret_result,
                         int *ret_report_fd) {
    struct spawn_options *options = &attempt->options;
    char word[] = "exec";
    char *const argv[] = {attempt->launcher->program, word, NULL};
    auto_fd int request_fd = -1;
    int pipe_fds[2] = {-1, -1};
    int r = make_request(attempt->launcher, attempt->unit, attempt->command, attempt->environment,
                         &request_fd);
    if (r == 0) {
        r = fd_open_pipe(pipe_fds);
    }
    if (r < 0) {
        return r;
    }
    auto_fd int reading = pipe_fds[0];
    auto_fd int writing = pipe_fds[1];
    attempt->fds[options->n_fds++] = (struct spawn_fd){.fd = request_fd, .target = EXEC_REQUEST_FD};
    attempt->fds[options->n_fds++] = (struct spawn_fd){.fd = writing, .target = EXEC_REPORT_FD};
    options->path = "/proc/self/exe"; /* Also after the file was replaced. */
    options->argv = argv;
    r = spawn(&attempt->launcher->spawner, options, ret_result);
    options->argv = NULL; /* Was of this call only. */
    if (r == SPAWN_STARTED) {
        *ret_report_fd = take_fd(&reading);
    }
    return r;
}

static int prepare_attempt(struct attempt *attempt, const struct launch *what) {
    const struct spec *spec = &attempt->unit->spec;
    struct spawn_options *options = &attempt->options;
    attempt->environment = run_environment(attempt->unit, what->role, attempt->variables);
    if (attempt->environment == NULL) {
        return -ENOMEM;
    }
    *options = SPAWN_OPTIONS_INIT;
    options->envp = attempt->environment;
    options->fds = attempt->fds;
    options->limits = attempt->limits;
    options->n_limits = choose_limits(attempt->launcher, spec, attempt->limits);
    options->record = what->record;
    options->is_session = true;
    options->ignored_signals = UINT64_C(1) << (SIGPIPE - 1); /* IgnoreSIGPIPE='s default. */
    choose_streams(attempt->launcher, spec, what->log_write_fd, options->stdio);
    if (what->log_read_fd >= 0) {
        attempt->fds[options->n_fds++] =
            (struct spawn_fd){.fd = what->log_read_fd, .target = LOG_READ_TARGET};
    }
    return 0;
}

int launch(struct launcher *self, struct unit *unit, const struct launch *what,
           struct spawn_result *ret_result, int *ret_report_fd) {
    assert(what->command < unit->spec.commands[what->phase].count);
    struct attempt attempt = {
        .launcher = self,
        .unit = unit,
        .command = &unit->spec.commands[what->phase].items[what->command],
    };
    unit->detail[0] = '\0';
    *ret_report_fd = -1;
    int r = prepare_attempt(&attempt, what);
    if (r == 0) {
        r = needs_helper(self, unit, attempt.command)
                ? launch_helper(&attempt, ret_result, ret_report_fd)
                : launch_program(&attempt, ret_result);
    }
    if (r == SPAWN_FAILED) {
        explain(unit, &attempt.options, ret_result);
    } else if (r < 0) {
        (void)snprintf(unit->detail, sizeof(unit->detail), "no process could be made: %s",
                       strerror(-r));
    }
    free(attempt.environment);
    return r;
}

int launch_logger(struct launcher *self, const char *runtime_path, const char *log_path,
                  struct spawn_result *ret_result) {
    char word[] = "log";
    auto_free char *runtime = strdup(runtime_path);
    auto_free char *log = strdup(log_path);
    if (runtime == NULL || log == NULL) {
        return -ENOMEM;
    }
    char *const argv[] = {self->program, word, runtime, log, NULL};
    struct spawn_options options = SPAWN_OPTIONS_INIT;
    options.path = "/proc/self/exe";
    options.argv = argv;
    options.envp = self->environment;
    options.is_session = true;
    options.stdio[0] = options.stdio[1] = options.stdio[2] = self->null_fd;
    return spawn(&self->spawner, &options, ret_result);
}
