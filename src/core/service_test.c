/*
 * What the scenarios cannot say: that a step is a function of its arguments, that damage is
 * noticed, and that no order of events, however senseless, leads out of the rules.
 */
#include "core/service.h"

#include "core/action.h"
#include "core/event.h"
#include "core/names.h"

#include <assert.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static_assert(sizeof(struct service) == 344,
              "struct service has changed: so has the slot's layout");

static struct policy make_policy(enum service_type type, enum restart restart) {
    struct policy policy;
    policy_init(&policy);
    policy.type = type;
    policy.restart = restart;
    policy.n_commands[PHASE_START] = 1;
    policy.n_commands[PHASE_RELOAD] = 1;
    return policy;
}

static void test_init_is_at_rest(void **state) {
    (void)state;
    struct service service;
    service_init(&service, 7);
    assert_null(service_check(&service));
    assert_int_equal(service.state, SERVICE_DEAD);
    assert_true(service_deadline(&service) == USEC_INFINITY);
}

static struct event random_event(struct prng *prng, const struct service *service, usec_t now) {
    enum role role = (enum role)prng_below(prng, ROLE_COUNT);
    uint64_t attempt = service->processes[role].attempt - (prng_below(prng, 8) == 0);
    struct event event = {
        .type = (enum event_type)prng_below(prng, EVENT_TYPE_COUNT),
        .id = 1 + now,
        .now = now,
    };
    struct exit_status exit = {
        .how = (enum exit_how)(EXIT_EXITED + prng_below(prng, EXIT_HOW_COUNT - 1)),
        .status = (uint32_t)prng_below(prng, 20),
    };
    struct start_error start_error = {.error = 2, .step = prng_below(prng, 2) != 0 ? 203 : 0};
    switch (event.type) {
    case EVENT_SPAWNED:
        event.spawned.role = role;
        event.spawned.attempt = attempt;
        event.spawned.identity.pid = 1 + (uint32_t)prng_below(prng, 32768);
        break;
    case EVENT_SPAWN_FAILED:
    case EVENT_EXEC_FAILED:
        event.failed.role = role;
        event.failed.attempt = attempt;
        event.failed.start_error = start_error;
        break;
    case EVENT_EXECED:
    case EVENT_TREE_EMPTIED:
    case EVENT_SIGNALLED:
        event.process.role = event.type == EVENT_EXECED ? role : ROLE_MAIN;
        event.process.attempt = service->processes[event.process.role].attempt;
        break;
    case EVENT_EXITED:
        event.exited.role = role;
        event.exited.attempt = attempt;
        event.exited.exit = exit;
        event.exited.ended_usec = prng_below(prng, 2) * now;
        event.exited.tree = (enum tree)prng_below(prng, 2);
        break;
    case EVENT_KILL_ASKED:
        event.kill.target = (enum target)prng_below(prng, TARGET_COUNT);
        event.kill.signo = 1 + (uint32_t)prng_below(prng, SIGNO_MAX);
        break;
    case EVENT_RECOVERED:
        for (size_t i = 0; i < ROLE_COUNT; i++) {
            struct recovered_process *found = &event.recovered.processes[i];
            found->fate = (enum fate)prng_below(prng, FATE_COUNT);
            found->is_execed = (uint32_t)prng_below(prng, 2);
            found->identity.pid = found->fate == FATE_ALIVE ? 5 : 0;
            found->exit = exit;
        }
        event.recovered.tree = (enum tree)prng_below(prng, 2);
        break;
    case EVENT_START_ASKED:
    case EVENT_STOP_ASKED:
    case EVENT_RESTART_ASKED:
    case EVENT_RELOAD_ASKED:
    case EVENT_RESET_FAILED_ASKED:
    case EVENT_SHUTDOWN_ASKED:
    case EVENT_POLICY_CHANGED:
    case EVENT_DEADLINE_REACHED:
        break;
    }
    return event;
}

