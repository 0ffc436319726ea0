/*
 * A group is asked for with signal 0: it exists as long as one process is in it, and then its
 * number is not given to another. Whether it is still ours, after its leader was reaped, is known
 * by its members being our children, which orphans of a service are.
 */
#include "supervisor/trees.h"

#include "base/alloc.h"
#include "os/orphans.h"
#include "supervisor/shell.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>

/* A service that ended sooner is looked at more closely before it is started again: what it left
 * behind may be why it fails. */
#define SHORT_RUN_USEC (1 * USEC_PER_SEC)

/* How often, and after how long, it is asked again what could not be said of an orphan: an exec is
 * over soon, and nobody tells when; but one that takes for ever to end must not keep every other
 * service waiting. */
#define LOOKS_MAX 100
#define LOOK_MSEC 10

/* Is anything left in the group of a main process that is gone? */
static bool has_group(struct unit *unit) {
    if (unit->group == 0) {
        return false;
    }
    if (kill(-unit->group, 0) < 0 && errno == ESRCH) {
        unit->group = 0;
        return false;
    }
    if (!orphans_in_group(unit->group)) {
        unit->group = 0; /* No child of ours is in it: the number is somebody else's. */
        return false;
    }
    return true;
}

void trees_signal(struct shell *shell, struct unit *unit, int signo) {
    if (unit->pids[ROLE_CONTROL] != 0) {
        (void)kill(-unit->pids[ROLE_CONTROL], signo); /* Our child, not reaped, leads its group. */
    }
    if (unit->pids[ROLE_MAIN] != 0) {
        (void)kill(-unit->pids[ROLE_MAIN], signo); /* As above. */
    } else if (has_group(unit)) {
        (void)kill(-unit->group, signo);
    }
    if (signo != SIGCONT) { /* It only helps another signal to be heard. */
        unit->tree_signal = signo;
    }
    shell->has_orphans = true;
}

/* By itself, after a good run: only the group is looked at, which costs one system call. */
static bool is_quick(const struct unit *unit) {
    const struct service *service = &unit->service;
    return service->after_stop == AFTER_STOP_POLICY &&
           service->ended[ROLE_MAIN].ended_usec >=
               usec_add(service->ended[ROLE_MAIN].started_usec, SHORT_RUN_USEC);
}

static void post_emptied(struct shell *shell, struct unit *unit) {
    unit->watches_tree = false;
    unit->tree_signal = 0;
    shell->n_watching--;
    struct event *event = shell_post(shell, unit, EVENT_TREE_EMPTIED);
    event->process.role = ROLE_MAIN;
    event->process.attempt = unit->service.processes[ROLE_MAIN].attempt;
}

static bool has_known_process(struct unit *unit) {
    return unit->pids[ROLE_MAIN] != 0 || unit->pids[ROLE_CONTROL] != 0 || has_group(unit);
}

void trees_watch(struct shell *shell, struct unit *unit) {
    if (!unit->watches_tree) {
        unit->watches_tree = true;
        shell->n_watching++;
    }
    if (is_quick(unit) && !has_known_process(unit)) {
        post_emptied(shell, unit);
    } else {
        shell->has_orphans = true;
    }
}

/* Is one of the orphans a process of this unit? It gets the signal that it missed. Those of which
 * it can't be said now are counted. */
static bool has_orphan(struct unit *unit, const pid_t *orphans, size_t count, size_t *n_uncertain) {
    char assignment[64];
    bool found = false;
    (void)snprintf(assignment, sizeof(assignment), "INVOCATION_ID=%s", unit->invocation);
    for (size_t i = 0; i < count; i++) {
        int has = orphans_has_variable(orphans[i], assignment);
        *n_uncertain += has < 0 ? 1 : 0;
        if (has > 0) {
            found = true;
            if (unit->tree_signal != 0) {
                bool is_leader = orphans_leads_group(orphans[i]); /* Our child, not reaped. */
                (void)kill(is_leader ? -orphans[i] : orphans[i], unit->tree_signal);
                (void)kill(orphans[i], SIGCONT);
            }
        }
    }
    return found;
}

/* Our children that are nobody's main or control process. Returns their number, 0 for "can't say".
 */
static size_t find_orphans(const struct shell *shell, pid_t **ret_orphans) {
    pid_t *pids = NULL;
    size_t count = 0;
    size_t n_orphans = 0;
    if (orphans_list_children(&pids, &count) < 0) {
        return 0;
    }
    for (size_t i = 0; i < count; i++) {
        if (children_find(&shell->children, pids[i]) == NULL) {
            pids[n_orphans++] = pids[i];
        }
    }
    *ret_orphans = pids;
    return n_orphans;
}

static void on_look_again(uv_timer_t *timer) {
    struct shell *shell = timer->data;
    shell->has_orphans = true; /* The review follows in this turn of the loop. */
}

void trees_review(struct shell *shell) {
    if (!shell->has_orphans || shell->n_watching == 0) {
        return;
    }
    shell->has_orphans = false;
    auto_free pid_t *orphans = NULL;
    size_t n_orphans = find_orphans(shell, &orphans);
    bool is_patient = shell->n_looks < LOOKS_MAX;
    bool is_uncertain = false;
    for (uint32_t i = 0; i < shell->units.count; i++) {
        struct unit *unit = shell->units.items[i];
        size_t n_uncertain = 0;
        if (unit == NULL || !unit->watches_tree || has_known_process(unit) ||
            has_orphan(unit, orphans, n_orphans, &n_uncertain)) {
            continue;
        }
        is_uncertain = is_uncertain || n_uncertain > 0;
        if (n_uncertain == 0 || !is_patient) {
            post_emptied(shell, unit);
        }
    }
    if (!is_uncertain) {
        shell->n_looks = 0;
    } else if (is_patient) {
        shell->n_looks++;
        (void)uv_timer_start(&shell->look_timer, on_look_again, LOOK_MSEC, 0); /* Can't fail. */
    }
    shell_decide(shell);
}
