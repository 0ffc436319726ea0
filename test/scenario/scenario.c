/*
 * Tells a story to the core and prints what it did: `scenario NAME.scn` drives service_step() with
 * the requests of the story and with a small model of processes, and compares the trace with
 * NAME.trace beside it; `scenario --update NAME.scn` rewrites that file, for a person to review.
 *
 * A story is lines of words; `#` begins a comment. Times are 20, 5us, 300ms, 2s, 3min or forever.
 *
 *   unit KEY=VALUE…           the unit: Type= Restart= RestartSec= RestartSteps=
 * RestartMaxDelaySec= StartLimitIntervalSec= StartLimitBurst= KillMode= KillSignal=
 *                             RestartKillSignal= FinalKillSignal= SendSIGKILL= SendSIGHUP=
 *                             TimeoutStartSec= TimeoutStopSec= RemainAfterExit= SuccessExitStatus=
 *                             RestartPreventExitStatus= RestartForceExitStatus= (one code or SIG a
 *                             word), ExecReload=COUNT, ExecReloadIgnore=INDEX
 *   main [N|N-M] WORD…        how the N-th main process behaves (default: all); `control` likewise:
 *       spawn-fails=ERRNO     no process can be made
 *       no-exec=STEP/ERRNO    exec fails: at once, or after exec-in in a process of its own
 *       exec-in=T             the program is executed so long after the spawn
 *       runs=T                it ends by itself after T; with exit=N, killed=SIGNAL or
 * dumped=SIGNAL term=N                stop signals are handled: it exits with N stops-in=T it takes
 * T to die of a stop signal ignores=SIGNAL        may be repeated leaves=T              a child
 * outlives it by T unless signalled stubborn              that child ignores all but SIGKILL
 *       undying               it survives SIGKILL (as in uninterruptible sleep) for a minute
 *   at T start|stop|restart|reload|reset-failed|shutdown
 *   at T kill SIGNAL main|control|tree
 *   at T die CODE             the main process exits by itself
 *   at T change KEY=VALUE…    another policy
 *   at T crash [down=T] [lost]           the supervisor dies; `lost`: exits meanwhile are not known
 *   at T crash-doing ACTION [down=T] [lost]   … the next time that it would do ACTION, after commit
 *   at T crash-before EVENT [down=T] [lost]   … the next time that EVENT would reach it
 *   until T
 */
#include "core/action.h"
#include "core/event.h"
#include "core/names.h"
#include "core/service.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LINE_LENGTH 512
#define WORDS_MAX 32
#define BEHAVIOURS_MAX 16
#define QUEUE_MAX 256
#define STEPS_MAX 2000
#define TRACE_SIZE (256 * 1024)
#define SPAWN_USEC 100
#define UNDYING_USEC USEC_PER_MINUTE

struct behaviour {
    enum role role;
    uint64_t first, last;
    uint32_t spawn_error;
    struct start_error exec_error;
    usec_t exec_in, runs, stops_in, leaves;
    struct exit_status end;
    int term;
    uint64_t ignored;
    bool is_stubborn, is_undying;
};

/* A process of the model. `slot` is by role; the child that outlives is the third. */
struct sim_process {
    bool is_there, is_execed, is_dead, is_dying;
    uint64_t attempt;
    uint32_t pid;
    struct behaviour behaviour;
    struct exit_status exit;
    usec_t died_usec;
};

enum item_kind {
    ITEM_REQUEST, /* a line of the story */
    ITEM_EVENT, /* for the core, unless the supervisor dies before */
    ITEM_BIRTH, /* a process of the model comes into being, unless of an earlier epoch */
    ITEM_DEATH, /* it ends */
    ITEM_EXEC, /* it executes its program, or fails to; its child is born with it */
    ITEM_RECOVER,
};

struct item {
    usec_t at;
    uint64_t order;
    enum item_kind kind;
    char request[LINE_LENGTH];
    struct event event;
    size_t slot;
    uint32_t pid;
    uint64_t attempt;
    struct exit_status exit;
};

enum {
    SLOT_CHILD = ROLE_COUNT,
    SLOT_COUNT
};

static struct {
    struct policy policy;
    struct service service;
    struct behaviour behaviours[BEHAVIOURS_MAX];
    size_t n_behaviours;
    struct sim_process processes[SLOT_COUNT];
    struct item queue[QUEUE_MAX];
    size_t n_queued;
    uint64_t n_items, n_events;
    uint32_t n_pids;
    usec_t now, until;
    bool is_watching, is_down, is_lost;
    usec_t down;
    int crash_doing, crash_before; /* enum action_type, enum event_type; -1: none */
    const char *path;
    unsigned line;
    char trace[TRACE_SIZE];
    size_t trace_length;
} sim;

