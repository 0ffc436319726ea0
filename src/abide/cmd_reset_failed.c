/* Without a name the supervisor forgets the failures of all. */
#include "abide/asking.h"
#include "abide/commands.h"
#include "abide/names.h"

int cmd_reset_failed(struct call *call) {
    auto_(connection_close) struct connection connection = CONNECTION_CLOSED;
    int status = asking_open(call, &connection);
    size_t n = call->n_arguments != 0 ? call->n_arguments : 1;
    for (size_t i = 0; i < n && status == 0; i++) {
        struct request request = {.method = METHOD_RESET_FAILED};
        auto_(response_fini) struct response response = {0};
        status = call->n_arguments != 0 ? names_complete(call->arguments[i], request.unit) : 0;
        status = status != 0 ? status : asking_call(call, &connection, &request, &response);
    }
    return status;
}
