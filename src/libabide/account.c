/*
 * Fails closed: a user or group that can't be found, or can't be taken on completely, fails the
 * start. Supplementary groups are always replaced, since root's own would stay otherwise.
 */
#include "libabide/account.h"

#include "abide.h"
#include "base/alloc.h"
#include "libabide/fail.h"

#include <assert.h>
#include <errno.h>
#include <grp.h>
#include <limits.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A group with very many members needs a large buffer; see getgrnam_r(3). */
#define ENTRY_SIZE_FIRST 1024
#define ENTRY_SIZE_MAX ((size_t)4 << 20)
#define GROUPS_FIRST 32
#define GROUPS_MAX 65536 /* NGROUPS_MAX of Linux */

/* A whole decimal id. (uid_t)-1 is no id: setresuid(2) takes it for "leave unchanged". */
static bool parse_id(const char *text, unsigned *ret_id) {
    if (text[strspn(text, "0123456789")] != '\0') {
        return false;
    }
    errno = 0;
    unsigned long id = strtoul(text, NULL, 10);
    if (errno != 0 || id >= UINT_MAX) {
        return false;
    }
    *ret_id = (unsigned)id;
    return true;
}

enum entry_kind {
    ENTRY_USER,
    ENTRY_GROUP,
};

union entry {
    struct passwd user;
    struct group group;
};

/* Asks for `text` as a name, then as a number. Returns 0 and the buffer that the entry points into,
 * -ENOENT when there is none, or another -errno. */
static int find_entry(enum entry_kind kind, const char *text, union entry *ret_entry,
                      char **ret_buffer) {
    unsigned id = 0;
    bool by_id = false;
    size_t size = ENTRY_SIZE_FIRST;
    while (size <= ENTRY_SIZE_MAX) {
        auto_free char *buffer = malloc(size);
        struct passwd *user = NULL;
        struct group *group = NULL;
        if (buffer == NULL) {
            return -ENOMEM;
        }
        int error;
        if (kind == ENTRY_GROUP) {
            error = by_id ? getgrgid_r(id, &ret_entry->group, buffer, size, &group)
                          : getgrnam_r(text, &ret_entry->group, buffer, size, &group);
        } else {
            error = by_id ? getpwuid_r(id, &ret_entry->user, buffer, size, &user)
                          : getpwnam_r(text, &ret_entry->user, buffer, size, &user);
        }
        if (user != NULL || group != NULL) {
            *ret_buffer = take_ptr(&buffer);
            return 0;
        }
        if (error == ERANGE) {
            size *= 2;
        } else if (!by_id && parse_id(text, &id)) {
            by_id = true;
        } else {
            /* "Not found" comes in many guises; see getpwnam_r(3). */
            bool is_absent =
                error == 0 || error == ENOENT || error == ESRCH || error == EBADF || error == EPERM;
            return is_absent ? -ENOENT : -error;
        }
    }
    return -ERANGE;
}

static int copy_user(struct account *self, const struct passwd *entry) {
    self->uid = entry->pw_uid;
    self->gid = entry->pw_gid;
    self->name = strdup(entry->pw_name);
    self->home = strdup(entry->pw_dir);
    self->shell = strdup(entry->pw_shell);
    return self->name != NULL && self->home != NULL && self->shell != NULL ? 0 : -ENOMEM;
}

static int find_user(struct account *self, struct abide_daemon *daemon) {
    union entry entry;
    auto_free char *buffer = NULL;
    self->changes_uid = true;
    int r = find_entry(ENTRY_USER, daemon->user, &entry, &buffer);
    if (r == 0) {
        self->changes_gid = true;
        r = copy_user(self, &entry.user);
    } else if (r == -ENOENT && parse_id(daemon->user, &self->uid)) {
        return daemon->group != NULL
                   ? 0
                   : fail_words(daemon, ESRCH, "user %s has no entry: name its group too",
                                daemon->user);
    } else if (r == -ENOENT) {
        return fail_words(daemon, ESRCH, "user %s does not exist", daemon->user);
    }
    return r < 0 ? fail(daemon, -r, "user %s", daemon->user) : 0;
}

