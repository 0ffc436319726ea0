/*
 * The first word is the program with what systemd calls prefixes; then come arguments until the end
 * or a lone semicolon. Specifiers are expanded after words were told apart, so that what they stand
 * for needs no quotes.
 */
#include "unitfile/command.h"

#include "base/alloc.h"
#include "base/str.h"
#include "unitfile/ini.h"
#include "unitfile/unitname.h"
#include "unitfile/word.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

void command_line_fini(struct command_line *self) {
    cleanup_free(&self->command.path);
    (void)str_list_free(self->command.argv);
    *self = (struct command_line){0};
}

void path_simplify(struct text *text, const char *path) {
    const char *gap = path[0] == '/' ? "/" : "";
    bool is_empty = true;
    for (const char *at = path + strspn(path, "/"); *at != '\0'; at += strspn(at, "/")) {
        const size_t length = strcspn(at, "/");
        if (length != 1 || at[0] != '.') {
            text_add(text, gap);
            text_add_bytes(text, at, length);
            gap = "/";
            is_empty = false;
        }
        at += length;
    }
    if (is_empty) {
        text_add(text, path[0] == '/' ? "/" : path[0] != '\0' ? "." : "");
    }
}

/* The prefixes, each once, in any order; `!!` is two of `!`. Returns what follows them. */
static const char *take_prefixes(const char *word, uint32_t *flags, bool *has_own_argv0) {
    const uint32_t privileges = COMMAND_PRIVILEGED | COMMAND_NO_SETUID | COMMAND_AMBIENT;
    for (;; word++) {
        if (*word == '-' && (*flags & COMMAND_IGNORE_FAILURE) == 0) {
            *flags |= COMMAND_IGNORE_FAILURE;
        } else if (*word == '@' && !*has_own_argv0) {
            *has_own_argv0 = true;
        } else if (*word == ':' && (*flags & COMMAND_NO_EXPANSION) == 0) {
            *flags |= COMMAND_NO_EXPANSION;
        } else if (*word == '+' && (*flags & privileges) == 0) {
            *flags |= COMMAND_PRIVILEGED;
        } else if (*word == '!' && (*flags & privileges) == 0) {
            *flags |= COMMAND_NO_SETUID;
        } else if (*word == '!' && (*flags & privileges) == COMMAND_NO_SETUID) {
            *flags = (*flags & ~(uint32_t)COMMAND_NO_SETUID) | COMMAND_AMBIENT;
        } else {
            return word;
        }
    }
}

/*
 * One word with its specifiers expanded. Returns 1, 0 at the end, -ENOMEM, or -EINVAL with
 * line->problem set.
 */
static int next_word(const char **at, struct command_line *line, char **ret_word) {
    const uint32_t flags = WORD_UNQUOTE | WORD_UNESCAPE;
    struct text word = {0};
    const char *begin = *at;
    int r = word_next(at, TEXT_BLANKS, flags, &word);
    if (r == -EINVAL) {
        text_fini(&word);
        *at = begin;
        r = word_next(at, TEXT_BLANKS, flags | WORD_KEEP_UNKNOWN, &word);
        line->has_unknown_escape = r > 0;
        line->problem = r == -EINVAL ? "a quote is not closed" : NULL;
    }
    if (r <= 0) {
        text_fini(&word);
        return r;
    }
    r = text_take(&word, ret_word);
    return r < 0 ? r : 1;
}

static int expand(const struct specifier_unit *unit, const char *word, struct command_line *line,
                  struct text *expanded) {
    int r = specifier_expand(unit, SPECIFIERS_ALL, word, expanded);
    if (r < 0 && r != -ENOMEM) {
        line->problem = r == -EINVAL  ? "a specifier is unknown or has no value"
                        : r == -ENXIO ? "the value of a specifier is not known"
                                      : "it grows too long by its specifiers";
        return -EINVAL;
    }
    return r;
}

const char *command_check_path(const char *path) {
    const size_t length = strlen(path);
    if (length == 0) {
        return "the name of a program is missing";
    }
    for (size_t i = 0; i < length; i++) {
        const unsigned char byte = (unsigned char)path[i];
        if (byte < 0x20 || byte == 0x7f) {
            return "the program's path has control characters";
        }
    }
    if (path[length - 1] == '/' || (length >= 2 && strcmp(path + length - 2, "/.") == 0) ||
        (length >= 3 && strcmp(path + length - 3, "/..") == 0)) {
        return "the program's path is that of a folder";
    }
    if (path[0] != '/' && !unitname_is_filename(path)) {
        return "neither an absolute path nor the name of a program";
    }
    return NULL;
}

