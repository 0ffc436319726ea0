/* Every complaint goes through reader_say(), so that severity and place can't be forgotten. */
#include "unitfile/reader.h"

#include "base/alloc.h"
#include "base/str.h"
#include "unitfile/word.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

int reader_say(struct reader *self, enum diag_severity severity, enum diag_kind kind,
               const char *const *pieces) {
    const struct diag_head head = {
        .file = self->file, .line = self->line, .severity = severity, .kind = kind};
    return diag_add(self->diags, &head, pieces);
}

static const struct key *current_key(const struct reader *self) {
    assert(self->setting < self->settings.count);
    return self->settings.items[self->setting].key;
}

int reader_reject(struct reader *self, const char *what, const char *value) {
    const struct key *key = current_key(self);
    const char *const pieces[] = {key->name, "= ", what, ": ", value, NULL};
    if (key->is_fatal) {
        return reader_reject_fatally(self, what, value);
    }
    return reader_say(self, key->is_guard ? DIAG_GUARD : DIAG_WARNING, DIAG_VALUE, pieces);
}

int reader_reject_fatally(struct reader *self, const char *what, const char *value) {
    const char *const pieces[] = {current_key(self)->name, "= ", what, ": ", value, NULL};
    self->is_fatal = true;
    return reader_say(self, DIAG_ERROR, DIAG_VALUE, pieces);
}

static struct setting *current(struct reader *self) {
    assert(self->setting < self->settings.count);
    struct setting *setting = &self->settings.items[self->setting];
    setting->file = self->file;
    setting->line = self->line;
    return setting;
}

int reader_reset(struct reader *self) {
    struct setting *setting = current(self);
    setting->values = str_list_free(setting->values);
    setting->n_values = 0;
    setting->is_off = false;
    return 0;
}

int reader_append(struct reader *self, const char *value) {
    struct setting *setting = current(self);
    setting->n_values += setting->n_values < UINT32_MAX ? 1 : 0;
    setting->is_off = false;
    if (!self->keeps_values) {
        return 0;
    }
    int r = str_list_append(&setting->values, value, strlen(value));
    return r == -E2BIG ? 0 : r;
}

int reader_set(struct reader *self, const char *value) {
    (void)reader_reset(self); /* can't fail */
    return reader_append(self, value);
}

int reader_join(struct reader *self, const char *word) {
    struct setting *setting = current(self);
    if (setting->n_values == 0 || setting->values == NULL) {
        return reader_append(self, word);
    }
    struct text text = {0};
    text_add(&text, setting->values[0]);
    text_add(&text, " ");
    text_add(&text, word);
    return reader_set_text(self, &text);
}

int reader_append_text(struct reader *self, struct text *value) {
    auto_free char *string = NULL;
    int r = text_take(value, &string);
    return r < 0 ? r : reader_append(self, string);
}

int reader_set_text(struct reader *self, struct text *value) {
    (void)reader_reset(self); /* can't fail */
    return reader_append_text(self, value);
}

char ***reader_values(struct reader *self) {
    return self->keeps_values ? &current(self)->values : NULL;
}

void reader_set_off(struct reader *self) {
    current(self)->is_off = true;
}

void *reader_field(struct reader *self, const struct key *key) {
    return self->spec != NULL && key->field != 0 ? (char *)self->spec + (key->field - 1) : NULL;
}

int reader_expand(struct reader *self, enum specifier_set set, const char *value,
                  char **ret_expanded) {
    struct text text = {0};
    int r = specifier_expand(&self->unit, set, value, &text);
    if (r == 0) {
        r = text_take(&text, ret_expanded);
        return r < 0 ? r : 1;
    }
    text_fini(&text);
    if (r == -ENOMEM) {
        return r;
    }
    return reader_reject(self,
                         r == -EINVAL  ? "has a specifier that means nothing here"
                         : r == -ENXIO ? "has a specifier whose value is not known"
                                       : "grows too long by its specifiers",
                         value);
}

