/*
 * What is to be said about unit files: collected while they are read, told by the caller.
 *
 *     struct diag_list diags = {0};
 *     r = unitfile_parse(&source, &spec, &diags);
 *     for (size_t i = 0; i < diags.count; i++) {
 *         print(diags.items[i].file, diags.items[i].line, diags.items[i].text);
 *     }
 *     diag_list_fini(&diags);
 *
 * A list is bounded: of a file that is wrong in every line the first DIAG_MAX faults are kept, and
 * `n_dropped` counts the others. The worst severity is right whatever was dropped.
 */
#ifndef UNITFILE_DIAG_H
#define UNITFILE_DIAG_H

#include <stddef.h>
#include <stdint.h>

#define DIAG_MAX 1000
/* What a diagnostic quotes of a file is cut after so many bytes. */
#define DIAG_QUOTE_MAX 120

/* From the mildest to the worst. */
enum diag_severity {
    DIAG_NOTE, /* good to know; the service runs as asked */
    DIAG_WARNING, /* something asked for is not done; the service can run without */
    DIAG_GUARD, /* a guard asked for is not put up: no start, unless the user says otherwise */
    DIAG_ERROR, /* the unit can't be started */
};
#define DIAG_SEVERITY_COUNT 4

enum diag_kind {
    DIAG_SYNTAX, /* a line that is neither a section nor an assignment */
    DIAG_UNKNOWN, /* a section or a key that does not exist */
    DIAG_VALUE, /* a value that its key does not take */
    DIAG_ADVICE, /* it works, and should be written otherwise */
    DIAG_NOT_YET, /* a later abide does it */
    DIAG_NOT_HERE, /* can't be done without systemd, or at all */
    DIAG_UNIT, /* the settings do not make a service together */
};
#define DIAG_KIND_COUNT 7

struct diag {
    char *file; /* as the caller named it */
    char *text; /* a sentence without its full stop; quotes are cut to DIAG_QUOTE_MAX */
    uint32_t line; /* from 1; 0: the file as a whole */
    enum diag_severity severity;
    enum diag_kind kind;
};

struct diag_list {
    struct diag *items;
    size_t count;
    size_t n_dropped;
    size_t n_of[DIAG_SEVERITY_COUNT]; /* by severity, the dropped ones too */
};

/* Where and what; the text follows in pieces. */
struct diag_head {
    const char *file;
    uint32_t line;
    enum diag_severity severity;
    enum diag_kind kind;
};

/*
 * Adds one; its text is the `pieces` one after another, up to a NULL. Of each piece that begins
 * with what the file says no more than DIAG_QUOTE_MAX bytes are kept, and control characters are
 * shown as `?`: the text is one line on any terminal. Returns 0 or -ENOMEM.
 */
int diag_add(struct diag_list *self, const struct diag_head *head, const char *const *pieces);

/* The words "note", "warning", "refused", "error"; NULL for a number that is no severity. */
const char *diag_severity_name(enum diag_severity severity);

/* The worst severity in the list; DIAG_NOTE when there is nothing. */
enum diag_severity diag_list_worst(const struct diag_list *self);

/* Frees all; leaves {0}. */
void diag_list_fini(struct diag_list *self);

#endif
