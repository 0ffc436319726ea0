/*
 * A unit file and its drop-ins, as text -> a spec, and what is to be said about them.
 *
 *     struct unitfile_fragment fragments[] = {{"/etc/abide/web.service", bytes, length}, …};
 *     struct unitfile_source source = {
 *         .name = "web.service", .fragments = fragments, .n_fragments = 2, .host = &host};
 *     struct diag_list diags = {0};
 *     struct spec spec;
 *     int r = unitfile_parse(&source, &spec, &diags);
 *     if (r == 0 && diag_list_worst(&diags) < DIAG_GUARD) { it may be started }
 *
 * The caller finds and reads the files; nothing is looked up here, neither users nor paths.
 */
#ifndef UNITFILE_UNITFILE_H
#define UNITFILE_UNITFILE_H

#include "core/spec.h"
#include "unitfile/diag.h"
#include "unitfile/keys.h"
#include "unitfile/specifier.h"

#include <stddef.h>

/* One file. `name` is what diagnostics call it; that of the first is also %y. */
struct unitfile_fragment {
    const char *name;
    const char *text; /* any bytes */
    size_t length;
};

struct unitfile_source {
    const char *name; /* of the unit, with its suffix and, if it has one, its instance */
    const struct unitfile_fragment *fragments; /* the unit file, then drop-ins in their order */
    size_t n_fragments;
    const struct specifier_host *host;
};

/*
 * Reads a service. Mistakes in the text are not errors of this function: they are in `diags`, which
 * is added to. DIAG_ERROR: policy_check() or the reader found that it can't be started. DIAG_GUARD:
 * it asks for protection that it would not have. Returns 0 with *ret_spec initialised, -EINVAL when
 * source->name is not the name of a service, or -ENOMEM.
 */
int unitfile_parse(const struct unitfile_source *source, struct spec *ret_spec,
                   struct diag_list *diags);

/* One key that the files of a unit set, with its values in their normal form. */
struct unitfile_setting {
    const struct key *key;
    enum section section;
    char **values; /* one or more; or none, an empty list: it was reset */
};

struct unitfile_show {
    struct unitfile_setting *items; /* in the order in which they were set first */
    size_t count;
};

/*
 * What the files of a unit of any type set. Returns 0, -EINVAL when source->name is no unit's name,
 * or -ENOMEM.
 */
int unitfile_show(const struct unitfile_source *source, struct unitfile_show *ret_show,
                  struct diag_list *diags);

void unitfile_show_fini(struct unitfile_show *self);

#endif
