/*
 * Unit files: where they lie, and how one becomes a unit.
 */
#ifndef SUPERVISOR_LOAD_H
#define SUPERVISOR_LOAD_H

#include "protocol/fault.h"

struct shell;
struct unit;

/*
 * Reads the unit's file: a new unit, or what has changed for one that is known; its processes are
 * not touched. Returns 1 when something changed, 0, or -1 with the reason in *ret_fault.
 */
int load_unit(struct shell *shell, const char *name, struct unit **ret_unit,
              struct fault *ret_fault);

/* Loads and asks for the start of every unit that is enabled, or (starts_all) of every unit there
 * is. What can't be loaded is said on stderr, and the others go on. */
void load_enabled(struct shell *shell);

/* Removes the unit's file and its link, where `abide run` made them. */
void load_remove_files(const struct shell *shell, const struct unit *unit);

#endif
