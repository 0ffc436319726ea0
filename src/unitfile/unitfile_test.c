/* Unit files as text, and what becomes of them: the spec, and what is said. */
#include "unitfile/unitfile.h"

#include "base/prng.h"
#include "base/str.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const struct specifier_host host = {
    .host_name = "vm.example", .user = "root", .user_id = "0", .home = "/root"};

#define FILE_NAME "/u/web.service"

static void parse(const char *name, const char *text, const char *drop_in, struct spec *spec,
                  struct diag_list *diags) {
    const struct unitfile_fragment fragments[] = {
        {FILE_NAME, text, strlen(text)},
        {"/u/web.service.d/a.conf", drop_in != NULL ? drop_in : "",
         drop_in != NULL ? strlen(drop_in) : 0},
    };
    const struct unitfile_source source = {
        .name = name,
        .fragments = fragments,
        .n_fragments = drop_in != NULL ? 2 : 1,
        .host = &host,
    };
    assert_int_equal(unitfile_parse(&source, spec, diags), 0);
}

/* Diagnostics as `line severity text`, one a line. */
static void list_diags(const struct diag_list *diags, char *output, size_t size) {
    size_t used = 0;
    output[0] = '\0';
    for (size_t i = 0; i < diags->count; i++) {
        int n = snprintf(output + used, size - used, "%u %s %s\n", diags->items[i].line,
                         diag_severity_name(diags->items[i].severity), diags->items[i].text);
        assert_true(n > 0 && (size_t)n < size - used);
        used += (size_t)n;
    }
}

static void expect(const char *text, const char *said) {
    struct spec spec;
    struct diag_list diags = {0};
    char output[4096];
    parse("web.service", text, NULL, &spec, &diags);
    list_diags(&diags, output, sizeof(output));
    assert_string_equal(output, said);
    diag_list_fini(&diags);
    spec_fini(&spec);
}

static const char everything[] = "[Unit]\n"
                                 "Description=The %p of %l\n"
                                 "StartLimitBurst=3\n"
                                 "[Service]\n"
                                 "Type=exec\n"
                                 "ExecStart=/usr/bin/web --port 80 \"a b\" \\x41 $HOME\n"
                                 "ExecReload=-/bin/kill -HUP $MAINPID\n"
                                 "ExecReload=/bin/true ; /bin/echo ok\n"
                                 "Restart=on-failure\n"
                                 "RestartSec=1500ms\n"
                                 "RestartSteps=4\n"
                                 "RestartMaxDelaySec=1min\n"
                                 "SuccessExitStatus=3 TEMPFAIL SIGUSR1\n"
                                 "TimeoutSec=2min\n"
                                 "TimeoutStopSec=0\n"
                                 "KillMode=mixed\n"
                                 "KillSignal=INT\n"
                                 "SendSIGKILL=no\n"
                                 "SendSIGHUP=true\n"
                                 "Environment=A=1 \"B=2 3\" A=4\n"
                                 "EnvironmentFile=-/etc/default/web\n"
                                 "PassEnvironment=LANG TZ\n"
                                 "UnsetEnvironment=X Y=1\n"
                                 "WorkingDirectory=-/srv//web/\n"
                                 "User=web\n"
                                 "Group=33\n"
                                 "SupplementaryGroups=audio video\n"
                                 "UMask=027\n"
                                 "LimitNOFILE=1024:64K\n"
                                 "LimitNOFILE=1024:65536\n"
                                 "LimitCORE=infinity\n"
                                 "LimitNICE=-5\n"
                                 "StandardInput=null\n"
                                 "StandardOutput=append:/var/log/web/%p.log\n"
                                 "StandardError=journal\n"
                                 "[X-Abide]\n"
                                 "LogFileSize=1M\n"
                                 "RemoveWhenEnded=yes\n"
                                 "[Install]\n"
                                 "WantedBy=multi-user.target other.target\n"
                                 "Alias=www.service\n";

