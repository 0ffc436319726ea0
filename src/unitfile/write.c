/*
 * The writer is the reader's mirror: what word_next() takes off, word_quote() puts on. One line a
 * value, so that a file made here reads like one made by hand.
 */
#include "unitfile/write.h"

#include "unitfile/command.h"
#include "unitfile/ini.h"
#include "unitfile/readers.h"
#include "unitfile/word.h"

#include "base/alloc.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

/* In the order in which they stand in the file. */
static const enum section file_sections[] = {SECTION_UNIT, SECTION_SERVICE, SECTION_ABIDE,
                                             SECTION_INSTALL};
#define N_FILE_SECTIONS (sizeof(file_sections) / sizeof(file_sections[0]))

/* A service's own section comes first: StartLimitBurst= and some others stand in two. */
static struct text *find_section(struct draft *self, const char *key) {
    static const enum section order[] = {SECTION_SERVICE, SECTION_UNIT, SECTION_INSTALL,
                                         SECTION_ABIDE};
    for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++) {
        if (key_find(order[i], key) != NULL) {
            return &self->sections[__builtin_ctz((unsigned)order[i])];
        }
    }
    return NULL;
}

static bool ends_in(const char *string, const char *characters) {
    const size_t length = strlen(string);
    return length != 0 && strchr(characters, string[length - 1]) != NULL;
}

/* Appends KEY=VALUE; the value's text is released. */
static int add_line(struct draft *self, const char *key, struct text *value) {
    auto_free char *string = NULL;
    int r = text_take(value, &string);
    if (r < 0) {
        return r;
    }
    struct text *section = find_section(self, key);
    if (section == NULL) {
        return -ENOENT;
    }
    if (strpbrk(string, "\n\r") != NULL || ends_in(string, "\\") ||
        !ini_is_utf8(string, strlen(string)) || strlen(key) + strlen(string) >= INI_LINE_MAX) {
        return -EINVAL;
    }
    text_add(section, key);
    text_add(section, "=");
    text_add(section, string);
    text_add(section, "\n");
    return section->error;
}

int draft_add_raw(struct draft *self, const char *key, const char *value) {
    struct text text = {0};
    text_add(&text, value);
    return add_line(self, key, &text);
}

static void add_without_specifiers(struct text *text, const char *string) {
    for (; *string != '\0'; string++) {
        text_add(text, *string == '%' ? "%" : "");
        text_add_char(text, *string);
    }
}

int draft_add_string(struct draft *self, const char *key, const char *string) {
    struct text text = {0};
    const bool is_path = string[0] == '/';
    if (*string == '\0' || strchr(TEXT_BLANKS, *string) != NULL ||
        (!is_path && ends_in(string, TEXT_BLANKS "\\"))) {
        return -EINVAL;
    }
    add_without_specifiers(&text, string);
    /* The end of a line is stripped; what a path says is not changed by this. */
    text_add(&text, ends_in(string, TEXT_BLANKS "\\") ? "/." : "");
    return add_line(self, key, &text);
}

int draft_add_word(struct draft *self, const char *key, const char *word) {
    struct text text = {0};
    if (strcmp(key, "Environment") == 0 && !environment_is_assignment(word)) {
        return -EINVAL;
    }
    word_quote(&text, word);
    return add_line(self, key, &text);
}

int draft_add_command(struct draft *self, const char *key, char *const *argv) {
    assert(argv[0] != NULL);
    struct text text = {0};
    bool has_dollar = false;
    for (size_t i = 0; argv[i] != NULL; i++) {
        has_dollar = has_dollar || strchr(argv[i], '$') != NULL;
    }
    if (argv[0][0] != '/' || command_check_path(argv[0]) != NULL) {
        return -EINVAL;
    }
    text_add(&text, has_dollar ? ":" : "");
    for (size_t i = 0; argv[i] != NULL; i++) {
        text_add(&text, i != 0 ? " " : "");
        word_quote(&text, argv[i]);
    }
    return add_line(self, key, &text);
}

int draft_take(struct draft *self, char **ret_text) {
    struct text file = {0};
    for (size_t i = 0; i < N_FILE_SECTIONS; i++) {
        const struct text *section = &self->sections[__builtin_ctz((unsigned)file_sections[i])];
        if (section->length == 0) {
            continue;
        }
        text_add(&file, file.length != 0 ? "\n[" : "[");
        text_add(&file, section_name(file_sections[i]));
        text_add(&file, "]\n");
        text_add_bytes(&file, section->bytes, section->length);
    }
    int r = text_take(&file, ret_text);
    if (r == 0) {
        draft_fini(self);
    }
    return r;
}

void draft_fini(struct draft *self) {
    for (size_t i = 0; i < SECTION_COUNT; i++) {
        text_fini(&self->sections[i]);
    }
}