static int find_group(struct account *self, struct abide_daemon *daemon) {
    union entry entry;
    auto_free char *buffer = NULL;
    self->changes_gid = true;
    int r = find_entry(ENTRY_GROUP, daemon->group, &entry, &buffer);
    if (r == 0) {
        self->gid = entry.group.gr_gid;
    } else if (r == -ENOENT) {
        return parse_id(daemon->group, &self->gid)
                   ? 0
                   : fail_words(daemon, ESRCH, "group %s does not exist", daemon->group);
    }
    return r < 0 ? fail(daemon, -r, "group %s", daemon->group) : 0;
}

/* The groups of the user, with its gid among them; of a user without an entry just the gid. */
static int find_groups(struct account *self) {
    for (int room = GROUPS_FIRST; room <= GROUPS_MAX; room *= 2) {
        auto_free gid_t *groups = calloc((size_t)room, sizeof(gid_t));
        if (groups == NULL) {
            return -ENOMEM;
        }
        int n = room;
        if (self->name == NULL) {
            groups[0] = self->gid;
            n = 1;
        } else if (getgrouplist(self->name, self->gid, groups, &n) < 0) {
            continue;
        }
        self->groups = take_ptr(&groups);
        self->n_groups = (size_t)n;
        return 0;
    }
    return -E2BIG;
}

int account_find(struct account *self, struct abide_daemon *daemon) {
    int r = daemon->user != NULL ? find_user(self, daemon) : 0;
    if (r >= 0 && daemon->group != NULL) {
        r = find_group(self, daemon);
    }
    if (r < 0 || !self->changes_gid) {
        return r;
    }
    bool is_ours = (!self->changes_uid || self->uid == geteuid()) && self->gid == getegid();
    if (geteuid() != 0 && is_ours) {
        self->changes_uid = self->changes_gid =
            false; /* Nothing to change, and nothing permitted. */
        return 0;
    }
    r = find_groups(self);
    return r < 0 ? fail(daemon, -r, "groups of user %s", daemon->user) : 0;
}

void account_fini(struct account *self) {
    free(self->groups);
    free(self->name);
    free(self->home);
    free(self->shell);
    *self = (struct account)ACCOUNT_INIT;
}

static int verify(const struct account *self, struct abide_daemon *daemon) {
    uid_t real_uid;
    uid_t effective_uid;
    uid_t saved_uid;
    gid_t real_gid;
    gid_t effective_gid;
    gid_t saved_gid;
    if (getresuid(&real_uid, &effective_uid, &saved_uid) < 0 ||
        getresgid(&real_gid, &effective_gid, &saved_gid) < 0) {
        return fail(daemon, errno, "verify of dropped privileges");
    }
    bool uid_holds = !self->changes_uid || (real_uid == self->uid && effective_uid == self->uid &&
                                            saved_uid == self->uid);
    bool gid_holds = !self->changes_gid || (real_gid == self->gid && effective_gid == self->gid &&
                                            saved_gid == self->gid);
    bool regains = self->changes_uid && self->uid != 0 && setuid(0) == 0;
    if (!uid_holds || !gid_holds || regains) {
        return fail_words(daemon, EPERM, "privileges of root could not be dropped for good");
    }
    return 0;
}

static int set_environment(const struct account *self, struct abide_daemon *daemon) {
    if (self->name == NULL) {
        return 0;
    }
    if (setenv("HOME", self->home, 1) < 0 || setenv("USER", self->name, 1) < 0 ||
        setenv("LOGNAME", self->name, 1) < 0 || setenv("SHELL", self->shell, 1) < 0) {
        return fail(daemon, errno, "environment of user %s", self->name);
    }
    return 0;
}

int account_assume(const struct account *self, struct abide_daemon *daemon) {
    if (!self->changes_uid && !self->changes_gid) {
        return 0;
    }
    assert(self->changes_gid && self->n_groups > 0);
    if (setgroups(self->n_groups, self->groups) < 0) {
        return fail(daemon, errno, "setgroups for %s %s%s", daemon->user != NULL ? "user" : "group",
                    daemon->user != NULL ? daemon->user : daemon->group,
                    errno == EPERM ? " (start it as root)" : "");
    }
    if (setresgid(self->gid, self->gid, self->gid) < 0) {
        return fail(daemon, errno, "setgid to %u", (unsigned)self->gid);
    }
    if (self->changes_uid && setresuid(self->uid, self->uid, self->uid) < 0) {
        return fail(daemon, errno, "setuid to %s", daemon->user);
    }
    int r = verify(self, daemon);
    return r < 0 ? r : set_environment(self, daemon);
}
