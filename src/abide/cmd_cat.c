/* The unit file as it is, below a line that says where it is. */
#include "abide/commands.h"
#include "abide/names.h"
#include "abide/say.h"
#include "base/alloc.h"
#include "client/unitfiles.h"
#include "os/atomicfile.h"
#include "os/folder.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define UNIT_FILE_MAX ((size_t)8 * 1024 * 1024)

static int cat(const struct call *call, const char *name) {
    auto_free char *path = NULL;
    auto_free char *text = NULL;
    size_t size = 0;
    int r = unitfiles_find(&call->home, name, &path);
    if (r == 0) {
        return names_unknown(call, name);
    }
    r = r < 0 ? r : atomicfile_read(FOLDER_CWD, path, UNIT_FILE_MAX, &text, &size);
    if (r < 0) {
        return say_fail(r == -EACCES ? OUTCOME_NOT_PERMITTED : OUTCOME_FAILED, "%s: %s",
                        path != NULL ? path : name, strerrordesc_np(-r));
    }
    (void)printf("# %s\n", path);
    (void)fwrite(text, 1, size, stdout);
    if (size != 0 && text[size - 1] != '\n') {
        (void)putchar('\n');
    }
    return 0;
}

int cmd_cat(struct call *call) {
    int first = 0;
    for (size_t i = 0; i < call->n_arguments; i++) {
        char name[UNIT_NAME_SIZE];
        int status = names_complete(call->arguments[i], name);
        if (i != 0) {
            (void)putchar('\n');
        }
        status = status != 0 ? status : cat(call, name);
        first = first != 0 ? first : status;
    }
    return first;
}
