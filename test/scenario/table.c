/*
 * Every state, every event: explores all states that can be reached, under each of a list of
 * policies, with each of a list of events, and prints as a table where each event leads.
 *
 *   table DOC.md            compares the table with the one in DOC.md
 *   table --update DOC.md   rewrites it there
 *
 * The search is breadth first over states that differ in what a decision can depend on; times,
 * counters and ids that only grow are left out of the comparison. service_step() asserts the whole
 * state before and after each of its steps, so this is also the test that no order of events, sane
 * or not, leads anywhere that it should not. An event of an earlier attempt must change nothing.
 */
#include "core/action.h"
#include "core/event.h"
#include "core/names.h"
#include "core/service.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STATES_MAX 16384
#define HASH_SIZE ((size_t)4 * STATES_MAX)
#define EVENTS_MAX 128
#define DOC_SIZE ((size_t)256 * 1024)
#define BEGIN "<!-- table: begin -->\n"
#define END "<!-- table: end -->\n"

/* What a decision can depend on. */
struct key {
    uint32_t state, result, after_stop, job, has_deadline, flags;
    uint32_t main, control, command;
    uint32_t start_count, has_growth;
};

static struct service states[STATES_MAX];
static uint32_t n_states;
static uint32_t hash[HASH_SIZE]; /* index + 1 */

/* What was seen of an event in a state. */
struct cell {
    bool stays; /* something was noted or done, and no state was entered */
    uint32_t next; /* which states were entered, bit by enum service_state */
};
static struct cell cells[SERVICE_STATE_COUNT][EVENT_TYPE_COUNT];
static uint64_t n_steps;

static struct event events[EVENTS_MAX];
static uint32_t n_events;

static void add(struct event event) {
    if (n_events == EVENTS_MAX) {
        abort();
    }
    events[n_events++] = event;
}

static void add_fates(struct recovered_process main) {
    static const struct recovered_process controls[] = {
        {.fate = FATE_NONE},
        {.fate = FATE_ALIVE, .is_execed = 1, .identity = {.pid = 8}},
        {.fate = FATE_ENDED, .exit = {EXIT_EXITED, 0}},
    };
    for (size_t i = 0; i < sizeof(controls) / sizeof(controls[0]); i++) {
        for (int tree = TREE_UNKNOWN; tree <= TREE_EMPTY; tree++) {
            add((struct event){
                .type = EVENT_RECOVERED,
                .recovered = {.processes = {main, controls[i]}, .tree = (enum tree)tree}});
        }
    }
}

/* Attempts are filled in for each state; 0 here means the present one, 1 an earlier one. */
static void add_process_events(enum role role, uint64_t late) {
    static const struct exit_status exits[] = {
        {EXIT_EXITED, 0}, {EXIT_EXITED, 1}, {EXIT_KILLED, 15}, {EXIT_KILLED, 9}, {EXIT_UNKNOWN, 0},
    };
    add((struct event){.type = EVENT_SPAWNED, .spawned = {role, late, {.pid = 7}}});
    add((struct event){.type = EVENT_SPAWN_FAILED, .failed = {role, late, {11, 0}}});
    add((struct event){.type = EVENT_SPAWN_FAILED, .failed = {role, late, {2, 203}}});
    add((struct event){.type = EVENT_EXECED, .process = {role, late}});
    add((struct event){.type = EVENT_EXEC_FAILED, .failed = {role, late, {2, 203}}});
    for (size_t i = 0; i < sizeof(exits) / sizeof(exits[0]); i++) {
        for (int tree = TREE_UNKNOWN; tree <= TREE_EMPTY; tree++) {
            add((struct event){.type = EVENT_EXITED,
                               .exited = {role, late, exits[i], 0, (enum tree)tree}});
        }
    }
}

