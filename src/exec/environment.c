/*
 * A small automaton over the bytes of an environment file; later assignments replace earlier ones.
 * As in systemd, a line that is no assignment is passed over: real files hold `export NAME=VALUE`.
 */
#include "exec/environment.h"

#include "base/alloc.h"
#include "base/str.h"
#include "exec/exec.h"
#include "os/fd.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FILE_SIZE_MAX ((size_t)1 << 20)

static char **find(char **environment, const char *name, size_t length) {
    for (char **entry = environment; entry != NULL && *entry != NULL; entry++) {
        if (strncmp(*entry, name, length) == 0 && (*entry)[length] == '=') {
            return entry;
        }
    }
    return NULL;
}

const char *environment_get(char *const *environment, const char *name) {
    for (char *const *entry = environment; entry != NULL && *entry != NULL; entry++) {
        size_t length = strlen(name);
        if (strncmp(*entry, name, length) == 0 && (*entry)[length] == '=') {
            return *entry + length + 1;
        }
    }
    return NULL;
}

/* `assignment` is "NAME=VALUE" of `length` bytes. */
static int put(char ***environment, const char *assignment, size_t length) {
    size_t name_length = strcspn(assignment, "=");
    char **entry = find(*environment, assignment, name_length);
    return entry != NULL ? str_replace(entry, assignment, length)
                         : str_list_append(environment, assignment, length);
}

static int put_value(char ***environment, const char *name, const char *value) {
    auto_free char *assignment = NULL;
    int size = asprintf(&assignment, "%s=%s", name, value);
    if (size < 0) {
        assignment = NULL; /* Undefined then; asprintf(3). */
        return -ENOMEM;
    }
    return put(environment, assignment, (size_t)size);
}

static void remove_variable(char **environment, const char *name) {
    char **entry = find(environment, name, strcspn(name, "="));
    if (entry == NULL || (strchr(name, '=') != NULL && strcmp(*entry, name) != 0)) {
        return; /* UnsetEnvironment=NAME=VALUE removes that very assignment only. */
    }
    free(*entry);
    for (; *entry != NULL; entry++) {
        entry[0] = entry[1];
    }
}

/* One assignment's value: quoted parts, backslashes, and lines that go on after one. */
struct value {
    const char *text;
    size_t size;
    size_t at;
    char *out;
    size_t length;
    size_t kept; /* the length without trailing white space that was not quoted */
};

static void emit(struct value *self, char byte, bool is_kept) {
    self->out[self->length++] = byte;
    if (is_kept) {
        self->kept = self->length;
    }
}

static void read_quoted(struct value *self, char quote) {
    while (self->at < self->size && self->text[self->at] != quote) {
        char byte = self->text[self->at++];
        if (byte == '\\' && quote == '"' && self->at < self->size &&
            strchr("\"\\`$\n", self->text[self->at]) != NULL) {
            byte = self->text[self->at++];
            if (byte == '\n') {
                continue;
            }
        }
        emit(self, byte, /* is_kept= */ true);
    }
    self->at += self->at < self->size;
}

static void read_value(struct value *self) {
    while (self->at < self->size && (self->text[self->at] == ' ' || self->text[self->at] == '\t')) {
        self->at++;
    }
    while (self->at < self->size && self->text[self->at] != '\n') {
        char byte = self->text[self->at++];
        if (byte == '"' || byte == '\'') {
            read_quoted(self, byte);
        } else if (byte == '\\' && self->at < self->size) {
            byte = self->text[self->at++];
            if (byte != '\n') {
                emit(self, byte, /* is_kept= */ true);
            }
        } else {
            emit(self, byte, /* is_kept= */ !isspace((unsigned char)byte));
        }
    }
    self->length = self->kept;
}

static bool is_name(const char *name, size_t length) {
    for (size_t i = 0; i < length; i++) {
        if (!isalnum((unsigned char)name[i]) && name[i] != '_') {
            return false;
        }
    }
    return length > 0 && !isdigit((unsigned char)name[0]);
}

