/* Signals are told by name or number; the names are the C library's, with or without SIG. */
#include "abide/asking.h"
#include "abide/commands.h"
#include "abide/names.h"
#include "abide/say.h"
#include "core/signo.h"

#include <stdlib.h>
#include <string.h>

/* 0: there is no such signal. */
static uint32_t parse_signal(const char *text) {
    if (strspn(text, "0123456789") == strlen(text) && strlen(text) <= 2) {
        uint32_t number = (uint32_t)strtoul(text, NULL, 10);
        return number <= SIGNO_MAX ? number : 0;
    }
    const char *name = strncasecmp(text, "SIG", 3) == 0 ? text + 3 : text;
    for (int number = 1; number <= SIGNO_MAX; number++) {
        const char *known = sigabbrev_np(number);
        if (known != NULL && strcasecmp(known, name) == 0) {
            return (uint32_t)number;
        }
    }
    return 0;
}

static int parse_options(const struct call *call, struct request *request) {
    const char *signal = call_value(call, "signal");
    request->signal = signal != NULL ? parse_signal(signal) : SIGNO_TERM;
    if (request->signal == 0) {
        return say_fail(OUTCOME_WRONG_USAGE,
                        "there is no signal `%s`; \"TERM\", \"SIGHUP\" and \"9\" are", signal);
    }
    const char *whom = call_value(call, "kill-whom");
    if (whom == NULL || strcmp(whom, request_whom_name(REQUEST_WHOM_ALL)) == 0) {
        request->whom = REQUEST_WHOM_ALL;
    } else if (strcmp(whom, request_whom_name(REQUEST_WHOM_MAIN)) == 0) {
        request->whom = REQUEST_WHOM_MAIN;
    } else {
        return say_fail(OUTCOME_WRONG_USAGE, "--kill-whom is \"main\" or \"all\", not `%s`", whom);
    }
    return 0;
}

int cmd_kill(struct call *call) {
    struct request request = {.method = METHOD_KILL};
    int status = parse_options(call, &request);
    if (status != 0) {
        return status;
    }
    auto_(connection_close) struct connection connection = CONNECTION_CLOSED;
    status = asking_open(call, &connection);
    for (size_t i = 0; i < call->n_arguments && status == 0; i++) {
        auto_(response_fini) struct response response = {0};
        status = names_complete(call->arguments[i], request.unit);
        status = status != 0 ? status : asking_call(call, &connection, &request, &response);
    }
    return status;
}
