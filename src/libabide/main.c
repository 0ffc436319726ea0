/* The command line of a daemon: the one part of the library that prints. */
#include "abide.h"
#include "libabide/settings.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Linux Standard Base, "Init Script Actions". */
#define EXIT_USAGE 2
#define EXIT_NOT_RUNNING 3
#define EXIT_UNKNOWN 4

static int complain(const struct abide_daemon *daemon, int exit_status) {
    (void)fprintf(stderr, "%s: %s\n", settings_name(daemon), daemon->error);
    return exit_status;
}

static int say(const struct abide_daemon *daemon, const char *what) {
    (void)printf("%s: %s\n", settings_name(daemon), what);
    return EXIT_SUCCESS;
}

/* The daemon has its own way to its pid, so a start without a pidfile can't name it. */
static int say_pid(struct abide_daemon *daemon, const char *what) {
    pid_t pid = 0;
    if (daemon->pidfile == NULL || abide_status(daemon, &pid) != 0 || pid == 0) {
        return say(daemon, what);
    }
    (void)printf("%s: %s, pid %d\n", settings_name(daemon), what, (int)pid);
    return EXIT_SUCCESS;
}

static int command_start(struct abide_daemon *daemon) {
    int r = abide_start(daemon);
    return r < 0 ? complain(daemon, EXIT_FAILURE) : say_pid(daemon, "started");
}

static int command_stop(struct abide_daemon *daemon) {
    int r = abide_stop(daemon);
    return r < 0 ? complain(daemon, EXIT_FAILURE) : say(daemon, r == 0 ? "stopped" : "not running");
}

static int command_restart(struct abide_daemon *daemon) {
    int r = abide_restart(daemon);
    return r < 0 ? complain(daemon, EXIT_FAILURE) : say_pid(daemon, "restarted");
}

static int command_reload(struct abide_daemon *daemon) {
    int r = abide_reload(daemon);
    if (r > 0) {
        (void)fprintf(stderr, "%s: not running\n", settings_name(daemon));
        return EXIT_FAILURE;
    }
    return r < 0 ? complain(daemon, EXIT_FAILURE) : say(daemon, "reload asked for");
}

static int command_status(struct abide_daemon *daemon) {
    int r = abide_status(daemon, NULL);
    if (r < 0) {
        return complain(daemon, EXIT_UNKNOWN);
    }
    if (r > 0) {
        (void)say(daemon, "not running");
        return EXIT_NOT_RUNNING;
    }
    return say_pid(daemon, "running");
}

static int command_run(struct abide_daemon *daemon) {
    int r = abide_run(daemon);
    return r < 0 ? complain(daemon, EXIT_FAILURE) : r;
}

static const struct {
    const char *name;
    int (*call)(struct abide_daemon *daemon);
    const char *help;
} commands[] = {
    {"start", command_start, "start in the background; returns when it is ready"},
    {"stop", command_stop, "stop it, and wait for its end"},
    {"restart", command_restart, "stop, then start"},
    {"reload", command_reload, "ask it to read its configuration again (SIGHUP)"},
    {"status", command_status, "exit status 0: running, 3: not running"},
    {"run", command_run, "run in the foreground"},
};

static void print_usage(FILE *stream, const struct abide_daemon *daemon) {
    (void)fprintf(stream, "usage: %s ", settings_name(daemon));
    for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
        (void)fprintf(stream, "%s%s", i > 0 ? "|" : "", commands[i].name);
    }
    (void)fprintf(stream, "\n");
    for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
        (void)fprintf(stream, "  %-8s %s\n", commands[i].name, commands[i].help);
    }
}

int abide_main(struct abide_daemon *daemon, int argc, char **argv) {
    if (daemon == NULL) {
        return EXIT_FAILURE;
    }
    const char *word = argc == 2 && argv != NULL ? argv[1] : "";
    for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
        if (strcmp(word, commands[i].name) == 0) {
            return commands[i].call(daemon);
        }
    }
    bool wants_help = strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0;
    print_usage(wants_help ? stdout : stderr, daemon);
    return wants_help ? EXIT_SUCCESS : EXIT_USAGE;
}
