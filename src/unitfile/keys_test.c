/* The table is in order, complete in each row, and says the same as the core's enumerations. */
#include "unitfile/keys.h"

#include "core/names.h"
#include "core/spec.h"
#include "unitfile/keytable.h"
#include "unitfile/value.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

/* A key may stand twice if its sections differ. */
static void check_order(const struct key *before, const struct key *key) {
    const int order = strcmp(before->name, key->name);
    if (order > 0 || (order == 0 && (before->sections & key->sections) != 0)) {
        fail_msg("%s stands before %s", before->name, key->name);
    }
}

static void test_each_part_is_in_order(void **state) {
    (void)state;
    static const struct key_part *const parts[] = {&keys_unit,   &keys_condition, &keys_service,
                                                   &keys_exec,   &keys_sandbox,   &keys_resource,
                                                   &keys_trigger};
    size_t n_keys = 0;
    for (size_t p = 0; p < sizeof(parts) / sizeof(parts[0]); p++) {
        uint32_t sections = 0;
        for (size_t i = 0; i < parts[p]->count; i++) {
            const struct key *key = &parts[p]->keys[i];
            if (i > 0) {
                check_order(key - 1, key);
            }
            sections |= key->sections;
            assert_ptr_equal(key_at(n_keys), key);
            n_keys++;
        }
        assert_int_equal(sections & ~parts[p]->sections, 0);
    }
    assert_null(key_at(n_keys));
}

static void check_found(const struct key *key) {
    for (uint32_t bit = 0; bit < SECTION_COUNT; bit++) {
        const enum section section = (enum section)(1U << bit);
        if ((key->sections & (uint32_t)section) != 0 && key_find(section, key->name) != key) {
            fail_msg("%s of [%s] is not found", key->name, section_name(section));
        }
    }
}

static void test_each_row_is_complete_and_found(void **state) {
    (void)state;
    for (size_t i = 0; key_at(i) != NULL; i++) {
        const struct key *key = key_at(i);
        assert_non_null(key->read);
        assert_true(strlen(key->about) > 5 && strlen(key->about) <= 100);
        assert_true(key->about[strlen(key->about) - 1] != '.');
        assert_non_null(key_status_name(key->status));
        check_found(key);
    }
    assert_null(key_find(SECTION_SERVICE, "After"));
    assert_null(key_find(SECTION_SERVICE, ""));
    assert_null(key_find(SECTION_UNIT, "zzz"));
}

static void check_words(const char *key_name, uint32_t count, const char *(*name)(uint32_t)) {
    const struct key *key = key_find(SECTION_SERVICE, key_name);
    assert_non_null(key);
    for (uint32_t i = 0; i < count; i++) {
        assert_int_equal(value_find_word(key->words, name(i), strlen(name(i))), i);
    }
}

static const char *type_word(uint32_t i) {
    return service_type_name((enum service_type)i);
}

static const char *restart_word(uint32_t i) {
    return restart_name((enum restart)i);
}

static const char *kill_mode_word(uint32_t i) {
    return kill_mode_name((enum kill_mode)i);
}

static void test_words_stand_in_the_enumerators_order(void **state) {
    (void)state;
    check_words("Type", SERVICE_TYPE_COUNT, type_word);
    check_words("Restart", RESTART_COUNT, restart_word);
    check_words("KillMode", KILL_MODE_COUNT, kill_mode_word);
}

static void test_suggestions(void **state) {
    (void)state;
    static const struct {
        const char *wrong;
        const char *right;
        enum section section;
    } cases[] = {
        {"execstart", "ExecStart", SECTION_SERVICE},
        {"ExecStrat", "ExecStart", SECTION_SERVICE},
        {"Enviroment", "Environment", SECTION_SERVICE},
        {"RestartSecs", "RestartSec", SECTION_SERVICE},
        {"After", "After", SECTION_UNIT},
        {"PrivateHome", "PrivateTmp", SECTION_SERVICE},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        enum section section = SECTION_PATH;
        const struct key *key = key_suggest(SECTION_SERVICE, cases[i].wrong, &section);
        assert_non_null(key);
        assert_string_equal(key->name, cases[i].right);
        assert_int_equal(section, cases[i].section);
    }
    enum section section = SECTION_UNIT;
    assert_null(key_suggest(SECTION_SERVICE, "Qzxwvk", &section));
    assert_null(key_suggest(SECTION_SERVICE, "", &section));
}

static void test_section_names(void **state) {
    (void)state;
    for (uint32_t bit = 0; bit < SECTION_COUNT; bit++) {
        assert_int_equal(section_parse(section_name((enum section)(1U << bit))), 1U << bit);
    }
    assert_int_equal(section_parse("unit"), 0);
    assert_null(section_name((enum section)0));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_part_is_in_order),
        cmocka_unit_test(test_each_row_is_complete_and_found),
        cmocka_unit_test(test_words_stand_in_the_enumerators_order),
        cmocka_unit_test(test_suggestions),
        cmocka_unit_test(test_section_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