static void make_events(void) {
    static const enum event_type plain[] = {
        EVENT_START_ASKED,        EVENT_STOP_ASKED,       EVENT_RESTART_ASKED,  EVENT_RELOAD_ASKED,
        EVENT_RESET_FAILED_ASKED, EVENT_SHUTDOWN_ASKED,   EVENT_POLICY_CHANGED, EVENT_TREE_EMPTIED,
        EVENT_SIGNALLED,          EVENT_DEADLINE_REACHED,
    };
    static const struct recovered_process mains[] = {
        {.fate = FATE_NEVER_RAN},
        {.fate = FATE_ALIVE, .identity = {.pid = 7}},
        {.fate = FATE_ALIVE, .is_execed = 1, .identity = {.pid = 7}},
        {.fate = FATE_ENDED, .exit = {EXIT_EXITED, 1}},
        {.fate = FATE_ENDED, .exit = {EXIT_EXITED, 0}},
    };
    for (size_t i = 0; i < sizeof(plain) / sizeof(plain[0]); i++) {
        add((struct event){.type = plain[i]});
    }
    for (int target = 0; target < TARGET_COUNT; target++) {
        add((struct event){.type = EVENT_KILL_ASKED, .kill = {(enum target)target, 10}});
    }
    for (int role = 0; role < ROLE_COUNT; role++) {
        add_process_events((enum role)role, /* late= */ 0);
        add_process_events((enum role)role, /* late= */ 1);
    }
    for (size_t i = 0; i < sizeof(mains) / sizeof(mains[0]); i++) {
        add_fates(mains[i]);
    }
}

/* True if the event means a process of the past. */
static bool aim(struct event *event, const struct service *service) {
    uint64_t *attempt = NULL;
    enum role role = ROLE_MAIN;
    switch (event->type) {
    case EVENT_SPAWNED:
        attempt = &event->spawned.attempt;
        role = event->spawned.role;
        break;
    case EVENT_SPAWN_FAILED:
    case EVENT_EXEC_FAILED:
        attempt = &event->failed.attempt;
        role = event->failed.role;
        break;
    case EVENT_EXITED:
        attempt = &event->exited.attempt;
        role = event->exited.role;
        break;
    case EVENT_EXECED:
    case EVENT_TREE_EMPTIED:
    case EVENT_SIGNALLED:
        attempt = &event->process.attempt;
        role = event->process.role;
        break;
    case EVENT_START_ASKED:
    case EVENT_STOP_ASKED:
    case EVENT_RESTART_ASKED:
    case EVENT_RELOAD_ASKED:
    case EVENT_KILL_ASKED:
    case EVENT_RESET_FAILED_ASKED:
    case EVENT_SHUTDOWN_ASKED:
    case EVENT_POLICY_CHANGED:
    case EVENT_DEADLINE_REACHED:
    case EVENT_RECOVERED:
        return false;
    }
    bool is_late = *attempt != 0;
    *attempt = service->processes[role].attempt - *attempt;
    return is_late;
}

static struct key key_of(const struct service *service) {
    struct key key = {
        .state = service->state,
        .result = service->result,
        .after_stop = service->after_stop,
        .job = service->job.kind,
        .has_deadline = service->deadline_usec != USEC_INFINITY,
        .flags = (uint32_t)service->is_held | (uint32_t)service->is_unconfirmed << 1 |
                 (uint32_t)service->is_reload_failed << 2 |
                 (uint32_t)service->is_reload_asked << 3 | (uint32_t)service->was_up << 4,
        .start_count = service->start_limit.count,
        .has_growth = service->backoff.n_grown != 0,
        .main = service->processes[ROLE_MAIN].state,
        .control = service->processes[ROLE_CONTROL].state,
        .command = service->processes[ROLE_CONTROL].command,
    };
    return key;
}

/* Keeps a state that is not known yet. */
static void keep(const struct service *service) {
    struct key key = key_of(service);
    uint64_t sum = UINT64_C(14695981039346656037);
    const unsigned char *bytes = (const unsigned char *)&key;
    for (size_t i = 0; i < sizeof(key); i++) {
        sum = (sum ^ bytes[i]) * UINT64_C(1099511628211);
    }
    size_t slot = sum % HASH_SIZE;
    for (; hash[slot] != 0; slot = (slot + 1) % HASH_SIZE) {
        struct key other = key_of(&states[hash[slot] - 1]);
        if (memcmp(&other, &key, sizeof(key)) == 0) {
            return;
        }
    }
    if (n_states == STATES_MAX) {
        (void)fprintf(stderr, "more than %d states\n", STATES_MAX);
        exit(1);
    }
    states[n_states++] = *service;
    hash[slot] = n_states;
}