/* The program, and argv[0] unless `@` says that the next word is. */
static int read_program(const struct specifier_unit *unit, const char *word,
                        struct command_line *line) {
    bool has_own_argv0 = false;
    const char *name = take_prefixes(word, &line->command.flags, &has_own_argv0);
    struct text path = {0};
    int r = expand(unit, name, line, &path);
    auto_free char *raw = NULL;
    if (r == 0) {
        r = text_take(&path, &raw);
    }
    text_fini(&path);
    if (raw == NULL) {
        return r;
    }
    line->problem = command_check_path(raw);
    if (line->problem != NULL) {
        return -EINVAL;
    }
    path_simplify(&path, raw);
    r = text_take(&path, &line->command.path);
    if (r == 0 && !has_own_argv0) {
        r = str_list_append(&line->command.argv, raw, strlen(raw));
    }
    return r;
}

static bool is_blank_or_end(char c) {
    return c == '\0' || strchr(TEXT_BLANKS, c) != NULL;
}

/* Arguments up to the end or a lone `;`. */
static int read_arguments(const char **at, const struct specifier_unit *unit,
                          struct command_line *line) {
    for (size_t n_arguments = 0; *at != NULL; n_arguments++) {
        const char *text = *at;
        if (n_arguments >= COMMAND_ARGUMENTS_MAX) {
            return -E2BIG;
        }
        if (text[0] == ';' && is_blank_or_end(text[1])) {
            text += 1;
            text += strspn(text, TEXT_BLANKS);
            *at = *text != '\0' ? text : NULL;
            return 0;
        }
        struct text argument = {0};
        int r = 1;
        if (text[0] == '\\' && text[1] == ';' && is_blank_or_end(text[2])) {
            text_add_char(&argument, ';');
            text += 2;
            text += strspn(text, TEXT_BLANKS);
            *at = *text != '\0' ? text : NULL;
        } else {
            auto_free char *word = NULL;
            r = next_word(at, line, &word);
            if (r > 0) {
                int expanded = expand(unit, word, line, &argument);
                r = expanded < 0 ? expanded : 1;
            }
        }
        if (r > 0) {
            r = text_append_to(&argument, &line->command.argv);
        } else {
            text_fini(&argument);
        }
        if (r < 0) {
            return r;
        }
    }
    return 0;
}

int command_next(const char **at, const struct specifier_unit *unit,
                 struct command_line *ret_line) {
    *ret_line = (struct command_line){0};
    auto_free char *word = NULL;
    int r = next_word(at, ret_line, &word);
    while (r > 0 && strcmp(word, ";") == 0) {
        cleanup_free(&word);
        word = NULL;
        r = next_word(at, ret_line, &word);
    }
    if (r > 0) {
        int read = read_program(unit, word, ret_line);
        r = read < 0 ? read : 1;
    }
    if (r > 0) {
        int read = read_arguments(at, unit, ret_line);
        r = read < 0 ? read : 1;
    }
    if (r == -E2BIG) {
        ret_line->problem = "too many arguments";
        r = -EINVAL;
    }
    if (r > 0 && (ret_line->command.argv == NULL || ret_line->command.argv[0][0] == '\0')) {
        ret_line->problem = "the name of the program as it is told is empty";
    }
    if (r == -ENOMEM || r == 0) {
        command_line_fini(ret_line);
        return r;
    }
    assert(r > 0 || ret_line->problem != NULL);
    return 1;
}

static bool is_control(char c) {
    return (unsigned char)c < 0x20 || c == 0x7f;
}

static bool is_plain(const char *word) {
    if (word[0] == '\0' || strpbrk(word, " \"\\`$*?['()<>|&;!") != NULL) {
        return false;
    }
    while (*word != '\0' && !is_control(*word)) {
        word++;
    }
    return *word == '\0';
}

static void add_shell_word(struct text *text, const char *word) {
    static const char letters[] = "abfnrtv\"\\`$";
    static const char meanings[] = "\a\b\f\n\r\t\v\"\\`$";
    const bool is_utf8 = ini_is_utf8(word, strlen(word));
    const char *quote = is_utf8 && is_plain(word) ? "" : "\"";
    text_add(text, quote);
    for (; *word != '\0'; word++) {
        const char *found = strchr(meanings, *word);
        if (found != NULL) {
            text_add_char(text, '\\');
            text_add_char(text, letters[found - meanings]);
        } else if (is_control(*word) || (!is_utf8 && (unsigned char)*word >= 0x80)) {
            text_add_char(text, '\\');
            text_add_octal(text, (unsigned char)*word, 3);
        } else {
            text_add_char(text, *word);
        }
    }
    text_add(text, quote);
}

void command_format(struct text *text, char *const *argv) {
    for (size_t i = 0; argv != NULL && argv[i] != NULL; i++) {
        text_add(text, i != 0 ? " " : "");
        add_shell_word(text, argv[i]);
    }
}
