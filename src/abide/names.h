/*
 * Names of services as people type them.
 */
#ifndef ABIDE_NAMES_H
#define ABIDE_NAMES_H

#include "abide/call.h"
#include "protocol/unit_name.h"

/* "web" or "web.service" -> "web.service". 0, or an exit status after it was said what is wrong. */
int names_complete(const char *typed, char ret_name[UNIT_NAME_SIZE]);

/* Says that there is no such service, and which one could be meant. Returns
 * OUTCOME_NO_SUCH_SERVICE.
 */
int names_unknown(const struct call *call, const char *name);

#endif