/* From the first byte of a line that is neither empty nor a comment. */
static int parse_assignment(char ***environment, struct value *self) {
    const char *name = self->text + self->at;
    size_t left = self->size - self->at;
    const char *newline = memchr(name, '\n', left);
    size_t line_size = newline != NULL ? (size_t)(newline - name) : left;
    const char *equals = memchr(name, '=', line_size);
    if (equals == NULL) {
        self->at += line_size;
        return 0;
    }
    size_t length = (size_t)(equals - name);
    while (length > 0 && (name[length - 1] == ' ' || name[length - 1] == '\t')) {
        length--;
    }
    bool is_assignment = is_name(name, length);
    memcpy(self->out, name, length);
    self->length = length;
    emit(self, '=', /* is_kept= */ true);
    self->at = (size_t)(equals - self->text) + 1;
    read_value(self);
    return is_assignment ? put(environment, self->out, self->length) : 0;
}

int environment_parse(char ***environment, const char *text, size_t size) {
    struct value value = {.text = text, .size = size};
    auto_free char *out = malloc(size + 1); /* No assignment is longer than the file. */
    if (out == NULL) {
        return -ENOMEM;
    }
    if (memchr(text, '\0', size) != NULL) {
        return -EINVAL;
    }
    value.out = out;
    int r = 0;
    while (r == 0 && value.at < size) {
        char byte = text[value.at];
        if (isspace((unsigned char)byte)) {
            value.at++;
        } else if (byte == '#' || byte == ';') {
            const char *end = memchr(text + value.at, '\n', size - value.at);
            value.at = end != NULL ? (size_t)(end - text) : size;
        } else {
            r = parse_assignment(environment, &value);
        }
    }
    return r;
}

static int read_file(const char *path, char **ret_text, size_t *ret_size) {
    auto_fd int fd = open(path, O_RDONLY | O_NOCTTY | O_CLOEXEC);
    auto_free char *text = malloc(FILE_SIZE_MAX + 1);
    size_t size = 0;
    if (fd < 0) {
        return -errno;
    }
    if (text == NULL) {
        return -ENOMEM;
    }
    while (size <= FILE_SIZE_MAX) {
        ssize_t n = read(fd, text + size, FILE_SIZE_MAX + 1 - size);
        if (n < 0 && errno != EINTR) {
            return -errno;
        }
        if (n == 0) {
            *ret_text = take_ptr(&text);
            *ret_size = size;
            return 0;
        }
        size += n > 0 ? (size_t)n : 0;
    }
    return -EFBIG;
}

/* `entry` is '-' or '+' and the path. */
static int add_file(char ***environment, const char *entry, struct exec_report *report) {
    auto_free char *text = NULL;
    size_t size = 0;
    const char *path = entry + 1;
    int r = read_file(path, &text, &size);
    if (r == -ENOENT && entry[0] == '-') {
        return 0;
    }
    if (r == 0) {
        r = environment_parse(environment, text, size);
    }
    return r < 0 ? exec_fail(report, EXEC_STEP_ENVIRONMENT, -r, "environment file %s", path) : 0;
}

static int add_account(char ***environment, const struct account *account) {
    const struct {
        const char *name;
        const char *value;
    } variables[] = {
        {"HOME", account->home},
        {"LOGNAME", account->name},
        {"USER", account->name},
        {"SHELL", account->shell},
    };
    int r = 0;
    for (size_t i = 0; r == 0 && i < sizeof(variables) / sizeof(variables[0]); i++) {
        if (variables[i].value != NULL) {
            r = put_value(environment, variables[i].name, variables[i].value);
        }
    }
    return r;
}

int environment_make(struct exec_request *request, const struct account *account,
                     struct exec_report *report, char ***ret_environment) {
    char **environment = NULL;
    int r = account->changes_user ? add_account(&environment, account) : 0;
    for (char **entry = request->environment; r == 0 && entry != NULL && *entry != NULL; entry++) {
        r = put(&environment, *entry, strlen(*entry));
    }
    if (r < 0) {
        (void)str_list_free(environment);
        return exec_fail(report, EXEC_STEP_ENVIRONMENT, -r, "environment");
    }
    for (char **entry = request->env_files; r == 0 && entry != NULL && *entry != NULL; entry++) {
        r = add_file(&environment, *entry, report);
    }
    for (char **name = request->unset_environment; r == 0 && name != NULL && *name != NULL;
         name++) {
        remove_variable(environment, *name);
    }
    if (r != 0) {
        (void)str_list_free(environment);
        return r;
    }
    *ret_environment = environment;
    return 0;
}
