/* A message is put together first, so that all of it passes through one filter and one write. */
#include "abide/say.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void put_clean(FILE *stream, const char *text) {
    for (; text != NULL && *text != '\0'; text++) {
        unsigned char c = (unsigned char)*text;
        (void)fputc(c < ' ' || c == 0x7f ? '?' : c, stream);
    }
}

static void say_list(const char *format, va_list list) attr_printf(1, 0);

static void say_list(const char *format, va_list list) {
    char text[SAY_MAX];
    (void)vsnprintf(text, sizeof(text), format, list);
    (void)fflush(stdout); /* In a terminal both go to the same place, in the order of writing. */
    for (char *c = text; *c != '\0'; c++) {
        if ((unsigned char)*c < ' ' || *c == 0x7f) {
            *c = '?';
        }
    }
    (void)fprintf(stderr, "abide: %s\n", text); /* One write(2): lines of several do not mix. */
}

void say(const char *format, ...) {
    va_list list;
    va_start(list, format);
    say_list(format, list);
    va_end(list);
}

int say_fail(enum outcome status, const char *format, ...) {
    va_list list;
    va_start(list, format);
    say_list(format, list);
    va_end(list);
    return (int)status;
}
