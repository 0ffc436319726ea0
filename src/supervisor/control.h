/*
 * The control socket: clients, their requests, and who is answered when. A client that is slow,
 * malformed or hostile costs a bounded amount of memory, and then its connection.
 */
#ifndef SUPERVISOR_CONTROL_H
#define SUPERVISOR_CONTROL_H

#include "core/job.h"

struct shell;
struct unit;
struct control;

#define CONTROL_CLIENTS_MAX 256
/* What a client has not read yet; beyond this it is dropped. */
#define CONTROL_UNSENT_MAX ((size_t)256 * 1024)

/* Listens at RUNTIME/control. Returns 0 or -errno. */
int control_open(struct shell *shell, struct control **ret_control);

/* A service's job has ended: answers those who asked for it. */
void control_finish_job(struct control *self, struct unit *unit, const struct job *job,
                        enum job_result result);

/* Every service has stopped: answers those who asked for that. */
void control_finish_shutdown(struct control *self);

/* Closes the socket and every connection; frees itself when the loop has seen that. */
void control_close(struct control *self);

#endif