static void fail(const char *what, const char *word) {
    (void)fprintf(stderr, "%s:%u: %s: %s\n", sim.path, sim.line, what, word);
    exit(2);
}

__attribute__((format(printf, 1, 2))) static void print(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    size_t room = sizeof(sim.trace) - sim.trace_length;
    int length = vsnprintf(sim.trace + sim.trace_length, room, format, arguments);
    va_end(arguments);
    if (length < 0 || (size_t)length >= room) {
        fail("the trace is too long", "");
    }
    sim.trace_length += (size_t)length;
}

/*
 * Words and numbers.
 */

static usec_t parse_time(const char *text) {
    static const struct {
        const char *unit;
        usec_t usec;
    } units[] = {
        {"", 1}, {"us", 1}, {"ms", USEC_PER_MSEC}, {"s", USEC_PER_SEC}, {"min", USEC_PER_MINUTE},
    };
    if (strcmp(text, "forever") == 0) {
        return USEC_INFINITY;
    }
    char *end = NULL;
    usec_t value = strtoull(text, &end, 10);
    for (size_t i = 0; end != text && i < sizeof(units) / sizeof(units[0]); i++) {
        if (strcmp(end, units[i].unit) == 0) {
            return value * units[i].usec;
        }
    }
    fail("not a time", text);
    return 0;
}

static uint32_t parse_number(const char *text) {
    char *end = NULL;
    unsigned long value = strtoul(text, &end, 10);
    if (end == text || *end != '\0' || value > UINT32_MAX) {
        fail("not a number", text);
    }
    return (uint32_t)value;
}

static const struct {
    const char *name;
    uint32_t signo;
} signals[] = {
    {"HUP", 1},   {"INT", 2},   {"QUIT", 3},  {"ABRT", 6},  {"KILL", 9},
    {"USR1", 10}, {"SEGV", 11}, {"USR2", 12}, {"TERM", 15}, {"CONT", 18},
};

static uint32_t parse_signal(const char *text) {
    for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++) {
        if (strcmp(text, signals[i].name) == 0) {
            return signals[i].signo;
        }
    }
    return parse_number(text);
}

static const char *signal_name(uint32_t signo) {
    for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++) {
        if (signals[i].signo == signo) {
            return signals[i].name;
        }
    }
    return "?";
}

static void add_status(struct status_set *set, const char *text) {
    if (text[0] >= '0' && text[0] <= '9') {
        status_set_add_code(set, parse_number(text));
    } else {
        status_set_add_signal(set, parse_signal(text));
    }
}

/* The value of `word` if it is KEY=VALUE, else NULL. */
static const char *value_of(const char *word, const char *key) {
    size_t length = strlen(key);
    return strncmp(word, key, length) == 0 && word[length] == '=' ? word + length + 1 : NULL;
}

/*
 * Reading the story.
 */

static bool set_word(const char *word) {
    struct policy *policy = &sim.policy;
    const char *value = NULL;
    if ((value = value_of(word, "Type")) != NULL) {
        for (int i = 0; i < SERVICE_TYPE_COUNT; i++) {
            if (strcmp(value, service_type_name((enum service_type)i)) == 0) {
                policy->type = (enum service_type)i;
                return true;
            }
        }
    } else if ((value = value_of(word, "Restart")) != NULL) {
        for (int i = 0; i < RESTART_COUNT; i++) {
            if (strcmp(value, restart_name((enum restart)i)) == 0) {
                policy->restart = (enum restart)i;
                return true;
            }
        }
    } else if ((value = value_of(word, "KillMode")) != NULL) {
        for (int i = 0; i < KILL_MODE_COUNT; i++) {
            if (strcmp(value, kill_mode_name((enum kill_mode)i)) == 0) {
                policy->kill_mode = (enum kill_mode)i;
                return true;
            }
        }
    }
    return false;
}

static bool set_time(const char *word) {
    struct policy *policy = &sim.policy;
    const struct {
        const char *key;
        usec_t *field;
    } fields[] = {
        {"RestartSec", &policy->restart_usec},
        {"RestartMaxDelaySec", &policy->restart_delay_max_usec},
        {"StartLimitIntervalSec", &policy->start_limit_interval_usec},
        {"TimeoutStartSec", &policy->start_timeout_usec},
        {"TimeoutStopSec", &policy->stop_timeout_usec},
    };
    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
        const char *value = value_of(word, fields[i].key);
        if (value != NULL) {
            *fields[i].field = parse_time(value);
            if (i == 0) {
                policy->restart_usec_is_set = 1;
            }
            return true;
        }
    }
    return false;
}

