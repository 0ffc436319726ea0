/*
 * Options become assignments, one by one, by a table; what -p sets is not set by a default as well.
 */
#include "abide/run_unit.h"

#include "abide/names.h"
#include "abide/say.h"
#include "abide/suggest.h"
#include "base/alloc.h"
#include "client/path.h"
#include "os/self.h"
#include "unitfile/unitfile.h"
#include "unitfile/write.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Of one login, one terminal or one supervisor: they would be wrong in a service. */
static const char *const session_prefixes[] = {"SSH_",   "XDG_",    "DBUS_",   "SUDO_",
                                               "ABIDE_", "NOTIFY_", "LISTEN_", "WATCHDOG_"};
static const char *const session_names[] = {
    "DISPLAY", "TERM", "WAYLAND_DISPLAY", "XAUTHORITY",     "WINDOWID", "TMUX", "STY", "SHLVL",
    "OLDPWD",  "_",    "INVOCATION_ID",   "JOURNAL_STREAM", "MAINPID"};
/* Of an account: with --user they are that account's. */
static const char *const account_names[] = {"HOME", "USER", "LOGNAME", "SHELL", "MAIL"};

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

static bool is_named(const char *entry, const char *const *names, size_t n_names) {
    size_t length = strcspn(entry, "=");
    for (size_t i = 0; i < n_names; i++) {
        if (strlen(names[i]) == length && memcmp(names[i], entry, length) == 0) {
            return true;
        }
    }
    return false;
}

static bool is_of_session(const char *entry) {
    for (size_t i = 0; i < COUNT_OF(session_prefixes); i++) {
        if (strncmp(entry, session_prefixes[i], strlen(session_prefixes[i])) == 0) {
            return true;
        }
    }
    return is_named(entry, session_names, COUNT_OF(session_names));
}

/* Whether -p sets the key. */
static bool is_set_by_hand(const struct call *call, const char *key) {
    size_t length = strlen(key);
    for (size_t i = 0; i < call->n_options; i++) {
        const char *value = call->options[i].value;
        if (strcmp(call->options[i].rule->name, "property") == 0 &&
            strncmp(value, key, length) == 0 && value[length] == '=') {
            return true;
        }
    }
    return false;
}

static int fail_key(const char *option, const char *value, int error) {
    if (error == -ENOMEM || error == -E2BIG) {
        return say_fail(OUTCOME_FAILED, "%s", strerrordesc_np(-error));
    }
    return say_fail(OUTCOME_WRONG_USAGE,
                    "%s `%s` can't be kept in a unit file: it has control characters, "
                    "is no UTF-8, or is no value of this kind",
                    option, value);
}

/* An absolute path, taken from the caller's working directory. */
static int absolute(const char *path, char **ret_path) {
    auto_free char *cwd = NULL;
    if (path[0] == '/') {
        return path_make(ret_path, path);
    }
    int r = self_working_directory(&cwd);
    if (r == 0 && strcmp(path, ".") == 0) {
        return path_make(ret_path, cwd);
    }
    return r < 0 ? r : path_make(ret_path, cwd, "/", path);
}

static int add_path(struct draft *draft, const char *option, const char *key, const char *path) {
    auto_free char *full = NULL;
    int r = absolute(path, &full);
    r = r < 0 ? r : draft_add_string(draft, key, full);
    return r < 0 ? fail_key(option, path, r) : 0;
}

/* Variables that can't be kept are left out, and it is said which. */
static int add_environment(const struct call *call, struct draft *draft) {
    bool has_user = call_value(call, "user") != NULL || is_set_by_hand(call, "User");
    for (char **entry = call->environment; *entry != NULL; entry++) {
        if (is_of_session(*entry) ||
            (has_user && is_named(*entry, account_names, COUNT_OF(account_names)))) {
            continue;
        }
        int r = draft_add_word(draft, "Environment", *entry);
        if (r == -ENOMEM) {
            return fail_key("the environment", *entry, r);
        }
        if (r < 0) {
            say("the variable %.*s can't be kept in a unit file, and is left out",
                (int)strcspn(*entry, "="), *entry);
        }
    }
    return 0;
}

static int unknown_key(const char *assignment) {
    char key[SUGGEST_WORD_MAX + 1];
    size_t length = strcspn(assignment, "=");
    length = length < sizeof(key) ? length : sizeof(key) - 1;
    memcpy(key, assignment, length);
    key[length] = '\0';
    struct suggest suggest = {.typed = key};
    for (size_t i = 0; key_at(i) != NULL; i++) {
        suggest_offer(&suggest, key_at(i)->name);
    }
    if (suggest.nearest != NULL) {
        return say_fail(OUTCOME_WRONG_USAGE, "a service has no key %s; did you mean %s?", key,
                        suggest.nearest);
    }
    return say_fail(OUTCOME_WRONG_USAGE,
                    "a service has no key %s; see systemd.service(5), "
                    "systemd.exec(5) and systemd.kill(5)",
                    key);
}

