/*
 * A request is taken apart from the outside to the inside: the line, the envelope of JSON-RPC, the
 * params. The first thing that is wrong is told; nothing is guessed.
 */
#include "protocol/request.h"

#include "base/alloc.h"
#include "core/signo.h"
#include "protocol/json.h"

#include <assert.h>
#include <errno.h>
#include <stdbool.h>
#include <string.h>

const char *request_whom_name(enum request_whom whom) {
    switch (whom) {
    case REQUEST_WHOM_ALL:
        return "all";
    case REQUEST_WHOM_MAIN:
        return "main";
    }
    return NULL;
}

/* For FAULT_INVALID_PARAMS: which member, and what it must be. */
static int refuse_member(struct fault *fault, const char *member, const char *wanted) {
    fault_set(fault, FAULT_INVALID_PARAMS, "params: \"", member, "\" must be ", wanted);
    assert(strlen(member) < FAULT_MEMBER_SIZE);
    memcpy(fault->member, member, strlen(member) + 1);
    return REQUEST_REFUSED;
}

/* Reads the name of a service from the member of that name; leaves "" when it is absent. */
static int decode_name(const json_t *params, const char *member, char name[UNIT_NAME_SIZE],
                       struct fault *fault) {
    const json_t *value = json_object_get(params, member);
    if (value == NULL) {
        return 0;
    }
    if (!json_is_string(value) || !unit_name_is_valid(json_string_value(value))) {
        return refuse_member(fault, member, "the name of a service, as in \"web.service\"");
    }
    json_text_copy(value, name, UNIT_NAME_SIZE);
    return 0;
}

static int decode_kill(const json_t *params, struct request *request, struct fault *fault) {
    const json_t *signal = json_object_get(params, "signal");
    if (!json_is_integer(signal) || json_integer_value(signal) < 1 ||
        json_integer_value(signal) > SIGNO_MAX) {
        return refuse_member(fault, "signal", "the number of a signal, 1 to 64");
    }
    request->signal = (uint32_t)json_integer_value(signal);
    const char *word = json_string_value(json_object_get(params, "whom"));
    for (unsigned int i = 0; word != NULL && i < REQUEST_WHOM_COUNT; i++) {
        if (strcmp(word, request_whom_name((enum request_whom)i)) == 0) {
            request->whom = (enum request_whom)i;
            return 0;
        }
    }
    return refuse_member(fault, "whom", "\"main\" or \"all\"");
}

static int decode_params(const json_t *params, struct request *request, struct fault *fault) {
    if (params != NULL && !json_is_object(params)) {
        fault_set(fault, FAULT_INVALID_PARAMS, "params must be an object");
        return REQUEST_REFUSED;
    }
    if (method_needs_unit(request->method) || request->method == METHOD_RESET_FAILED) {
        int r = decode_name(params, "unit", request->unit, fault);
        if (r != 0) {
            return r;
        }
        if (request->unit[0] == '\0' && method_needs_unit(request->method)) {
            return refuse_member(fault, "unit", "there");
        }
    }
    if (request->method == METHOD_LIST) {
        return decode_name(params, "after", request->after, fault);
    }
    return request->method == METHOD_KILL ? decode_kill(params, request, fault) : 0;
}

/* What JSON-RPC puts around every request. */
static int decode_envelope(const json_t *object, struct request *request, struct fault *fault) {
    int r = json_id_decode(json_object_get(object, "id"), &request->id);
    if (r < 0) {
        fault_set(fault, FAULT_INVALID_REQUEST,
                  "\"id\" must be a whole number or a string of at most 64 bytes: "
                  "every request is answered");
        return REQUEST_REFUSED;
    }
    const char *version = json_string_value(json_object_get(object, "jsonrpc"));
    if (version == NULL || strcmp(version, "2.0") != 0) {
        fault_set(fault, FAULT_INVALID_REQUEST, "\"jsonrpc\" must be \"2.0\"");
        return REQUEST_REFUSED;
    }
    const char *name = json_string_value(json_object_get(object, "method"));
    if (name == NULL) {
        fault_set(fault, FAULT_INVALID_REQUEST, "\"method\" must be a string");
        return REQUEST_REFUSED;
    }
    if (method_find(name, &request->method) == 0) {
        fault_set(fault, FAULT_UNKNOWN_METHOD,
                  "this supervisor does not know the method; it may be older than the client");
        return REQUEST_REFUSED;
    }
    return 0;
}

int request_decode(const char *line, size_t length, struct request *ret_request,
                   struct fault *ret_fault) {
    *ret_request = (struct request){0};
    auto_(json_decref) json_t *object = NULL;
    const char *reason = NULL;
    int r = json_line_decode(line, length, &object, &reason);
    if (r < 0) {
        return r;
    }
    if (r > 0) {
        fault_set(ret_fault, FAULT_NOT_JSON, reason);
        return REQUEST_REFUSED;
    }
    r = decode_envelope(object, ret_request, ret_fault);
    if (r != 0) {
        return r;
    }
    return decode_params(json_object_get(object, "params"), ret_request, ret_fault);
}

int request_encode(const struct request *self, char **ret_line) {
    auto_(json_decref) json_t *params = json_object();
    int r = params != NULL ? 0 : -1;
    if (self->unit[0] != '\0') {
        r |= json_object_set_new(params, "unit", json_text(self->unit));
    }
    if (self->after[0] != '\0') {
        r |= json_object_set_new(params, "after", json_text(self->after));
    }
    if (self->method == METHOD_KILL) {
        r |= json_object_set_new(params, "signal", json_integer(self->signal));
        r |= json_object_set_new(params, "whom", json_text(request_whom_name(self->whom)));
    }
    auto_(json_decref) json_t *object = json_object();
    r |= json_object_set_new(object, "jsonrpc", json_string("2.0"));
    r |= json_object_set_new(object, "id", json_id(&self->id));
    r |= json_object_set_new(object, "method", json_string(method_name(self->method)));
    r |= json_object_set(object, "params", params);
    return r == 0 ? json_line_encode(object, ret_line) : -ENOMEM;
}