static bool set_signal(const char *word) {
    struct policy *policy = &sim.policy;
    const struct {
        const char *key;
        uint32_t *field;
    } fields[] = {
        {"KillSignal", &policy->kill_signal},
        {"RestartKillSignal", &policy->restart_kill_signal},
        {"FinalKillSignal", &policy->final_kill_signal},
        {"RestartSteps", &policy->restart_steps},
        {"StartLimitBurst", &policy->start_limit_burst},
    };
    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
        const char *value = value_of(word, fields[i].key);
        if (value != NULL) {
            *fields[i].field = parse_signal(value);
            return true;
        }
    }
    return false;
}

static bool set_other(const char *word) {
    struct policy *policy = &sim.policy;
    const char *value = NULL;
    if ((value = value_of(word, "SendSIGKILL")) != NULL) {
        policy->send_sigkill = strcmp(value, "yes") == 0;
    } else if ((value = value_of(word, "SendSIGHUP")) != NULL) {
        policy->send_sighup = strcmp(value, "yes") == 0;
    } else if ((value = value_of(word, "RemainAfterExit")) != NULL) {
        policy->remain_after_exit = strcmp(value, "yes") == 0;
    } else if ((value = value_of(word, "SuccessExitStatus")) != NULL) {
        add_status(&policy->success, value);
    } else if ((value = value_of(word, "RestartPreventExitStatus")) != NULL) {
        add_status(&policy->restart_prevent, value);
    } else if ((value = value_of(word, "RestartForceExitStatus")) != NULL) {
        add_status(&policy->restart_force, value);
    } else if ((value = value_of(word, "ExecReload")) != NULL) {
        policy->n_commands[PHASE_RELOAD] = (uint8_t)parse_number(value);
    } else if ((value = value_of(word, "ExecReloadIgnore")) != NULL) {
        policy->ignore_failure[PHASE_RELOAD] |= (uint64_t)1 << parse_number(value);
    }
    return value != NULL;
}

static void read_unit(char **words, size_t count) {
    for (size_t i = 0; i < count; i++) {
        if (!set_word(words[i]) && !set_time(words[i]) && !set_signal(words[i]) &&
            !set_other(words[i])) {
            fail("not a key", words[i]);
        }
    }
    enum policy_error error = policy_check(&sim.policy);
    if (error != POLICY_OK) {
        fail("the unit is refused", policy_error_text(error));
    }
}

static bool read_end(struct behaviour *behaviour, const char *word) {
    const char *value = NULL;
    if ((value = value_of(word, "exit")) != NULL) {
        behaviour->end = (struct exit_status){EXIT_EXITED, parse_number(value)};
    } else if ((value = value_of(word, "killed")) != NULL) {
        behaviour->end = (struct exit_status){EXIT_KILLED, parse_signal(value)};
    } else if ((value = value_of(word, "dumped")) != NULL) {
        behaviour->end = (struct exit_status){EXIT_DUMPED, parse_signal(value)};
    }
    return value != NULL;
}

static void read_behaviour_word(struct behaviour *behaviour, const char *word) {
    const char *value = NULL;
    if (read_end(behaviour, word)) {
        return;
    }
    if ((value = value_of(word, "spawn-fails")) != NULL) {
        behaviour->spawn_error = parse_number(value);
    } else if ((value = value_of(word, "no-exec")) != NULL) {
        behaviour->exec_error.step = (uint32_t)strtoul(value, NULL, 10);
        const char *slash = strchr(value, '/');
        behaviour->exec_error.error = slash != NULL ? parse_number(slash + 1) : 0;
    } else if ((value = value_of(word, "exec-in")) != NULL) {
        behaviour->exec_in = parse_time(value);
    } else if ((value = value_of(word, "runs")) != NULL) {
        behaviour->runs = parse_time(value);
    } else if ((value = value_of(word, "term")) != NULL) {
        behaviour->term = (int)parse_number(value);
    } else if ((value = value_of(word, "stops-in")) != NULL) {
        behaviour->stops_in = parse_time(value);
    } else if ((value = value_of(word, "ignores")) != NULL) {
        behaviour->ignored |= (uint64_t)1 << parse_signal(value);
    } else if ((value = value_of(word, "leaves")) != NULL) {
        behaviour->leaves = parse_time(value);
    } else if (strcmp(word, "stubborn") == 0) {
        behaviour->is_stubborn = true;
    } else if (strcmp(word, "undying") == 0) {
        behaviour->is_undying = true;
    } else {
        fail("not a behaviour", word);
    }
}

static void read_behaviour(enum role role, char **words, size_t count) {
    if (sim.n_behaviours == BEHAVIOURS_MAX) {
        fail("too many behaviours", words[0]);
    }
    struct behaviour *behaviour = &sim.behaviours[sim.n_behaviours++];
    *behaviour =
        (struct behaviour){.role = role, .last = UINT64_MAX, .runs = USEC_INFINITY, .term = -1};
    behaviour->end.how = EXIT_EXITED;
    size_t i = 0;
    if (count > 0 && words[0][0] >= '0' && words[0][0] <= '9') {
        char *end = NULL;
        behaviour->first = strtoull(words[0], &end, 10);
        behaviour->last = *end == '-' ? strtoull(end + 1, NULL, 10) : behaviour->first;
        i = 1;
    }
    for (; i < count; i++) {
        read_behaviour_word(behaviour, words[i]);
    }
}