int reader_word(struct reader *self, const char **at, uint32_t flags, char **ret_word) {
    struct text word = {0};
    const char *begin = *at;
    if (begin != NULL && self->settings.items[self->setting].n_values >= SETTING_VALUES_MAX) {
        *at = NULL;
        return reader_reject(self, "has too many values from here on", begin);
    }
    int r = word_next(at, TEXT_BLANKS, flags, &word);
    if (r > 0) {
        r = text_take(&word, ret_word);
        return r < 0 ? r : 1;
    }
    text_fini(&word);
    if (r == -EINVAL) {
        *at = NULL;
        return reader_reject(self, "is not closed or escaped rightly from here on", begin);
    }
    return r;
}

/* Finds or makes the setting of a key; they are few, and the last one is often the right one. */
static int enter_setting(struct reader *self, const struct key *key) {
    struct setting_list *list = &self->settings;
    for (size_t i = list->count; i > 0; i--) {
        if (list->items[i - 1].key == key && list->items[i - 1].section == self->section) {
            self->setting = i - 1;
            return 0;
        }
    }
    assert(list->count < SETTINGS_MAX);
    if ((list->count & (list->count - 1)) == 0) {
        const size_t capacity = list->count != 0 ? 2 * list->count : 1;
        struct setting *grown = alloc_resized(list->items, capacity, sizeof(*grown));
        if (grown == NULL) {
            return -ENOMEM;
        }
        list->items = grown;
    }
    self->setting = list->count++;
    list->items[self->setting] = (struct setting){
        .key = key, .section = self->section, .file = self->file, .line = self->line};
    return 0;
}

static int say_unknown(struct reader *self, const char *key_name) {
    enum section section = self->section;
    const struct key *nearest = NULL;
    if (self->n_suggestions < SUGGESTIONS_MAX) {
        self->n_suggestions++;
        nearest = key_suggest(self->section, key_name, &section);
    }
    const bool is_elsewhere = nearest != NULL && section != self->section;
    const char *const pieces[] = {
        "unknown key ",
        key_name,
        "= in section [",
        section_name(self->section),
        "]",
        nearest != NULL ? "; did you mean " : "",
        nearest != NULL ? nearest->name : "",
        nearest != NULL ? "=" : "",
        is_elsewhere ? " of section [" : "",
        is_elsewhere ? section_name(section) : "",
        is_elsewhere ? "]" : "",
        nearest != NULL ? "?" : "",
        NULL,
    };
    return reader_say(self, DIAG_WARNING, DIAG_UNKNOWN, pieces);
}

static int say_modern(struct reader *self, const struct key *key) {
    const char *const pieces[] = {key->name, "= is written ", key->modern, "= today", NULL};
    return reader_say(self, DIAG_NOTE, DIAG_ADVICE, pieces);
}

/* Of such keys the first enumerator is the default. */
static int reset_field(struct reader *self, const struct key *key) {
    uint32_t *field = reader_field(self, key);
    if (field != NULL) {
        *field = 0;
    }
    return reader_reset(self);
}

int reader_assign(struct reader *self, const char *key_name, char *value) {
    const struct key *key = key_find(self->section, key_name);
    if (key == NULL) {
        return strncmp(key_name, "X-", 2) == 0 ? 0 : say_unknown(self, key_name);
    }
    int r = key->modern != NULL ? say_modern(self, key) : 0;
    if (r < 0) {
        return r;
    }
    if (key->alias != NULL) {
        key = key_find(self->section, key->alias);
        assert(key != NULL);
    }
    r = enter_setting(self, key);
    if (r < 0) {
        return r;
    }
    if (*value == '\0' && key->may_be_empty) {
        return reset_field(self, key);
    }
    if (*value != '\0' && self->settings.items[self->setting].n_values >= SETTING_VALUES_MAX) {
        return reader_reject(self, "has too many values already", value);
    }
    return key->read(self, key, value);
}

void reader_fini(struct reader *self) {
    for (size_t i = 0; i < self->settings.count; i++) {
        (void)str_list_free(self->settings.items[i].values);
    }
    cleanup_free(&self->settings.items);
    self->settings = (struct setting_list){0};
}
