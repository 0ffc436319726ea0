/* Fails closed: a name that can't be found, or privileges that can't be dropped, start nothing. */
#include "exec/account.h"

#include "base/alloc.h"
#include "base/str.h"
#include "exec/exec.h"
#include "exec/getent.h"

#include <errno.h>
#include <grp.h>
#include <limits.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PASSWD_PATH "/etc/passwd"
#define GROUP_PATH "/etc/group"
#define GROUPS_MAX 65536 /* NGROUPS_MAX of Linux */

static bool parse_id(const char *text, unsigned *ret_id) {
    if (text[0] == '\0' || text[strspn(text, "0123456789")] != '\0') {
        return false;
    }
    errno = 0;
    unsigned long id = strtoul(text, NULL, 10);
    if (errno != 0 || id >= UINT_MAX) { /* (uid_t)-1 means "leave it" to setresuid(2). */
        return false;
    }
    *ret_id = (unsigned)id;
    return true;
}

static void cleanup_file(FILE **file) {
    if (*file != NULL) {
        (void)fclose(*file); /* Only read. */
    }
}

/* The file's entry for a name or number; NULL when it has none. */
static const struct passwd *file_user(FILE *file, const char *text) {
    unsigned id = 0;
    bool is_id = parse_id(text, &id);
    const struct passwd *entry;
    while ((entry = fgetpwent(file)) != NULL) {
        if (strcmp(entry->pw_name, text) == 0 || (is_id && entry->pw_uid == id)) {
            return entry;
        }
    }
    return NULL;
}

static const struct group *file_group(FILE *file, const char *text) {
    unsigned id = 0;
    bool is_id = parse_id(text, &id);
    const struct group *entry;
    while ((entry = fgetgrent(file)) != NULL) {
        if (strcmp(entry->gr_name, text) == 0 || (is_id && entry->gr_gid == id)) {
            return entry;
        }
    }
    return NULL;
}

static int copy_user(struct account *self, const struct passwd *entry) {
    self->uid = entry->pw_uid;
    self->gid = entry->pw_gid;
    int r = str_replace(&self->name, entry->pw_name, strlen(entry->pw_name));
    if (r == 0) {
        r = str_replace(&self->home, entry->pw_dir, strlen(entry->pw_dir));
    }
    if (r == 0) {
        r = str_replace(&self->shell, entry->pw_shell, strlen(entry->pw_shell));
    }
    return r;
}

static int add_group(struct account *self, gid_t gid) {
    for (size_t i = 0; i < self->n_groups; i++) {
        if (self->groups[i] == gid) {
            return 0;
        }
    }
    if (self->n_groups >= GROUPS_MAX) {
        return -E2BIG;
    }
    gid_t *grown = reallocarray(self->groups, self->n_groups + 1, sizeof(gid_t));
    if (grown == NULL) {
        return -ENOMEM;
    }
    self->groups = grown;
    self->groups[self->n_groups++] = gid;
    return 0;
}

/* The groups whose members name the user. */
static int add_groups_of_file(struct account *self) {
    attr_cleanup(cleanup_file) FILE *file = fopen(GROUP_PATH, "re");
    const struct group *entry;
    int r = 0;
    while (r == 0 && file != NULL && (entry = fgetgrent(file)) != NULL) {
        for (char **member = entry->gr_mem; r == 0 && *member != NULL; member++) {
            r = strcmp(*member, self->name) == 0 ? add_group(self, entry->gr_gid) : 0;
        }
    }
    return r;
}

/* A line "name gid gid …". */
static int add_groups_of_getent(struct account *self) {
    char line[GETENT_LINE_MAX];
    int r = getent_line("initgroups", self->name, line);
    if (r != 0) {
        return r < 0 ? r : 0;
    }
    char *rest = NULL;
    (void)strtok_r(line, " \t\n", &rest); /* The name. */
    for (char *word; r == 0 && (word = strtok_r(NULL, " \t\n", &rest)) != NULL;) {
        unsigned gid;
        r = parse_id(word, &gid) ? add_group(self, gid) : 0;
    }
    return r;
}

/* Returns 0, 1 when there is no such user, or -errno. */
static int find_entry_of_user(struct account *self, const char *text, bool *ret_is_local) {
    attr_cleanup(cleanup_file) FILE *file = fopen(PASSWD_PATH, "re");
    const struct passwd *entry = file != NULL ? file_user(file, text) : NULL;
    if (entry != NULL) {
        *ret_is_local = true;
        return copy_user(self, entry);
    }
    char line[GETENT_LINE_MAX];
    int r = getent_line("passwd", text, line);
    if (r != 0) {
        return r;
    }
    attr_cleanup(cleanup_file) FILE *memory = fmemopen(line, strlen(line), "r");
    entry = memory != NULL ? fgetpwent(memory) : NULL;
    *ret_is_local = false;
    return entry != NULL ? copy_user(self, entry) : -EBADMSG;
}

