/*
 * A name is looked for by hand-written units first, then by those that `abide run` made. Reading
 * costs one open file; everything that the text means is the unitfile layer's business.
 */
#include "supervisor/load.h"

#include "base/alloc.h"
#include "base/str.h"
#include "core/names.h"
#include "os/atomicfile.h"
#include "os/clock.h"
#include "os/folder.h"
#include "protocol/unit_name.h"
#include "supervisor/logpipe.h"
#include "supervisor/shell.h"
#include "supervisor/verbs.h"
#include "unitfile/unitfile.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* systemd.unit(5) gives no limit; real files have a few KiB. */
#define FILE_SIZE_MAX ((size_t)1 << 20)
#define PATH_SIZE 4096

/* The folder of `abide run`, and the links to what is enabled, in the state folder. */
#define MADE "units"
#define ENABLED "enabled"

static void state_path(const struct shell *shell, const char *folder, const char *name,
                       char ret_path[PATH_SIZE]) {
    (void)snprintf(ret_path, PATH_SIZE, "%s/%s/%s", shell->options->state_path, folder, name);
}

/* Returns 0 and the path and text of the unit's file, or -errno; -ENOENT when there is none. */
static int read_unit(const struct shell *shell, const char *name, char ret_path[PATH_SIZE],
                     char **ret_text, size_t *ret_size) {
    (void)snprintf(ret_path, PATH_SIZE, "%s/%s", shell->options->units_path, name);
    int r = atomicfile_read(FOLDER_CWD, ret_path, FILE_SIZE_MAX, ret_text, ret_size);
    if (r == -ENOENT) {
        state_path(shell, MADE, name, ret_path);
        r = atomicfile_read(FOLDER_CWD, ret_path, FILE_SIZE_MAX, ret_text, ret_size);
    }
    return r;
}

/* What is not honoured, or not understood, is said: nothing is passed over in silence. */
static void tell_all(const struct diag_list *diags) {
    for (size_t i = 0; i < diags->count; i++) {
        const struct diag *diag = &diags->items[i];
        if (diag->severity > DIAG_NOTE) {
            (void)fprintf(stderr, "abide: %s:%u: %s: %s\n", diag->file, (unsigned)diag->line,
                          diag_severity_name(diag->severity), diag->text);
        }
    }
}

/* The worst that was found, as "FILE:LINE: text". */
static void tell_worst(const struct diag_list *diags, struct fault *fault) {
    enum diag_severity worst = diag_list_worst(diags);
    for (size_t i = 0; i < diags->count; i++) {
        const struct diag *diag = &diags->items[i];
        if (diag->severity == worst) {
            char line[16];
            (void)snprintf(line, sizeof(line), ":%u: ", (unsigned)diag->line);
            fault_set(fault, FAULT_FAILED, diag->file, diag->line > 0 ? line : ": ", diag->text);
            return;
        }
    }
    fault_set(fault, FAULT_FAILED, "the unit file can't be used");
}

/* Returns 0, or -1 with the fault set. */
static int parse(const char *name, const struct unitfile_fragment *fragment, struct spec *ret_spec,
                 struct fault *fault) {
    const struct specifier_host host = {.home = getenv("HOME"), .user = getenv("USER")};
    const struct unitfile_source source = {
        .name = name,
        .fragments = fragment,
        .n_fragments = 1,
        .host = &host,
    };
    struct diag_list diags = {0};
    int r = unitfile_parse(&source, ret_spec, &diags);
    if (r < 0) {
        fault_set(fault, FAULT_FAILED, fragment->name, ": ", strerror(-r));
        return -1;
    }
    tell_all(&diags);
    if (diag_list_worst(&diags) >= DIAG_GUARD) {
        tell_worst(&diags, fault);
        spec_fini(ret_spec);
        r = -1;
    } else if (policy_check(&ret_spec->policy) != POLICY_OK) {
        fault_set(fault, FAULT_FAILED, fragment->name, ": ",
                  policy_error_text(policy_check(&ret_spec->policy)));
        spec_fini(ret_spec);
        r = -1;
    }
    diag_list_fini(&diags);
    return r;
}

/* Puts a spec in the place of the unit's. Returns 1 when that changed how it is decided on, else 0.
 */
