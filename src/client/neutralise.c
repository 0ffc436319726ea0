/*
 * What a service writes is not to be trusted by the terminal of whoever reads it. UTF-8 is checked
 * as RFC 3629 has it: no overlong forms, no surrogates, nothing above U+10FFFF.
 */
#include "client/logread.h"

#include <stdint.h>

static const char hex[] = "0123456789abcdef";

/* The length of the UTF-8 character at `text`, above ASCII; 0 if it is none. */
static size_t utf8_length(const unsigned char *text, size_t size) {
    size_t length = text[0] >= 0xf0 ? 4 : (text[0] >= 0xe0 ? 3 : 2);
    uint32_t value = text[0] & (0xffU >> (length + 1));
    static const uint32_t smallest[] = {0, 0, 0x80, 0x800, 0x10000};

    if (text[0] < 0xc0 || text[0] > 0xf7 || size < length) {
        return 0;
    }
    for (size_t i = 1; i < length; i++) {
        if ((text[i] & 0xc0) != 0x80) {
            return 0;
        }
        value = value << 6 | (text[i] & 0x3fU);
    }
    if (value < smallest[length] || value > 0x10ffff || (value >= 0xd800 && value < 0xe000)) {
        return 0;
    }
    /* U+0080 to U+009F are controls: terminals take U+009B for ESC [. */
    return value < 0xa0 ? 0 : length;
}

static char *put_hex(char *out, unsigned char byte) {
    out[0] = '\\';
    out[1] = 'x';
    out[2] = hex[byte >> 4];
    out[3] = hex[byte & 0xf];
    return out + 4;
}

size_t logread_neutralise(const char *text, size_t size, char *out) {
    const unsigned char *bytes = (const unsigned char *)text;
    char *to = out;

    if (size > 0 && text[size - 1] == '\r') {
        size--;
    }
    for (size_t i = 0; i < size;) {
        size_t length = 1;

        if (bytes[i] >= 0x80) {
            length = utf8_length(bytes + i, size - i);
            if (length == 0) {
                to = put_hex(to, bytes[i++]);
                continue;
            }
        } else if ((bytes[i] < 0x20 && bytes[i] != '\t') || bytes[i] == 0x7f) {
            *to++ = '^';
            *to++ = (char)(bytes[i++] ^ 0x40);
            continue;
        }
        for (size_t end = i + length; i < end; i++) {
            *to++ = text[i];
        }
    }
    *to = '\0';
    return (size_t)(to - out);
}
