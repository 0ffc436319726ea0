/*
 * probe [OPTION...] COMMAND [STEP...]
 *
 * A daemon for tests. Options fill in struct abide_daemon, or change the caller before the start;
 * the steps are what run() does, in turn. COMMAND is one of abide_main()'s; with "call-" before it
 * the function of that name is called instead, and its result and reason are printed.
 */
#include <abide.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/* Numbers come from the tests, which write them well. */
static int number_of(const char *text) {
    return (int)strtol(text, NULL, 10);
}

#define EXIT_BROKEN 99 /* the probe itself could not do what a test asked for */

/* Ten seconds, as the tests have it. */
#define AWAIT_TRIES 2000
#define AWAIT_NAP_MSEC 5

static char **steps;
static int kept_fds[ABIDE_KEEP_FDS_MAX + 1];
static int signal_log_fd = -1;
static bool looks_at_caller;

static _Noreturn void broken(const char *what) {
    perror(what);
    exit(EXIT_BROKEN);
}

static void append(const char *path, const char *line) {
    int fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0666);
    if (fd < 0 || dprintf(fd, "%s\n", line) < 0 || close(fd) < 0) {
        broken(path);
    }
}

static void append_number(const char *path, int number) {
    char line[16];
    (void)snprintf(line, sizeof(line), "%d", number);
    append(path, line);
}

/* Cuts "A:B" in two. */
static char *cut(char *text) {
    char *colon = strchr(text, ':');
    if (colon == NULL) {
        errno = EINVAL;
        broken(text);
    }
    *colon = '\0';
    return colon + 1;
}

/* A step returns the exit status of run(), or one of these. */
enum {
    GO_ON = -1,
    SKIP_NEXT = -2,
};

static int step_wait(struct abide_daemon *daemon, char *value) {
    struct pollfd stop = {.fd = abide_stop_fd(), .events = POLLIN};
    (void)daemon;
    (void)value;
    while (!abide_stopping()) {
        if (poll(&stop, 1, -1) < 0 && errno != EINTR) {
            broken("poll");
        }
    }
    /* It stays readable. */
    return poll(&stop, 1, 0) == 1 ? GO_ON : EXIT_BROKEN;
}

/* From here on a stop is noticed, and ends nothing by itself. */
static int step_mind_stop(struct abide_daemon *daemon, char *value) {
    (void)daemon;
    (void)value;
    (void)abide_stopping();
    return GO_ON;
}

/* Asks for abide_stopping() alone: a slow call has to be interrupted. */
static int step_wait_slow_call(struct abide_daemon *daemon, char *value) {
    (void)daemon;
    (void)value;
    while (!abide_stopping()) {
        (void)pause();
    }
    return GO_ON;
}

static int step_pause(struct abide_daemon *daemon, char *value) {
    (void)daemon;
    (void)value;
    while (pause() < 0) { /* That is all it ever returns. */
    }
    return EXIT_BROKEN;
}

static int step_ignore_term(struct abide_daemon *daemon, char *value) {
    (void)daemon;
    (void)value;
    (void)signal(SIGTERM, SIG_IGN);
    return GO_ON;
}

static int step_ready(struct abide_daemon *daemon, char *value) {
    int r = abide_ready(daemon);
    if (value[0] != '\0') {
        append_number(value, r);
    }
    return GO_ON;
}

static void *say_ready(void *daemon) {
    (void)abide_ready(daemon);
    return NULL;
}

static int step_ready_thread(struct abide_daemon *daemon, char *value) {
    pthread_t thread;
    (void)value;
    if (pthread_create(&thread, NULL, say_ready, daemon) != 0 || pthread_join(thread, NULL) != 0) {
        return EXIT_BROKEN;
    }
    return GO_ON;
}

static int step_notify(struct abide_daemon *daemon, char *value) {
    (void)abide_notify(daemon, value);
    return GO_ON;
}

static int step_say(struct abide_daemon *daemon, char *value) {
    (void)daemon;
    (void)printf("%s\n", value);
    (void)fflush(stdout);
    return GO_ON;
}

static int step_complain(struct abide_daemon *daemon, char *value) {
    (void)daemon;
    (void)fprintf(stderr, "%s\n", value);
    return GO_ON;
}

static int step_pid(struct abide_daemon *daemon, char *value) {
    (void)daemon;
    append_number(value, (int)getpid());
    return GO_ON;
}