static struct policy random_policy(struct prng *prng) {
    struct policy policy = make_policy((enum service_type)prng_below(prng, 2),
                                       (enum restart)prng_below(prng, RESTART_COUNT));
    policy.kill_mode = (enum kill_mode)prng_below(prng, KILL_MODE_NONE);
    policy.n_commands[PHASE_RELOAD] = (uint8_t)prng_below(prng, 4);
    policy.ignore_failure[PHASE_RELOAD] = prng_next(prng);
    policy.remain_after_exit = (uint8_t)prng_below(prng, 2);
    policy.send_sigkill = (uint8_t)prng_below(prng, 2);
    policy.send_sighup = (uint8_t)prng_below(prng, 2);
    policy.start_limit_burst = (uint32_t)prng_below(prng, 3);
    policy.start_limit_interval_usec = prng_below(prng, 2) * USEC_PER_MINUTE;
    policy.restart_usec_is_set = (uint8_t)prng_below(prng, 2);
    policy.restart_usec = prng_below(prng, 3) == 0 ? USEC_INFINITY : prng_below(prng, 2);
    policy.start_timeout_usec = prng_below(prng, 2) != 0 ? USEC_INFINITY : USEC_PER_SEC;
    policy.stop_timeout_usec = prng_below(prng, 2) != 0 ? USEC_INFINITY : USEC_PER_SEC;
    status_set_add_code(&policy.restart_force, (uint32_t)prng_below(prng, 20));
    status_set_add_code(&policy.restart_prevent, (uint32_t)prng_below(prng, 20));
    return policy;
}

/* What must hold of the actions of a step; `waiting` is the job that was waited for before it. */
static void check_actions(const struct actions *actions, uint64_t attempts[ROLE_COUNT],
                          uint64_t event_id, uint64_t *waiting) {
    for (uint32_t i = 0; i < actions->count; i++) {
        const struct action *action = &actions->items[i];
        if (action->type == ACTION_SPAWN) {
            assert_int_equal(action->spawn.attempt, ++attempts[action->spawn.role]);
        } else if (action->type == ACTION_FINISH_JOB) {
            uint64_t id = action->finish_job.job.id;
            assert_true(id == *waiting || id == event_id);
            *waiting = id == *waiting ? 0 : *waiting;
        }
    }
}

/*
 * The policy changes in the middle of everything, as it may. service_step() asserts all rules; here
 * it is seen that every spawn is by the next attempt, and every job that was taken is answered
 * once.
 */
static void walk(uint64_t seed) {
    static struct actions actions;
    struct prng prng = {.state = seed};
    struct policy policy = random_policy(&prng);
    struct service service;
    uint64_t attempts[ROLE_COUNT] = {0};
    service_init(&service, seed);
    for (usec_t now = 0; now < 2000; now++) {
        struct event event = random_event(&prng, &service, now * (USEC_PER_SEC / 3));
        if (event.type == EVENT_POLICY_CHANGED) {
            policy = random_policy(&prng);
        }
        uint64_t waiting = service.job.id;
        service_step(&policy, &service, &event, &actions);
        check_actions(&actions, attempts, event.id, &waiting);
        assert_true(waiting == 0 || service.job.id == waiting);
    }
}

static void test_no_order_of_events_breaks_a_rule(void **state) {
    (void)state;
    for (uint64_t seed = 0; seed < 200; seed++) {
        walk(seed);
    }
}

/* A timer that was armed for an earlier deadline fires late, or too early for this one. */
static void test_a_deadline_that_is_not_reached_is_no_event(void **state) {
    (void)state;
    static struct actions actions;
    struct policy policy = make_policy(SERVICE_TYPE_EXEC, RESTART_ALWAYS);
    struct service service;
    service_init(&service, 3);
    struct event event = {.type = EVENT_START_ASKED, .id = 1, .now = 1000};
    service_step(&policy, &service, &event, &actions);
    struct service before;
    memcpy(&before, &service, sizeof(before));
    event.type = EVENT_DEADLINE_REACHED;
    event.now = service_deadline(&service) - 1;
    service_step(&policy, &service, &event, &actions);
    assert_memory_equal(&service, &before, sizeof(before));
    assert_int_equal(actions.count, 0);
    event.now++;
    service_step(&policy, &service, &event, &actions);
    assert_int_equal(service.state, SERVICE_STOP_SIGTERM);
}

static void test_a_step_is_a_function(void **state) {
    (void)state;
    static struct actions first_actions;
    static struct actions second_actions;
    struct prng prng = {.state = 1};
    struct policy policy = make_policy(SERVICE_TYPE_EXEC, RESTART_ALWAYS);
    struct service first;
    service_init(&first, 3);
    for (usec_t now = 0; now < 5000; now++) {
        struct service second;
        memcpy(&second, &first, sizeof(second));
        struct event event = random_event(&prng, &first, now * USEC_PER_MSEC);
        memset(&first_actions, 0x55, sizeof(first_actions));
        memset(&second_actions, 0xaa, sizeof(second_actions));
        service_step(&policy, &first, &event, &first_actions);
        service_step(&policy, &second, &event, &second_actions);
        assert_memory_equal(&first, &second, sizeof(first));
        assert_int_equal(first_actions.count, second_actions.count);
        assert_memory_equal(first_actions.items, second_actions.items,
                            first_actions.count * sizeof(first_actions.items[0]));
    }
}

