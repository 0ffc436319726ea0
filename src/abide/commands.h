/*
 * The commands, each in a file of its name: what its row in verbs.c calls. Each returns the exit
 * status.
 */
#ifndef ABIDE_COMMANDS_H
#define ABIDE_COMMANDS_H

struct call;

int cmd_boot(struct call *call);
int cmd_cat(struct call *call);
int cmd_disable(struct call *call);
int cmd_enable(struct call *call);
int cmd_help(struct call *call);
int cmd_is_active(struct call *call);
int cmd_is_enabled(struct call *call);
int cmd_is_failed(struct call *call);
int cmd_kill(struct call *call);
int cmd_logs(struct call *call);
int cmd_ls(struct call *call);
int cmd_reload(struct call *call);
int cmd_reset_failed(struct call *call);
int cmd_restart(struct call *call);
int cmd_rm(struct call *call);
int cmd_run(struct call *call);
int cmd_show(struct call *call);
int cmd_shutdown(struct call *call);
int cmd_start(struct call *call);
int cmd_status(struct call *call);
int cmd_stop(struct call *call);
int cmd_version(struct call *call);

#endif
