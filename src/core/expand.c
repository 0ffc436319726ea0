/*
 * Each word is one of three: `$NAME` alone, which may become any number of words; one that holds
 * `${NAME}` or `$$`, which stays one word; or plain text.
 */
#include "core/expand.h"

#include "base/alloc.h"
#include "base/str.h"

#include <errno.h>
#include <string.h>

static bool is_name_byte(char byte, bool is_first) {
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || byte == '_' ||
           (!is_first && byte >= '0' && byte <= '9');
}

/* How many bytes at `text` can be a variable's name. */
static size_t name_length(const char *text) {
    size_t length = 0;
    while (is_name_byte(text[length], length == 0)) {
        length++;
    }
    return length;
}

static const char *value_of(char *const *environment, const char *name, size_t length) {
    const char *value = "";
    for (char *const *entry = environment; entry != NULL && *entry != NULL; entry++) {
        if (strncmp(*entry, name, length) == 0 && (*entry)[length] == '=') {
            value = *entry + length + 1;
        }
    }
    return value;
}

bool expand_is_needed(char *const *argv) {
    for (; argv != NULL && *argv != NULL; argv++) {
        if (strchr(*argv, '$') != NULL) {
            return true;
        }
    }
    return false;
}

static bool is_space(char byte) {
    return byte == ' ' || byte == '\t' || byte == '\n' || byte == '\r';
}

/* Copies one word of a value to `out`, without its quotes. Returns where it ends. */
static const char *unquote_word(const char *text, char *out, size_t *ret_length) {
    size_t length = 0;
    char quote = '\0';
    for (; *text != '\0' && (quote != '\0' || !is_space(*text)); text++) {
        if (quote != '\0' ? *text == quote : (*text == '"' || *text == '\'')) {
            quote = (char)(quote ^ *text); /* Opens, or closes with the same one. */
        } else {
            if (*text == '\\' && quote != '\'' && text[1] != '\0') {
                text++;
            }
            out[length++] = *text;
        }
    }
    *ret_length = length;
    return text;
}

static int append_words(char ***argv, const char *value) {
    auto_free char *word = alloc_zeroed(strlen(value) + 1, 1);
    if (word == NULL) {
        return -ENOMEM;
    }
    for (;;) {
        while (is_space(*value)) {
            value++;
        }
        if (*value == '\0') {
            return 0;
        }
        size_t length;
        value = unquote_word(value, word, &length);
        int r = str_list_append(argv, word, length);
        if (r < 0) {
            return r;
        }
    }
}

/* With `out` NULL it only measures. Returns the length of the expanded word. */
static size_t expand_word(const char *word, char *const *environment, char *out) {
    size_t length = 0;
    while (*word != '\0') {
        const char *piece = word;
        size_t size = 1;
        if (word[0] == '$' && word[1] == '$') {
            word += 2;
        } else if (word[0] == '$' && word[1] == '{' && name_length(word + 2) > 0 &&
                   word[2 + name_length(word + 2)] == '}') {
            size_t name = name_length(word + 2);
            piece = value_of(environment, word + 2, name);
            size = strlen(piece);
            word += name + 3;
        } else {
            word++;
        }
        if (out != NULL) {
            memcpy(out + length, piece, size);
        }
        length += size;
    }
    return length;
}

static int append_expanded(char ***argv, const char *word, char *const *environment) {
    size_t length = expand_word(word, environment, NULL);
    auto_free char *out = alloc_zeroed(length + 1, 1);
    if (out == NULL) {
        return -ENOMEM;
    }
    (void)expand_word(word, environment, out);
    return str_list_append(argv, out, length);
}

int expand_argv(char *const *argv, char *const *environment, char ***ret_argv) {
    char **expanded = NULL;
    int r = 0;
    for (size_t i = 0; r == 0 && argv[i] != NULL; i++) {
        const char *word = argv[i];
        size_t name = word[0] == '$' ? name_length(word + 1) : 0;
        if (i == 0 || strchr(word, '$') == NULL) {
            r = str_list_append(&expanded, word, strlen(word));
        } else if (name > 0 && word[name + 1] == '\0') {
            r = append_words(&expanded, value_of(environment, word + 1, name));
        } else {
            r = append_expanded(&expanded, word, environment);
        }
    }
    if (r < 0) {
        (void)str_list_free(expanded);
        return r;
    }
    *ret_argv = expanded;
    return 0;
}
