/*
 * The table is looked up by bisection in each part that a section uses: at most five parts of at
 * most a hundred keys. Suggestions look at every key; they are needed for mistakes only.
 */
#include "unitfile/keys.h"

#include "unitfile/keytable.h"

#include <assert.h>
#include <string.h>

static const struct key_part *const parts[] = {
    &keys_unit,    &keys_condition, &keys_service, &keys_exec,
    &keys_sandbox, &keys_resource,  &keys_trigger,
};
#define N_PARTS (sizeof(parts) / sizeof(parts[0]))

/* By the bit's place in enum section. */
static const char *const section_names[SECTION_COUNT] = {
    "Unit", "Service", "Install",   "X-Abide", "Socket", "Timer",
    "Path", "Mount",   "Automount", "Swap",    "Slice",  "Scope",
};

const char *section_name(enum section section) {
    for (uint32_t i = 0; i < SECTION_COUNT; i++) {
        if ((uint32_t)section == (uint32_t)1 << i) {
            return section_names[i];
        }
    }
    return NULL;
}

uint32_t section_parse(const char *name) {
    for (uint32_t i = 0; i < SECTION_COUNT; i++) {
        if (strcmp(section_names[i], name) == 0) {
            return (uint32_t)1 << i;
        }
    }
    return 0;
}

const char *key_status_name(enum key_status status) {
    switch (status) {
    case KEY_HONOURED:
        return "honoured";
    case KEY_LATER_MEANING:
        return "later: meaning";
    case KEY_LATER_GRAPH:
        return "later: graph";
    case KEY_LATER_TRIGGER:
        return "later: sockets and timers";
    case KEY_LATER_SANDBOX:
        return "later: sandbox";
    case KEY_LATER_CGROUP:
        return "later: control groups";
    case KEY_NOT_HERE:
        return "not possible here";
    case KEY_BY_NATURE:
        return "nothing to do";
    }
    return NULL;
}

/* Of keys with one name in one part, one for each section, the first. */
static size_t find_in(const struct key_part *part, const char *name) {
    size_t low = 0;
    size_t high = part->count;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (strcmp(part->keys[middle].name, name) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

const struct key *key_find(enum section section, const char *name) {
    for (size_t i = 0; i < N_PARTS; i++) {
        if ((parts[i]->sections & (uint32_t)section) == 0) {
            continue;
        }
        for (size_t at = find_in(parts[i], name); at < parts[i]->count; at++) {
            const struct key *key = &parts[i]->keys[at];
            if (strcmp(key->name, name) != 0) {
                break;
            }
            if ((key->sections & (uint32_t)section) != 0) {
                return key;
            }
        }
    }
    return NULL;
}

const struct key *key_at(size_t index) {
    for (size_t i = 0; i < N_PARTS; i++) {
        if (index < parts[i]->count) {
            return &parts[i]->keys[index];
        }
        index -= parts[i]->count;
    }
    return NULL;
}

#define NAME_MAX_LENGTH 40

/* Case counts half, so that `execstart` is nearer to ExecStart than any other mistake. */
static uint32_t cost(char a, char b) {
    const char small_a = (char)(a >= 'A' && a <= 'Z' ? a - 'A' + 'a' : a);
    const char small_b = (char)(b >= 'A' && b <= 'Z' ? b - 'A' + 'a' : b);
    return a == b ? 0 : small_a == small_b ? 1 : 2;
}

static uint32_t least(uint32_t a, uint32_t b) {
    return a < b ? a : b;
}

/* Levenshtein's distance, in halves; two rows are enough. Both names are short. */
static uint32_t distance(const char *a, const char *b) {
    uint32_t row[NAME_MAX_LENGTH + 1];
    const size_t length = strlen(b);
    assert(length <= NAME_MAX_LENGTH);
    for (uint32_t i = 0; i <= length; i++) {
        row[i] = 2 * i;
    }
    for (size_t i = 0; a[i] != '\0'; i++) {
        uint32_t diagonal = row[0];
        row[0] += 2;
        for (size_t j = 0; j < length; j++) {
            const uint32_t substituted = diagonal + cost(a[i], b[j]);
            diagonal = row[j + 1];
            row[j + 1] = least(substituted, 2 + least(row[j], row[j + 1]));
        }
    }
    return row[length];
}

const struct key *key_suggest(enum section section, const char *name, enum section *ret_section) {
    const size_t length = strlen(name);
    if (length == 0 || length > NAME_MAX_LENGTH) {
        return NULL;
    }
    /* A third of its letters may be wrong; one more counts for standing in another section. */
    uint32_t best = (uint32_t)(2 * length / 3) + 1;
    const struct key *nearest = NULL;
    for (size_t i = 0; key_at(i) != NULL; i++) {
        const struct key *key = key_at(i);
        const bool is_here = (key->sections & (uint32_t)section) != 0;
        if (strlen(key->name) > NAME_MAX_LENGTH) {
            continue;
        }
        const uint32_t far = distance(name, key->name) + (is_here ? 0 : 1);
        if (far < best) {
            best = far;
            nearest = key;
        }
    }
    if (nearest != NULL) {
        const uint32_t lowest = nearest->sections & (~nearest->sections + 1);
        *ret_section =
            (nearest->sections & (uint32_t)section) != 0 ? section : (enum section)lowest;
    }
    return nearest;
}
