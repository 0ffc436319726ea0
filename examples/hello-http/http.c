/* RFC 9112, and strict where it leaves a choice: a server that reads a line in another way than the
 * proxy before it can be made to answer the wrong request. */
#include "http.h"

#include <string.h>
#include <strings.h>

int http_head_size(const char *in, size_t size) {
    size_t line = 0;
    for (size_t i = 0; i < size; i++) {
        unsigned char c = (unsigned char)in[i];
        if (c == '\n') {
            if (i == 0 || in[i - 1] != '\r') {
                return -1;
            }
            if (i == line + 1) {
                return (int)i + 1;
            }
            line = i + 1;
        } else if ((c == '\r' && i + 1 < size && in[i + 1] != '\n') || c == 0x7f ||
                   (c < ' ' && c != '\t' && c != '\r')) {
            return -1;
        }
    }
    return 0;
}

static bool is_token(const char *text, size_t size) {
    static const char others[] = "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                 "abcdefghijklmnopqrstuvwxyz";
    return size > 0 && strspn(text, others) >= size;
}

/* Quotes would mislead a reader of the log; they and the others are in no request line. */
static bool is_clean(const char *line) {
    for (; *line != '\0'; line++) {
        if (*line < ' ' || *line > '~' || *line == '"' ||
            *line == '\\') { /* Also as signed char. */
            return false;
        }
    }
    return true;
}

/* Is `word` an element of the comma-separated list? */
static bool list_has(const char *list, const char *word) {
    while (*list != '\0') {
        list += strspn(list, ", \t");
        size_t size = strcspn(list, ", \t");
        if (size == strlen(word) && strncasecmp(list, word, size) == 0) {
            return true;
        }
        list += size;
    }
    return false;
}

static int parse_request_line(struct http_request *request) {
    const char *method = request->line;
    size_t method_size = strcspn(method, " ");
    const char *target = method + method_size + (method[method_size] == ' ');
    size_t target_size = strcspn(target, " ");
    const char *version = target + target_size + (target[target_size] == ' ');
    bool is_http = strncmp(version, "HTTP/", 5) == 0 && version[5] >= '0' && version[5] <= '9' &&
                   version[6] == '.' && version[7] >= '0' && version[7] <= '9' &&
                   version[8] == '\0';
    if (!is_clean(method) || !is_token(method, method_size) || target_size == 0 || !is_http) {
        return 400;
    }
    if (version[5] != '1') {
        return 505;
    }
    request->is_last = version[7] == '0';
    request->is_head = method_size == 4 && strncmp(method, "HEAD", 4) == 0;
    if (!request->is_head && (method_size != 3 || strncmp(method, "GET", 3) != 0)) {
        return 405;
    }
    if (strncasecmp(target, "http://", 7) == 0) { /* As a proxy would ask; every server must. */
        target += 7 + strcspn(target + 7, "/? ");
    }
    target += *target == '/'; /* Nothing, or a query, may follow the only path that there is. */
    return *target == ' ' || *target == '?' ? 200 : 404;
}

/* Returns 0, or 400. */
static int parse_field(struct http_request *request, char *line) {
    size_t name_size = strcspn(line, ":");
    if (line[name_size] == '\0' || !is_token(line, name_size)) {
        return 400; /* Also a line that is folded, or has a space before its colon. */
    }
    line[name_size] = '\0';
    char *value = line + name_size + 1;
    value += strspn(value, " \t");
    for (size_t n = strlen(value); n > 0 && (value[n - 1] == ' ' || value[n - 1] == '\t'); n--) {
        value[n - 1] = '\0';
    }
    if (strcasecmp(line, "Host") == 0) {
        request->n_hosts++;
    } else if (strcasecmp(line, "Connection") == 0) {
        request->is_last |= list_has(value, "close");
    } else if (strcasecmp(line, "Transfer-Encoding") == 0) {
        request->is_last = true; /* A body is not read, and must not be taken for a request. */
    } else if (strcasecmp(line, "Content-Length") == 0) {
        if (value[0] == '\0' || value[strspn(value, "0123456789")] != '\0') {
            return 400;
        }
        request->is_last |= value[strspn(value, "0")] != '\0';
    }
    return 0;
}

void http_parse(struct http_request *request, char *head) {
    bool is_malformed = false;
    for (char *line = head; *line != '\r';) {
        char *end = strchr(line, '\r');
        *end = '\0';
        if (line == head) {
            request->line = line;
            request->status = parse_request_line(request);
            is_malformed = request->status == 400;
        } else {
            is_malformed |= parse_field(request, line) != 0;
        }
        line = end + 2;
    }
    bool is_1_0 = strstr(request->line, " HTTP/1.0") != NULL;
    if (is_malformed || request->n_hosts > 1 || (request->n_hosts == 0 && !is_1_0)) {
        request->status = 400;
        request->is_last = true;
    }
}

const char *http_reason(int status) {
    switch (status) {
    case 200:
        return "OK";
    case 404:
        return "Not Found";
    case 405:
        return "Method Not Allowed";
    case 431:
        return "Request Header Fields Too Large";
    case 505:
        return "HTTP Version Not Supported";
    default:
        return "Bad Request";
    }
}
