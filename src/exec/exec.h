/*
 * `abide exec`: becomes a service. What may block or needs memory (accounts, files, directories on
 * other file systems) is done here, in the service's own process, so that it can delay nobody else.
 *
 * Inherits EXEC_REQUEST_FD and EXEC_REPORT_FD (os/exec_request.h) and its standard streams. On
 * success it executes the program, and the report descriptor closes by that; on failure it reports
 * the step, in words, and exits with systemd's number for it.
 */
#ifndef EXEC_EXEC_H
#define EXEC_EXEC_H

#include "os/exec_request.h"

/* The steps, by systemd's exit statuses (systemd.exec(5), "Process Exit Codes"). */
enum exec_step {
    EXEC_STEP_REQUEST = 1,
    EXEC_STEP_ENVIRONMENT = 198, /* systemd reports "resources" here and has no number */
    EXEC_STEP_CHDIR = 200,
    EXEC_STEP_EXEC = 203,
    EXEC_STEP_STDIN = 208,
    EXEC_STEP_STDOUT = 209,
    EXEC_STEP_GROUP = 216,
    EXEC_STEP_USER = 217,
    EXEC_STEP_STDERR = 222,
};

/* Puts step, error and words into *report and returns `step`, so that `return exec_fail(…)`. */
int exec_fail(struct exec_report *report, enum exec_step step, int error, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* The program; returns its exit status, and only when it failed. */
int exec_main(void);

#endif