static struct item *enqueue(enum item_kind kind, usec_t at) {
    if (sim.n_queued == QUEUE_MAX) {
        fail("too much at once", "");
    }
    struct item *item = &sim.queue[sim.n_queued++];
    *item = (struct item){.at = at, .order = sim.n_items++, .kind = kind};
    return item;
}

static size_t split(char *line, char **words) {
    size_t count = 0;
    char *rest = NULL;
    for (char *word = strtok_r(line, " \t\n", &rest); word != NULL && word[0] != '#';
         word = strtok_r(NULL, " \t\n", &rest)) {
        if (count == WORDS_MAX) {
            fail("too many words", word);
        }
        words[count++] = word;
    }
    return count;
}

static void read_line(const char *line) {
    char copy[LINE_LENGTH];
    char *words[WORDS_MAX];
    (void)snprintf(copy, sizeof(copy), "%s", line);
    size_t count = split(copy, words);
    if (count == 0) {
        return;
    }
    if (strcmp(words[0], "unit") == 0) {
        read_unit(words + 1, count - 1);
    } else if (strcmp(words[0], "main") == 0) {
        read_behaviour(ROLE_MAIN, words + 1, count - 1);
    } else if (strcmp(words[0], "control") == 0) {
        read_behaviour(ROLE_CONTROL, words + 1, count - 1);
    } else if (strcmp(words[0], "until") == 0 && count == 2) {
        sim.until = parse_time(words[1]);
    } else if (strcmp(words[0], "at") == 0 && count >= 3) {
        struct item *item = enqueue(ITEM_REQUEST, parse_time(words[1]));
        const char *request = strstr(line, words[1]) + strlen(words[1]);
        (void)snprintf(item->request, sizeof(item->request), "%s", request);
    } else {
        fail("not a line of a story", words[0]);
    }
}

static void read_story(const char *path) {
    char line[LINE_LENGTH];
    FILE *file = fopen(path, "re");
    if (file == NULL) {
        fail("cannot be opened", path);
    }
    while (fgets(line, sizeof(line), file) != NULL) {
        sim.line++;
        read_line(line);
    }
    (void)fclose(file);
}

/*
 * The trace.
 */

static void print_time(usec_t usec) {
    print("%" PRIu64 ".%06" PRIu64, usec / USEC_PER_SEC, usec % USEC_PER_SEC);
}

static void print_exit(const struct exit_status *exit) {
    print(" %s", exit_how_name(exit->how));
    if (exit->how == EXIT_EXITED) {
        print(" %" PRIu32, exit->status);
    } else if (exit->how == EXIT_KILLED || exit->how == EXIT_DUMPED) {
        print(" %s", signal_name(exit->status));
    }
}

static void print_recovered(const struct event *event) {
    for (int role = 0; role < ROLE_COUNT; role++) {
        static const char *const fates[] = {"none", "never-ran", "alive", "ended"};
        const struct recovered_process *found = &event->recovered.processes[role];
        if (found->fate != FATE_NONE) {
            print(" %s %s", role_name((enum role)role), fates[found->fate]);
        }
        if (found->fate == FATE_ENDED) {
            print_exit(&found->exit);
        }
    }
}

static void print_event(const struct event *event) {
    print_time(event->now);
    print(" %s", event_type_name(event->type));
    switch (event->type) {
    case EVENT_SPAWNED:
        print(" %s %" PRIu64 " pid %" PRIu32, role_name(event->spawned.role),
              event->spawned.attempt, event->spawned.identity.pid);
        break;
    case EVENT_SPAWN_FAILED:
    case EVENT_EXEC_FAILED:
        print(" %s %" PRIu64 " errno %" PRIu32, role_name(event->failed.role),
              event->failed.attempt, event->failed.start_error.error);
        if (event->failed.start_error.step != 0) {
            print(" step %s", exit_code_name(event->failed.start_error.step));
        }
        break;
    case EVENT_EXECED:
        print(" %s %" PRIu64, role_name(event->process.role), event->process.attempt);
        break;
    case EVENT_EXITED:
        print(" %s %" PRIu64, role_name(event->exited.role), event->exited.attempt);
        print_exit(&event->exited.exit);
        print("%s", event->exited.tree == TREE_EMPTY ? "" : ", something is left");
        break;
    case EVENT_KILL_ASKED:
        print(" %s %s", target_name(event->kill.target), signal_name(event->kill.signo));
        break;
    case EVENT_RECOVERED:
        print_recovered(event);
        break;
    case EVENT_START_ASKED:
    case EVENT_STOP_ASKED:
    case EVENT_RESTART_ASKED:
    case EVENT_RELOAD_ASKED:
    case EVENT_RESET_FAILED_ASKED:
    case EVENT_SHUTDOWN_ASKED:
    case EVENT_POLICY_CHANGED:
    case EVENT_TREE_EMPTIED:
    case EVENT_SIGNALLED:
    case EVENT_DEADLINE_REACHED:
        break;
    }
    print("  [%" PRIu64 "]\n", event->id);
}