static void check_commands(const struct spec *spec) {
    assert_string_equal(spec->name, "web.service");
    assert_string_equal(spec->fragment_path, FILE_NAME);
    assert_string_equal(spec->description, "The web of vm");
    assert_int_equal(spec->policy.type, SERVICE_TYPE_EXEC);
    assert_int_equal(spec->policy.start_limit_burst, 3);
    assert_int_equal(spec->policy.start_limit_interval_usec, 10 * USEC_PER_SEC);
    assert_int_equal(spec->commands[PHASE_START].count, 1);
    const struct command *command = &spec->commands[PHASE_START].items[0];
    assert_string_equal(command->path, "/usr/bin/web");
    static const char *const argv[] = {"/usr/bin/web", "--port", "80", "a b", "A", "$HOME"};
    assert_int_equal(str_list_count(command->argv), 6);
    for (size_t i = 0; i < 6; i++) {
        assert_string_equal(command->argv[i], argv[i]);
    }
    assert_int_equal(spec->policy.n_commands[PHASE_RELOAD], 3);
    assert_int_equal(spec->policy.ignore_failure[PHASE_RELOAD], 1);
    assert_string_equal(spec->commands[PHASE_RELOAD].items[2].argv[1], "ok");
}

static void check_policy(const struct policy *policy) {
    assert_int_equal(policy->restart, RESTART_ON_FAILURE);
    assert_int_equal(policy->restart_usec, 1500 * USEC_PER_MSEC);
    assert_int_equal(policy->restart_usec_is_set, 1);
    assert_int_equal(policy->restart_steps, 4);
    assert_int_equal(policy->restart_delay_max_usec, USEC_PER_MINUTE);
    assert_true(status_set_has_code(&policy->success, 3));
    assert_true(status_set_has_code(&policy->success, 75));
    assert_true(status_set_has_signal(&policy->success, 10));
    assert_int_equal(policy->start_timeout_usec, 2 * USEC_PER_MINUTE);
    assert_true(policy->stop_timeout_usec == USEC_INFINITY);
    assert_int_equal(policy->kill_mode, KILL_MODE_MIXED);
    assert_int_equal(policy->kill_signal, 2);
    assert_int_equal(policy->send_sigkill, 0);
    assert_int_equal(policy->send_sighup, 1);
}

static void check_process(const struct spec *spec) {
    assert_int_equal(str_list_count(spec->environment), 2);
    assert_string_equal(spec->environment[0], "A=4");
    assert_string_equal(spec->environment[1], "B=2 3");
    assert_int_equal(spec->env_files.count, 1);
    assert_string_equal(spec->env_files.items[0].path, "/etc/default/web");
    assert_int_equal(spec->env_files.items[0].may_be_missing, 1);
    assert_string_equal(spec->pass_environment[1], "TZ");
    assert_string_equal(spec->unset_environment[1], "Y=1");
    assert_string_equal(spec->working_directory, "/srv/web");
    assert_int_equal(spec->working_directory_may_be_missing, 1);
    assert_string_equal(spec->user, "web");
    assert_string_equal(spec->group, "33");
    assert_string_equal(spec->supplementary_groups[1], "video");
    assert_int_equal(spec->umask, 027);
    assert_int_equal(spec->limits[LIMIT_NOFILE].soft, 1024);
    assert_int_equal(spec->limits[LIMIT_NOFILE].hard, 65536);
    assert_true(spec->limits[LIMIT_CORE].hard == LIMIT_INFINITY);
    assert_int_equal(spec->limits[LIMIT_NICE].soft, 25);
    assert_int_equal(spec->limits[LIMIT_AS].is_set, 0);
    assert_int_equal(spec->standard_input.kind, STDIO_NULL);
    assert_int_equal(spec->standard_output.kind, STDIO_APPEND);
    assert_string_equal(spec->standard_output.target, "/var/log/web/web.log");
    assert_int_equal(spec->standard_error.kind, STDIO_LOG);
    assert_int_equal(spec->log.file_size_max, 1024 * 1024);
    assert_int_equal(spec->remove_when_ended, 1);
    assert_string_equal(spec->install.wanted_by[1], "other.target");
    assert_string_equal(spec->install.aliases[0], "www.service");
}

