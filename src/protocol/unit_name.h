/*
 * Names of services as they travel between processes and become names of files, so every byte
 * counts: systemd.unit(5)'s characters (letters, digits and `:-_.\@`), a name before the suffix
 * ".service", which does not begin with a dot, and SPEC_NAME_MAX bytes in all. There is no slash in
 * it and no control character, so it is safe in a path, on a terminal and in a log.
 */
#ifndef PROTOCOL_UNIT_NAME_H
#define PROTOCOL_UNIT_NAME_H

#include <stdbool.h>

#define UNIT_NAME_SUFFIX ".service"
/* A buffer for the longest name, with its NUL. */
#define UNIT_NAME_SIZE 256

/* Any text may be asked about. */
bool unit_name_is_valid(const char *name);

/*
 * What a person types: "web" means web.service, a name with the suffix means itself. Returns 0, or
 * -EINVAL when that is no valid name.
 */
int unit_name_complete(const char *typed, char ret_name[UNIT_NAME_SIZE]);

#endif
