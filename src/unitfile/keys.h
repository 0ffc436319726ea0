/*
 * Which keys a unit file may have: the one table that the reader, `abide check --list-keys` and the
 * manual agree with.
 *
 * The table is kept in parts, one for each of systemd's manual pages, each in alphabetical order.
 * A key's reader checks its value; what is honoured it also stores in the spec.
 */
#ifndef UNITFILE_KEYS_H
#define UNITFILE_KEYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct reader;

/* Sections, or'ed in `key.sections`. */
enum section {
    SECTION_UNIT = 1 << 0,
    SECTION_SERVICE = 1 << 1,
    SECTION_INSTALL = 1 << 2,
    SECTION_ABIDE = 1 << 3, /* [X-Abide]: systemd passes over sections whose names begin so */
    SECTION_SOCKET = 1 << 4,
    SECTION_TIMER = 1 << 5,
    SECTION_PATH = 1 << 6,
    SECTION_MOUNT = 1 << 7,
    SECTION_AUTOMOUNT = 1 << 8,
    SECTION_SWAP = 1 << 9,
    SECTION_SLICE = 1 << 10,
    SECTION_SCOPE = 1 << 11,
};
#define SECTION_COUNT 12

/* What becomes of a key that is set. */
enum key_status {
    KEY_HONOURED, /* it means here what systemd's manual says */
    KEY_LATER_MEANING, /* not acted on yet: more of what a service is */
    KEY_LATER_GRAPH, /* not acted on yet: dependencies, order, conditions */
    KEY_LATER_TRIGGER, /* not acted on yet: sockets, timers, paths */
    KEY_LATER_SANDBOX, /* not acted on yet: what a process may see and do */
    KEY_LATER_CGROUP, /* not acted on yet: what control groups limit and count */
    KEY_NOT_HERE, /* can't be done without systemd, or was taken out of the kernel */
    KEY_BY_NATURE, /* nothing follows from it for the service itself */
};
#define KEY_STATUS_COUNT 8

struct key {
    const char *name;
    const char *about; /* what it asks for, as an imperative or a noun, without a full stop */
    uint32_t sections; /* enum section, where it may stand */
    enum key_status status;
    /* Checks `value`, and stores it if it is honoured. Returns 0 or -ENOMEM; complains by itself.
     */
    int (*read)(struct reader *reader, const struct key *key, char *value);
    /*
     * It keeps the service from something. Where it is set and not honoured, or its value is wrong,
     * the service must not start as if it were not there.
     */
    bool is_guard;
    bool is_fatal; /* a wrong value makes the unit one that can't be started, as in systemd */
    bool may_be_empty; /* an empty value resets; for readers that take none otherwise */
    const char *modern; /* what is used instead today, or NULL */
    const char *alias; /* the key that it is an old name of, or NULL */
    const char *words; /* what read_word() takes, separated by blanks, in the enumerators' order */
    int64_t low; /* the least and the greatest number that read_integer() takes; for other */
    int64_t high; /* readers what they say */
    size_t field; /* KEY_FIELD(member) of the spec; 0: none */
};

#define KEY_FIELD(member) (offsetof(struct spec, member) + 1)

/* The key of that name in a section, or NULL. */
const struct key *key_find(enum section section, const char *name);

/*
 * The key nearest to `name`, which is none, by the fewest changed letters; first in the section,
 * then in all. *ret_section is where it stands. NULL: nothing is near.
 */
const struct key *key_suggest(enum section section, const char *name, enum section *ret_section);

/* All keys: those for index = 0, 1, 2, …, then NULL. */
const struct key *key_at(size_t index);

/* "Unit", "X-Abide"; NULL for what is no section. */
const char *section_name(enum section section);

/* The section of that name, or 0. */
uint32_t section_parse(const char *name);

/* "honoured", "later: graph", …; NULL for a number that is no status. */
const char *key_status_name(enum key_status status);

#endif
