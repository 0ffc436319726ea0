/*
 * One state machine over the characters: outside quotes, inside them, behind a backslash. A quote
 * may begin and end in the middle of a word, as in a shell.
 */
#include "unitfile/word.h"

#include "unitfile/ini.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

static int hex_digit(char c) {
    const char *digits = "0123456789abcdef";
    const char small = (char)(c >= 'A' && c <= 'F' ? c - 'A' + 'a' : c);
    const char *found = small != '\0' ? strchr(digits, small) : NULL;
    return found != NULL ? (int)(found - digits) : -EINVAL;
}

/* `n_digits` digits to `base`, 8 or 16. */
static int parse_code(const char *text, size_t n_digits, uint32_t base, uint32_t *ret_code) {
    uint32_t code = 0;
    for (size_t i = 0; i < n_digits; i++) {
        int digit = hex_digit(text[i]);
        if (digit < 0 || (uint32_t)digit >= base) {
            return -EINVAL;
        }
        code = code * base + (uint32_t)digit;
    }
    if (code == 0) {
        return -EINVAL;
    }
    *ret_code = code;
    return 0;
}

static int add_unichar(struct text *word, uint32_t code) {
    if (code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) {
        return -EINVAL;
    }
    if (code < 0x80) {
        text_add_char(word, (char)code);
        return 0;
    }
    uint32_t n_more = code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
    static const uint32_t leads[] = {0, 0xc0, 0xe0, 0xf0};
    text_add_char(word, (char)(leads[n_more] | code >> (6 * n_more)));
    while (n_more-- > 0) {
        text_add_char(word, (char)(0x80 | (code >> (6 * n_more) & 0x3f)));
    }
    return 0;
}

/* \x41, \101: a byte; é, \U0001F600: a character. */
static int unescape_number(const char *text, struct text *word) {
    const bool is_octal = text[0] >= '0' && text[0] <= '7';
    const size_t n_digits = is_octal ? 3 : text[0] == 'x' ? 2 : text[0] == 'u' ? 4 : 8;
    const size_t n_read = n_digits + (is_octal ? 0 : 1);
    uint32_t code = 0;
    int r = parse_code(text + (is_octal ? 0 : 1), n_digits, is_octal ? 8 : 16, &code);
    if (r < 0) {
        return r;
    }
    if (text[0] == 'u' || text[0] == 'U') {
        r = add_unichar(word, code);
        return r < 0 ? r : (int)n_read;
    }
    if (code > 0xff) {
        return -EINVAL;
    }
    text_add_char(word, (char)code);
    return (int)n_read;
}

/* `text` is behind the backslash; returns how many bytes were read, or -EINVAL. */
static int unescape(const char *text, struct text *word) {
    static const char letters[] = "abfnrtvs\\\"'";
    static const char meanings[] = "\a\b\f\n\r\t\v \\\"'";
    if (text[0] == '\0') {
        return -EINVAL;
    }
    const char *found = strchr(letters, text[0]);
    if (found != NULL) {
        text_add_char(word, meanings[found - letters]);
        return 1;
    }
    if (strchr("xuU01234567", text[0]) != NULL) {
        return unescape_number(text, word);
    }
    return -EINVAL;
}

/* `at` is behind the backslash. Returns how many bytes were read, 0 at the end of the text. */
static int read_escape(const char *at, uint32_t flags, bool is_quoted, struct text *word) {
    if (*at == '\0') {
        if ((flags & WORD_KEEP_UNKNOWN) == 0 || is_quoted) {
            return -EINVAL;
        }
        text_add_char(word, '\\');
        return 0;
    }
    if ((flags & WORD_UNESCAPE) == 0) {
        text_add_char(word, *at);
        return 1;
    }
    int r = unescape(at, word);
    if (r == -EINVAL && (flags & WORD_KEEP_UNKNOWN) != 0) {
        text_add_char(word, '\\');
        text_add_char(word, *at);
        return 1;
    }
    return r;
}

/*
 * Reads up to the separator that ends the word or to the NUL, *ret_end. A character of a word that
 * needs no thought is the common case: it is copied together with its neighbours.
 */
static int read_word(const char *at, const char *separators, uint32_t flags, struct text *word,
                     const char **ret_end) {
    char quote = '\0';
    while (*at != '\0') {
        const bool is_quote = quote != '\0'
                                  ? *at == quote
                                  : (flags & WORD_UNQUOTE) != 0 && strchr("'\"", *at) != NULL;
        if (is_quote) {
            quote = (char)(quote != '\0' ? '\0' : *at);
            at++;
        } else if (*at == '\\' && (flags & WORD_KEEP_BACKSLASH) == 0) {
            int r = read_escape(at + 1, flags, quote != '\0', word);
            if (r < 0) {
                return r;
            }
            at += 1 + r;
        } else if (quote == '\0' && strchr(separators, *at) != NULL) {
            break;
        } else {
            text_add_char(word, *at++);
        }
    }
    if (quote != '\0') {
        return -EINVAL;
    }
    *ret_end = at;
    return 1;
}

int word_next(const char **at, const char *separators, uint32_t flags, struct text *word) {
    const char *text = *at;
    if (text == NULL) {
        return 0;
    }
    if ((flags & WORD_SEPARATE) == 0) {
        text += strspn(text, separators);
        if (*text == '\0') {
            *at = NULL;
            return 0;
        }
    }
    int r = read_word(text, separators, flags, word, &text);
    if (r < 0) {
        return r;
    }
    if ((flags & WORD_SEPARATE) != 0) {
        *at = *text != '\0' ? text + 1 : NULL;
    } else {
        text += strspn(text, separators);
        *at = *text != '\0' ? text : NULL;
    }
    return word->error != 0 ? word->error : 1;
}

static void add_hex(struct text *text, unsigned char byte) {
    static const char digits[] = "0123456789abcdef";
    text_add(text, "\\x");
    text_add_char(text, digits[byte >> 4]);
    text_add_char(text, digits[byte & 0xf]);
}

void word_quote(struct text *text, const char *bytes) {
    static const char letters[] = "abfnrtv\\\"";
    static const char meanings[] = "\a\b\f\n\r\t\v\\\"";
    const size_t length = strlen(bytes);
    const bool is_utf8 = ini_is_utf8(bytes, length);
    const bool needs_quotes = length == 0 || strpbrk(bytes, " \t\n\r\"'\\;#") != NULL;
    if (needs_quotes) {
        text_add_char(text, '"');
    }
    for (size_t i = 0; i < length; i++) {
        const unsigned char byte = (unsigned char)bytes[i];
        const char *found = strchr(meanings, bytes[i]);
        if (found != NULL) {
            text_add_char(text, '\\');
            text_add_char(text, letters[found - meanings]);
        } else if (byte < 0x20 || byte == 0x7f || (byte >= 0x80 && !is_utf8)) {
            add_hex(text, byte);
        } else {
            text_add(text, bytes[i] == '%' ? "%" : "");
            text_add_char(text, bytes[i]);
        }
    }
    if (needs_quotes) {
        text_add_char(text, '"');
    }
}
