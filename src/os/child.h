/*
 * A helper program that is run to its end, as a shell would: for the few things that another
 * program does better. The supervisor spawns services by os/spawn.h instead.
 */
#ifndef OS_CHILD_H
#define OS_CHILD_H

#include "base/usec.h"

#include <stddef.h>

/* All-zero but for `argv` and `envp` is valid. */
struct child_options {
    const char *path; /* NULL: argv[0] is looked for in PATH */
    char *const *argv; /* ends with NULL */
    char *const *envp; /* ends with NULL */
    const char *input; /* what it reads on stdin; NULL: /dev/null */
    size_t output_max; /* 0: its stdout is ours; else so much of it is returned */
    usec_t timeout_usec; /* for all of its output; 0: none */
};

/*
 * Runs it and waits for its end. *ret_status is what a shell would call its exit status: 128 more
 * than the signal when one killed it. *ret_output, where output_max is not 0, is the caller's; it
 * ends with a NUL. Returns 0, -ETIMEDOUT for one that was late and killed, -ENOENT when there is no
 * such program, -EFBIG when it says more than output_max (it is told by SIGPIPE), or another
 * -errno.
 */
int child_run(const struct child_options *options, int *ret_status, char **ret_output);

#endif