static void print_announcement(const struct action *action) {
    enum announcement what = action->announce.what;
    if (what == ANNOUNCE_STATE) {
        print("    %s -> %s, because of [%" PRIu64 "]\n",
              service_state_name((enum service_state)action->announce.from),
              service_state_name((enum service_state)action->announce.to), action->announce.cause);
    } else if (what == ANNOUNCE_RELOADED || what == ANNOUNCE_RELOAD_FAILED ||
               what == ANNOUNCE_STILL_LEFT) {
        print("    announce %s\n", announcement_name(what));
    }
}

static void print_action(const struct action *action) {
    switch (action->type) {
    case ACTION_SPAWN:
        print("    spawn %s %" PRIu64, role_name(action->spawn.role), action->spawn.attempt);
        if (action->spawn.role == ROLE_CONTROL) {
            print(" (%s %" PRIu32 ")", phase_name(action->spawn.phase), action->spawn.command);
        }
        print("\n");
        break;
    case ACTION_SIGNAL:
        print("    signal %s %s\n", target_name(action->signal.target),
              signal_name(action->signal.signo));
        break;
    case ACTION_WATCH_TREE:
        print("    watch-tree\n");
        break;
    case ACTION_ANNOUNCE: /* processes were announced by their events already */
        print_announcement(action);
        break;
    case ACTION_FINISH_JOB:
        print("    job %s [%" PRIu64 "] %s\n", job_kind_name(action->finish_job.job.kind),
              action->finish_job.job.id, job_result_name(action->finish_job.result));
        break;
    }
}

static void print_deadline(usec_t before) {
    usec_t deadline = service_deadline(&sim.service);
    if (deadline != before && deadline != USEC_INFINITY) {
        print("    wake at ");
        print_time(deadline);
        print("\n");
    }
}

static void print_end(void) {
    const struct service *self = &sim.service;
    print("end: %s/%s, result %s, %" PRIu32 " restarts%s\n", service_active_state_name(self->state),
          service_state_name(self->state), service_result_name(self->result), self->n_restarts,
          self->is_held != 0 ? ", held down" : "");
    for (int i = 0; i < SLOT_COUNT; i++) {
        if (sim.processes[i].is_there && !sim.processes[i].is_dead) {
            print("end: pid %" PRIu32 " lives\n", sim.processes[i].pid);
        }
    }
}

/*
 * The model of processes.
 */

static void send_event(struct event event, usec_t delay) {
    if (!sim.is_down) {
        enqueue(ITEM_EVENT, usec_add(sim.now, delay))->event = event;
    }
}

static bool is_living(const struct sim_process *process) {
    return process->is_there && !process->is_dead;
}

static enum tree tree_now(void) {
    return is_living(&sim.processes[SLOT_CHILD]) ? TREE_UNKNOWN : TREE_EMPTY;
}

static void die(size_t slot, struct exit_status exit, usec_t delay) {
    struct item *item = enqueue(ITEM_DEATH, usec_add(sim.now, delay));
    item->slot = slot;
    item->pid = sim.processes[slot].pid;
    item->exit = exit;
}

static void tell_if_watching(void) {
    if (sim.is_watching && tree_now() == TREE_EMPTY) {
        sim.is_watching = false;
        send_event((struct event){.type = EVENT_TREE_EMPTIED,
                                  .process = {.attempt = sim.service.processes[ROLE_MAIN].attempt}},
                   0);
    }
}

static void death(const struct item *item) {
    struct sim_process *process = &sim.processes[item->slot];
    if (process->pid != item->pid || !is_living(process)) {
        return;
    }
    process->is_dead = true;
    process->exit = item->exit;
    process->died_usec = sim.now;
    if (item->slot == SLOT_CHILD) {
        tell_if_watching();
        return;
    }
    if (item->slot == ROLE_MAIN && process->behaviour.leaves != 0) {
        die(SLOT_CHILD, (struct exit_status){0}, process->behaviour.leaves);
    }
    send_event((struct event){.type = EVENT_EXITED,
                              .exited = {.role = (enum role)item->slot,
                                         .attempt = process->attempt,
                                         .exit = item->exit,
                                         .tree = tree_now()}},
               0);
}