/* -p KEY=VALUE, as it would stand in the file. */
static int add_assignment(struct draft *draft, const char *assignment) {
    const char *value = strchr(assignment, '=');
    if (value == NULL || value == assignment) {
        return say_fail(OUTCOME_WRONG_USAGE, "-p takes KEY=VALUE, not `%s`", assignment);
    }
    auto_free char *key = strndup(assignment, (size_t)(value - assignment));
    if (key == NULL) {
        return say_fail(OUTCOME_FAILED, "out of memory");
    }
    int r = draft_add_raw(draft, key, value + 1);
    if (r == -ENOENT) {
        return unknown_key(assignment);
    }
    return r < 0 ? fail_key("-p", assignment, r) : 0;
}

static int check_ready(const char *value) {
    if (strcmp(value, "exec") == 0) {
        return 0;
    }
    return say_fail(OUTCOME_WRONG_USAGE,
                    "--ready=%s is not served by this version; --ready=exec, the default, takes a "
                    "service for up when its program was executed",
                    value);
}

/* One option that was given. */
static int add_option(struct draft *draft, const struct option_given *option) {
    static const struct {
        const char *option;
        const char *key;
    } strings[] = {
        {"restart", "Restart"},
        {"user", "User"},
        {"group", "Group"},
        {"umask", "UMask"},
        {"stop-signal", "KillSignal"},
        {"stop-timeout", "TimeoutStopSec"},
    };
    const char *name = option->rule->name;
    for (size_t i = 0; i < COUNT_OF(strings); i++) {
        if (strcmp(name, strings[i].option) == 0) {
            int r = draft_add_string(draft, strings[i].key, option->value);
            return r < 0 ? fail_key(name, option->value, r) : 0;
        }
    }
    if (strcmp(name, "env") == 0) {
        int r = draft_add_word(draft, "Environment", option->value);
        return r < 0 ? fail_key("--env", option->value, r) : 0;
    }
    if (strcmp(name, "env-file") == 0) {
        return add_path(draft, "--env-file", "EnvironmentFile", option->value);
    }
    if (strcmp(name, "cwd") == 0) {
        return add_path(draft, "--cwd", "WorkingDirectory", option->value);
    }
    if (strcmp(name, "property") == 0) {
        return add_assignment(draft, option->value);
    }
    return strcmp(name, "ready") == 0 ? check_ready(option->value) : 0;
}

static int add_defaults(const struct call *call, struct draft *draft) {
    bool is_transient = call_has(call, "rm");
    int r = 0;
    if (!is_set_by_hand(call, "Type")) {
        r = draft_add_raw(draft, "Type", "exec");
    }
    if (r == 0 && !call_has(call, "restart") && !is_set_by_hand(call, "Restart")) {
        r = draft_add_raw(draft, "Restart", is_transient ? "no" : "always");
    }
    if (r == 0 && is_transient) {
        r = draft_add_raw(draft, "RemoveWhenEnded", "yes");
    }
    if (r < 0) {
        return say_fail(OUTCOME_FAILED, "%s", strerrordesc_np(-r));
    }
    if (!call_has(call, "cwd") && !is_set_by_hand(call, "WorkingDirectory")) {
        return add_path(draft, "the working directory", "WorkingDirectory", ".");
    }
    return 0;
}

static int find_program(const struct call *call, char **ret_path) {
    const char *name = call->arguments[0];
    int r = self_find_program(name, call_environment(call, "PATH"), ret_path);
    switch (r) {
    case 0:
        return 0;
    case -ENOENT:
        return strchr(name, '/') != NULL
                   ? say_fail(OUTCOME_FAILED, "there is no program `%s`", name)
                   : say_fail(OUTCOME_FAILED, "there is no program `%s` in PATH (%s)", name,
                              call_environment(call, "PATH") != NULL
                                  ? call_environment(call, "PATH")
                                  : "which is not set");
    case -EACCES:
        return say_fail(OUTCOME_FAILED,
                        "`%s` may not be executed: it is a folder, or lacks the x permission "
                        "(`chmod +x` gives it)",
                        name);
    default:
        return say_fail(OUTCOME_FAILED, "`%s`: %s", name, strerrordesc_np(-r));
    }
}

static int add_command(const struct call *call, struct draft *draft) {
    auto_free char *program = NULL;
    int status = find_program(call, &program);
    if (status != 0) {
        return status;
    }
    char *typed = call->arguments[0];
    call->arguments[0] = program;
    int r = draft_add_command(draft, "ExecStart", call->arguments);
    call->arguments[0] = typed;
    return r < 0 ? fail_key("the command", typed, r) : 0;
}