static void test_everything_honoured(void **state) {
    (void)state;
    struct spec spec;
    struct diag_list diags = {0};
    parse("web.service", everything, NULL, &spec, &diags);
    assert_int_equal(diags.count, 1);
    assert_int_equal(diags.items[0].line, 29);
    diag_list_fini(&diags);

    check_commands(&spec);
    check_policy(&spec.policy);
    check_process(&spec);
    spec_fini(&spec);
}

static void test_drop_ins_add_and_reset(void **state) {
    (void)state;
    struct spec spec;
    struct diag_list diags = {0};
    parse("web@one.service",
          "[Service]\nExecStart=/bin/a\nEnvironment=A=1\nUser=x\nRestart=always\n"
          "SuccessExitStatus=1\n[Install]\nWantedBy=a.target\n",
          "[Service]\nExecStart=\nExecStart=/bin/b %i\nEnvironment=B=2\nUser=\n"
          "SuccessExitStatus=\n[Install]\nWantedBy=\n",
          &spec, &diags);
    assert_int_equal(diags.count, 0);
    assert_int_equal(spec.commands[PHASE_START].count, 1);
    assert_string_equal(spec.commands[PHASE_START].items[0].path, "/bin/b");
    assert_string_equal(spec.commands[PHASE_START].items[0].argv[1], "one");
    assert_string_equal(spec.environment[1], "B=2");
    assert_null(spec.user);
    assert_int_equal(spec.policy.restart, RESTART_ALWAYS);
    assert_false(status_set_has_code(&spec.policy.success, 1));
    assert_null(spec.install.wanted_by);
    spec_fini(&spec);
}

#define GOOD "[Service]\nExecStart=/bin/a\n"

static void test_what_is_said(void **state) {
    (void)state;
    expect(GOOD, "");
    expect(GOOD "Enviroment=A=1\n",
           "3 warning unknown key Enviroment= in section [Service]; did you mean Environment=?\n");
    expect(GOOD "After=x.service\n", "3 warning unknown key After= in section [Service]; did you "
                                     "mean After= of section [Unit]?\n");
    expect(GOOD "X-Mine=1\n[X-Yours]\nA=1\n", "");
    expect(GOOD "[Socket]\nA=1\n[Foo]\n", "3 warning unknown section, passed over: Socket\n"
                                          "5 warning unknown section, passed over: Foo\n");
    expect("A=1\n" GOOD, "1 warning no section yet, passed over: A\n");
    expect(GOOD "nonsense\n=1\n", "3 warning no `=` in this line: nonsense\n"
                                  "4 warning nothing before the `=`\n");
    expect(GOOD "[Unit\nA=1\n",
           "3 error no section header: [Unit\n"
           "0 error it can't be started; what follows the error was not read\n");
    expect(GOOD "Restart=maybe\n", "3 warning Restart= has no such value: maybe\n");
    expect(GOOD "RestartSec=1x\n", "3 warning RestartSec= is no span of time: 1x\n");
    expect(GOOD "User=a:b\n", "3 error User= is no name of a user or a group: a:b\n"
                              "0 error it can't be started; what follows the error was not read\n");
    expect(GOOD "UMask=999\n", "3 refused UMask= is no octal mode up to 7777: 999\n");
    expect(GOOD "PrivateTmp=yes\n",
           "3 refused PrivateTmp= is not acted on yet: give it a /tmp and /var/tmp of its own\n");
    expect(GOOD "PrivateTmp=yes\nPrivateTmp=no\n", "");
    expect(GOOD "PrivateTmp=perhaps\n", "3 refused PrivateTmp= is neither yes nor no: perhaps\n");
    expect(GOOD "Nice=5\n", "3 warning Nice= is not acted on yet: its nice level\n");
    expect("[Service]\nExecStart=a/b\n",
           "2 error ExecStart= neither an absolute path nor the name of a program: a/b\n"
           "0 error it can't be started; what follows the error was not read\n");
    expect("[Service]\nExecStart=/bin/a \"b\n",
           "2 error ExecStart= a quote is not closed: /bin/a \"b\n"
           "0 error it can't be started; what follows the error was not read\n");
    expect(GOOD "ExecReload=-a/b\n",
           "3 warning ExecReload= neither an absolute path nor the name of a program: -a/b\n");
    expect(GOOD "StandardOutput=file:x\n", "3 warning StandardOutput= is no absolute path: x\n");
    expect(GOOD "StandardOutput=syslog\n",
           "3 note StandardOutput=syslog is written StandardOutput=journal today\n");
    expect(GOOD "Environment=\"A=1\n",
           "3 warning Environment= is not closed or escaped rightly from here on: \"A=1\n");
    expect(GOOD "Environment=1A=1 B=%Z C=3\n",
           "3 warning Environment= is no NAME=VALUE: 1A=1\n"
           "3 warning Environment= has a specifier that means nothing here: B=%Z\n");
    expect(GOOD "LimitNOFILE=9:5\n",
           "3 warning LimitNOFILE= has a soft limit above the hard one: 9:5\n");
}

