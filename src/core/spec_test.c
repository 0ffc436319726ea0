/* A spec counts its commands in its policy, and frees all that it owns (seen by the sanitizer). */
#include "core/spec.h"

#include "base/str.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static void fill(struct spec *spec) {
    struct command *command = NULL;
    assert_int_equal(spec_add_command(spec, PHASE_START, 0, &command), 0);
    assert_int_equal(str_replace(&command->path, "/usr/bin/web", 12), 0);
    assert_int_equal(str_list_append(&command->argv, "web", 3), 0);
    assert_int_equal(str_list_append(&command->argv, "--port=80", 9), 0);
    assert_int_equal(spec_add_command(spec, PHASE_RELOAD, COMMAND_NO_EXPANSION, &command), 0);
    assert_int_equal(spec_add_command(spec, PHASE_RELOAD, COMMAND_IGNORE_FAILURE, &command), 0);
    assert_int_equal(str_replace(&spec->name, "web.service", 11), 0);
    assert_int_equal(str_replace(&spec->user, "nobody", 6), 0);
    assert_int_equal(str_replace(&spec->standard_error.target, "/tmp/e", 6), 0);
    assert_int_equal(str_list_append(&spec->environment, "A=1", 3), 0);
    assert_int_equal(str_list_append(&spec->install.wanted_by, "multi-user.target", 17), 0);
    assert_int_equal(spec_add_env_file(spec, "/etc/default/web", 16, 1), 0);
}

static void test_commands_are_counted_in_the_policy(void **state) {
    (void)state;
    struct spec spec;
    spec_init(&spec);
    assert_int_equal(spec.umask, 0022);
    assert_int_equal(policy_check(&spec.policy), POLICY_START_COMMANDS);
    fill(&spec);
    assert_int_equal(policy_check(&spec.policy), POLICY_OK);
    assert_int_equal(spec.policy.n_commands[PHASE_RELOAD], 2);
    assert_int_equal(spec.policy.ignore_failure[PHASE_RELOAD], 2);
    assert_int_equal(spec.commands[PHASE_RELOAD].items[0].flags, COMMAND_NO_EXPANSION);
    assert_string_equal(spec.commands[PHASE_START].items[0].argv[1], "--port=80");
    assert_null(spec.commands[PHASE_START].items[0].argv[2]);
    spec_clear_commands(&spec, PHASE_RELOAD);
    assert_int_equal(spec.policy.n_commands[PHASE_RELOAD], 0);
    assert_int_equal(spec.policy.ignore_failure[PHASE_RELOAD], 0);
    assert_int_equal(spec.env_files.count, 1);
    assert_int_equal(spec.env_files.items[0].may_be_missing, 1);
    spec_clear_env_files(&spec);
    assert_int_equal(spec.env_files.count, 0);
    spec_fini(&spec);
}

static void test_fini_leaves_a_fresh_spec(void **state) {
    (void)state;
    struct spec fresh;
    struct spec spec;
    spec_init(&fresh);
    spec_init(&spec);
    spec_fini(&spec);
    fill(&spec);
    spec_fini(&spec);
    assert_memory_equal(&spec, &fresh, sizeof(spec));
    spec_fini(&spec);
}

static void test_a_phase_has_a_limit(void **state) {
    (void)state;
    struct spec spec;
    spec_init(&spec);
    struct command *command = NULL;
    for (int i = 0; i < PHASE_COMMANDS_MAX; i++) {
        assert_int_equal(spec_add_command(&spec, PHASE_STOP, COMMAND_IGNORE_FAILURE, &command), 0);
    }
    assert_int_equal(spec_add_command(&spec, PHASE_STOP, 0, &command), -E2BIG);
    assert_int_equal(spec.policy.n_commands[PHASE_STOP], PHASE_COMMANDS_MAX);
    assert_true(spec.policy.ignore_failure[PHASE_STOP] == UINT64_MAX);
    spec_fini(&spec);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_commands_are_counted_in_the_policy),
        cmocka_unit_test(test_fini_leaves_a_fresh_spec),
        cmocka_unit_test(test_a_phase_has_a_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
