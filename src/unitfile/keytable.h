/*
 * How the parts of the table in keys.c are written. Only they include this.
 *
 *     KEY("UMask", IN_EXEC, KEY_HONOURED, read_mode, "the mode bits that new files do not get",
 *         .field = KEY_FIELD(umask))
 *
 * Inside a part, keys stand in the order of strcmp(3): they are found by bisection.
 */
#ifndef UNITFILE_KEYTABLE_H
#define UNITFILE_KEYTABLE_H

#include "unitfile/keys.h"
#include "unitfile/readers.h"

#define KEY(name_, sections_, status_, read_, about_, ...)                                         \
    {                                                                                              \
        .name = (name_), .about = (about_), .sections = (sections_), .status = (status_),          \
        .read = (read_), __VA_ARGS__                                                               \
    }

/* The same for a key that guards. */
#define GUARD(name_, sections_, status_, read_, about_, ...)                                       \
    {                                                                                              \
        .name = (name_), .about = (about_), .sections = (sections_), .status = (status_),          \
        .is_guard = true, .read = (read_), __VA_ARGS__                                             \
    }

/* The sections of units that have processes. */
#define IN_EXEC                                                                                    \
    ((uint32_t)SECTION_SERVICE | (uint32_t)SECTION_SOCKET | (uint32_t)SECTION_MOUNT |              \
     (uint32_t)SECTION_SWAP)
#define IN_KILL (IN_EXEC | (uint32_t)SECTION_SCOPE)
#define IN_CGROUP (IN_KILL | (uint32_t)SECTION_SLICE)

struct key_part {
    const struct key *keys;
    size_t count;
    uint32_t sections; /* those that any of its keys may stand in */
};

extern const struct key_part keys_unit; /* systemd.unit(5) without conditions, and [X-Abide] */
extern const struct key_part keys_condition; /* systemd.unit(5): Condition…= and Assert…= */
extern const struct key_part keys_service; /* systemd.service(5), systemd.kill(5) */
extern const struct key_part keys_exec; /* systemd.exec(5) without what is in the next */
extern const struct key_part keys_resource; /* systemd.resource-control(5) */
extern const struct key_part
    keys_trigger; /* systemd.socket(5), .timer(5), .path(5), .mount(5), … */
extern const struct key_part keys_sandbox; /* systemd.exec(5): what a process may see and do */

#endif