static void test_policy_is_judged(void **state) {
    (void)state;
    struct spec spec;
    struct diag_list diags = {0};
    parse("a.service", "[Service]\nType=forking\nExecStart=/bin/a\n", NULL, &spec, &diags);
    assert_int_equal(diag_list_worst(&diags), DIAG_ERROR);
    assert_int_equal(diags.items[0].kind, DIAG_UNIT);
    spec_fini(&spec);
    diag_list_fini(&diags);
    parse("a.service", "[Unit]\nDescription=no command\n", NULL, &spec, &diags);
    assert_int_equal(spec.policy.type, SERVICE_TYPE_ONESHOT);
    assert_true(spec.policy.start_timeout_usec == USEC_INFINITY);
    assert_int_equal(diag_list_worst(&diags), DIAG_ERROR);
    spec_fini(&spec);
    diag_list_fini(&diags);
}

static void test_wrong_names(void **state) {
    (void)state;
    static const char *const names[] = {"web",         "web.socket", "",          ".service",
                                        "a b.service", "@x.service", "web.servic"};
    struct spec spec;
    struct diag_list diags = {0};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        const struct unitfile_source source = {.name = names[i], .host = &host};
        assert_int_equal(unitfile_parse(&source, &spec, &diags), -EINVAL);
    }
}

static const char *first_value(const struct unitfile_show *show, const char *key) {
    for (size_t i = 0; i < show->count; i++) {
        if (strcmp(show->items[i].key->name, key) == 0 && show->items[i].values != NULL) {
            return show->items[i].values[0];
        }
    }
    return "";
}

