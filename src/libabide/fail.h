/*
 * How a function of libabide fails: it returns -errno and leaves the reason in daemon->error.
 *
 *     if (chdir(path) < 0) {
 *         return fail(daemon, errno, "working directory %s", path);
 *     }
 */
#ifndef LIBABIDE_FAIL_H
#define LIBABIDE_FAIL_H

#include "base/attr.h"

struct abide_daemon;

/* Puts "WHAT: error text (errno N)" into daemon->error and returns -error; `error` is positive. */
int fail(struct abide_daemon *daemon, int error, const char *format, ...) attr_printf(3, 4);

/* The same with the caller's words alone, for a reason that the errno would not explain. */
int fail_words(struct abide_daemon *daemon, int error, const char *format, ...) attr_printf(3, 4);

#endif
