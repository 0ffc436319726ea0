/* A daemon outlives whatever started it, so it keeps nothing of that open, mounted or masked. */
#include "libabide/place.h"

#include "abide.h"
#include "libabide/fail.h"
#include "libabide/settings.h"

#include <assert.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void sort(unsigned *fds, size_t n) {
    for (size_t i = 1; i < n; i++) {
        for (size_t j = i; j > 0 && fds[j] < fds[j - 1]; j--) {
            unsigned swapped = fds[j];
            fds[j] = fds[j - 1];
            fds[j - 1] = swapped;
        }
    }
}

int place_close_others(struct abide_daemon *daemon, int report_fd) {
    unsigned kept[ABIDE_KEEP_FDS_MAX + 1];
    size_t n = 0;
    assert(daemon->n_keep_fds <= ABIDE_KEEP_FDS_MAX && report_fd > STDERR_FILENO);
    for (size_t i = 0; i < daemon->n_keep_fds; i++) {
        kept[n++] = (unsigned)daemon->keep_fds[i];
    }
    kept[n++] = (unsigned)report_fd;
    sort(kept, n);
    /* The gaps between those that are kept, then everything above the last. */
    unsigned first = STDERR_FILENO + 1;
    for (size_t i = 0; i < n; i++) {
        if (kept[i] > first && close_range(first, kept[i] - 1, 0) < 0) {
            return fail(daemon, errno, "close_range");
        }
        first = kept[i] + 1;
    }
    return close_range(first, ~0u, 0) < 0 ? fail(daemon, errno, "close_range") : 0;
}

int place_enter(struct abide_daemon *daemon) {
    const char *path = daemon->working_directory != NULL ? daemon->working_directory : "/";
    if (chdir(path) < 0) {
        return fail(daemon, errno, "working directory %s", path);
    }
    (void)umask(settings_umask(daemon));
    return 0;
}