static int step_return(struct abide_daemon *daemon, char *value) {
    (void)daemon;
    return number_of(value);
}

static int step_exit(struct abide_daemon *daemon, char *value) {
    (void)daemon;
    exit(number_of(value));
}

static int step_kill(struct abide_daemon *daemon, char *value) {
    (void)daemon;
    (void)kill(getpid(), number_of(value));
    return GO_ON;
}

static int step_default(struct abide_daemon *daemon, char *value) {
    (void)daemon;
    (void)signal(number_of(value), SIG_DFL);
    return GO_ON;
}

static int step_nap_msec(struct abide_daemon *daemon, char *value) {
    (void)daemon;
    (void)poll(NULL, 0, number_of(value));
    return GO_ON;
}

/* Waits, within a limit, until a test makes the file. */
static int step_await(struct abide_daemon *daemon, char *value) {
    (void)daemon;
    for (int i = 0; i < AWAIT_TRIES && access(value, F_OK) < 0; i++) {
        (void)poll(NULL, 0, AWAIT_NAP_MSEC);
    }
    return access(value, F_OK) == 0 ? GO_ON : EXIT_BROKEN;
}

/* As a program does that knows nothing of O_NOCTTY. */
static int step_open(struct abide_daemon *daemon, char *value) {
    (void)daemon;
    if (open(value, O_RDWR | O_CLOEXEC) < 0) {
        broken(value);
    }
    return GO_ON;
}

static int step_create(struct abide_daemon *daemon, char *value) {
    (void)daemon;
    int fd = open(value, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (fd < 0 || close(fd) < 0) {
        broken(value);
    }
    return GO_ON;
}

static int step_read_stdin(struct abide_daemon *daemon, char *value) {
    char text[128];
    (void)daemon;
    ssize_t n = read(STDIN_FILENO, text, sizeof(text) - 1);
    text[n > 0 ? n : 0] = '\0';
    append(value, n < 0 ? strerror(errno) : text);
    return GO_ON;
}

static int step_child_exits(struct abide_daemon *daemon, char *value) {
    int status;
    (void)daemon;
    (void)value;
    pid_t pid = fork();
    if (pid == 0) {
        exit(0);
    }
    return pid > 0 && waitpid(pid, &status, 0) == pid ? GO_ON : EXIT_BROKEN;
}

/* A child that outlives the daemon; it writes its pid and waits for its end. */
static int step_child_stays(struct abide_daemon *daemon, char *value) {
    pid_t pid = fork();
    if (pid == 0) {
        append_number(value, (int)getpid());
        return step_pause(daemon, value);
    }
    return pid > 0 ? GO_ON : EXIT_BROKEN;
}

static void log_signal(int signal_number) {
    char line[] = {(char)('0' + signal_number / 10), (char)('0' + signal_number % 10), '\n'};
    (void)write(signal_log_fd, line, sizeof(line));
}

static int step_on(struct abide_daemon *daemon, char *value) {
    const char *path = cut(value);
    (void)daemon;
    signal_log_fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0666);
    if (signal_log_fd < 0 || signal(number_of(value), log_signal) == SIG_ERR) {
        broken(path);
    }
    return GO_ON;
}

static int step_environment(struct abide_daemon *daemon, char *value) {
    const char *const names[] = {"HOME", "USER", "LOGNAME", "SHELL"};
    (void)daemon;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        char line[512];
        const char *text = getenv(names[i]);
        (void)snprintf(line, sizeof(line), "%s=%s", names[i], text != NULL ? text : "(unset)");
        append(value, line);
    }
    return GO_ON;
}

/* Writes how many of the ways back to root were open. */
static int step_regain(struct abide_daemon *daemon, char *value) {
    (void)daemon;
    int regained = (setuid(0) == 0) + (seteuid(0) == 0) + (setresuid(0, 0, 0) == 0) +
                   (setgid(0) == 0) + (setegid(0) == 0) + (setresgid(0, 0, 0) == 0);
    append_number(value, regained);
    return GO_ON;
}

/* Answers each connection with the pid. */
static int step_serve(struct abide_daemon *daemon, char *value) {
    (void)daemon;
    for (;;) {
        int fd = accept4(number_of(value), NULL, NULL, SOCK_CLOEXEC);
        if (fd < 0) {
            broken("accept");
        }
        (void)dprintf(fd, "%d\n", (int)getpid());
        (void)close(fd);
    }
}