static int replace(struct shell *shell, struct unit *unit, struct spec *spec_take) {
    bool decides = memcmp(&unit->policy, &spec_take->policy, sizeof(unit->policy)) != 0;
    spec_fini(&unit->spec);
    unit->spec = *spec_take;
    spec_init(spec_take);
    if (decides) {
        unit->policy = unit->spec.policy;
        (void)shell_post(shell, unit, EVENT_POLICY_CHANGED);
    }
    return decides;
}

static int add(struct shell *shell, struct spec *spec_take, struct unit **ret_unit) {
    uint64_t seed = clock_realtime() * UINT64_C(0x9e3779b97f4a7c15) + ++shell->n_seeds;
    struct unit *unit;
    int r = units_add(&shell->units, spec_take, seed, &unit);
    if (r < 0) {
        return r;
    }
    r = statusfile_add(&shell->status, unit);
    if (r < 0) {
        units_remove(&shell->units, unit);
        return r;
    }
    *ret_unit = unit;
    return 0;
}

int load_unit(struct shell *shell, const char *name, struct unit **ret_unit,
              struct fault *ret_fault) {
    char path[PATH_SIZE];
    auto_free char *text = NULL;
    size_t size;
    struct spec spec;
    int r = read_unit(shell, name, path, &text, &size);
    if (r == -ENOENT) {
        fault_set(ret_fault, FAULT_NO_SUCH_SERVICE, "there is no service ", name,
                  ": make one with `abide run`, or put its unit file into ",
                  shell->options->units_path);
        return -1;
    }
    if (r < 0) {
        fault_set(ret_fault, FAULT_FAILED, path, ": ", strerror(-r));
        return -1;
    }
    if (strlen(name) > LOGPIPE_NAME_MAX) {
        fault_set(
            ret_fault, FAULT_FAILED, path,
            ": the name is longer than the 230 bytes that a log's name has room for: shorten it");
        return -1;
    }
    const struct unitfile_fragment fragment = {.name = path, .text = text, .length = size};
    if (parse(name, &fragment, &spec, ret_fault) < 0) {
        return -1;
    }
    struct unit *unit = units_find(&shell->units, name);
    int changed = 1;
    if (unit != NULL) {
        changed = replace(shell, unit, &spec);
    } else {
        r = add(shell, &spec, &unit);
    }
    if (r >= 0) {
        r = launch_prepare(&shell->launcher, unit);
    }
    if (r >= 0) {
        r = logpipe_configure(shell, unit);
    }
    if (r < 0) {
        spec_fini(&spec);
        fault_set(ret_fault, FAULT_FAILED, path, ": ", strerror(-r));
        return -1;
    }
    *ret_unit = unit;
    return changed;
}

static void start_all(struct shell *shell, char *const *names) {
    for (char *const *name = names; name != NULL && *name != NULL; name++) {
        struct unit *unit = NULL;
        struct fault fault;
        if (!unit_name_is_valid(*name) || units_find(&shell->units, *name) != NULL) {
            continue;
        }
        if (load_unit(shell, *name, &unit, &fault) < 0) {
            (void)fprintf(stderr, "abide: %s\n", fault.message);
        } else {
            verb_start(shell, unit);
        }
    }
}

static void start_folder(struct shell *shell, const char *path) {
    char **names = NULL;
    int r = folder_list(path, &names);
    if (r < 0) {
        (void)fprintf(stderr, "abide: %s: %s\n", path, strerror(-r));
    }
    start_all(shell, names);
    (void)str_list_free(names);
}

void load_enabled(struct shell *shell) {
    char path[PATH_SIZE];
    if (!shell->options->starts_all) {
        state_path(shell, ENABLED, "", path);
        start_folder(shell, path);
        return;
    }
    start_folder(shell, shell->options->units_path);
    state_path(shell, MADE, "", path);
    start_folder(shell, path);
}

void load_remove_files(const struct shell *shell, const struct unit *unit) {
    char path[PATH_SIZE];
    state_path(shell, ENABLED, unit->spec.name, path);
    (void)folder_unlink(path); /* What can't be removed is a unit that is there, no more. */
    state_path(shell, MADE, unit->spec.name, path);
    (void)folder_unlink(path);
}
