/*
 * What may be asked of a supervisor: a fixed table, so that nothing that a client sends can reach
 * anything that is not written here.
 */
#ifndef PROTOCOL_METHOD_H
#define PROTOCOL_METHOD_H

#include <stdbool.h>

/* The protocol's version. It grows when a message changes its meaning; new members don't count. */
#define PROTOCOL_VERSION 1

enum method {
    METHOD_VERSION,
    METHOD_LIST,
    METHOD_START,
    METHOD_STOP,
    METHOD_RESTART,
    METHOD_RELOAD,
    METHOD_KILL,
    METHOD_RESET_FAILED,
    METHOD_LOAD,
    METHOD_FORGET,
    METHOD_SHUTDOWN,
};
#define METHOD_COUNT 11

/* Its name on the wire; NULL for a number that is no method. */
const char *method_name(enum method method);

/* 1 and the method of that name, 0 when there is none. */
int method_find(const char *name, enum method *ret_method);

/* Whether anybody may ask for it. All else is for root and the owner of the instance. */
bool method_is_public(enum method method);

/* Whether it is answered with the result of a job, when that ends: start, stop, restart, reload. */
bool method_is_job(enum method method);

/* Whether params must name a unit. (reset-failed may name one.) */
bool method_needs_unit(enum method method);

#endif
