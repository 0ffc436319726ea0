/*
 * Both halves stand together, kind by kind, so that what one writes can be compared with what the
 * other reads. A client may meet a newer supervisor: it ignores what it does not know, and insists
 * on what it needs.
 */
#include "protocol/response.h"

#include "base/str.h"
#include "protocol/frame.h"
#include "protocol/json.h"
#include "protocol/unit_name.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

/* What a line needs besides the names of a list, with room to spare. */
#define LIST_ENVELOPE_MAX 1024

static const char *job_outcome_name(enum job_outcome outcome) {
    switch (outcome) {
    case JOB_OUTCOME_DONE:
        return "done";
    case JOB_OUTCOME_FAILED:
        return "failed";
    case JOB_OUTCOME_CANCELED:
        return "canceled";
    case JOB_OUTCOME_TIMEOUT:
        return "timeout";
    }
    return NULL;
}

static json_t *encode_fault(const struct fault *fault, const char *version) {
    auto_(json_decref) json_t *data = json_object();
    int r = data != NULL ? 0 : -1;
    if (fault->code == (int)FAULT_UNKNOWN_METHOD) {
        r |= json_object_set_new(data, "version", json_text(version));
    }
    if (fault->member[0] != '\0') {
        r |= json_object_set_new(data, "member", json_text(fault->member));
    }
    auto_(json_decref) json_t *error = json_object();
    r |= json_object_set_new(error, "code", json_integer(fault->code));
    r |= json_object_set_new(error, "message", json_text(fault->message));
    r |= json_object_set(error, "data", data);
    return r == 0 ? take_ptr(&error) : NULL;
}

static json_t *encode_version(const struct version_report *report) {
    auto_(json_decref) json_t *result = json_object();
    int r = json_object_set_new(result, "version", json_text(report->version));
    r |= json_object_set_new(result, "protocol", json_integer(report->protocol));
    r |= json_object_set_new(result, "supervisor_pid", json_integer(report->supervisor_pid));
    r |= json_object_set_new(result, "logger_pid", json_integer(report->logger_pid));
    return r == 0 ? take_ptr(&result) : NULL;
}

static json_t *encode_list(const struct list_report *report) {
    auto_(json_decref) json_t *units = json_array();
    int r = units != NULL ? 0 : -1;
    size_t used = LIST_ENVELOPE_MAX;
    bool more = report->more;
    for (size_t i = 0; report->units != NULL && report->units[i] != NULL; i++) {
        /* Quotes and a comma; in a name nothing but a backslash is escaped. */
        used += 2 * strlen(report->units[i]) + 3;
        if (used > FRAME_LINE_MAX) {
            more = true;
            break;
        }
        r |= json_array_append_new(units, json_text(report->units[i]));
    }
    auto_(json_decref) json_t *result = json_object();
    r |= json_object_set(result, "units", units);
    r |= json_object_set_new(result, "more", json_boolean(more));
    return r == 0 ? take_ptr(&result) : NULL;
}

static json_t *encode_job(const struct job_report *report) {
    auto_(json_decref) json_t *result = json_object();
    int r = json_object_set_new(result, "job", json_integer((json_int_t)report->job));
    r |= json_object_set_new(result, "result", json_text(job_outcome_name(report->outcome)));
    r |= json_object_set_new(result, "active_state", json_text(report->active_state));
    r |= json_object_set_new(result, "sub_state", json_text(report->sub_state));
    r |= json_object_set_new(result, "unit_result", json_text(report->unit_result));
    r |= json_object_set_new(result, "main_pid", json_integer(report->main_pid));
    r |= json_object_set_new(result, "reason", json_text(report->reason));
    r |= json_object_set_new(result, "detail", json_text(report->detail));
    r |= json_object_set_new(result, "kept", json_boolean(report->kept));
    return r == 0 ? take_ptr(&result) : NULL;
}

static json_t *encode_load(const struct load_report *report) {
    auto_(json_decref) json_t *result = json_object();
    int r = json_object_set_new(result, "changed", json_boolean(report->changed));
    return r == 0 ? take_ptr(&result) : NULL;
}

static json_t *encode_body(const struct response *self, const char *version) {
    switch (self->kind) {
    case RESPONSE_DONE:
        return json_object();
    case RESPONSE_FAULT:
        return encode_fault(&self->fault, version);
    case RESPONSE_VERSION:
        return encode_version(&self->version);
    case RESPONSE_LIST:
        return encode_list(&self->list);
    case RESPONSE_JOB:
        return encode_job(&self->job);
    case RESPONSE_LOAD:
        return encode_load(&self->load);
    }
    return NULL;
}

int response_encode(const struct response *self, const char *version, char **ret_line) {
    auto_(json_decref) json_t *object = json_object();
    const char *member = self->kind == RESPONSE_FAULT ? "error" : "result";
    int r = json_object_set_new(object, "jsonrpc", json_string("2.0"));
    r |= json_object_set_new(object, "id", json_id(&self->id));
    r |= json_object_set_new(object, member, encode_body(self, version));
    return r == 0 ? json_line_encode(object, ret_line) : -ENOMEM;
}

static enum response_kind kind_of(enum method method) {
    switch (method) {
    case METHOD_VERSION:
        return RESPONSE_VERSION;
    case METHOD_LIST:
        return RESPONSE_LIST;
    case METHOD_START:
    case METHOD_STOP:
    case METHOD_RESTART:
    case METHOD_RELOAD:
        return RESPONSE_JOB;
    case METHOD_LOAD:
        return RESPONSE_LOAD;
    case METHOD_KILL:
    case METHOD_RESET_FAILED:
    case METHOD_FORGET:
    case METHOD_SHUTDOWN:
        return RESPONSE_DONE;
    }
    return RESPONSE_DONE;
}