/* Every byte of a running service set to 0xff: what passes is a number that may be anything. */
static void test_damage_is_noticed(void **state) {
    (void)state;
    static const struct {
        size_t offset;
        size_t size;
    } guarded[] = {
        {offsetof(struct service, state), 12},
        {offsetof(struct service, deadline_usec), 1}, /* not infinite any more */
        {offsetof(struct service, processes), 8},
        {offsetof(struct service, job), 16},
        {offsetof(struct service, last_job) + 8, 16},
        {offsetof(struct service, is_held), 8},
    };
    struct service good;
    service_init(&good, 0);
    good.state = SERVICE_RUNNING;
    good.was_up = 1;
    good.processes[ROLE_MAIN] = (struct process){.state = PROCESS_ALIVE, .attempt = 1};
    assert_null(service_check(&good));
    for (size_t i = 0; i < sizeof(guarded) / sizeof(guarded[0]); i++) {
        for (size_t byte = 0; byte < guarded[i].size; byte++) {
            struct service bad;
            memcpy(&bad, &good, sizeof(bad));
            ((unsigned char *)&bad)[guarded[i].offset + byte] ^= 0xff;
            assert_non_null(service_check(&bad));
        }
    }
}

static void test_each_enumerator_has_a_word(void **state) {
    (void)state;
    for (int i = 0; i <= SERVICE_STATE_COUNT; i++) {
        bool is_one = i < SERVICE_STATE_COUNT;
        assert_int_equal(service_state_name((enum service_state)i) != NULL, is_one);
        assert_int_equal(service_active_state_name((enum service_state)i) != NULL, is_one);
    }
    for (int i = 0; i <= SERVICE_RESULT_COUNT; i++) {
        bool is_one = i < SERVICE_RESULT_COUNT;
        assert_int_equal(service_result_name((enum service_result)i) != NULL, is_one);
    }
    for (int i = 0; i <= EVENT_TYPE_COUNT; i++) {
        assert_int_equal(event_type_name((enum event_type)i) != NULL, i < EVENT_TYPE_COUNT);
    }
    for (int i = 0; i <= ACTION_TYPE_COUNT; i++) {
        assert_int_equal(action_type_name((enum action_type)i) != NULL, i < ACTION_TYPE_COUNT);
    }
    for (int i = 0; i <= ANNOUNCEMENT_COUNT; i++) {
        assert_int_equal(announcement_name((enum announcement)i) != NULL, i < ANNOUNCEMENT_COUNT);
    }
    for (int i = 0; i <= JOB_KIND_COUNT; i++) {
        assert_int_equal(job_kind_name((enum job_kind)i) != NULL, i < JOB_KIND_COUNT);
    }
    for (int i = 0; i <= JOB_RESULT_COUNT; i++) {
        assert_int_equal(job_result_name((enum job_result)i) != NULL, i < JOB_RESULT_COUNT);
    }
    for (int i = 0; i <= EXIT_HOW_COUNT; i++) {
        assert_int_equal(exit_how_name((enum exit_how)i) != NULL, i < EXIT_HOW_COUNT);
    }
    for (int i = 0; i <= PHASE_COUNT; i++) {
        assert_int_equal(phase_name((enum phase)i) != NULL, i < PHASE_COUNT);
    }
    for (int i = 0; i <= TARGET_COUNT; i++) {
        assert_int_equal(target_name((enum target)i) != NULL, i < TARGET_COUNT);
    }
    for (int i = 0; i <= ROLE_COUNT; i++) {
        assert_int_equal(role_name((enum role)i) != NULL, i < ROLE_COUNT);
    }
    assert_string_equal(exit_code_name(203), "EXEC");
    assert_null(exit_code_name(199));
    assert_null(exit_code_name(256));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_init_is_at_rest),
        cmocka_unit_test(test_no_order_of_events_breaks_a_rule),
        cmocka_unit_test(test_a_deadline_that_is_not_reached_is_no_event),
        cmocka_unit_test(test_a_step_is_a_function),
        cmocka_unit_test(test_damage_is_noticed),
        cmocka_unit_test(test_each_enumerator_has_a_word),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