static int step_listen_fds(struct abide_daemon *daemon, char *value) {
    (void)daemon;
    append_number(value, abide_listen_fds());
    return GO_ON;
}

/* The next step, but once only: FILE says that it was done. */
static int step_once(struct abide_daemon *daemon, char *value) {
    (void)daemon;
    int fd = open(value, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (fd < 0) {
        return errno == EEXIST ? SKIP_NEXT : EXIT_BROKEN;
    }
    (void)close(fd);
    return GO_ON;
}

static int step_status(struct abide_daemon *daemon, char *value) {
    pid_t pid = 0;
    int r = abide_status(daemon, &pid);
    append_number(value, r == 0 ? (int)pid : r);
    return GO_ON;
}

static int step_stop(struct abide_daemon *daemon, char *value) {
    append_number(value, abide_stop(daemon));
    return GO_ON;
}

static const struct {
    const char *name;
    int (*take)(struct abide_daemon *daemon, char *value);
} known_steps[] = {
    {"wait", step_wait},
    {"mind-stop", step_mind_stop},
    {"wait-slow-call", step_wait_slow_call},
    {"pause", step_pause},
    {"ignore-term", step_ignore_term},
    {"ready", step_ready},
    {"ready-thread", step_ready_thread},
    {"notify", step_notify},
    {"say", step_say},
    {"complain", step_complain},
    {"pid", step_pid},
    {"return", step_return},
    {"exit", step_exit},
    {"kill", step_kill},
    {"default", step_default},
    {"nap-msec", step_nap_msec},
    {"await", step_await},
    {"open", step_open},
    {"create", step_create},
    {"read-stdin", step_read_stdin},
    {"child-exits", step_child_exits},
    {"child-stays", step_child_stays},
    {"on", step_on},
    {"environment", step_environment},
    {"regain", step_regain},
    {"serve", step_serve},
    {"listen-fds", step_listen_fds},
    {"once", step_once},
    {"status", step_status},
    {"stop", step_stop},
};

static int take_step(struct abide_daemon *daemon, const char *text) {
    char copy[512];
    (void)snprintf(copy, sizeof(copy), "%s", text);
    char *value = copy + strcspn(copy, "=");
    if (value[0] == '=') {
        *value++ = '\0';
    }
    for (size_t i = 0; i < sizeof(known_steps) / sizeof(known_steps[0]); i++) {
        if (strcmp(copy, known_steps[i].name) == 0) {
            return known_steps[i].take(daemon, value);
        }
    }
    errno = EINVAL;
    broken(text);
}

static int run(struct abide_daemon *daemon) {
    for (size_t i = 0; steps[i] != NULL; i++) {
        int r = take_step(daemon, steps[i]);
        if (r == SKIP_NEXT && steps[i + 1] != NULL) {
            i++;
        } else if (r != GO_ON) {
            return r;
        }
    }
    return 0;
}

static void wake_up(int signal_number) {
    (void)signal_number;
}

static void for_each_signal(void (*handler)(int)) {
    for (int i = 1; i < NSIG; i++) {
        (void)signal(i, handler); /* Some can't be caught. */
    }
}

static void open_many(int count) {
    for (int i = 0; i < count; i++) {
        if (dup(STDERR_FILENO) < 0) { /* NOLINT(android-cloexec-dup): that is the point. */
            broken("dup");
        }
    }
}

static void block_all(void) {
    sigset_t all;
    (void)sigfillset(&all);
    (void)sigprocmask(SIG_SETMASK, &all, NULL);
}

/* What the caller has in common with many a caller. */
static void change_caller(const char *what, const char *value) {
    if (strcmp(what, "handle") == 0) {
        for_each_signal(wake_up);
    } else if (strcmp(what, "ignore") == 0) {
        for_each_signal(SIG_IGN);
    } else if (strcmp(what, "block") == 0) {
        block_all();
    } else if (strcmp(what, "open") == 0) {
        open_many(number_of(value));
    } else if (strcmp(what, "close") == 0) {
        (void)close(number_of(value));
    } else if (strcmp(what, "print") == 0) {
        (void)fputs(value, stdout);
    } else if (strcmp(what, "look") == 0) {
        looks_at_caller = true;
    } else {
        errno = EINVAL;
        broken(what);
    }
}

/* What a library must leave alone in its caller. */
static void look_at_caller(void) {
    char line[256];
    FILE *status = fopen("/proc/self/status", "re");
    if (status == NULL || getcwd(line, sizeof(line)) == NULL) {
        broken("/proc/self/status");
    }
    (void)printf("cwd %s, next fd %d\n", line, fileno(status));
    while (fgets(line, sizeof(line), status) != NULL) {
        bool is_count = strncmp(line, "SigQ", 4) == 0; /* of all the user's processes */
        if ((strncmp(line, "Sig", 3) == 0 && !is_count) || strncmp(line, "Umask", 5) == 0 ||
            strncmp(line, "Uid", 3) == 0 || strncmp(line, "Groups", 6) == 0) {
            (void)fputs(line, stdout);
        }
    }
    (void)fclose(status);
}

static enum abide_restart parse_restart(const char *text) {
    return strcmp(text, "always") == 0       ? ABIDE_RESTART_ALWAYS
           : strcmp(text, "on-failure") == 0 ? ABIDE_RESTART_ON_FAILURE
                                             : ABIDE_RESTART_NO;
}

static void set_option(struct abide_daemon *daemon, const char *name, char *value) {
    const struct {
        const char *name;
        const char **field;
    } texts[] = {
        {"name", &daemon->name},          {"pidfile", &daemon->pidfile},
        {"stdin", &daemon->stdin_path},   {"stdout", &daemon->stdout_path},
        {"stderr", &daemon->stderr_path}, {"directory", &daemon->working_directory},
        {"user", &daemon->user},          {"group", &daemon->group},
    };
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        if (strcmp(name, texts[i].name) == 0) {
            *texts[i].field = value;
            return;
        }
    }
    if (strcmp(name, "umask") == 0) {
        daemon->umask = (mode_t)strtoul(value, NULL, 8);
    } else if (strcmp(name, "restart") == 0) {
        daemon->restart = parse_restart(value);
    } else if (strcmp(name, "by-call") == 0) {
        daemon->ready_when = ABIDE_READY_BY_CALL;
    } else if (strcmp(name, "start-timeout") == 0) {
        daemon->start_timeout_usec = strtoull(value, NULL, 10);
    } else if (strcmp(name, "stop-timeout") == 0) {
        daemon->stop_timeout_usec = strtoull(value, NULL, 10);
    } else if (strcmp(name, "keep") == 0 && daemon->n_keep_fds <= ABIDE_KEEP_FDS_MAX) {
        kept_fds[daemon->n_keep_fds++] = number_of(value);
        daemon->keep_fds = kept_fds;
    } else {
        errno = EINVAL;
        broken(name);
    }
}

