/*
 * Each file is read line by line into the same spec: a drop-in adds to what stands before it, or
 * resets it, as one file does with itself. What can be judged only in the end comes after the last.
 */
#include "unitfile/unitfile.h"

#include "base/alloc.h"
#include "base/str.h"
#include "core/names.h"
#include "unitfile/ini.h"
#include "unitfile/reader.h"
#include "unitfile/unitname.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

/* What systemd has for the key that is not set when the other is. */
#define START_LIMIT_INTERVAL_USEC (10 * USEC_PER_SEC)
#define START_LIMIT_BURST 5

/* The sections that a unit's file has, besides [Unit] and [Install]. */
static uint32_t sections_of(enum unit_type type) {
    const uint32_t common = (uint32_t)SECTION_UNIT | (uint32_t)SECTION_INSTALL;
    switch (type) {
    case UNIT_SERVICE:
        return common | (uint32_t)SECTION_SERVICE | (uint32_t)SECTION_ABIDE;
    case UNIT_SOCKET:
        return common | (uint32_t)SECTION_SOCKET;
    case UNIT_MOUNT:
        return common | (uint32_t)SECTION_MOUNT;
    case UNIT_AUTOMOUNT:
        return common | (uint32_t)SECTION_AUTOMOUNT;
    case UNIT_SWAP:
        return common | (uint32_t)SECTION_SWAP;
    case UNIT_TIMER:
        return common | (uint32_t)SECTION_TIMER;
    case UNIT_PATH:
        return common | (uint32_t)SECTION_PATH;
    case UNIT_SLICE:
        return common | (uint32_t)SECTION_SLICE;
    case UNIT_SCOPE:
        return common | (uint32_t)SECTION_SCOPE;
    case UNIT_TARGET:
    case UNIT_DEVICE:
        return common;
    }
    return common;
}

/* Where a file is, between its lines. */
struct place {
    uint32_t sections; /* those that the unit has */
    uint32_t section; /* the one we are in; 0: none, or one that is passed over */
    bool is_passed_over; /* a section that is unknown, or not ours */
};

static int say(struct reader *reader, enum diag_kind kind, const char *what, const char *quoted) {
    const char *const pieces[] = {what, quoted, NULL};
    return reader_say(reader, DIAG_WARNING, kind, pieces);
}

/* Sections named X-… are for others; abide's own is one of them. */
static int enter_section(struct reader *reader, struct place *place, const char *name) {
    const uint32_t section = section_parse(name) & place->sections;
    place->section = section;
    place->is_passed_over = section == 0;
    if (section != 0 || strncmp(name, "X-", 2) == 0) {
        return 0;
    }
    return say(reader, DIAG_UNKNOWN, "unknown section, passed over: ", name);
}

/*
 * What is no section header makes the rest of the file worthless, since nobody knows where its
 * lines belong; systemd refuses such a unit too. After a fatal error nothing more is read.
 */
static int refuse_header(struct reader *reader, struct place *place, const char *line) {
    const char *const pieces[] = {"no section header: ", line, NULL};
    place->section = 0;
    place->is_passed_over = true;
    reader->is_fatal = true;
    return reader_say(reader, DIAG_ERROR, DIAG_SYNTAX, pieces);
}

static int read_assignment(struct reader *reader, const struct place *place,
                           struct ini_item *item) {
    if (place->section == 0) {
        return place->is_passed_over
                   ? 0
                   : say(reader, DIAG_SYNTAX, "no section yet, passed over: ", item->key);
    }
    reader->section = (enum section)place->section;
    return reader_assign(reader, item->key, item->value);
}

static int read_item(struct reader *reader, struct place *place, struct ini_item *item) {
    reader->line = item->line;
    switch (item->kind) {
    case INI_SECTION:
        return enter_section(reader, place, item->key);
    case INI_ASSIGNMENT:
        return read_assignment(reader, place, item);
    case INI_BAD_HEADER:
        return refuse_header(reader, place, item->key);
    case INI_NO_ASSIGNMENT:
        return say(reader, DIAG_SYNTAX, "no `=` in this line: ", item->key);
    case INI_NO_KEY:
        return say(reader, DIAG_SYNTAX, "nothing before the `=`", "");
    case INI_NOT_UTF8:
        return say(reader, DIAG_SYNTAX, "not UTF-8, passed over", "");
    case INI_TOO_LONG:
        return say(reader, DIAG_SYNTAX, "too long a line, passed over", "");
    }
    return 0;
}

