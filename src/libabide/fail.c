/* The text is cut where the buffer ends, never the errno: that is the result of the function. */
#include "libabide/fail.h"

#include "abide.h"

#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int fail(struct abide_daemon *daemon, int error, const char *format, ...) {
    assert(error > 0);
    char what[ABIDE_ERROR_SIZE];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(what, sizeof(what), format, arguments); /* A long path is cut. */
    va_end(arguments);
    errno = error; /* For %m, which is thread-safe where strerror(3) is not. */
    char why[128];
    (void)snprintf(why, sizeof(why), ": %m (errno %d)", error);
    size_t room = sizeof(daemon->error) - 1 - strlen(why);
    (void)snprintf(daemon->error, sizeof(daemon->error), "%.*s%s", (int)room, what, why);
    return -error;
}

int fail_words(struct abide_daemon *daemon, int error, const char *format, ...) {
    assert(error > 0);
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(daemon->error, sizeof(daemon->error), format, arguments); /* As above. */
    va_end(arguments);
    return -error;
}