static int find_user(struct account *self, const struct exec_request *request,
                     struct exec_report *report) {
    bool is_local = true;
    int r = find_entry_of_user(self, request->user, &is_local);
    self->changes_user = true;
    if (r == 1 && parse_id(request->user, &self->uid) && request->group != NULL) {
        return 0; /* A number needs no entry as long as its group is known. */
    }
    if (r == 1) {
        return exec_fail(report, EXEC_STEP_USER, ESRCH, "user %s does not exist", request->user);
    }
    if (r == 0) {
        self->changes_group = true;
        r = add_group(self, self->gid);
    }
    if (r == 0) {
        r = is_local ? add_groups_of_file(self) : add_groups_of_getent(self);
    }
    return r < 0 ? exec_fail(report, EXEC_STEP_USER, -r, "look-up of user %s", request->user) : 0;
}

/* Returns 0, 1 when there is no such group, or -errno. */
static int find_gid(const char *text, gid_t *ret_gid) {
    attr_cleanup(cleanup_file) FILE *file = fopen(GROUP_PATH, "re");
    const struct group *entry = file != NULL ? file_group(file, text) : NULL;
    char line[GETENT_LINE_MAX];
    if (entry == NULL) {
        int r = getent_line("group", text, line);
        if (r != 0) {
            return r == 1 && parse_id(text, ret_gid) ? 0 : r;
        }
        attr_cleanup(cleanup_file) FILE *memory = fmemopen(line, strlen(line), "r");
        entry = memory != NULL ? fgetgrent(memory) : NULL;
    }
    if (entry == NULL) {
        return -EBADMSG;
    }
    *ret_gid = entry->gr_gid;
    return 0;
}

static int fail_group(struct exec_report *report, int r, const char *name) {
    return r == 1 ? exec_fail(report, EXEC_STEP_GROUP, ESRCH, "group %s does not exist", name)
                  : exec_fail(report, EXEC_STEP_GROUP, -r, "look-up of group %s", name);
}

int account_find(struct account *self, const struct exec_request *request,
                 struct exec_report *report) {
    int r = request->user != NULL ? find_user(self, request, report) : 0;
    if (r != 0) {
        return r;
    }
    if (request->group != NULL) {
        gid_t gid;
        r = find_gid(request->group, &gid);
        if (r == 0) {
            self->changes_group = true;
            self->gid = gid;
            r = add_group(self, gid);
        }
        if (r != 0) {
            return fail_group(report, r, request->group);
        }
    }
    for (char **name = request->supplementary_groups; name != NULL && *name != NULL; name++) {
        gid_t gid;
        r = find_gid(*name, &gid);
        if (r == 0) {
            r = add_group(self, gid);
        }
        if (r != 0) {
            return fail_group(report, r, *name);
        }
        if (!self->changes_group) {
            self->changes_group = true;
            self->gid = getegid();
        }
    }
    return 0;
}

static bool verify(const struct account *self) {
    uid_t uids[3];
    gid_t gids[3];
    if (getresuid(&uids[0], &uids[1], &uids[2]) < 0 ||
        getresgid(&gids[0], &gids[1], &gids[2]) < 0) {
        return false;
    }
    for (int i = 0; i < 3; i++) {
        if ((self->changes_user && uids[i] != self->uid) ||
            (self->changes_group && gids[i] != self->gid)) {
            return false;
        }
    }
    return !self->changes_user || self->uid == 0 || setuid(0) < 0;
}

int account_assume(const struct account *self, struct exec_report *report) {
    bool is_ours = (!self->changes_user || self->uid == geteuid()) &&
                   (!self->changes_group || self->gid == getegid());
    if (geteuid() != 0 && is_ours) {
        return 0; /* Nothing to change, and nothing permitted. */
    }
    if (self->changes_group && (setgroups(self->n_groups, self->groups) < 0 ||
                                setresgid(self->gid, self->gid, self->gid) < 0)) {
        return exec_fail(report, EXEC_STEP_GROUP, errno, "change to group %u%s",
                         (unsigned)self->gid,
                         errno == EPERM ? " (only a supervisor of root's may)" : "");
    }
    if (self->changes_user && setresuid(self->uid, self->uid, self->uid) < 0) {
        return exec_fail(report, EXEC_STEP_USER, errno, "change to user %u%s", (unsigned)self->uid,
                         errno == EPERM ? " (only a supervisor of root's may)" : "");
    }
    return verify(self) ? 0
                        : exec_fail(report, EXEC_STEP_USER, EPERM,
                                    "privileges of root could not be dropped for good");
}

void account_fini(struct account *self) {
    free(self->groups);
    free(self->name);
    free(self->home);
    free(self->shell);
    *self = (struct account){0};
}
