/*
 * Where an instance of abide lives: four folders, which nothing but this module chooses. There is
 * the system's instance (of root), one of each user, and as many private ones as there are
 * folders.
 *
 *     | folder  | system         | user                                | --home DIR |
 *     | ------- | -------------- | ----------------------------------- | ---------- |
 *     | runtime | /run/abide     | $XDG_STATE_HOME/abide/run.HOSTNAME  | DIR/run    |
 *     | state   | /var/lib/abide | $XDG_STATE_HOME/abide               | DIR/state  |
 *     | logs    | /var/log/abide | $XDG_STATE_HOME/abide/log           | DIR/log    |
 *     | units   | /etc/abide     | $XDG_CONFIG_HOME/abide              | DIR/units  |
 *
 * home_resolve() only computes; home_create() makes what is missing.
 */
#ifndef CLIENT_HOME_H
#define CLIENT_HOME_H

#include "base/cleanup.h"

#include <stdbool.h>

/* Names in the runtime folder. */
#define HOME_CONTROL "control"
#define HOME_STATUS "status"
#define HOME_LOCK "lock"
/* Folders in the state folder: units made by `abide run`, and links to the enabled ones. */
#define HOME_STATE_UNITS "units"
#define HOME_STATE_ENABLED "enabled"

/* Of the environment; NULL or "": not set. */
struct home_options {
    const char *directory; /* --home, else ABIDE_HOME; a relative one is taken from the cwd */
    const char *user_home; /* HOME */
    const char *xdg_state_home; /* as the rest of XDG, it counts only when it is absolute */
    const char *xdg_config_home;
    bool is_root;
};

enum home_kind {
    HOME_SYSTEM,
    HOME_USER,
    HOME_PRIVATE,
};

/* All-zero is none. Paths are absolute, without a slash at their end. */
struct home {
    enum home_kind kind;
    bool is_root; /* the folders are open to other users, as the system's are */
    char *directory; /* of a private one; else NULL */
    char *runtime;
    char *state;
    char *logs;
    char *units;
    char *control; /* RUNTIME/control, never longer than a socket's path may be */
    char *status; /* RUNTIME/status */
    char *lock; /* RUNTIME/lock */
};

/*
 * -ENAMETOOLONG: the control socket's path would be longer than UNIXSOCK_PATH_MAX; -ENOKEY: neither
 * HOME nor a home is set; or an error of the working directory. home_error_text() has the words.
 */
int home_resolve(const struct home_options *options, struct home *ret_home);
void home_fini(struct home *self);

static inline void cleanup_home_fini(struct home *self) {
    home_fini(self);
}

/* What went wrong in home_resolve() and what to do about it: a sentence without its full stop. */
const char *home_error_text(int error);

/*
 * Makes the folders that are missing, and STATE/units and STATE/enabled, with explicit modes: for
 * root 0755 (logs 0750), else 0700. On failure *ret_path is one of the home's paths: where it was.
 */
int home_create(const struct home *self, const char **ret_path);

#endif
