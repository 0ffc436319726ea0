/*
 * Does what the core decided. Results go into the inbox, never back into the core.
 */
#ifndef SUPERVISOR_PERFORM_H
#define SUPERVISOR_PERFORM_H

#include "core/action.h"

struct shell;
struct unit;

void perform(struct shell *shell, struct unit *unit, const struct actions *actions);

#endif
