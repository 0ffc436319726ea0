/*
 * Variables in the arguments of a command, systemd.service(5), "Command lines": `$NAME` as a word
 * of its own becomes the words of the value, none if it is empty; `${NAME}` anywhere in a word
 * becomes the value as it is; `$$` a dollar sign. An unset variable is empty. Quotes in a value of
 * `$NAME` hold words together, as they do in a unit file.
 *
 *     char **argv = NULL;
 *     r = expand_argv(command->argv, environment, &argv);
 *     …
 *     argv = str_list_free(argv);
 */
#ifndef CORE_EXPAND_H
#define CORE_EXPAND_H

#include <stdbool.h>

/* Does any word hold a `$`? If not, expanding changes nothing. */
bool expand_is_needed(char *const *argv);

/*
 * The words of `argv`, expanded by `environment` ("NAME=VALUE"; the last one counts), as a new
 * list. The first word is taken as it is. Returns 0, -ENOMEM or -E2BIG.
 */
int expand_argv(char *const *argv, char *const *environment, char ***ret_argv);

#endif