static int refuse_file(struct reader *reader, int error) {
    const char *const pieces[] = {error == -EFBIG ? "larger than 1 MiB: no unit file"
                                                  : "more than 65536 lines: no unit file",
                                  NULL};
    reader->is_fatal = true;
    return reader_say(reader, DIAG_ERROR, DIAG_SYNTAX, pieces);
}

static int read_fragment(struct reader *reader, const struct unitfile_fragment *fragment,
                         uint32_t sections) {
    struct ini ini;
    struct ini_item item;
    struct place place = {.sections = sections};
    reader->file = fragment->name;
    reader->line = 0;
    int r = ini_init(&ini, fragment->text, fragment->length);
    if (r == -EFBIG || r == -E2BIG) {
        return refuse_file(reader, r);
    }
    while (r == 0 && !reader->is_fatal && ini_next(&ini, &item)) {
        r = read_item(reader, &place, &item);
    }
    ini_fini(&ini);
    return r;
}

static int read_all(struct reader *reader, const struct unitfile_source *source,
                    enum unit_type type) {
    const uint32_t sections = sections_of(type);
    for (size_t i = 0; i < source->n_fragments && !reader->is_fatal; i++) {
        int r = read_fragment(reader, &source->fragments[i], sections);
        if (r < 0) {
            return r;
        }
    }
    reader->file = source->n_fragments != 0 ? source->fragments[0].name : source->name;
    reader->line = 0;
    const char *const pieces[] = {"it can't be started; what follows the error was not read", NULL};
    return reader->is_fatal ? reader_say(reader, DIAG_ERROR, DIAG_UNIT, pieces) : 0;
}

/* Why a key that is set has no effect; NULL when it has. */
static const char *not_honoured(enum key_status status) {
    switch (status) {
    case KEY_HONOURED:
    case KEY_BY_NATURE:
        return NULL;
    case KEY_LATER_MEANING:
    case KEY_LATER_GRAPH:
    case KEY_LATER_TRIGGER:
    case KEY_LATER_SANDBOX:
    case KEY_LATER_CGROUP:
        return "= is not acted on yet: ";
    case KEY_NOT_HERE:
        return "= is not possible here: ";
    }
    return NULL;
}

/* Names every key that asks for something and does not get it, where it was set last. */
static int say_not_honoured(struct reader *reader) {
    for (size_t i = 0; i < reader->settings.count; i++) {
        const struct setting *setting = &reader->settings.items[i];
        const char *why = not_honoured(setting->key->status);
        if (why == NULL || setting->n_values == 0 || setting->is_off) {
            continue;
        }
        const char *const pieces[] = {setting->key->name, why, setting->key->about, NULL};
        reader->file = setting->file;
        reader->line = setting->line;
        int r =
            reader_say(reader, setting->key->is_guard ? DIAG_GUARD : DIAG_WARNING,
                       setting->key->status == KEY_NOT_HERE ? DIAG_NOT_HERE : DIAG_NOT_YET, pieces);
        if (r < 0) {
            return r;
        }
    }
    return 0;
}

/* Whether a key that fills this field of the spec is set. */
static bool is_set(const struct reader *reader, size_t field) {
    for (size_t i = 0; i < reader->settings.count; i++) {
        const struct setting *setting = &reader->settings.items[i];
        if (setting->key->field == field && setting->n_values != 0) {
            return true;
        }
    }
    return false;
}

static bool has_bus_name(const struct reader *reader) {
    for (size_t i = 0; i < reader->settings.count; i++) {
        const struct setting *setting = &reader->settings.items[i];
        if (strcmp(setting->key->name, "BusName") == 0 && setting->n_values != 0) {
            return true;
        }
    }
    return false;
}

