/*
 * The program `abide`: every command, and every process of abide's own, told apart by argv[1].
 *
 *   main.c        this file: from a command line to its row in the table of commands
 *   verbs.c       the table: names, usage, options, help
 *   call.c        a command line taken apart by its row
 *   cmd_*.c       the commands, one a file (cmd_job: start, stop, restart, reload; cmd_enable: also
 *                 disable and is-enabled; cmd_is: is-active, is-failed)
 *   cmd_supervise.c cmd_log.c cmd_exec.c
 *                 abide's own processes: they call the layers that do the work
 *   run_unit.c    the unit file that `abide run` writes
 *   boot_text.c   what `abide boot` writes
 *   background.c  a supervisor in the background
 *   asking.c      requests to the supervisor; jobs.c: those that are waited for
 *   facts.c       what is known of a service; properties.c, json_output.c: in the ways to show it
 *   log_lines.c   lines of logs; timestamp.c: points in time
 *   names.c suggest.c help.c output.c say.c
 *                 names of services, the nearest right word, help, tables and colour, messages
 *
 * Nothing is allocated and no library is called before the command is known, so that a command
 * costs what it does and no more.
 */
#include "abide/call.h"
#include "abide/help.h"
#include "abide/names.h"
#include "abide/say.h"
#include "abide/verbs.h"

#include <stdio.h>
#include <string.h>

/* What stands before the command. */
struct leading {
    const char *home;
    const char *command;
    size_t n_used; /* so many arguments, with the command and argv[0] */
};

/* 0, or an exit status after it was said what is wrong. */
static int read_leading(int argc, char **argv, struct leading *leading) {
    int i = 1;
    while (i < argc && argv[i][0] == '-') {
        if (strcmp(argv[i], "--home") == 0 && i + 1 < argc) {
            leading->home = argv[i + 1];
            i += 2;
        } else if (strncmp(argv[i], "--home=", 7) == 0) {
            leading->home = argv[i] + 7;
            i++;
        } else if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0) {
            leading->command = "help";
            leading->n_used = (size_t)i + 1;
            return 0;
        } else if (strcmp(argv[i], "--version") == 0) {
            leading->command = "version";
            leading->n_used = (size_t)i + 1;
            return 0;
        } else {
            return say_fail(OUTCOME_WRONG_USAGE,
                            "`%s` before the command is no option; only --home DIR, --help and "
                            "--version are",
                            argv[i]);
        }
    }
    if (i == argc) {
        help_all(stderr);
        return OUTCOME_WRONG_USAGE;
    }
    leading->command = argv[i];
    leading->n_used = (size_t)i + 1;
    return 0;
}

static int run(struct call *call, const struct leading *leading, char **arguments, size_t n) {
    int status = call_parse(call, arguments, n);
    if (status != 0) {
        return status;
    }
    if (call_has(call, "help")) {
        help_verb(stdout, call->verb);
        return OUTCOME_DONE;
    }
    for (size_t i = 0; i < call->n_arguments && call->verb->takes_names && status == 0; i++) {
        char name[UNIT_NAME_SIZE];
        status = names_complete(call->arguments[i], name);
    }
    if (status == 0 && call->verb->wants_home) {
        status = call_resolve_home(call, leading->home);
    }
    return status != 0 ? status : call->verb->run(call);
}

int main(int argc, char **argv, char **environment) {
    struct leading leading = {0};
    int status = read_leading(argc, argv, &leading);
    if (status != 0) {
        return status;
    }
    struct call call = {.verb = verb_find(leading.command), .environment = environment};
    if (call.verb == NULL) {
        return verb_unknown(leading.command);
    }
    status = run(&call, &leading, argv + leading.n_used, (size_t)argc - leading.n_used);
    call_fini(&call);
    if (fflush(stdout) != 0 || ferror(stdout) != 0) {
        return say_fail(OUTCOME_FAILED, "the output could not be written");
    }
    return status;
}
