/*
 * Written for a table instead of for getopt(3): the same table makes the help, the completion and
 * the suggestions, and is compared with the manual.
 */
#include "abide/call.h"

#include "abide/say.h"
#include "abide/suggest.h"
#include "abide/verbs.h"
#include "base/alloc.h"
#include "os/self.h"
#include "unitfile/span.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

static const struct option_rule common_options[] = {
    {"home", 0, "DIR", "the instance that lives in DIR"},
    {"help", 'h', NULL, "what the command does, and its options"},
    {0},
};

/* The rules of the verb, then the common ones. */
static const struct option_rule *rule_at(const struct call *self, size_t index) {
    const struct option_rule *rules = self->verb->options;
    size_t n = 0;
    while (rules != NULL && rules[n].name != NULL) {
        n++;
    }
    return index < n ? &rules[index] : &common_options[index - n];
}

static const struct option_rule *find_long(const struct call *self, const char *name,
                                           size_t length) {
    for (size_t i = 0; rule_at(self, i)->name != NULL; i++) {
        const struct option_rule *rule = rule_at(self, i);
        if (strlen(rule->name) == length && memcmp(rule->name, name, length) == 0) {
            return rule;
        }
    }
    return NULL;
}

static const struct option_rule *find_short(const struct call *self, char letter) {
    for (size_t i = 0; rule_at(self, i)->name != NULL; i++) {
        const struct option_rule *rule = rule_at(self, i);
        if (rule->letter == letter) {
            return rule;
        }
    }
    return NULL;
}

static void add(struct call *self, const struct option_rule *rule, const char *value) {
    assert(rule != NULL);
    self->options[self->n_options++] = (struct option_given){rule, value};
}

static int unknown_long(const struct call *self, const char *name) {
    struct suggest suggest = {.typed = name};
    for (size_t i = 0; rule_at(self, i)->name != NULL; i++) {
        suggest_offer(&suggest, rule_at(self, i)->name);
    }
    if (suggest.nearest != NULL) {
        return say_fail(OUTCOME_WRONG_USAGE, "%s has no option --%s; did you mean --%s?",
                        self->verb->name, name, suggest.nearest);
    }
    return say_fail(OUTCOME_WRONG_USAGE, "%s has no option --%s; `abide help %s` lists its options",
                    self->verb->name, name, self->verb->name);
}

/* --NAME, --NAME=VALUE or --NAME VALUE; *ret_used is 2 when `next` was its value. */
static int parse_long(struct call *self, char *text, const char *next, size_t *ret_used) {
    size_t length = strcspn(text, "=");
    const struct option_rule *rule = find_long(self, text, length);
    if (rule == NULL) {
        text[length] = '\0';
        return unknown_long(self, text);
    }
    const char *value = text[length] == '=' ? text + length + 1 : NULL;
    if (rule->value == NULL && value != NULL) {
        return say_fail(OUTCOME_WRONG_USAGE, "--%s takes no value", rule->name);
    }
    if (rule->value != NULL && value == NULL) {
        value = next;
        *ret_used = 2;
    }
    if (rule->value != NULL && value == NULL) {
        return say_fail(OUTCOME_WRONG_USAGE, "--%s needs a value: --%s=%s", rule->name, rule->name,
                        rule->value);
    }
    add(self, rule, value);
    return 0;
}

/* -abc, -nVALUE or -n VALUE. */
static int parse_short(struct call *self, const char *letters, const char *next, size_t *ret_used) {
    for (; *letters != '\0'; letters++) {
        const struct option_rule *rule = find_short(self, *letters);
        if (rule == NULL) {
            return say_fail(OUTCOME_WRONG_USAGE,
                            "%s has no option -%c; `abide help %s` lists its options",
                            self->verb->name, *letters, self->verb->name);
        }
        if (rule->value == NULL) {
            add(self, rule, NULL);
            continue;
        }
        const char *value = letters[1] != '\0' ? letters + 1 : next;
        *ret_used = letters[1] != '\0' ? 1 : 2;
        if (value == NULL) {
            return say_fail(OUTCOME_WRONG_USAGE, "-%c needs a value: -%c %s", rule->letter,
                            rule->letter, rule->value);
        }
        add(self, rule, value);
        return 0;
    }
    return 0;
}

