/*
 * The account that a daemon runs as. Names are looked up in the caller, before the first fork: a
 * directory service may be slow, and may leave descriptors and threads behind. Privileges are
 * dropped later, in the daemon.
 */
#ifndef LIBABIDE_ACCOUNT_H
#define LIBABIDE_ACCOUNT_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct abide_daemon;

struct account {
    bool changes_uid;
    bool changes_gid;
    uid_t uid;
    gid_t gid;
    gid_t *groups; /* Owned; supplementary groups to set, when changes_gid. */
    size_t n_groups;
    char *name; /* Owned; NULL for a number without an entry. */
    char *home;
    char *shell;
};

/* All zero: stay as we are. */
#define ACCOUNT_INIT                                                                               \
    { 0 }

/* Looks up daemon->user and daemon->group. Returns 0, or -errno with daemon->error set. */
int account_find(struct account *self, struct abide_daemon *daemon);

void account_fini(struct account *self);

/* Drops privileges, in the order setgroups, setgid, setuid, verifies that they are gone, and sets
 * HOME, USER, LOGNAME and SHELL. Returns 0, or -errno with daemon->error set: then the process must
 * end. */
int account_assume(const struct account *self, struct abide_daemon *daemon);

#endif
