/*
 * What is left of a service besides its main and control process: its process group, and what has
 * left that for a session of its own and was orphaned since (the supervisor is a subreaper, so it
 * becomes our child).
 */
#ifndef SUPERVISOR_TREES_H
#define SUPERVISOR_TREES_H

struct shell;
struct unit;

/* Signals everything of the service that is known. What escaped its group gets the last such signal
 * when it is found, by the review. */
void trees_signal(struct shell *shell, struct unit *unit, int signo);

/* From here on: EVENT_TREE_EMPTIED as soon as nothing is left. */
void trees_watch(struct shell *shell, struct unit *unit);

/* Looks again at each watched tree, if anything ended since the last time. Cheap when nothing did.
 */
void trees_review(struct shell *shell);

#endif
