/*
 * --json: one object on stdout, {"schema":1, …}, whose form abide(1) documents. Members are only
 * added; a change of a meaning changes the number.
 *
 *     {"schema":1,
 *      "instance":{"version":"0.1.0","supervised":true,"keeper_pid":0,"supervisor_pid":10,
 *                  "logger_pid":11,"runtime_directory":"/run/abide",…,"services":2},
 *      "services":[{"name":"web.service","active_state":"active",…}, …]}
 *
 * Times are microseconds since 1970, 0 for never.
 */
#ifndef ABIDE_JSON_OUTPUT_H
#define ABIDE_JSON_OUTPUT_H

#include "abide/facts.h"

struct json_t;

#define JSON_OUTPUT_SCHEMA 1

/* All-zero is nothing begun. */
struct json_output {
    struct json_t *services;
};

/* Adds a service. 0 or -ENOMEM. */
int json_output_add(struct json_output *self, const struct facts *facts);

/* Prints the object, with what was added; `n_services` is how many there are. 0 or -ENOMEM. */
int json_output_print(struct json_output *self, const struct call *call,
                      const struct statusview *view);

void json_output_fini(struct json_output *self);

static inline void cleanup_json_output_fini(struct json_output *self) {
    json_output_fini(self);
}

#endif
