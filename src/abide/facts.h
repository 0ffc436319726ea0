/*
 * Everything that is known of one service, from the status file and from its unit file: what
 * status, ls and show print in their three ways.
 */
#ifndef ABIDE_FACTS_H
#define ABIDE_FACTS_H

#include "abide/call.h"
#include "abide/output.h"
#include "client/statusview.h"
#include "protocol/unit_name.h"

#include <stdbool.h>

struct facts {
    char name[UNIT_NAME_SIZE];
    bool is_loaded; /* it is in the status file; else `service` is all zero: inactive/dead */
    bool is_supervised; /* a supervisor runs */
    bool is_enabled;
    char *path; /* of the unit file; NULL: there is none */
    struct statusview_service service;
};

/* Opens the view of the instance. 0, or an exit status after it was said what is wrong. */
int facts_open(const struct call *call, struct statusview *ret_view);

/* Says on stderr when no supervisor runs. */
void facts_say_unsupervised(const struct call *call, const struct statusview *view);

/* 1; 0: there is no such service, and the facts say so; -errno. `name` is a full name. */
int facts_find(const struct call *call, const struct statusview *view, const char *name,
               struct facts *ret_facts);
void facts_fini(struct facts *self);

static inline void cleanup_facts_fini(struct facts *self) {
    facts_fini(self);
}

/*
 * Calls `one` with the facts of every service that is in the status file or has a unit file, by
 * name. What is not 0 ends it, and is returned; so is -errno.
 */
int facts_for_each(const struct call *call, const struct statusview *view,
                   int (*one)(const struct facts *facts, void *context), void *context);

/* active, inactive, … */
const char *facts_active_state(const struct facts *self);
enum colour facts_colour(const struct facts *self);

/*
 * In words why it is as it is: "next try in 3s: exited with status 1", "killed by SIGKILL",
 * "stopped by hand". "": there is nothing to say.
 */
#define FACTS_REASON_SIZE 256
void facts_reason(const struct facts *self, usec_t now_usec, char text[FACTS_REASON_SIZE]);

#endif
