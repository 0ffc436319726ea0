/*
 * show: properties as systemctl prints them, NAME=VALUE, for scripts. With -p they come in the
 * order in which they were asked for.
 */
#include "abide/commands.h"
#include "abide/facts.h"
#include "abide/json_output.h"
#include "abide/names.h"
#include "abide/properties.h"
#include "abide/say.h"
#include "abide/suggest.h"
#include "base/alloc.h"
#include "os/atomicfile.h"
#include "os/folder.h"
#include "unitfile/unitfile.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define UNIT_FILE_MAX ((size_t)8 * 1024 * 1024)

/* A list of lines NAME=VALUE, whatever it is of: `print` writes the value of one. */
struct sheet {
    const struct call *call;
    const char *(*name)(size_t index); /* NULL after the last */
    void (*print)(size_t index, const void *context);
    const void *context;
};

static void print_line(const struct sheet *sheet, size_t index) {
    if (!call_has(sheet->call, "value")) {
        (void)printf("%s=", sheet->name(index));
    }
    sheet->print(index, sheet->context);
    (void)putchar('\n');
}

static void print_named(const struct sheet *sheet, const char *wanted, size_t length) {
    char text[64];
    (void)snprintf(text, sizeof(text), "%.*s", (int)(length < 64 ? length : 63), wanted);
    struct suggest suggest = {.typed = text};
    for (size_t i = 0; sheet->name(i) != NULL; i++) {
        if (strcmp(sheet->name(i), text) == 0) {
            print_line(sheet, i);
            return;
        }
        suggest_offer(&suggest, sheet->name(i));
    }
    if (suggest.nearest != NULL) {
        say("there is no property %s; did you mean %s?", text, suggest.nearest);
    } else {
        say("there is no property %s", text);
    }
}

static void print_sheet(const struct sheet *sheet) {
    const struct call *call = sheet->call;
    bool has_names = false;
    for (size_t i = 0; i < call->n_options; i++) {
        if (strcmp(call->options[i].rule->name, "property") != 0) {
            continue;
        }
        has_names = true;
        const char *rest = call->options[i].value;
        while (rest[0] != '\0') {
            size_t length = strcspn(rest, ",");
            if (length != 0) {
                print_named(sheet, rest, length);
            }
            rest += length + (rest[length] == ',' ? 1 : 0);
        }
    }
    for (size_t i = 0; !has_names && sheet->name(i) != NULL; i++) {
        print_line(sheet, i);
    }
}

static const char *property_name(size_t index) {
    return properties[index].name;
}

static void print_property(size_t index, const void *context) {
    properties[index].print(stdout, context);
}

/* Reads the unit file; 1 and the spec, or 0 when it can't be read or is no service. */
static int read_spec(const struct call *call, const struct facts *facts, struct spec *ret_spec) {
    auto_free char *text = NULL;
    size_t size = 0;
    if (facts->path == NULL ||
        atomicfile_read(FOLDER_CWD, facts->path, UNIT_FILE_MAX, &text, &size) < 0) {
        return 0;
    }
    struct specifier_host host = {.home = call_environment(call, "HOME"),
                                  .user = call_environment(call, "USER")};
    struct unitfile_fragment fragment = {facts->path, text, size};
    struct unitfile_source source = {
        .name = facts->name, .fragments = &fragment, .n_fragments = 1, .host = &host};
    struct diag_list diags = {0};
    int r = unitfile_parse(&source, ret_spec, &diags);
    diag_list_fini(&diags);
    return r == 0 ? 1 : 0;
}

static int show_service(const struct call *call, const struct statusview *view, const char *typed,
                        struct json_output *json) {
    char name[UNIT_NAME_SIZE];
    auto_(facts_fini) struct facts facts = {0};
    int status = names_complete(typed, name);
    if (status != 0) {
        return status;
    }
    int found = facts_find(call, view, name, &facts);
    if (found < 0) {
        return say_fail(OUTCOME_FAILED, "%s: %s", name, strerrordesc_np(-found));
    }
    if (json != NULL && found > 0) {
        return json_output_add(json, &facts) < 0 ? say_fail(OUTCOME_FAILED, "out of memory") : 0;
    }
    if (json == NULL) {
        struct spec spec;
        bool has_spec = read_spec(call, &facts, &spec) > 0;
        struct property_source source = {.facts = &facts, .spec = has_spec ? &spec : NULL};
        source.policy = facts.is_loaded ? &facts.service.slot.policy : NULL;
        if (source.policy == NULL && has_spec) {
            source.policy = &spec.policy;
        }
        struct sheet sheet = {call, property_name, print_property, &source};
        print_sheet(&sheet);
        if (has_spec) {
            spec_fini(&spec);
        }
    }
    return found > 0 ? OUTCOME_DONE : names_unknown(call, name);
}

struct instance_source {
    const struct call *call;
    struct statusview_pids pids;
    int n_services;
};

static const char *instance_name(size_t index) {
    static const char *const names[] = {
        "Version",        "KeeperPID",     "SupervisorPID",  "LoggerPID", "RuntimeDirectory",
        "StateDirectory", "LogsDirectory", "UnitsDirectory", "NServices", NULL};
    return names[index];
}

static void print_instance(size_t index, const void *context) {
    const struct instance_source *source = context;
    const struct home *home = &source->call->home;
    const char *texts[] = {ABIDE_VERSION, NULL,       NULL,        NULL, home->runtime,
                           home->state,   home->logs, home->units, NULL};
    const unsigned int numbers[] = {0,
                                    source->pids.keeper,
                                    source->pids.supervisor,
                                    source->pids.logger,
                                    0,
                                    0,
                                    0,
                                    0,
                                    (unsigned int)source->n_services};
    if (texts[index] != NULL) {
        put_clean(stdout, texts[index]);
    } else {
        (void)printf("%u", numbers[index]);
    }
}

static int count_one(const struct facts *facts, void *context) {
    (void)facts;
    (*(int *)context)++;
    return 0;
}

static int show_instance(const struct call *call, const struct statusview *view) {
    struct instance_source source = {.call = call};
    statusview_pids(view, &source.pids);
    int r = facts_for_each(call, view, count_one, &source.n_services);
    if (r < 0) {
        return say_fail(OUTCOME_FAILED, "the services of %s: %s", call->home.runtime,
                        strerrordesc_np(-r));
    }
    struct sheet sheet = {call, instance_name, print_instance, &source};
    print_sheet(&sheet);
    return 0;
}

int cmd_show(struct call *call) {
    auto_(statusview_close) struct statusview view = {0};
    auto_(json_output_fini) struct json_output json = {0};
    bool wants_json = call_has(call, "json");
    int first = facts_open(call, &view);
    if (first != 0) {
        return first;
    }
    for (size_t i = 0; i < call->n_arguments; i++) {
        if (i != 0 && !wants_json) {
            (void)putchar('\n');
        }
        int status = show_service(call, &view, call->arguments[i], wants_json ? &json : NULL);
        first = first != 0 ? first : status;
    }
    if (wants_json) {
        return json_output_print(&json, call, &view) < 0 ? say_fail(OUTCOME_FAILED, "out of memory")
                                                         : first;
    }
    facts_say_unsupervised(call, &view);
    return call->n_arguments == 0 ? show_instance(call, &view) : first;
}
