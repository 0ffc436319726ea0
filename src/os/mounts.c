/* A type that is not known to need a network is taken for local, as statfs(2)'s callers do. */
#include "os/mounts.h"

#include "base/str.h"

#include <errno.h>
#include <mntent.h>
#include <stdio.h>
#include <string.h>

static bool is_remote(const char *type) {
    static const char *const types[] = {
        "9p",   "afs",  "autofs", "ceph", "cifs", "coda",  "davfs", "fuse.sshfs",
        "gfs2", "gpfs", "lustre", "nfs",  "nfs4", "ocfs2", "smb3",  "smbfs",
    };
    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
        if (strcmp(type, types[i]) == 0) {
            return true;
        }
    }
    return strncmp(type, "fuse.", 5) == 0; /* A user's program answers. */
}

int mounts_read(struct mounts *self) {
    FILE *table = setmntent("/proc/self/mounts", "re");
    struct mntent entry;
    char buffer[8192];
    char **remote = NULL;
    int r = 0;
    if (table == NULL) {
        return -errno;
    }
    while (r == 0 && getmntent_r(table, &entry, buffer, sizeof(buffer)) != NULL) {
        if (is_remote(entry.mnt_type)) {
            r = str_list_append(&remote, entry.mnt_dir, strlen(entry.mnt_dir));
        }
    }
    (void)endmntent(table); /* Always 1. */
    if (r < 0) {
        (void)str_list_free(remote);
        return r;
    }
    mounts_fini(self);
    self->remote = remote;
    return 0;
}

bool mounts_may_block(const struct mounts *self, const char *path) {
    for (char **mount = self->remote; mount != NULL && *mount != NULL; mount++) {
        size_t length = strlen(*mount);
        if (strncmp(path, *mount, length) == 0 &&
            (path[length] == '/' || path[length] == '\0' || (*mount)[length - 1] == '/')) {
            return true;
        }
    }
    return false;
}

void mounts_fini(struct mounts *self) {
    self->remote = str_list_free(self->remote);
}