static void test_show(void **state) {
    (void)state;
    static const char text[] = "[Service]\nExecStart=@/bin/a b 'c d' $X\nTimeoutStopSec=90\n"
                               "Environment=A=1 B=2\nUser=a\nUser=\nUMask=22\n"
                               "ReadOnlyPaths=/a -/b\nReadOnlyPaths=/c/\n"
                               "CapabilityBoundingSet=~CAP_SYS_ADMIN\n"
                               "CapabilityBoundingSet=~cap_chown\nAmbientCapabilities=CAP_KILL 0\n";
    static const char *const expected[] = {
        "ExecStart=b \"c d\" \"\\$X\"",
        "TimeoutStopSec=1min 30s",
        "Environment=A=1",
        "Environment=B=2",
        "UMask=0022",
        "ReadOnlyPaths=/a -/b /c",
    };
    const struct unitfile_fragment fragment = {FILE_NAME, text, sizeof(text) - 1};
    const struct unitfile_source source = {
        .name = "web.service", .fragments = &fragment, .n_fragments = 1, .host = &host};
    struct unitfile_show show = {0};
    struct diag_list diags = {0};
    assert_int_equal(unitfile_show(&source, &show, &diags), 0);
    assert_int_equal(diags.count, 0);
    size_t n = 0;
    for (size_t i = 0; i < show.count; i++) {
        for (char **value = show.items[i].values; value != NULL && *value != NULL; value++) {
            char line[2048];
            (void)snprintf(line, sizeof(line), "%s=%s", show.items[i].key->name, *value);
            if (n < sizeof(expected) / sizeof(expected[0])) {
                assert_string_equal(line, expected[n]);
            }
            n++;
        }
    }
    assert_int_equal(n, 8);
    assert_string_equal(first_value(&show, "AmbientCapabilities"), "cap_chown cap_kill");
    const char *bounding = first_value(&show, "CapabilityBoundingSet");
    assert_null(strstr(bounding, "cap_sys_admin"));
    assert_null(strstr(bounding, "cap_chown"));
    assert_non_null(strstr(bounding, "cap_kill"));
    unitfile_show_fini(&show);
}

/* Lines from a stock of pieces, in every combination that the generator finds. */
static const char *const pieces[] = {
    "[Service]\n",
    "[Unit]\n",
    "[Install]\n",
    "\n",
    "\\\n",
    "=",
    " ",
    "ExecStart=",
    "/bin/a",
    "\"",
    "'",
    "\\",
    "\\x",
    "\\x41",
    "%",
    "%i",
    "%n",
    "%Z",
    ";",
    " ; ",
    "@",
    "-",
    "+",
    "!",
    "Environment=",
    "A=1",
    "User=",
    "LimitNOFILE=",
    "1:2",
    "RestartSec=",
    "1",
    "s",
    ".",
    "CapabilityBoundingSet=",
    "~",
    "CAP_KILL",
    "ReadOnlyPaths=",
    "RuntimeDirectory=",
    "a/..",
    "ConditionPathExists=",
    "|",
    "\xff",
    "\xc3\xbc",
    "WorkingDirectory=",
    "~",
    "SystemCallFilter=",
    "CPUAffinity=",
    "0-3",
    ",",
    "RestrictNamespaces=",
    "BindPaths=",
    ":",
    "UMask=",
    "0777",
    "StandardOutput=",
    "file:",
    "BusName=",
    "a.b",
    "SuccessExitStatus=",
    "SIGTERM",
    "#",
    "After=",
    "x.service",
};

/* As a service, and, only to be shown, as a unit of the type that `name` says. */
static void read_both_ways(const char *name, const char *text, size_t length) {
    const struct unitfile_fragment fragment = {FILE_NAME, text, length};
    const struct unitfile_source source = {
        .name = "a@b.service", .fragments = &fragment, .n_fragments = 1, .host = &host};
    struct unitfile_source shown = source;
    struct spec spec;
    struct unitfile_show show;
    struct diag_list diags = {0};
    shown.name = name;
    assert_int_equal(unitfile_parse(&source, &spec, &diags), 0);
    spec_fini(&spec);
    assert_int_equal(unitfile_show(&shown, &show, &diags), 0);
    unitfile_show_fini(&show);
    diag_list_fini(&diags);
}

static size_t add_pieces(struct prng *prng, uint32_t count, char *text, size_t size) {
    size_t length = 0;
    for (uint32_t i = 0; i < count; i++) {
        const char *piece = pieces[prng_below(prng, sizeof(pieces) / sizeof(pieces[0]))];
        int n = snprintf(text + length, size - length, "%s", piece);
        assert_true(n > 0 && (size_t)n < size - length);
        length += (size_t)n;
    }
    return length;
}