static void exec_now(const struct item *item) {
    struct sim_process *process = &sim.processes[item->slot];
    const struct behaviour *behaviour = &process->behaviour;
    if (process->pid != item->pid || !is_living(process)) {
        return;
    }
    enum role role = (enum role)item->slot;
    if (behaviour->exec_error.step != 0) {
        send_event((struct event){.type = EVENT_EXEC_FAILED,
                                  .failed = {role, process->attempt, behaviour->exec_error}},
                   0);
        die(item->slot, (struct exit_status){EXIT_EXITED, behaviour->exec_error.step}, 0);
        return;
    }
    process->is_execed = true;
    send_event((struct event){.type = EVENT_EXECED, .process = {role, process->attempt}}, 0);
    if (behaviour->leaves != 0) {
        struct sim_process *child = &sim.processes[SLOT_CHILD];
        *child = (struct sim_process){.is_there = true, .pid = 100 + ++sim.n_pids};
        child->behaviour.is_stubborn = behaviour->is_stubborn;
        child->behaviour.term = -1;
    }
    if (behaviour->runs != USEC_INFINITY) {
        die(item->slot, behaviour->end, behaviour->runs);
    }
}

static struct behaviour behaviour_of(enum role role, uint64_t attempt) {
    for (size_t i = 0; i < sim.n_behaviours; i++) {
        const struct behaviour *behaviour = &sim.behaviours[i];
        if (behaviour->role == role && attempt >= behaviour->first && attempt <= behaviour->last) {
            return *behaviour;
        }
    }
    return (struct behaviour){.runs = USEC_INFINITY, .term = -1};
}

static void spawn(const struct action *action) {
    enum role role = action->spawn.role;
    struct behaviour behaviour = behaviour_of(role, action->spawn.attempt);
    bool fails_at_once = behaviour.exec_error.step != 0 && behaviour.exec_in == 0;
    if (behaviour.spawn_error != 0 || fails_at_once) {
        struct start_error error = {behaviour.spawn_error, 0};
        send_event((struct event){.type = EVENT_SPAWN_FAILED,
                                  .failed = {role, action->spawn.attempt,
                                             fails_at_once ? behaviour.exec_error : error}},
                   SPAWN_USEC);
        return;
    }
    struct item *item = enqueue(ITEM_BIRTH, usec_add(sim.now, SPAWN_USEC));
    item->slot = role;
    item->attempt = action->spawn.attempt;
}

static void birth(const struct item *item) {
    enum role role = (enum role)item->slot;
    const struct process *wanted = &sim.service.processes[role];
    if (wanted->state != PROCESS_SPAWNING || wanted->attempt != item->attempt) {
        return;
    }
    if (is_living(&sim.processes[role])) {
        fail("a second live process", role_name(role));
    }
    struct sim_process *process = &sim.processes[role];
    *process = (struct sim_process){.is_there = true,
                                    .attempt = item->attempt,
                                    .pid = 100 + ++sim.n_pids,
                                    .behaviour = behaviour_of(role, item->attempt)};
    send_event((struct event){.type = EVENT_SPAWNED,
                              .spawned = {role, process->attempt, {.pid = process->pid}}},
               0);
    struct item *exec = enqueue(ITEM_EXEC, usec_add(sim.now, process->behaviour.exec_in));
    exec->slot = role;
    exec->pid = process->pid;
}

static void signal_process(size_t slot, uint32_t signo) {
    struct sim_process *process = &sim.processes[slot];
    const struct behaviour *behaviour = &process->behaviour;
    if (!is_living(process)) {
        return;
    }
    struct exit_status killed = {EXIT_KILLED, signo};
    if (signo == SIGNO_KILL) {
        die(slot, killed, behaviour->is_undying ? UNDYING_USEC : 0);
        return;
    }
    bool is_ignored =
        slot == SLOT_CHILD ? behaviour->is_stubborn : (behaviour->ignored >> signo & 1) != 0;
    if (signo == SIGNO_CONT || is_ignored || process->is_dying) {
        return;
    }
    bool is_handled = behaviour->term >= 0;
    struct exit_status handled = {EXIT_EXITED, is_handled ? (uint32_t)behaviour->term : 0};
    process->is_dying = true;
    die(slot, is_handled ? handled : killed, behaviour->stops_in);
}

static void perform_signal(const struct action *action) {
    switch (action->signal.target) {
    case TARGET_MAIN:
        signal_process(ROLE_MAIN, action->signal.signo);
        break;
    case TARGET_CONTROL:
        signal_process(ROLE_CONTROL, action->signal.signo);
        break;
    case TARGET_TREE:
        for (size_t slot = 0; slot < SLOT_COUNT; slot++) {
            signal_process(slot, action->signal.signo);
        }
        break;
    }
    if (action->signal.must_confirm) {
        send_event((struct event){.type = EVENT_SIGNALLED,
                                  .process = {.attempt = sim.service.processes[ROLE_MAIN].attempt}},
                   0);
    }
}