static int get_text(const json_t *object, const char *member, const char **ret_text) {
    const char *text = json_string_value(json_object_get(object, member));
    if (text == NULL) {
        return -EBADMSG;
    }
    *ret_text = text;
    return 0;
}

static int get_number(const json_t *object, const char *member, int64_t *ret_number) {
    const json_t *value = json_object_get(object, member);
    if (!json_is_integer(value) || json_integer_value(value) < 0) {
        return -EBADMSG;
    }
    *ret_number = json_integer_value(value);
    return 0;
}

static int get_truth(const json_t *object, const char *member, bool *ret_truth) {
    const json_t *value = json_object_get(object, member);
    if (!json_is_boolean(value)) {
        return -EBADMSG;
    }
    *ret_truth = json_is_true(value);
    return 0;
}

static int decode_fault(const json_t *error, struct fault *ret_fault) {
    const json_t *code = json_object_get(error, "code");
    const json_t *message = json_object_get(error, "message");
    if (!json_is_integer(code) || !json_is_string(message)) {
        return -EBADMSG;
    }
    struct fault fault = {.code = (int)json_integer_value(code)};
    json_text_copy(message, fault.message, sizeof(fault.message));
    const json_t *member = json_object_get(json_object_get(error, "data"), "member");
    if (json_is_string(member)) {
        json_text_copy(member, fault.member, sizeof(fault.member));
    }
    *ret_fault = fault;
    return 0;
}

static int decode_version(const json_t *result, struct version_report *report) {
    int r = get_text(result, "version", &report->version);
    r = r < 0 ? r : get_number(result, "protocol", &report->protocol);
    r = r < 0 ? r : get_number(result, "supervisor_pid", &report->supervisor_pid);
    return r < 0 ? r : get_number(result, "logger_pid", &report->logger_pid);
}

static int decode_list(const json_t *result, struct list_report *report) {
    const json_t *units = json_object_get(result, "units");
    if (!json_is_array(units)) {
        return -EBADMSG;
    }
    size_t index;
    const json_t *value;
    json_array_foreach(units, index, value) {
        const char *name = json_string_value(value);
        if (name == NULL || !unit_name_is_valid(name)) {
            return -EBADMSG;
        }
        int r = str_list_append(&report->units, name, strlen(name));
        if (r < 0) {
            return r;
        }
    }
    return json_object_get(result, "more") == NULL ? 0 : get_truth(result, "more", &report->more);
}

static int decode_outcome(const json_t *result, enum job_outcome *ret_outcome) {
    const char *word;
    int r = get_text(result, "result", &word);
    for (unsigned int i = 0; r == 0 && i < JOB_OUTCOME_COUNT; i++) {
        if (strcmp(word, job_outcome_name((enum job_outcome)i)) == 0) {
            *ret_outcome = (enum job_outcome)i;
            return 0;
        }
    }
    return -EBADMSG;
}

static int decode_job(const json_t *result, struct job_report *report) {
    int64_t job = 0;
    int r = get_number(result, "job", &job);
    report->job = (uint64_t)job;
    r = r < 0 ? r : decode_outcome(result, &report->outcome);
    r = r < 0 ? r : get_text(result, "active_state", &report->active_state);
    r = r < 0 ? r : get_text(result, "sub_state", &report->sub_state);
    r = r < 0 ? r : get_text(result, "unit_result", &report->unit_result);
    r = r < 0 ? r : get_number(result, "main_pid", &report->main_pid);
    r = r < 0 ? r : get_text(result, "reason", &report->reason);
    r = r < 0 ? r : get_text(result, "detail", &report->detail);
    return r < 0 ? r : get_truth(result, "kept", &report->kept);
}

static int decode_body(const json_t *object, enum method method, struct response *response) {
    const json_t *error = json_object_get(object, "error");
    const json_t *result = json_object_get(object, "result");
    if ((error == NULL) == (result == NULL)) {
        return -EBADMSG;
    }
    if (error != NULL) {
        response->kind = RESPONSE_FAULT;
        return decode_fault(error, &response->fault);
    }
    if (!json_is_object(result)) {
        return -EBADMSG;
    }
    response->kind = kind_of(method);
    switch (response->kind) {
    case RESPONSE_DONE:
        return 0;
    case RESPONSE_VERSION:
        return decode_version(result, &response->version);
    case RESPONSE_LIST:
        return decode_list(result, &response->list);
    case RESPONSE_JOB:
        return decode_job(result, &response->job);
    case RESPONSE_LOAD:
        return get_truth(result, "changed", &response->load.changed);
    case RESPONSE_FAULT:
        break;
    }
    return -EBADMSG;
}

int response_decode(const char *line, size_t length, enum method method,
                    struct response *ret_response) {
    auto_(response_fini) struct response response = {0};
    const char *reason;
    int r = json_line_decode(line, length, &response.document, &reason);
    if (r != 0) {
        return r < 0 ? r : -EBADMSG;
    }
    const json_t *id = json_object_get(response.document, "id");
    if (!json_is_null(id) && json_id_decode(id, &response.id) < 0) {
        return -EBADMSG;
    }
    r = decode_body(response.document, method, &response);
    if (r < 0) {
        return r;
    }
    *ret_response = response;
    response = (struct response){0};
    return 0;
}

void response_fini(struct response *self) {
    if (self->document != NULL && self->kind == RESPONSE_LIST) {
        self->list.units = str_list_free(self->list.units);
    }
    json_decref(self->document);
    *self = (struct response){0};
}