static bool has_entered(const struct actions *actions) {
    for (uint32_t i = 0; i < actions->count; i++) {
        const struct action *action = &actions->items[i];
        if (action->type == ACTION_ANNOUNCE && action->announce.what == ANNOUNCE_STATE) {
            return true;
        }
    }
    return false;
}

static void try_event(const struct policy *policy, const struct service *before, struct event event,
                      usec_t later) {
    struct service after = *before;
    struct actions actions;
    bool is_late = aim(&event, before);
    event.id = before->cause + 1000;
    event.now = usec_add(before->entered_usec, later);
    if (event.type == EVENT_DEADLINE_REACHED && before->deadline_usec != USEC_INFINITY) {
        event.now = before->deadline_usec;
    }
    service_step(policy, &after, &event, &actions);
    n_steps++;
    bool is_same = memcmp(&after, before, sizeof(after)) == 0 && actions.count == 0;
    if (is_late && !is_same) {
        (void)fprintf(stderr, "a late %s changes %s\n", event_type_name(event.type),
                      service_state_name(before->state));
        exit(1);
    }
    struct cell *cell = &cells[before->state][event.type];
    if (has_entered(&actions)) {
        cell->next |= (uint32_t)1 << after.state;
    } else if (!is_same) {
        cell->stays = true;
    }
    keep(&after);
}

static void explore(const struct policy *policy) {
    struct service first;
    service_init(&first, 1);
    n_states = 0;
    memset(hash, 0, sizeof(hash));
    keep(&first);
    for (uint32_t i = 0; i < n_states; i++) {
        struct service before = states[i];
        for (uint32_t e = 0; e < n_events; e++) {
            try_event(policy, &before, events[e], USEC_PER_MSEC);
            if (events[e].type == EVENT_EXITED || events[e].type == EVENT_RECOVERED) {
                try_event(policy, &before, events[e], 20 * USEC_PER_SEC);
            }
        }
    }
}

/* Choices of a policy that are explored with every kill mode and kind of restart. */
static const struct choice {
    enum service_type type;
    uint8_t n_reloads, remain_after_exit, send_sigkill, burst, restart_usec_is_set, wait;
} choices[] = {
    {SERVICE_TYPE_SIMPLE, 0, 0, 1, 0, 0, 0}, {SERVICE_TYPE_EXEC, 2, 0, 1, 0, 0, 0},
    {SERVICE_TYPE_EXEC, 0, 0, 0, 0, 0, 0},   {SERVICE_TYPE_EXEC, 1, 1, 1, 0, 0, 0},
    {SERVICE_TYPE_EXEC, 0, 0, 1, 2, 1, 0},   {SERVICE_TYPE_SIMPLE, 1, 1, 0, 2, 1, 0},
    {SERVICE_TYPE_EXEC, 0, 0, 1, 2, 1, 1},
};

static struct policy make_policy(enum kill_mode mode, enum restart restart,
                                 const struct choice *choice) {
    struct policy policy;
    policy_init(&policy);
    policy.type = choice->type;
    policy.restart = restart;
    policy.kill_mode = mode;
    policy.n_commands[PHASE_START] = 1;
    policy.n_commands[PHASE_RELOAD] = choice->n_reloads;
    policy.remain_after_exit = choice->remain_after_exit;
    policy.send_sigkill = choice->send_sigkill;
    policy.send_sighup = !choice->send_sigkill;
    policy.start_limit_burst = choice->burst;
    policy.start_limit_interval_usec = USEC_PER_HOUR;
    policy.restart_usec_is_set = choice->restart_usec_is_set;
    policy.restart_usec = choice->wait;
    return policy;
}

