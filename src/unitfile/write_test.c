/* What is written is read back as the same strings, whatever bytes they have. */
#include "unitfile/write.h"

#include "base/prng.h"
#include "base/str.h"
#include "unitfile/unitfile.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const struct specifier_host host = {.home = "/root"};

static void read_back(const char *text, struct spec *spec) {
    struct diag_list diags = {0};
    const struct unitfile_fragment fragment = {"a.service", text, strlen(text)};
    const struct unitfile_source source = {
        .name = "a.service", .fragments = &fragment, .n_fragments = 1, .host = &host};
    assert_int_equal(unitfile_parse(&source, spec, &diags), 0);
    if (diags.count != 0) {
        fail_msg("%s in:\n%s", diags.items[0].text, text);
    }
    diag_list_fini(&diags);
}

static void test_text(void **state) {
    (void)state;
    struct draft draft = {0};
    char *const argv[] = {(char[]){"/srv/web"}, (char[]){"a b"}, (char[]){"50%"}, (char[]){""},
                          NULL};
    char *const money[] = {(char[]){"/bin/echo"}, (char[]){"$HOME"}, NULL};
    assert_int_equal(draft_add_raw(&draft, "WantedBy", "multi-user.target"), 0);
    assert_int_equal(draft_add_string(&draft, "Description", "100% \"web\""), 0);
    assert_int_equal(draft_add_command(&draft, "ExecStart", argv), 0);
    assert_int_equal(draft_add_command(&draft, "ExecReload", money), 0);
    assert_int_equal(draft_add_word(&draft, "Environment", "A=it's \"1\"\n"), 0);
    assert_int_equal(draft_add_string(&draft, "WorkingDirectory", "/srv/a "), 0);
    assert_int_equal(draft_add_raw(&draft, "RemoveWhenEnded", "yes"), 0);
    char *text = NULL;
    assert_int_equal(draft_take(&draft, &text), 0);
    assert_string_equal(text, "[Unit]\n"
                              "Description=100%% \"web\"\n"
                              "\n[Service]\n"
                              "ExecStart=/srv/web \"a b\" 50%% \"\"\n"
                              "ExecReload=:/bin/echo $HOME\n"
                              "Environment=\"A=it's \\\"1\\\"\\n\"\n"
                              "WorkingDirectory=/srv/a /.\n"
                              "\n[X-Abide]\n"
                              "RemoveWhenEnded=yes\n"
                              "\n[Install]\n"
                              "WantedBy=multi-user.target\n");
    struct spec spec;
    read_back(text, &spec);
    assert_string_equal(spec.description, "100% \"web\"");
    assert_string_equal(spec.working_directory, "/srv/a ");
    assert_string_equal(spec.environment[0], "A=it's \"1\"\n");
    assert_int_equal(spec.commands[PHASE_RELOAD].items[0].flags, COMMAND_NO_EXPANSION);
    spec_fini(&spec);
    free(text);
}

static void test_what_can_not_be_written(void **state) {
    (void)state;
    struct draft draft = {0};
    char *const relative[] = {(char[]){"web"}, NULL};
    char *const folder[] = {(char[]){"/srv/"}, NULL};
    assert_int_equal(draft_add_raw(&draft, "Nonsense", "1"), -ENOENT);
    assert_int_equal(draft_add_raw(&draft, "Restart", "no\n[Service]"), -EINVAL);
    assert_int_equal(draft_add_raw(&draft, "Restart", "no\\"), -EINVAL);
    assert_int_equal(draft_add_string(&draft, "Description", "a\nb"), -EINVAL);
    assert_int_equal(draft_add_string(&draft, "Description", " a"), -EINVAL);
    assert_int_equal(draft_add_string(&draft, "Description", "a\\"), -EINVAL);
    assert_int_equal(draft_add_string(&draft, "WorkingDirectory", "/\xff"), -EINVAL);
    assert_int_equal(draft_add_word(&draft, "Environment", "A"), -EINVAL);
    assert_int_equal(draft_add_word(&draft, "Environment", "A=\x1b"), -EINVAL);
    assert_int_equal(draft_add_command(&draft, "ExecStart", relative), -EINVAL);
    assert_int_equal(draft_add_command(&draft, "ExecStart", folder), -EINVAL);
    draft_fini(&draft);
}

/* Strings of the bytes that mean something somewhere, and of any others. */
static void random_string(struct prng *prng, char *string, size_t size) {
    static const char special[] = " \t\n\r\\\"'%$;#[]={}!@-+:~|&<>`*?\x01\x7f\xc3\xbc\xff"
                                  "abn0x7u";
    const size_t length = prng_below(prng, size);
    for (size_t i = 0; i < length; i++) {
        const uint64_t any = prng_below(prng, 255) + 1;
        const char one = special[prng_below(prng, sizeof(special) - 1)];
        string[i] = (char)(prng_below(prng, 4) == 0 ? (int)any : one);
    }
    string[length] = '\0';
}

static void test_commands_come_back(void **state) {
    (void)state;
    struct prng prng = {.state = 11};
    for (uint32_t round = 0; round < 20000; round++) {
        char strings[4][24];
        char path[32] = "/";
        char *argv[6] = {path};
        struct draft draft = {0};
        for (size_t i = 0; i < 4; i++) {
            random_string(&prng, strings[i], sizeof(strings[i]));
            argv[i + 1] = strings[i];
        }
        random_string(&prng, path + 1, sizeof(path) - 1);
        int r = draft_add_command(&draft, "ExecStart", argv);
        if (r == -EINVAL) {
            (void)memcpy(path, "/bin/a b", 9);
            r = draft_add_command(&draft, "ExecStart", argv);
        }
        assert_int_equal(r, 0);
        char *text = NULL;
        assert_int_equal(draft_take(&draft, &text), 0);
        struct spec spec;
        read_back(text, &spec);
        assert_int_equal(spec.commands[PHASE_START].count, 1);
        char **got = spec.commands[PHASE_START].items[0].argv;
        assert_int_equal(str_list_count(got), 5);
        for (size_t i = 0; i < 5; i++) {
            assert_string_equal(got[i], argv[i]);
        }
        spec_fini(&spec);
        free(text);
    }
}

static void test_environments_come_back(void **state) {
    (void)state;
    struct prng prng = {.state = 13};
    uint32_t n_written = 0;
    for (uint32_t round = 0; round < 20000; round++) {
        char assignment[40] = "NAME=";
        char *const argv[] = {(char[]){"/bin/a"}, NULL};
        struct draft draft = {0};
        random_string(&prng, assignment + 5, sizeof(assignment) - 5);
        int r = draft_add_word(&draft, "Environment", assignment);
        assert_true(r == 0 || r == -EINVAL);
        if (r == 0) {
            char *text = NULL;
            assert_int_equal(draft_add_command(&draft, "ExecStart", argv), 0);
            assert_int_equal(draft_take(&draft, &text), 0);
            struct spec spec;
            read_back(text, &spec);
            assert_string_equal(spec.environment[0], assignment);
            spec_fini(&spec);
            free(text);
            n_written++;
        }
        draft_fini(&draft);
    }
    assert_true(n_written > 1000);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_text),
        cmocka_unit_test(test_what_can_not_be_written),
        cmocka_unit_test(test_commands_come_back),
        cmocka_unit_test(test_environments_come_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
