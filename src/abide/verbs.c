/* One row a command, in alphabetical order. */
#include "abide/verbs.h"

#include "abide/commands.h"
#include "abide/processes.h"
#include "abide/say.h"
#include "abide/suggest.h"

#include <stdint.h>
#include <string.h>

static const struct option_rule boot_options[] = {
    {"print", 0, NULL, "print what would be written (this is the default)"},
    {"install", 0, NULL, "write it, and let it run at boot"},
    {"remove", 0, NULL, "undo that"},
    {"type", 0, "TYPE", "systemd, openrc or cron; default: what is found here"},
    {0},
};

static const struct option_rule help_options[] = {
    {"words", 0, NULL, "for programs: only the commands, or the options of one, a line each"},
    {0},
};

static const struct option_rule job_options[] = {
    {"no-wait", 0, NULL, "return as soon as it is accepted"},
    {"timeout", 0, "TIME", "wait no longer than that; the job goes on"},
    {0},
};

static const struct option_rule json_options[] = {
    {"json", 0, NULL, "one JSON object"},
    {0},
};

static const struct option_rule kill_options[] = {
    {"signal", 's', "SIGNAL", "which signal, by name or number; default: TERM"},
    {"kill-whom", 0, "WHOM", "all (default) or main, its main process"},
    {0},
};

static const struct option_rule logs_options[] = {
    {"follow", 'f', NULL, "go on with what comes, from the last 10 lines on"},
    {"lines", 'n', "N", "only the last N lines, or all"},
    {"since", 0, "TIME", "lines from then on: \"16:54\", \"yesterday\", \"5min ago\""},
    {"until", 0, "TIME", "lines up to then"},
    {"grep", 'g', "TEXT", "only lines that have TEXT in them"},
    {"json", 0, NULL, "one JSON object a line"},
    {0},
};

static const struct option_rule quiet_options[] = {
    {"quiet", 'q', NULL, "no word, only the exit status"},
    {0},
};

static const struct option_rule run_options[] = {
    {"name", 0, "NAME", "the service's name; default: that of the command"},
    {"replace", 0, NULL, "put it in the place of another service of that name"},
    {"rm", 0, NULL, "forget it when it ends; it is not restarted then"},
    {"restart", 0, "POLICY", "always (default), on-failure, on-success, no, …"},
    {"env", 0, "NAME=VALUE", "set a variable; may be given many times"},
    {"env-file", 0, "FILE", "read variables from a file at each start"},
    {"clean-env", 0, NULL, "keep none of the variables that are set here"},
    {"cwd", 0, "DIR", "its working directory; default: this one"},
    {"user", 0, "USER", "run as that user, with the user's groups"},
    {"group", 0, "GROUP", "run as that group"},
    {"umask", 0, "MASK", "its umask, in octal; default: 0022"},
    {"stop-signal", 0, "SIGNAL", "how it is asked to stop; default: SIGTERM"},
    {"stop-timeout", 0, "TIME", "when it is killed instead; default: 90s"},
    {"ready", 0, "HOW", "when it is up: exec, once the program was executed"},
    {"property", 'p', "KEY=VALUE", "any key of a unit file"},
    {0},
};

static const struct option_rule show_options[] = {
    {"property", 'p', "NAME", "only these, separated by commas"},
    {"value", 0, NULL, "values without their names"},
    {"json", 0, NULL, "one JSON object"},
    {0},
};

static const struct option_rule supervise_options[] = {
    {"daemon", 0, NULL, "in the background; returns when it is ready"},
    {"all", 0, NULL, "start every service that has a unit file, not only the enabled ones"},
    {0},
};

