/* No shell: a name from a unit file is one argument, behind the `--` that ends the options. */
#include "exec/getent.h"

#include "base/alloc.h"
#include "os/child.h"

#include <errno.h>
#include <string.h>

#define EXIT_NO_KEY 2 /* getent(1): one or more supplied keys could not be found */

int getent_line(const char *database, const char *key, char ret_line[GETENT_LINE_MAX]) {
    auto_free char *database_word = strdup(database);
    auto_free char *key_word = strdup(key);
    auto_free char *output = NULL;
    char words[][8] = {"getent", "--"};
    char path[] = "PATH=/usr/sbin:/usr/bin:/sbin:/bin";
    char *const argv[] = {words[0], words[1], database_word, key_word, NULL};
    char *const environment[] = {path, NULL};
    const struct child_options options = {
        .path = "/usr/bin/getent", /* Not by PATH: that is the service's. */
        .argv = argv,
        .envp = environment,
        .output_max = GETENT_LINE_MAX - 1,
        .timeout_usec = GETENT_TIMEOUT_USEC,
    };
    int status;
    if (database_word == NULL || key_word == NULL) {
        return -ENOMEM;
    }
    int r = child_run(&options, &status, &output);
    if (r < 0) {
        return r == -ENOENT ? 1 : r;
    }
    size_t size = strcspn(output, "\n");
    if (status == EXIT_NO_KEY || size == 0) {
        return 1;
    }
    memcpy(ret_line, output, size);
    ret_line[size] = '\0';
    return 0;
}