static void perform(const struct action *action) {
    switch (action->type) {
    case ACTION_SPAWN:
        spawn(action);
        break;
    case ACTION_SIGNAL:
        perform_signal(action);
        break;
    case ACTION_WATCH_TREE:
        sim.is_watching = true;
        tell_if_watching();
        break;
    case ACTION_ANNOUNCE:
    case ACTION_FINISH_JOB:
        break;
    }
}

/*
 * The supervisor, its death and its successor.
 */

static void crash(const char *what) {
    print_time(sim.now);
    print(" the supervisor is killed%s\n", what);
    size_t kept = 0;
    for (size_t i = 0; i < sim.n_queued; i++) {
        if (sim.queue[i].kind != ITEM_EVENT) {
            sim.queue[kept++] = sim.queue[i];
        }
    }
    sim.n_queued = kept;
    sim.is_down = true;
    sim.is_watching = false;
    sim.crash_doing = -1;
    sim.crash_before = -1;
    (void)enqueue(ITEM_RECOVER, usec_add(sim.now, sim.down));
}

static void step(struct event event) {
    struct actions actions;
    if ((int)event.type == sim.crash_before) {
        crash(" before it could know");
        return;
    }
    usec_t deadline = service_deadline(&sim.service);
    event.id = ++sim.n_events;
    event.now = sim.now;
    print_event(&event);
    service_step(&sim.policy, &sim.service, &event, &actions);
    for (uint32_t i = 0; i < actions.count; i++) {
        if ((int)actions.items[i].type == sim.crash_doing) {
            crash(" with this committed, not done:");
            print_action(&actions.items[i]);
            return;
        }
        print_action(&actions.items[i]);
        perform(&actions.items[i]);
    }
    print_deadline(deadline);
}

static void recover(void) {
    struct event event = {.type = EVENT_RECOVERED, .recovered = {.tree = tree_now()}};
    sim.is_down = false;
    for (size_t role = 0; role < ROLE_COUNT; role++) {
        const struct process *known = &sim.service.processes[role];
        const struct sim_process *process = &sim.processes[role];
        struct recovered_process *found = &event.recovered.processes[role];
        if (known->state == PROCESS_NONE) {
            continue;
        }
        if (!process->is_there || process->attempt != known->attempt) {
            found->fate = FATE_NEVER_RAN;
            continue;
        }
        found->identity.pid = process->pid;
        found->is_execed = process->is_execed;
        found->fate = process->is_dead ? FATE_ENDED : FATE_ALIVE;
        if (process->is_dead) {
            found->exit = sim.is_lost ? (struct exit_status){.how = EXIT_UNKNOWN} : process->exit;
            found->ended_usec = process->died_usec;
        }
    }
    step(event);
}

static int find_name(const char *word, const char *(*name)(int), int count) {
    for (int i = 0; i < count; i++) {
        if (strcmp(name(i), word) == 0) {
            return i;
        }
    }
    fail("not a name", word);
    return -1;
}

static const char *event_name_at(int i) {
    return event_type_name((enum event_type)i);
}

static const char *action_name_at(int i) {
    return action_type_name((enum action_type)i);
}

static void plan_crash(char **words, size_t count) {
    sim.down = 0;
    sim.is_lost = false;
    for (size_t i = 1; i < count; i++) {
        const char *value = value_of(words[i], "down");
        if (value != NULL) {
            sim.down = parse_time(value);
        } else if (strcmp(words[i], "lost") == 0) {
            sim.is_lost = true;
        }
    }
    if (strcmp(words[0], "crash-doing") == 0 && count > 1) {
        sim.crash_doing = find_name(words[1], action_name_at, ACTION_TYPE_COUNT);
    } else if (strcmp(words[0], "crash-before") == 0 && count > 1) {
        sim.crash_before = find_name(words[1], event_name_at, EVENT_TYPE_COUNT);
    } else {
        crash("");
    }
}

static void request_kill(char **words, size_t count) {
    struct event event = {.type = EVENT_KILL_ASKED};
    if (count != 3) {
        fail("kill SIGNAL TARGET", words[0]);
    }
    event.kill.signo = parse_signal(words[1]);
    for (int i = 0; i < TARGET_COUNT; i++) {
        if (strcmp(words[2], target_name((enum target)i)) == 0) {
            event.kill.target = (enum target)i;
        }
    }
    step(event);
}