static int check_count(const struct call *self) {
    const struct verb *verb = self->verb;
    if (self->n_arguments < verb->arguments_min) {
        return say_fail(OUTCOME_WRONG_USAGE, "%s needs more: abide %s %s", verb->name, verb->name,
                        verb->usage);
    }
    if (self->n_arguments > verb->arguments_max) {
        return say_fail(OUTCOME_WRONG_USAGE, "%s takes no `%s`: abide %s %s", verb->name,
                        self->arguments[verb->arguments_max], verb->name, verb->usage);
    }
    return 0;
}

int call_parse(struct call *self, char **arguments, size_t n) {
    /* -abc is three options in one word. */
    size_t n_letters = 0;
    for (size_t i = 0; i < n; i++) {
        n_letters += strlen(arguments[i]) + 1;
    }
    self->options = calloc(n_letters + 1, sizeof(*self->options));
    if (self->options == NULL) {
        return say_fail(OUTCOME_FAILED, "out of memory");
    }
    self->arguments = arguments;
    size_t i = 0;
    while (i < n) {
        char *word = arguments[i];
        size_t used = 1;
        int status = 0;
        if (strcmp(word, "--") == 0) {
            i++;
            break;
        }
        if (word[0] == '-' && word[1] == '-') {
            status = parse_long(self, word + 2, arguments[i + 1], &used);
        } else if (word[0] == '-' && word[1] != '\0') {
            status = parse_short(self, word + 1, arguments[i + 1], &used);
        } else if (self->verb->takes_command) {
            break;
        } else {
            arguments[self->n_arguments++] = word;
        }
        if (status != 0) {
            return status;
        }
        i += used;
    }
    for (; i < n; i++) {
        arguments[self->n_arguments++] = arguments[i];
    }
    arguments[self->n_arguments] = NULL;
    return call_has(self, "help") ? 0 : check_count(self);
}

void call_fini(struct call *self) {
    free(self->options);
    home_fini(&self->home);
    *self = (struct call){0};
}

static bool is_named(const struct option_given *option, const char *name) {
    assert(option->rule != NULL);
    return strcmp(option->rule->name, name) == 0;
}

bool call_has(const struct call *self, const char *name) {
    for (size_t i = 0; i < self->n_options; i++) {
        if (is_named(&self->options[i], name)) {
            return true;
        }
    }
    return false;
}

const char *call_value(const struct call *self, const char *name) {
    const char *value = NULL;
    for (size_t i = 0; i < self->n_options; i++) {
        if (is_named(&self->options[i], name)) {
            value = self->options[i].value;
        }
    }
    return value;
}

int call_span(const struct call *self, const char *name, usec_t otherwise, usec_t *ret_usec) {
    const char *value = call_value(self, name);
    if (value == NULL) {
        *ret_usec = otherwise;
        return 0;
    }
    if (span_parse(value, USEC_PER_SEC, ret_usec) < 0) {
        return say_fail(OUTCOME_WRONG_USAGE,
                        "--%s=%s is no span of time, as \"30\" or \"1min 30s\" is", name, value);
    }
    return 0;
}

const char *call_environment(const struct call *self, const char *name) {
    size_t length = strlen(name);
    for (char **entry = self->environment; *entry != NULL; entry++) {
        if (strncmp(*entry, name, length) == 0 && (*entry)[length] == '=') {
            return *entry + length + 1;
        }
    }
    return NULL;
}

int call_resolve_home(struct call *self, const char *directory) {
    const char *given = call_value(self, "home");
    given = given != NULL ? given : directory;
    if (given != NULL && given[0] == '\0') {
        return say_fail(OUTCOME_WRONG_USAGE, "--home needs a folder");
    }
    struct home_options options = {
        .directory = given != NULL ? given : call_environment(self, "ABIDE_HOME"),
        .user_home = call_environment(self, "HOME"),
        .xdg_state_home = call_environment(self, "XDG_STATE_HOME"),
        .xdg_config_home = call_environment(self, "XDG_CONFIG_HOME"),
        .is_root = self_is_root(),
    };
    int r = home_resolve(&options, &self->home);
    return r < 0 ? say_fail(OUTCOME_FAILED, "%s", home_error_text(r)) : 0;
}
