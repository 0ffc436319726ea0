/*
 * What is at hand while a unit file is read: where we are in it, where what was read goes, and how
 * to say what is wrong. A key's reader gets it, and uses these functions only.
 *
 * Of every key that is set a *setting* is kept: it tells what was not honoured, and shows the
 * values in their normal form when that was asked for.
 */
#ifndef UNITFILE_READER_H
#define UNITFILE_READER_H

#include "core/spec.h"
#include "unitfile/diag.h"
#include "unitfile/keys.h"
#include "unitfile/specifier.h"
#include "unitfile/text.h"

/* How many different keys one unit may set; the table has fewer. */
#define SETTINGS_MAX 1024

/* How many values one key may have; more are refused. */
#define SETTING_VALUES_MAX 2048

/* For so many unknown keys of a unit the nearest one is looked for; it costs some time. */
#define SUGGESTIONS_MAX 32

struct setting {
    const struct key *key;
    enum section section;
    const char *file; /* where it was set last; the caller's string */
    uint32_t line;
    uint32_t n_values; /* 0: reset by an empty assignment */
    bool is_off; /* what it asks for is nothing: `PrivateTmp=no` */
    char **values; /* in their normal form, if the reader keeps them */
};

struct setting_list {
    struct setting *items;
    size_t count;
};

struct reader {
    struct spec *spec;
    struct diag_list *diags;
    struct specifier_unit unit;
    struct setting_list settings;
    bool keeps_values;

    /* Where we are. */
    const char *file;
    uint32_t line;
    enum section section;
    size_t setting; /* the index of the one that is being set */

    uint32_t n_suggestions;
    bool is_fatal; /* something was wrong without which the unit must not start */
};

/*
 * Reads one assignment. An unknown key is complained about. Returns 0, or -ENOMEM.
 */
int reader_assign(struct reader *self, const char *key_name, char *value);

void reader_fini(struct reader *self);

/*
 * Complains at the current line; the pieces make the sentence. Returns 0 or -ENOMEM.
 */
int reader_say(struct reader *self, enum diag_severity severity, enum diag_kind kind,
               const char *const *pieces);

/*
 * The current assignment has no effect, since `value` is wrong: "KEY= WHAT: VALUE". A guard's is
 * refused. Returns 0 or -ENOMEM.
 */
int reader_reject(struct reader *self, const char *what, const char *value);

/* The same, and the unit can't be started at all. */
int reader_reject_fatally(struct reader *self, const char *what, const char *value);

/* The setting is now this one value, or has one more; or has none. Returns 0 or -ENOMEM. */
int reader_set(struct reader *self, const char *value);
int reader_append(struct reader *self, const char *value);
int reader_reset(struct reader *self);
/* One more word of the one value, which is shown on one line. */
int reader_join(struct reader *self, const char *word);
/* The same, of a text, which is released. */
int reader_set_text(struct reader *self, struct text *value);
int reader_append_text(struct reader *self, struct text *value);
/* The values of the setting as they are shown, or NULL when they are not kept. */
char ***reader_values(struct reader *self);

/* After reader_set(): the value asks for nothing. */
void reader_set_off(struct reader *self);

/* Where the key's value is stored, or NULL when it is not. */
void *reader_field(struct reader *self, const struct key *key);

/*
 * Expands the specifiers of a value. Returns 1 with *ret_expanded to be freed, 0 when that failed
 * and was complained about, or -ENOMEM.
 */
int reader_expand(struct reader *self, enum specifier_set set, const char *value,
                  char **ret_expanded);

/*
 * The next word of a value, with `flags` of enum word_flag. Returns 1, 0 at the end or when what
 * is left was rejected, or -ENOMEM.
 */
int reader_word(struct reader *self, const char **at, uint32_t flags, char **ret_word);

#endif