/* The last part of the command, with a dash for what may not stand in a name. */
static int choose_name(const struct call *call, char name[UNIT_NAME_SIZE]) {
    const char *given = call_value(call, "name");
    if (given != NULL) {
        return names_complete(given, name);
    }
    const char *slash = strrchr(call->arguments[0], '/');
    const char *base = slash != NULL ? slash + 1 : call->arguments[0];
    base += strspn(base, ".@");
    auto_free char *typed = strdup(base);
    if (typed == NULL) {
        return say_fail(OUTCOME_FAILED, "out of memory");
    }
    static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                  ":-_.";
    for (char *c = typed + strspn(typed, allowed); *c != '\0'; c += strspn(c, allowed)) {
        *c = '-';
    }
    if (unit_name_complete(typed, name) < 0) {
        return say_fail(OUTCOME_WRONG_USAGE,
                        "`%s` gives no name for a service; give one with --name",
                        call->arguments[0]);
    }
    return 0;
}

/* What the reader of unit files says of it; nothing that was typed may be without effect. */
static int check_text(const struct call *call, const struct run_unit *unit) {
    struct specifier_host host = {.home = call_environment(call, "HOME"),
                                  .user = call_environment(call, "USER")};
    struct unitfile_fragment fragment = {unit->name, unit->text, strlen(unit->text)};
    struct unitfile_source source = {
        .name = unit->name, .fragments = &fragment, .n_fragments = 1, .host = &host};
    struct diag_list diags = {0};
    struct spec spec;
    int r = unitfile_parse(&source, &spec, &diags);
    if (r < 0) {
        return say_fail(OUTCOME_FAILED, "%s: %s", unit->name, strerrordesc_np(-r));
    }
    spec_fini(&spec);
    int status = 0;
    for (size_t i = 0; i < diags.count; i++) {
        const struct diag *diag = &diags.items[i];
        bool is_wrong = diag->severity >= DIAG_GUARD ||
                        (diag->severity == DIAG_WARNING && diag->kind == DIAG_VALUE);
        if (diag->severity >= DIAG_WARNING) {
            say("%s: %s", unit->name, diag->text);
        }
        status = is_wrong ? (int)OUTCOME_WRONG_USAGE : status;
    }
    diag_list_fini(&diags);
    return status;
}

static int write_text(const struct call *call, struct draft *draft) {
    int status = add_command(call, draft);
    status = status != 0 ? status : add_defaults(call, draft);
    if (status == 0 && !call_has(call, "clean-env")) {
        status = add_environment(call, draft);
    }
    for (size_t i = 0; i < call->n_options && status == 0; i++) {
        status = add_option(draft, &call->options[i]);
    }
    return status;
}

int run_unit_make(const struct call *call, struct run_unit *ret_unit) {
    auto_(run_unit_fini) struct run_unit unit = {.call = call};
    struct draft draft = {0};
    int status = choose_name(call, unit.name);
    status = status != 0 ? status : write_text(call, &draft);
    int r = status == 0 ? draft_take(&draft, &unit.text) : 0;
    draft_fini(&draft);
    if (r < 0) {
        return say_fail(OUTCOME_FAILED, "%s: %s", unit.name, strerrordesc_np(-r));
    }
    status = status != 0 ? status : check_text(call, &unit);
    if (status != 0) {
        return status;
    }
    *ret_unit = unit;
    unit.text = NULL;
    return 0;
}

void run_unit_fini(struct run_unit *self) {
    cleanup_free(&self->text);
}

static bool has_line(const char *text, const char *line, size_t length) {
    while (*text != '\0') {
        size_t here = strcspn(text, "\n");
        if (here == length && memcmp(text, line, length) == 0) {
            return true;
        }
        text += here + (text[here] == '\n' ? 1 : 0);
    }
    return false;
}

/* Whether each line of `text` is in `other`, but for those that may differ. */
static bool is_covered(const struct run_unit *self, const char *text, const char *other) {
    static const char cwd[] = "WorkingDirectory=";
    static const char environment[] = "Environment=";
    bool has_cwd = call_has(self->call, "cwd");
    while (*text != '\0') {
        size_t length = strcspn(text, "\n");
        bool may_differ = strncmp(text, environment, strlen(environment)) == 0 ||
                          (!has_cwd && strncmp(text, cwd, strlen(cwd)) == 0);
        if (!may_differ && !has_line(other, text, length)) {
            return false;
        }
        text += length + (text[length] == '\n' ? 1 : 0);
    }
    return true;
}

/* The variables of --env, as the file has them. */
static bool has_variables(const struct run_unit *self, const char *old_text) {
    bool has_all = true;
    for (size_t i = 0; i < self->call->n_options && has_all; i++) {
        const struct option_given *option = &self->call->options[i];
        if (strcmp(option->rule->name, "env") != 0) {
            continue;
        }
        struct draft draft = {0};
        auto_free char *text = NULL;
        has_all = draft_add_word(&draft, "Environment", option->value) == 0 &&
                  draft_take(&draft, &text) == 0;
        draft_fini(&draft);
        const char *line = has_all ? strstr(text, "Environment=") : NULL;
        has_all = line != NULL && has_line(old_text, line, strcspn(line, "\n"));
    }
    return has_all;
}

bool run_unit_is_same(const struct run_unit *self, const char *old_text) {
    return is_covered(self, self->text, old_text) && is_covered(self, old_text, self->text) &&
           has_variables(self, old_text);
}
