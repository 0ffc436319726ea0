/* What units are to one another, and to the machine: names of units, and conditions. */
#include "unitfile/command.h"
#include "unitfile/readers.h"
#include "unitfile/unitname.h"
#include "unitfile/word.h"

#include "base/alloc.h"
#include "base/str.h"

#include <errno.h>
#include <string.h>

/* A template stands for its instance that this unit is one of: with the same instance, else prefix.
 */
static int fill_template(const struct reader *reader, char **name) {
    struct unitname own;
    struct unitname parts;
    if (unitname_parse(*name, &parts) < 0 || parts.instance == NULL || parts.instance_length != 0 ||
        unitname_parse(reader->unit.name, &own) < 0) {
        return 0;
    }
    struct text text = {0};
    auto_free char *filled = NULL;
    text_add_bytes(&text, *name, (size_t)(parts.instance - *name));
    if (own.instance_length != 0) {
        text_add_bytes(&text, own.instance, own.instance_length);
    } else {
        text_add_bytes(&text, own.prefix, own.prefix_length);
    }
    text_add(&text, parts.instance);
    int r = text_take(&text, &filled);
    return r < 0 ? r : str_replace(name, filled, strlen(filled));
}

static int add_unit(struct reader *reader, const struct key *key, const char *word) {
    auto_free char *name = NULL;
    struct unitname parts;
    int r = reader_expand(reader, SPECIFIERS_FOR_NAMES, word, &name);
    if (r <= 0) {
        return r;
    }
    r = reader->section == SECTION_UNIT ? fill_template(reader, &name) : 0;
    if (r < 0) {
        return r;
    }
    if (unitname_parse(name, &parts) < 0 || (key->high != 0 && parts.type != UNIT_SOCKET)) {
        return reader_reject(reader, "is no unit's name that it takes", name);
    }
    char ***field = reader_field(reader, key);
    r = field != NULL ? str_list_append(field, name, strlen(name)) : 0;
    if (r == -E2BIG) {
        return reader_reject(reader, "has too many names at", name);
    }
    return r < 0 ? r : reader_append(reader, name);
}

int read_units(struct reader *reader, const struct key *key, char *value) {
    if (*value == '\0' && key->low != 0) {
        char ***field = reader_field(reader, key);
        if (field != NULL) {
            *field = str_list_free(*field);
        }
        return reader_reset(reader);
    }
    const char *at = value;
    int r = 1;
    while (r > 0) {
        auto_free char *word = NULL;
        r = reader_word(reader, &at, WORD_UNQUOTE | WORD_KEEP_BACKSLASH, &word);
        if (r > 0) {
            int added = add_unit(reader, key, word);
            r = added < 0 ? added : 1;
        }
    }
    return r;
}

/* An empty condition takes back all conditions, and an empty assertion all assertions. */
static int reset_family(struct reader *reader, const struct key *key) {
    const size_t prefix_length = key->name[0] == 'A' ? strlen("Assert") : strlen("Condition");
    const size_t here = reader->setting;
    for (size_t i = 0; i < reader->settings.count; i++) {
        const struct setting *setting = &reader->settings.items[i];
        if (setting->section == SECTION_UNIT &&
            (setting->key->read == read_condition || setting->key->read == read_condition_path) &&
            strncmp(setting->key->name, key->name, prefix_length) == 0) {
            reader->setting = i;
            (void)reader_reset(reader); /* can't fail */
        }
    }
    reader->setting = here;
    return 0;
}

static int add_condition(struct reader *reader, const struct key *key, const char *value) {
    const char *text = value;
    struct text condition = {0};
    if (*text == '|') {
        text_add_char(&condition, '|');
        text++;
    }
    text += strspn(text, TEXT_BLANKS);
    if (*text == '!') {
        text_add_char(&condition, '!');
        text++;
    }
    text += strspn(text, TEXT_BLANKS);
    auto_free char *expanded = NULL;
    int r = reader_expand(reader, SPECIFIERS_ALL, text, &expanded);
    const bool is_path = key->read == read_condition_path;
    if (r > 0 && is_path && expanded[0] != '/') {
        r = reader_reject(reader, "is no absolute path", expanded);
    } else if (r > 0) {
        if (is_path) {
            path_simplify(&condition, expanded);
        } else {
            text_add(&condition, expanded);
        }
        r = reader_append_text(reader, &condition);
    }
    text_fini(&condition);
    return r;
}

int read_condition(struct reader *reader, const struct key *key, char *value) {
    return *value == '\0' ? reset_family(reader, key) : add_condition(reader, key, value);
}

int read_condition_path(struct reader *reader, const struct key *key, char *value) {
    return read_condition(reader, key, value);
}