const struct verb verbs[] = {
    {.name = "boot",
     .usage = "[--print|--install|--remove] [--type=TYPE]",
     .summary = "Have this instance started when the machine boots",
     .help = "For root's services where systemd or OpenRC runs that is a service of theirs,\n"
             "else an @reboot line in the crontab. It starts what is enabled.",
     .options = boot_options,
     .wants_home = true,
     .run = cmd_boot},
    {.name = "cat",
     .usage = "NAME…",
     .summary = "Print unit files",
     .arguments_min = 1,
     .arguments_max = VERB_ANY_NUMBER,
     .takes_names = true,
     .wants_home = true,
     .run = cmd_cat},
    {.name = "disable",
     .usage = "NAME…",
     .summary = "Do not start services with the supervisor any more",
     .arguments_min = 1,
     .arguments_max = VERB_ANY_NUMBER,
     .takes_names = true,
     .wants_home = true,
     .run = cmd_disable},
    {.name = "enable",
     .usage = "NAME…",
     .summary = "Start services with the supervisor",
     .help = "It does not start them now. What `abide run` makes is enabled already.",
     .arguments_min = 1,
     .arguments_max = VERB_ANY_NUMBER,
     .takes_names = true,
     .wants_home = true,
     .run = cmd_enable},
    {.name = "exec",
     .usage = "",
     .summary = "Become a service",
     .is_internal = true,
     .run = cmd_exec},
    {.name = "help",
     .usage = "[COMMAND]",
     .summary = "Explain a command, or list all",
     .options = help_options,
     .arguments_max = 1,
     .run = cmd_help},
    {.name = "is-active",
     .usage = "[-q] NAME…",
     .summary = "Tell whether a service is active",
     .help = "Prints its state. The exit status is 0 when one of the named is active, else 3,\n"
             "or 4 when there is no such service.",
     .options = quiet_options,
     .arguments_min = 1,
     .arguments_max = VERB_ANY_NUMBER,
     .takes_names = true,
     .wants_home = true,
     .run = cmd_is_active},
    {.name = "is-enabled",
     .usage = "[-q] NAME…",
     .summary = "Tell whether a service is started with the supervisor",
     .help = "Prints \"enabled\" or \"disabled\". The exit status is 0 when all are enabled, else\n"
             "1, or 4 when there is no such service.",
     .options = quiet_options,
     .arguments_min = 1,
     .arguments_max = VERB_ANY_NUMBER,
     .takes_names = true,
     .wants_home = true,
     .run = cmd_is_enabled},
    {.name = "is-failed",
     .usage = "[-q] NAME…",
     .summary = "Tell whether a service has failed",
     .help = "Prints its state. The exit status is 0 when one of the named has failed, else 1,\n"
             "or 4 when there is no such service.",
     .options = quiet_options,
     .arguments_min = 1,
     .arguments_max = VERB_ANY_NUMBER,
     .takes_names = true,
     .wants_home = true,
     .run = cmd_is_failed},
    {.name = "kill",
     .usage = "[-s SIGNAL] [--kill-whom=WHOM] NAME…",
     .summary = "Send a signal to the processes of services",
     .help = "A service that ends by it is restarted as its policy says; `abide stop` stops it.",
     .options = kill_options,
     .arguments_min = 1,
     .arguments_max = VERB_ANY_NUMBER,
     .takes_names = true,
     .wants_home = true,
     .run = cmd_kill},
    {.name = "log",
     .usage = "RUNTIME LOGS",
     .summary = "Be the logger",
     .arguments_min = 2,
     .arguments_max = 2,
     .is_internal = true,
     .run = cmd_log},
    {.name = "logs",
     .usage = "[-f] [-n N] [--since=TIME] [--until=TIME] [-g TEXT] [NAME…]",
     .summary = "Print what services have said",
     .help = "Of several services the lines come in the order of time, with the name first; of\n"
             "all, when none is named. Times are UTC.",
     .options = logs_options,
     .arguments_max = VERB_ANY_NUMBER,
     .takes_names = true,
     .wants_home = true,
     .run = cmd_logs},
    {.name = "ls",
     .usage = "[--json]",
     .summary = "List all services",
     .options = json_options,
     .wants_home = true,
     .run = cmd_ls},
    {.name = "reload",
     .usage = "[--no-wait] [--timeout=TIME] NAME…",
     .summary = "Have services read their configuration again",
     .help = "Runs the commands of ExecReload=.",
     .options = job_options,
     .arguments_min = 1,
     .arguments_max = VERB_ANY_NUMBER,
     .takes_names = true,
     .wants_home = true,
     .run = cmd_reload},
    {.name = "reset-failed",
     .usage = "[NAME…]",
     .summary = "Forget failures, of all services or of some",
     .arguments_max = VERB_ANY_NUMBER,
     .takes_names = true,
     .wants_home = true,
     .run = cmd_reset_failed},
    {.name = "restart",
     .usage = "[--no-wait] [--timeout=TIME] NAME…",
     .summary = "Stop services and start them again",
     .options = job_options,
     .arguments_min = 1,
     .arguments_max = VERB_ANY_NUMBER,
     .takes_names = true,
     .wants_home = true,
     .run = cmd_restart},
    {.name = "rm",
     .usage = "NAME…",
     .summary = "Forget services that `abide run` made",
     .help = "They must have been stopped. Their logs stay.",
     .arguments_min = 1,
     .arguments_max = VERB_ANY_NUMBER,
     .takes_names = true,
     .wants_home = true,
     .run = cmd_rm},
    {.name = "run",
     .usage = "[OPTION…] [--name NAME] -- COMMAND [ARGUMENT…]",
     .summary = "Make a service of a command, and start it",
     .help = "Returns when the service is up, or says why it is not; then nothing of it is kept.\n"
             "It is kept as a unit file, restarted when it ends, and started again with the\n"
             "supervisor. Its environment is the one that is set here, less what belongs to the\n"
             "session. If no supervisor runs, one is started.",
     .options = run_options,
     .arguments_min = 1,
     .arguments_max = VERB_ANY_NUMBER,
     .takes_command = true,
     .wants_home = true,
     .run = cmd_run},
    {.name = "show",
     .usage = "[-p NAME,…] [--value] [--json] [NAME…]",
     .summary = "Print properties for programs, of services or of the instance",
     .help = "NAME=VALUE, by systemctl's names.",
     .options = show_options,
     .arguments_max = VERB_ANY_NUMBER,
     .takes_names = true,
     .wants_home = true,
     .run = cmd_show},
    {.name = "shutdown",
     .usage = "",
     .summary = "Stop every service, then abide itself",
     .help = "Returns when every process is gone.",
     .wants_home = true,
     .run = cmd_shutdown},
    {.name = "start",
     .usage = "[--no-wait] [--timeout=TIME] NAME…",
     .summary = "Start services",
     .help = "If no supervisor runs, one is started.",
     .options = job_options,
     .arguments_min = 1,
     .arguments_max = VERB_ANY_NUMBER,
     .takes_names = true,
     .wants_home = true,
     .run = cmd_start},
    {.name = "status",
     .usage = "[--json] [NAME…]",
     .summary = "Tell how services are",
     .help = "The exit status is 3 when a named one is not active.",
     .options = json_options,
     .arguments_max = VERB_ANY_NUMBER,
     .takes_names = true,
     .wants_home = true,
     .run = cmd_status},
    {.name = "stop",
     .usage = "[--no-wait] [--timeout=TIME] NAME…",
     .summary = "Stop services",
     .help = "Returns when nothing of them is left. They stay stopped until `abide start` or the\n"
             "next boot.",
     .options = job_options,
     .arguments_min = 1,
     .arguments_max = VERB_ANY_NUMBER,
     .takes_names = true,
     .wants_home = true,
     .run = cmd_stop},
    {.name = "supervise",
     .usage = "[--daemon] [--all]",
     .summary = "Be the supervisor of this instance",
     .help = "Starts what is enabled, keeps it running, and answers the other commands. `start`\n"
             "and `run` start one by themselves.",
     .options = supervise_options,
     .wants_home = true,
     .run = cmd_supervise},
    {.name = "version", .usage = "", .summary = "Print the version", .run = cmd_version},
    {0},
};

const struct verb *verb_find(const char *name) {
    for (const struct verb *verb = verbs; verb->name != NULL; verb++) {
        if (strcmp(verb->name, name) == 0) {
            return verb;
        }
    }
    return NULL;
}

int verb_unknown(const char *name) {
    struct suggest suggest = {.typed = name};
    for (const struct verb *verb = verbs; verb->name != NULL; verb++) {
        if (!verb->is_internal) {
            suggest_offer(&suggest, verb->name);
        }
    }
    if (suggest.nearest != NULL) {
        return say_fail(OUTCOME_WRONG_USAGE, "there is no command `%s`; did you mean `%s`?", name,
                        suggest.nearest);
    }
    return say_fail(OUTCOME_WRONG_USAGE, "there is no command `%s`; `abide help` lists them", name);
}
