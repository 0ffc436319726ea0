/* Ten lines of a usual length fit many times. */
#include "client/logtail.h"

#include "base/alloc.h"
#include "base/str.h"
#include "client/logfiles.h"
#include "os/fd.h"
#include "os/folder.h"
#include "os/tail.h"

#include <errno.h>
#include <string.h>

#define LOGTAIL_SIZE_MAX ((size_t)8 * 1024)

/* Where the last `n_lines` lines begin; NULL: there are not so many. */
static const char *find_lines(const struct tail *tail, size_t n_lines) {
    size_t left = tail->size;
    if (left != 0 && tail->text[left - 1] == '\n') {
        left--;
    }
    for (size_t i = 0; i < n_lines; i++) {
        const char *found = memrchr(tail->text, '\n', left);
        if (found == NULL) {
            return i + 1 == n_lines && tail->is_whole ? tail->text : NULL;
        }
        left = (size_t)(found - tail->text);
    }
    return tail->text + left + 1;
}

/* Whether older files follow before `current`. */
static int has_others(const char *folder) {
    char **names = NULL;
    int r = folder_list(folder, &names);
    size_t count = str_list_count(names);
    names = str_list_free(names);
    return r < 0 ? r : count > 1;
}

int logtail_read(const char *folder, size_t n_lines, char **ret_text, size_t *ret_size) {
    auto_fd int fd = -1;
    struct tail tail = {0};
    int r = folder_open(folder, &fd);
    r = r < 0 ? r : tail_read(fd, LOGFILES_CURRENT, LOGTAIL_SIZE_MAX, &tail);
    if (r < 0) {
        return r;
    }
    auto_free char *text = tail.text;
    const char *from = find_lines(&tail, n_lines);
    if (from == NULL && tail.is_whole) {
        r = has_others(folder);
        if (r < 0) {
            return r;
        }
        from = r == 0 ? tail.text : NULL;
    }
    if (from == NULL) {
        return 0;
    }
    size_t size = tail.size - (size_t)(from - tail.text);
    memmove(text, from, size);
    *ret_text = take_ptr(&text);
    *ret_size = size;
    return 1;
}