static void request(const struct item *item) {
    static const struct {
        const char *word;
        enum event_type type;
    } simple[] = {
        {"start", EVENT_START_ASKED},       {"stop", EVENT_STOP_ASKED},
        {"restart", EVENT_RESTART_ASKED},   {"reload", EVENT_RELOAD_ASKED},
        {"shutdown", EVENT_SHUTDOWN_ASKED}, {"reset-failed", EVENT_RESET_FAILED_ASKED},
    };
    char copy[LINE_LENGTH];
    char *words[WORDS_MAX];
    (void)snprintf(copy, sizeof(copy), "%s", item->request);
    size_t count = split(copy, words);
    for (size_t i = 0; i < sizeof(simple) / sizeof(simple[0]); i++) {
        if (strcmp(words[0], simple[i].word) == 0) {
            step((struct event){.type = simple[i].type});
            return;
        }
    }
    if (strcmp(words[0], "kill") == 0) {
        request_kill(words, count);
    } else if (strcmp(words[0], "die") == 0 && count == 2) {
        die(ROLE_MAIN, (struct exit_status){EXIT_EXITED, parse_number(words[1])}, 0);
    } else if (strcmp(words[0], "change") == 0) {
        read_unit(words + 1, count - 1);
        step((struct event){.type = EVENT_POLICY_CHANGED});
    } else if (strncmp(words[0], "crash", 5) == 0) {
        plan_crash(words, count);
    } else {
        fail("not a request", words[0]);
    }
}

/*
 * The clock.
 */

static size_t next_item(void) {
    size_t next = sim.n_queued;
    for (size_t i = 0; i < sim.n_queued; i++) {
        if (next == sim.n_queued || sim.queue[i].at < sim.queue[next].at ||
            (sim.queue[i].at == sim.queue[next].at && sim.queue[i].order < sim.queue[next].order)) {
            next = i;
        }
    }
    return next;
}

static void run_item(const struct item *item) {
    switch (item->kind) {
    case ITEM_REQUEST:
        request(item);
        break;
    case ITEM_EVENT:
        step(item->event);
        break;
    case ITEM_BIRTH:
        birth(item);
        break;
    case ITEM_DEATH:
        death(item);
        break;
    case ITEM_EXEC:
        exec_now(item);
        break;
    case ITEM_RECOVER:
        recover();
        break;
    }
}

static void run(void) {
    for (int i = 0; i < STEPS_MAX; i++) {
        size_t next = next_item();
        usec_t at = next < sim.n_queued ? sim.queue[next].at : USEC_INFINITY;
        usec_t deadline = sim.is_down ? USEC_INFINITY : service_deadline(&sim.service);
        if ((at > sim.until && deadline > sim.until) || (at & deadline) == USEC_INFINITY) {
            return;
        }
        if (deadline < at) {
            sim.now = deadline > sim.now ? deadline : sim.now;
            step((struct event){.type = EVENT_DEADLINE_REACHED});
        } else {
            struct item item = sim.queue[next];
            sim.queue[next] = sim.queue[--sim.n_queued];
            sim.now = at;
            run_item(&item);
        }
    }
    fail("the story does not end", "more than STEPS_MAX steps");
}

static int update(const char *path) {
    FILE *file = fopen(path, "we");
    if (file == NULL || fwrite(sim.trace, 1, sim.trace_length, file) != sim.trace_length ||
        fclose(file) != 0) {
        fail("cannot be written", path);
    }
    return 0;
}

static int compare(const char *path) {
    static char expected[TRACE_SIZE];
    FILE *file = fopen(path, "re");
    size_t length = file != NULL ? fread(expected, 1, sizeof(expected), file) : 0;
    if (file != NULL) {
        (void)fclose(file);
    }
    if (length == sim.trace_length && memcmp(expected, sim.trace, length) == 0) {
        return 0;
    }
    size_t same = 0;
    unsigned line = 1;
    while (same < length && same < sim.trace_length && expected[same] == sim.trace[same]) {
        line += expected[same++] == '\n';
    }
    (void)fprintf(stderr, "%s: differs from line %u on; the trace now:\n%.*s", path, line,
                  (int)sim.trace_length, sim.trace);
    return 1;
}

int main(int argc, char **argv) {
    bool is_update = argc == 3 && strcmp(argv[1], "--update") == 0;
    if (argc != 2 && !is_update) {
        (void)fprintf(stderr, "usage: scenario [--update] NAME.scn\n");
        return 2;
    }
    char path[4096];
    sim.path = argv[argc - 1];
    size_t stem = strlen(sim.path) > 4 ? strlen(sim.path) - 4 : 0;
    (void)snprintf(path, sizeof(path), "%.*s.trace", (int)stem, sim.path);
    sim.crash_doing = -1;
    sim.crash_before = -1;
    sim.until = 10 * USEC_PER_MINUTE;
    policy_init(&sim.policy);
    sim.policy.n_commands[PHASE_START] = 1;
    service_init(&sim.service, /* seed= */ 1);
    read_story(sim.path);
    run();
    print_end();
    return is_update ? update(path) : compare(path);
}
