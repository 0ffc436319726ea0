/*
 * The user's runtime folder is not in XDG_RUNTIME_DIR: logind removes that at the last logout, and
 * a daemon outlives a logout. Instead it has the host's name, since a home may be shared by several
 * machines.
 */
#include "client/home.h"

#include "base/alloc.h"
#include "client/path.h"
#include "os/folder.h"
#include "os/self.h"
#include "os/unixsock.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

/* HOST_NAME_MAX of Linux is 64. */
#define HOST_NAME_SIZE 65

static bool is_set(const char *value) {
    return value != NULL && value[0] != '\0';
}

static int resolve_system(struct home *home) {
    int r = path_make(&home->runtime, "/run/abide");
    r = r < 0 ? r : path_make(&home->state, "/var/lib/abide");
    r = r < 0 ? r : path_make(&home->logs, "/var/log/abide");
    return r < 0 ? r : path_make(&home->units, "/etc/abide");
}

/* $XDG_…, or its default below HOME; with "/abide". */
static int xdg_folder(char **place, const char *xdg, const char *user_home, const char *below) {
    if (is_set(xdg) && xdg[0] == '/') {
        return path_make(place, xdg, "/abide");
    }
    if (!is_set(user_home) || user_home[0] != '/') {
        return -ENOKEY;
    }
    return path_make(place, user_home, below, "/abide");
}

static int resolve_user(const struct home_options *options, struct home *home) {
    char host_name[HOST_NAME_SIZE];
    self_host_name(host_name, sizeof(host_name));
    int r = xdg_folder(&home->state, options->xdg_state_home, options->user_home, "/.local/state");
    r = r < 0 ? r : path_make(&home->runtime, home->state, "/run.", host_name);
    r = r < 0 ? r : path_make(&home->logs, home->state, "/log");
    return r < 0
               ? r
               : xdg_folder(&home->units, options->xdg_config_home, options->user_home, "/.config");
}

static int resolve_private(const struct home_options *options, struct home *home) {
    const char *directory = options->directory;
    int r;
    if (directory[0] == '/') {
        r = path_make(&home->directory, directory);
    } else {
        auto_free char *cwd = NULL;
        r = self_working_directory(&cwd);
        r = r < 0 ? r : path_make(&home->directory, cwd, "/", directory);
    }
    if (r < 0) {
        return r;
    }
    for (size_t end = strlen(home->directory); end > 0 && home->directory[end - 1] == '/'; end--) {
        home->directory[end - 1] = '\0';
    }
    r = path_make(&home->runtime, home->directory, "/run");
    r = r < 0 ? r : path_make(&home->state, home->directory, "/state");
    r = r < 0 ? r : path_make(&home->logs, home->directory, "/log");
    return r < 0 ? r : path_make(&home->units, home->directory, "/units");
}

int home_resolve(const struct home_options *options, struct home *ret_home) {
    auto_(home_fini) struct home home = {.is_root = options->is_root};
    int r;
    if (is_set(options->directory)) {
        home.kind = HOME_PRIVATE;
        r = resolve_private(options, &home);
    } else if (options->is_root) {
        home.kind = HOME_SYSTEM;
        r = resolve_system(&home);
    } else {
        home.kind = HOME_USER;
        r = resolve_user(options, &home);
    }
    r = r < 0 ? r : path_make(&home.control, home.runtime, "/" HOME_CONTROL);
    r = r < 0 ? r : path_make(&home.status, home.runtime, "/" HOME_STATUS);
    r = r < 0 ? r : path_make(&home.lock, home.runtime, "/" HOME_LOCK);
    if (r < 0) {
        return r;
    }
    if (strlen(home.control) > UNIXSOCK_PATH_MAX) {
        return -ENAMETOOLONG;
    }
    *ret_home = home;
    home = (struct home){0};
    return 0;
}

void home_fini(struct home *self) {
    cleanup_free(&self->directory);
    cleanup_free(&self->runtime);
    cleanup_free(&self->state);
    cleanup_free(&self->logs);
    cleanup_free(&self->units);
    cleanup_free(&self->control);
    cleanup_free(&self->status);
    cleanup_free(&self->lock);
    *self = (struct home){0};
}

const char *home_error_text(int error) {
    switch (error) {
    case -ENAMETOOLONG:
        return "the path of the home is too long: its control socket may have 107 bytes, and this "
               "one would have more; choose a shorter one with --home DIR or ABIDE_HOME";
    case -ENOKEY:
        return "HOME is not set, so it is not known where this user's services are kept; set it, "
               "or choose a folder with --home DIR";
    case -ENOENT:
        return "the working directory has been removed; change to one that exists";
    default:
        return strerrordesc_np(-error);
    }
}

int home_create(const struct home *self, const char **ret_path) {
    unsigned int mode = self->is_root ? 0755 : 0700;
    auto_free char *made_units = NULL;
    auto_free char *enabled = NULL;
    int r = path_make(&made_units, self->state, "/" HOME_STATE_UNITS);
    r = r < 0 ? r : path_make(&enabled, self->state, "/" HOME_STATE_ENABLED);
    if (r < 0) {
        *ret_path = self->state;
        return r;
    }
    const struct {
        const char *path;
        const char *told; /* lives longer than this function */
        unsigned int mode;
    } folders[] = {
        {self->runtime, self->runtime, mode},  {self->state, self->state, mode},
        {made_units, self->state, mode},       {enabled, self->state, mode},
        {self->logs, self->logs, mode & 0750}, {self->units, self->units, mode},
    };
    for (size_t i = 0; i < sizeof(folders) / sizeof(*folders); i++) {
        r = folder_make(folders[i].path, folders[i].mode);
        if (r < 0) {
            *ret_path = folders[i].told;
            return r;
        }
    }
    return 0;
}
