/*
 * The commands that are abide's own processes. They stand apart from commands.h: their files need
 * the layers that do the work.
 */
#ifndef ABIDE_PROCESSES_H
#define ABIDE_PROCESSES_H

struct call;

/* `abide supervise`: the supervisor. */
int cmd_supervise(struct call *call);

/* `abide log RUNTIME LOGS`: the logger; the supervisor starts it. */
int cmd_log(struct call *call);

/* `abide exec`: becomes a service; the supervisor starts it. */
int cmd_exec(struct call *call);

#endif
