/*
 * Users and groups for `abide exec`: from /etc/passwd and /etc/group, else from getent(1), which
 * knows directory services and is given a few seconds. (The program is linked statically, so the C
 * library's own look-up, which loads modules, is not to be had.)
 */
#ifndef EXEC_ACCOUNT_H
#define EXEC_ACCOUNT_H

#include "os/exec_request.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct account {
    bool changes_user;
    bool changes_group;
    uid_t uid;
    gid_t gid;
    gid_t *groups; /* owned */
    size_t n_groups;
    char *name; /* owned, as are the next two; NULL for a number without an entry */
    char *home;
    char *shell;
};

/* Looks up what the request names. Returns 0, or a step (exec.h) with *report set. */
int account_find(struct account *self, const struct exec_request *request,
                 struct exec_report *report);

/* setgroups, setgid, setuid; verified. Returns 0, or a step. */
int account_assume(const struct account *self, struct exec_report *report);

void account_fini(struct account *self);

#endif
