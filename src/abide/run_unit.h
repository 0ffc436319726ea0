/*
 * The unit file that `abide run` writes: made of its command line and of its caller's environment;
 * nothing is written here.
 */
#ifndef ABIDE_RUN_UNIT_H
#define ABIDE_RUN_UNIT_H

#include "abide/call.h"
#include "protocol/unit_name.h"

#include <stdbool.h>

struct run_unit {
    const struct call *call;
    char name[UNIT_NAME_SIZE];
    char *text; /* the whole file */
};

/*
 * Finds the program, chooses the name, writes the text, and reads it back to be sure that it means
 * what was asked for. 0, or an exit status after it was said what is wrong.
 */
int run_unit_make(const struct call *call, struct run_unit *ret_unit);
void run_unit_fini(struct run_unit *self);

static inline void cleanup_run_unit_fini(struct run_unit *self) {
    run_unit_fini(self);
}

/*
 * Whether the file `old_text` is of the same service: the same command with the same options. What
 * was not asked for but found (environment, working directory) may differ: it depends on the shell
 * that one types in.
 */
bool run_unit_is_same(const struct run_unit *self, const char *old_text);

#endif
