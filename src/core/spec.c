/*
 * Ownership only: a spec is filled field by field by the layer that reads text. The commands are
 * the exception, since the policy counts them, and the two must not come apart.
 */
#include "core/spec.h"

#include "base/alloc.h"
#include "base/str.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

void spec_init(struct spec *self) {
    memset(self, 0, sizeof(*self));
    policy_init(&self->policy);
    self->umask = SPEC_UMASK_DEFAULT;
}

void spec_clear_commands(struct spec *self, enum phase phase) {
    assert((uint32_t)phase < PHASE_COUNT);
    struct command_list *list = &self->commands[phase];
    for (size_t i = 0; i < list->count; i++) {
        cleanup_free(&list->items[i].path);
        (void)str_list_free(list->items[i].argv);
    }
    cleanup_free(&list->items);
    memset(list, 0, sizeof(*list));
    self->policy.n_commands[phase] = 0;
    self->policy.ignore_failure[phase] = 0;
}

int spec_add_command(struct spec *self, enum phase phase, uint32_t flags,
                     struct command **ret_command) {
    assert((uint32_t)phase < PHASE_COUNT);
    assert((flags & ~COMMAND_FLAGS_ALL) == 0);
    struct command_list *list = &self->commands[phase];
    if (list->count >= PHASE_COMMANDS_MAX) {
        return -E2BIG;
    }
    struct command *grown = alloc_resized(list->items, list->count + 1, sizeof(*grown));
    if (grown == NULL) {
        return -ENOMEM;
    }
    list->items = grown;
    grown[list->count] = (struct command){.flags = flags};
    if ((flags & COMMAND_IGNORE_FAILURE) != 0) {
        self->policy.ignore_failure[phase] |= (uint64_t)1 << list->count;
    }
    *ret_command = &grown[list->count++];
    self->policy.n_commands[phase] = (uint8_t)list->count;
    return 0;
}

void spec_clear_env_files(struct spec *self) {
    struct env_file_list *list = &self->env_files;
    for (size_t i = 0; i < list->count; i++) {
        cleanup_free(&list->items[i].path);
    }
    cleanup_free(&list->items);
    memset(list, 0, sizeof(*list));
}

int spec_add_env_file(struct spec *self, const char *path, size_t length, uint8_t may_be_missing) {
    struct env_file_list *list = &self->env_files;
    struct env_file *grown = alloc_resized(list->items, list->count + 1, sizeof(*grown));
    if (grown == NULL) {
        return -ENOMEM;
    }
    list->items = grown;
    grown[list->count] = (struct env_file){.may_be_missing = may_be_missing};
    int r = str_replace(&grown[list->count].path, path, length);
    if (r < 0) {
        return r;
    }
    list->count++;
    return 0;
}

void spec_fini(struct spec *self) {
    for (size_t i = 0; i < PHASE_COUNT; i++) {
        spec_clear_commands(self, (enum phase)i);
    }
    spec_clear_env_files(self);
    char **strings[] = {
        &self->name,
        &self->description,
        &self->fragment_path,
        &self->working_directory,
        &self->user,
        &self->group,
        &self->standard_input.target,
        &self->standard_output.target,
        &self->standard_error.target,
    };
    for (size_t i = 0; i < sizeof(strings) / sizeof(strings[0]); i++) {
        cleanup_free(strings[i]);
    }
    char **lists[] = {
        self->environment,          self->pass_environment,  self->unset_environment,
        self->supplementary_groups, self->install.wanted_by, self->install.required_by,
        self->install.also,         self->install.aliases,
    };
    for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
        (void)str_list_free(lists[i]);
    }
    spec_init(self);
}
