/* Everything is a question to the file system: nothing is remembered, so nothing is out of date. */
#include "client/unitfiles.h"

#include "base/alloc.h"
#include "base/str.h"
#include "client/home.h"
#include "client/path.h"
#include "os/atomicfile.h"
#include "os/fd.h"
#include "os/folder.h"
#include "protocol/unit_name.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

/* It holds an environment, and with it what is secret there. */
#define UNITFILES_MADE_MODE 0600

int unitfiles_made_path(const struct home *home, const char *name, char **ret_path) {
    char *path = NULL;
    int r = path_make(&path, home->state, "/" HOME_STATE_UNITS "/", name);
    if (r == 0) {
        *ret_path = path;
    }
    return r;
}

int unitfiles_find(const struct home *home, const char *name, char **ret_path) {
    auto_free char *path = NULL;
    int r = path_make(&path, home->units, "/", name);
    r = r < 0 ? r : folder_has(path);
    if (r == 0) {
        r = path_make(&path, home->state, "/" HOME_STATE_UNITS "/", name);
        r = r < 0 ? r : folder_has(path);
    }
    if (r > 0) {
        *ret_path = take_ptr(&path);
    }
    return r;
}

int unitfiles_write_made(const struct home *home, const char *name, const char *text) {
    auto_free char *path = NULL;
    auto_fd int folder = -1;
    int r = path_make(&path, home->state, "/" HOME_STATE_UNITS);
    r = r < 0 ? r : folder_open(path, &folder);
    if (r < 0) {
        return r;
    }
    struct atomicfile file = {.directory = folder,
                              .name = name,
                              .bytes = text,
                              .size = strlen(text),
                              .mode = UNITFILES_MADE_MODE,
                              .sync = ATOMICFILE_SYNC_DISK};
    return atomicfile_write(&file);
}

/* Appends the smaller of the two first names that is a valid one, and moves on. */
static int merge(char **by_hand, char **made, char ***place) {
    while ((by_hand != NULL && *by_hand != NULL) || (made != NULL && *made != NULL)) {
        int order;
        if (by_hand == NULL || *by_hand == NULL) {
            order = 1;
        } else if (made == NULL || *made == NULL) {
            order = -1;
        } else {
            order = strcmp(*by_hand, *made);
        }
        const char *name = order <= 0 ? *by_hand : *made;
        by_hand += order <= 0 ? 1 : 0;
        made += order >= 0 ? 1 : 0;
        int r = unit_name_is_valid(name) ? str_list_append(place, name, strlen(name)) : 0;
        if (r < 0) {
            return r;
        }
    }
    return 0;
}

int unitfiles_list(const struct home *home, char ***place) {
    char **by_hand = NULL;
    char **made = NULL;
    auto_free char *made_folder = NULL;
    int r = path_make(&made_folder, home->state, "/" HOME_STATE_UNITS);
    r = r < 0 ? r : folder_list(home->units, &by_hand);
    r = r < 0 ? r : folder_list(made_folder, &made);
    r = r < 0 ? r : merge(by_hand, made, place);
    by_hand = str_list_free(by_hand);
    made = str_list_free(made);
    return r;
}

static int enabled_path(const struct home *home, const char *name, char **place) {
    return path_make(place, home->state, "/" HOME_STATE_ENABLED "/", name);
}

int unitfiles_is_enabled(const struct home *home, const char *name) {
    auto_free char *link = NULL;
    int r = enabled_path(home, name, &link);
    return r < 0 ? r : folder_has(link);
}

int unitfiles_enable(const struct home *home, const char *name, const char *path) {
    auto_free char *link = NULL;
    int r = enabled_path(home, name, &link);
    return r < 0 ? r : folder_link(path, link);
}

int unitfiles_disable(const struct home *home, const char *name) {
    auto_free char *link = NULL;
    int r = enabled_path(home, name, &link);
    return r < 0 ? r : folder_unlink(link);
}
