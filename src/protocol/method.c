/* Switches without a default: a new method stops the build until each question is answered. */
#include "protocol/method.h"

#include <stddef.h>
#include <string.h>

const char *method_name(enum method method) {
    switch (method) {
    case METHOD_VERSION:
        return "version";
    case METHOD_LIST:
        return "list";
    case METHOD_START:
        return "start";
    case METHOD_STOP:
        return "stop";
    case METHOD_RESTART:
        return "restart";
    case METHOD_RELOAD:
        return "reload";
    case METHOD_KILL:
        return "kill";
    case METHOD_RESET_FAILED:
        return "reset-failed";
    case METHOD_LOAD:
        return "load";
    case METHOD_FORGET:
        return "forget";
    case METHOD_SHUTDOWN:
        return "shutdown";
    }
    return NULL;
}

int method_find(const char *name, enum method *ret_method) {
    for (unsigned int i = 0; i < METHOD_COUNT; i++) {
        if (strcmp(method_name((enum method)i), name) == 0) {
            *ret_method = (enum method)i;
            return 1;
        }
    }
    return 0;
}

bool method_is_public(enum method method) {
    switch (method) {
    case METHOD_VERSION:
    case METHOD_LIST:
        return true;
    case METHOD_START:
    case METHOD_STOP:
    case METHOD_RESTART:
    case METHOD_RELOAD:
    case METHOD_KILL:
    case METHOD_RESET_FAILED:
    case METHOD_LOAD:
    case METHOD_FORGET:
    case METHOD_SHUTDOWN:
        return false;
    }
    return false;
}

bool method_is_job(enum method method) {
    switch (method) {
    case METHOD_START:
    case METHOD_STOP:
    case METHOD_RESTART:
    case METHOD_RELOAD:
        return true;
    case METHOD_VERSION:
    case METHOD_LIST:
    case METHOD_KILL:
    case METHOD_RESET_FAILED:
    case METHOD_LOAD:
    case METHOD_FORGET:
    case METHOD_SHUTDOWN:
        return false;
    }
    return false;
}

bool method_needs_unit(enum method method) {
    switch (method) {
    case METHOD_START:
    case METHOD_STOP:
    case METHOD_RESTART:
    case METHOD_RELOAD:
    case METHOD_KILL:
    case METHOD_LOAD:
    case METHOD_FORGET:
        return true;
    case METHOD_VERSION:
    case METHOD_LIST:
    case METHOD_RESET_FAILED:
    case METHOD_SHUTDOWN:
        return false;
    }
    return false;
}