static int call(struct abide_daemon *daemon, const char *name) {
    const struct {
        const char *name;
        int (*function)(struct abide_daemon *daemon);
    } functions[] = {
        {"daemonize", abide_daemonize}, {"start", abide_start},   {"stop", abide_stop},
        {"restart", abide_restart},     {"reload", abide_reload}, {"run", abide_run},
    };
    for (size_t i = 0; i < sizeof(functions) / sizeof(functions[0]); i++) {
        if (strcmp(name, functions[i].name) != 0) {
            continue;
        }
        if (looks_at_caller) {
            look_at_caller();
        }
        int r = functions[i].function(daemon);
        if (functions[i].function == abide_daemonize && r == 0) {
            return run(daemon);
        }
        if (looks_at_caller) {
            look_at_caller();
        }
        (void)printf("%d %s\n", r, daemon->error);
        return 0;
    }
    errno = EINVAL;
    broken(name);
}

int main(int argc, char **argv) {
    struct abide_daemon daemon = {.name = "probe", .run = run};
    int i = 1;
    for (; i < argc && strncmp(argv[i], "--", 2) == 0; i++) {
        char *value = argv[i] + strcspn(argv[i], "=");
        if (value[0] == '=') {
            *value++ = '\0';
        }
        if (strncmp(argv[i], "--caller-", 9) == 0) {
            change_caller(argv[i] + 9, value);
        } else {
            set_option(&daemon, argv[i] + 2, value);
        }
    }
    if (i == argc) {
        return EXIT_BROKEN;
    }
    steps = argv + i + 1;
    if (strncmp(argv[i], "call-", 5) == 0) {
        return call(&daemon, argv[i] + 5);
    }
    char *command[] = {argv[0], argv[i], NULL};
    return abide_main(&daemon, 2, command);
}
