/*
 * What the command line says to people: messages on stderr, and the exit statuses.
 */
#ifndef ABIDE_SAY_H
#define ABIDE_SAY_H

#include "base/attr.h"

#include <stdio.h>

enum outcome {
    OUTCOME_DONE = 0,
    OUTCOME_FAILED = 1,
    OUTCOME_WRONG_USAGE = 2,
    OUTCOME_NOT_ACTIVE = 3,
    OUTCOME_NO_SUCH_SERVICE = 4,
    OUTCOME_NO_SUPERVISOR = 5,
    OUTCOME_NOT_PERMITTED = 6,
    OUTCOME_TIMED_OUT = 7,
};

/*
 * One line "abide: …" on stderr: what happened, why, what to do. What is longer than SAY_MAX is
 * cut.
 */
#define SAY_MAX 8192
void say(const char *format, ...) attr_printf(1, 2);

/* say(), and the status, so that a command can `return say_fail(OUTCOME_FAILED, …)`. */
int say_fail(enum outcome status, const char *format, ...) attr_printf(2, 3);

/*
 * Writes text that others made (a reason, a path): control characters, which could mislead the
 * reader of a terminal, become `?`. NULL is nothing.
 */
void put_clean(FILE *stream, const char *text);

#endif