static void test_hostile_files(void **state) {
    (void)state;
    struct prng prng = {.state = 3};
    for (uint32_t round = 0; round < 5000; round++) {
        char text[1024];
        read_both_ways("a@b.service", text, add_pieces(&prng, 40, text, sizeof(text)));
    }
}

static const char *name_for(enum section section) {
    switch ((uint32_t)section) {
    case SECTION_SOCKET:
        return "a@b.socket";
    case SECTION_TIMER:
        return "a@b.timer";
    case SECTION_PATH:
        return "a@b.path";
    case SECTION_MOUNT:
        return "a@b.mount";
    case SECTION_AUTOMOUNT:
        return "a@b.automount";
    case SECTION_SWAP:
        return "a@b.swap";
    case SECTION_SLICE:
        return "a@b.slice";
    case SECTION_SCOPE:
        return "a@b.scope";
    default:
        return "a@b.service";
    }
}

/* Every key, with values of a few pieces each. */
static void test_hostile_values(void **state) {
    (void)state;
    struct prng prng = {.state = 5};
    for (size_t k = 0; key_at(k) != NULL; k++) {
        const struct key *key = key_at(k);
        const uint32_t section = key->sections & (~key->sections + 1);
        char text[16384];
        size_t length =
            (size_t)snprintf(text, sizeof(text), "[%s]\n", section_name((enum section)section));
        for (uint32_t i = 0; i < 100; i++) {
            length += (size_t)snprintf(text + length, sizeof(text) - length, "%s=", key->name);
            length += add_pieces(&prng, (uint32_t)prng_below(&prng, 4), text + length,
                                 sizeof(text) - length);
            length += (size_t)snprintf(text + length, sizeof(text) - length, "\n");
        }
        read_both_ways(name_for((enum section)section), text, length);
    }
}

#define LARGE ((size_t)1024 * 1024)

/* A megabyte of one kind of mistake or of one key: bounded time, bounded memory. */
static void test_large_files(void **state) {
    (void)state;
    static const char *const lines[] = {
        "Unknwn=1\n",
        "Environment=A=1 B=2\n",
        "Environment=\nEnvironment=C=1\n",
        "A\n",
        "[x]\n",
        "User=\n",
        "ExecReload=/bin/a b c d e f g h i j ; /bin/b\n",
        "EnvironmentFile=/a\n",
        "ReadOnlyPaths=/a /b /c /d /e\n",
        "PassEnvironment=A B C D E F G H\n",
    };
    char *text = calloc(LARGE, 1);
    assert_non_null(text);
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        const size_t step = strlen(lines[i]);
        size_t length = sizeof(GOOD) - 1;
        memcpy(text, GOOD, length);
        for (size_t n = 0; n < 60000 && length + step < LARGE; n++) {
            memcpy(text + length, lines[i], step);
            length += step;
        }
        const struct unitfile_fragment fragment = {FILE_NAME, text, length};
        const struct unitfile_source source = {
            .name = "a.service", .fragments = &fragment, .n_fragments = 1, .host = &host};
        struct spec spec;
        struct diag_list diags = {0};
        assert_int_equal(unitfile_parse(&source, &spec, &diags), 0);
        assert_true(diags.count <= DIAG_MAX);
        spec_fini(&spec);
        diag_list_fini(&diags);
    }
    free(text);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_everything_honoured), cmocka_unit_test(test_drop_ins_add_and_reset),
        cmocka_unit_test(test_what_is_said),        cmocka_unit_test(test_policy_is_judged),
        cmocka_unit_test(test_wrong_names),         cmocka_unit_test(test_show),
        cmocka_unit_test(test_hostile_files),       cmocka_unit_test(test_hostile_values),
        cmocka_unit_test(test_large_files),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
