/*
 * The environment of a service: what the supervisor made of the unit file, then the files of
 * EnvironmentFile=, then the account's variables where nothing set them, less UnsetEnvironment=.
 */
#ifndef EXEC_ENVIRONMENT_H
#define EXEC_ENVIRONMENT_H

#include "exec/account.h"

/* The value of a variable in a list "NAME=VALUE", or NULL. */
const char *environment_get(char *const *environment, const char *name);

/*
 * Takes over request->environment. Returns 0 and the list, for str_list_free(), or a step (exec.h)
 * with *report set.
 */
int environment_make(struct exec_request *request, const struct account *account,
                     struct exec_report *report, char ***ret_environment);

/* Adds the assignments of an environment file (systemd.exec(5), EnvironmentFile=) of `size` bytes
 * to the list. Returns 0 or -errno; -EINVAL for a file with NUL bytes. */
int environment_parse(char ***environment, const char *text, size_t size);

#endif