static void explore_policies(void) {
    static const enum restart restarts[] = {RESTART_NO, RESTART_ON_FAILURE, RESTART_ALWAYS};
    for (int mode = 0; mode < KILL_MODE_NONE; mode++) {
        for (size_t r = 0; r < sizeof(restarts) / sizeof(restarts[0]); r++) {
            for (size_t c = 0; c < sizeof(choices) / sizeof(choices[0]); c++) {
                struct policy policy = make_policy((enum kill_mode)mode, restarts[r], &choices[c]);
                explore(&policy);
            }
        }
    }
}

static size_t append(char *text, size_t length, const char *more) {
    size_t more_length = strlen(more);
    if (length + more_length >= DOC_SIZE) {
        abort();
    }
    memcpy(text + length, more, more_length + 1);
    return length + more_length;
}

static size_t append_cell(char *text, size_t length, const struct cell *cell) {
    const char *before = cell->stays ? " stays; →" : " →";
    if (cell->next == 0) {
        return append(text, length, cell->stays ? " stays |" : " · |");
    }
    for (int i = 0; i < SERVICE_STATE_COUNT; i++) {
        if ((cell->next >> i & 1) != 0) {
            length = append(text, length, before);
            length = append(text, length, " ");
            length = append(text, length, service_state_name((enum service_state)i));
            before = ",";
        }
    }
    return append(text, length, " |");
}

static size_t make_table(char *text) {
    size_t length = append(text, 0, "\n| event |");
    for (int s = 0; s < SERVICE_STATE_COUNT; s++) {
        length = append(text, length, " ");
        length = append(text, length, service_state_name((enum service_state)s));
        length = append(text, length, " |");
    }
    length = append(text, length, "\n|---|");
    for (int s = 0; s < SERVICE_STATE_COUNT; s++) {
        length = append(text, length, "---|");
    }
    for (int e = 0; e < EVENT_TYPE_COUNT; e++) {
        length = append(text, length, "\n| **");
        length = append(text, length, event_type_name((enum event_type)e));
        length = append(text, length, "** |");
        for (int s = 0; s < SERVICE_STATE_COUNT; s++) {
            length = append_cell(text, length, &cells[s][e]);
        }
    }
    return append(text, length, "\n\n");
}

static size_t read_document(const char *path, char *text) {
    FILE *file = fopen(path, "re");
    size_t length = file != NULL ? fread(text, 1, DOC_SIZE - 1, file) : 0;
    if (file == NULL || fclose(file) != 0) {
        perror(path);
        exit(2);
    }
    text[length] = '\0';
    return length;
}

int main(int argc, char **argv) {
    static char document[DOC_SIZE];
    static char table[DOC_SIZE];
    bool is_update = argc == 3 && strcmp(argv[1], "--update") == 0;
    if (argc != 2 && !is_update) {
        (void)fprintf(stderr, "usage: table [--update] DOC.md\n");
        return 2;
    }
    make_events();
    explore_policies();
    size_t length = make_table(table);
    (void)printf("%llu steps\n", (unsigned long long)n_steps);
    (void)read_document(argv[argc - 1], document);
    char *begin = strstr(document, BEGIN);
    char *end = strstr(document, END);
    if (begin == NULL || end == NULL || end < begin) {
        (void)fprintf(stderr, "%s: no place for the table\n", argv[argc - 1]);
        return 2;
    }
    begin += strlen(BEGIN);
    if ((size_t)(end - begin) == length && memcmp(begin, table, length) == 0) {
        return 0;
    }
    if (!is_update) {
        (void)fprintf(stderr, "%s: the table differs; it is now:\n%s", argv[argc - 1], table);
        return 1;
    }
    FILE *file = fopen(argv[2], "we");
    if (file == NULL ||
        fprintf(file, "%.*s%s%s", (int)(begin - document), document, table, end) < 0 ||
        fclose(file) != 0) {
        perror(argv[2]);
        return 2;
    }
    return 0;
}