/* What depends on several keys, or on their absence. systemd.service(5), Type= and TimeoutSec=. */
static void finish_policy(const struct reader *reader, struct policy *policy) {
    if (!is_set(reader, KEY_FIELD(policy.type))) {
        policy->type = has_bus_name(reader)                   ? SERVICE_TYPE_DBUS
                       : policy->n_commands[PHASE_START] != 0 ? SERVICE_TYPE_SIMPLE
                                                              : SERVICE_TYPE_ONESHOT;
    }
    if (policy->type == SERVICE_TYPE_ONESHOT &&
        !is_set(reader, KEY_FIELD(policy.start_timeout_usec))) {
        policy->start_timeout_usec = USEC_INFINITY;
    }
    policy->restart_usec_is_set = is_set(reader, KEY_FIELD(policy.restart_usec)) ? 1 : 0;
    const bool has_interval = is_set(reader, KEY_FIELD(policy.start_limit_interval_usec));
    const bool has_burst = is_set(reader, KEY_FIELD(policy.start_limit_burst));
    if (has_interval && !has_burst) {
        policy->start_limit_burst = START_LIMIT_BURST;
    }
    if (has_burst && !has_interval) {
        policy->start_limit_interval_usec = START_LIMIT_INTERVAL_USEC;
    }
}

static int finish(struct reader *reader) {
    const char *main_file = reader->file;
    int r = say_not_honoured(reader);
    reader->file = main_file;
    reader->line = 0;
    if (r < 0) {
        return r;
    }
    finish_policy(reader, &reader->spec->policy);
    const enum policy_error error = policy_check(&reader->spec->policy);
    if (error == POLICY_OK || reader->is_fatal) {
        return 0; /* or already said */
    }
    const char *const pieces[] = {policy_error_text(error), NULL};
    return reader_say(reader, DIAG_ERROR, DIAG_UNIT, pieces);
}

static struct reader make_reader(const struct unitfile_source *source, struct diag_list *diags) {
    return (struct reader){
        .diags = diags,
        .unit = {.name = source->name,
                 .fragment_path = source->n_fragments != 0 ? source->fragments[0].name : NULL,
                 .host = source->host},
    };
}

static int name_spec(const struct unitfile_source *source, struct spec *spec) {
    int r = str_replace(&spec->name, source->name, strlen(source->name));
    if (r == 0 && source->n_fragments != 0) {
        const char *path = source->fragments[0].name;
        r = str_replace(&spec->fragment_path, path, strlen(path));
    }
    return r;
}

int unitfile_parse(const struct unitfile_source *source, struct spec *ret_spec,
                   struct diag_list *diags) {
    struct unitname name;
    assert(source->host != NULL);
    if (unitname_parse(source->name, &name) < 0 || name.type != UNIT_SERVICE) {
        return -EINVAL;
    }
    struct spec spec;
    spec_init(&spec);
    struct reader reader = make_reader(source, diags);
    reader.spec = &spec;
    int r = name_spec(source, &spec);
    if (r == 0) {
        r = read_all(&reader, source, name.type);
    }
    if (r == 0) {
        r = finish(&reader);
    }
    reader_fini(&reader);
    if (r < 0) {
        spec_fini(&spec);
        return r;
    }
    *ret_spec = spec;
    return 0;
}

void unitfile_show_fini(struct unitfile_show *self) {
    for (size_t i = 0; i < self->count; i++) {
        (void)str_list_free(self->items[i].values);
    }
    cleanup_free(&self->items);
    *self = (struct unitfile_show){0};
}

int unitfile_show(const struct unitfile_source *source, struct unitfile_show *ret_show,
                  struct diag_list *diags) {
    struct unitname name;
    assert(source->host != NULL);
    if (unitname_parse(source->name, &name) < 0) {
        return -EINVAL;
    }
    struct reader reader = make_reader(source, diags);
    reader.keeps_values = true;
    struct unitfile_show show = {0};
    int r = read_all(&reader, source, name.type);
    if (r == 0) {
        show.items = alloc_zeroed(reader.settings.count, sizeof(*show.items));
        r = show.items != NULL ? 0 : -ENOMEM;
    }
    for (size_t i = 0; r == 0 && i < reader.settings.count; i++) {
        struct setting *setting = &reader.settings.items[i];
        show.items[show.count++] = (struct unitfile_setting){
            .key = setting->key,
            .section = setting->section,
            .values = take_ptr(&setting->values),
        };
    }
    reader_fini(&reader);
    if (r == 0) {
        *ret_show = show;
    }
    return r;
}
