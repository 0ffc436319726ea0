/* ls, and status without a name: a line for each service. */
#include "abide/commands.h"
#include "abide/facts.h"
#include "abide/json_output.h"
#include "abide/output.h"
#include "abide/say.h"
#include "core/names.h"
#include "os/clock.h"

#include <stdio.h>
#include <string.h>

struct listing {
    struct table table;
    usec_t now_usec;
};

static int add_header(struct table *table) {
    static const char *const titles[] = {"NAME", "STATE", "PID", "SINCE", "RESTARTS", ""};
    int r = 0;
    for (size_t i = 0; i < sizeof(titles) / sizeof(*titles) && r == 0; i++) {
        r = table_add(table, COLOUR_BOLD, titles[i]);
    }
    return r;
}

static int add_row(const struct facts *facts, void *context) {
    struct listing *listing = context;
    const struct status *status = &facts->service.status;
    char name[UNIT_NAME_SIZE];
    char state[64];
    char pid[16] = "-";
    char since[OUTPUT_SPAN_SIZE] = "-";
    char restarts[16];
    char reason[FACTS_REASON_SIZE];
    memcpy(name, facts->name, sizeof(name));
    name[strlen(name) - strlen(UNIT_NAME_SUFFIX)] = '\0';
    (void)snprintf(state, sizeof(state), "%s (%s)", facts_active_state(facts),
                   service_state_name(status->state));
    if (status->main_pid != 0) {
        (void)snprintf(pid, sizeof(pid), "%u", status->main_pid);
    }
    if (facts->is_loaded && status->since_usec != 0) {
        output_span(usec_sub(listing->now_usec, status->since_usec), since);
    }
    (void)snprintf(restarts, sizeof(restarts), "%u", status->n_restarts);
    facts_reason(facts, listing->now_usec, reason);
    int r = table_add(&listing->table, COLOUR_NONE, name);
    r = r < 0 ? r : table_add(&listing->table, facts_colour(facts), state);
    r = r < 0 ? r : table_add(&listing->table, COLOUR_NONE, pid);
    r = r < 0 ? r : table_add(&listing->table, COLOUR_NONE, since);
    r = r < 0 ? r : table_add(&listing->table, COLOUR_NONE, restarts);
    return r < 0 ? r : table_add(&listing->table, COLOUR_FAINT, reason);
}

static int add_json(const struct facts *facts, void *context) {
    return json_output_add(context, facts);
}

static int print_table(const struct call *call, const struct statusview *view) {
    auto_(table_fini) struct table table = {.n_columns = 6, .has_colour = output_has_colour(call)};
    struct listing listing = {.table = table, .now_usec = clock_monotonic()};
    int r = add_header(&listing.table);
    r = r < 0 ? r : facts_for_each(call, view, add_row, &listing);
    table = listing.table;
    if (r == 0 && table.n_cells > table.n_columns) {
        table_print(&table);
    }
    return r;
}

int cmd_ls(struct call *call) {
    auto_(statusview_close) struct statusview view = {0};
    int status = facts_open(call, &view);
    if (status != 0) {
        return status;
    }
    int r;
    if (call_has(call, "json")) {
        auto_(json_output_fini) struct json_output json = {0};
        r = facts_for_each(call, &view, add_json, &json);
        r = r < 0 ? r : json_output_print(&json, call, &view);
    } else {
        r = print_table(call, &view);
        facts_say_unsupervised(call, &view);
    }
    return r < 0 ? say_fail(OUTCOME_FAILED, "the services of %s: %s", call->home.runtime,
                            strerrordesc_np(-r))
                 : 0;
}
