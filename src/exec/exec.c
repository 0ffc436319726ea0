/* The steps of a service's birth, in systemd's order; the first that fails is reported and ends it.
 */
#include "exec/exec.h"

#include "base/str.h"
#include "core/expand.h"
#include "exec/account.h"
#include "exec/environment.h"
#include "os/exec_explain.h"
#include "os/fd.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define DEFAULT_PATH "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
#define CREATED_MODE 0666 /* less the umask, as systemd creates them */

int exec_fail(struct exec_report *report, enum exec_step step, int error, const char *format, ...) {
    assert(error > 0);
    va_list arguments;
    va_start(arguments, format);
    int size = vsnprintf(report->text, sizeof(report->text), format, arguments);
    va_end(arguments);
    if (size >= 0 && (size_t)size < sizeof(report->text)) {
        errno = error; /* For %m. */
        (void)snprintf(report->text + size, sizeof(report->text) - (size_t)size, ": %m");
    }
    report->step = (int32_t)step;
    report->error = error;
    return (int)step;
}

/* An output in a directory of the service's user could be a symbolic link to one of root's files.
 */
static int stream_flags(enum exec_stream stream, const struct account *account) {
    int flags = O_NOCTTY | O_CLOEXEC | (account->changes_user ? O_NOFOLLOW : 0);
    switch (stream) {
    case EXEC_STREAM_INHERITED:
    case EXEC_STREAM_COPY:
        break;
    case EXEC_STREAM_READ:
        return O_RDONLY | O_NOCTTY | O_CLOEXEC;
    case EXEC_STREAM_WRITE:
        return flags | O_WRONLY | O_CREAT;
    case EXEC_STREAM_APPEND:
        return flags | O_WRONLY | O_CREAT | O_APPEND;
    case EXEC_STREAM_TRUNCATE:
        return flags | O_WRONLY | O_CREAT | O_TRUNC;
    }
    return -1;
}

static int open_stream(const struct exec_request *request, int number,
                       const struct account *account, struct exec_report *report) {
    static const enum exec_step steps[3] = {EXEC_STEP_STDIN, EXEC_STEP_STDOUT, EXEC_STEP_STDERR};
    static const char *const names[3] = {"stdin", "stdout", "stderr"};
    enum exec_stream stream = (enum exec_stream)request->streams[number];
    const char *path = request->stream_paths[number];
    if (stream == EXEC_STREAM_INHERITED) {
        return 0;
    }
    int flags = stream_flags(stream, account);
    auto_fd int fd = stream == EXEC_STREAM_COPY
                         ? fcntl(number - 1, F_DUPFD_CLOEXEC, STDERR_FILENO + 1)
                     : path != NULL && flags >= 0 ? fd_above_stdio(open(path, flags, CREATED_MODE))
                                                  : (errno = EINVAL, -1);
    if (fd < 0 || dup2(fd, number) < 0) {
        return exec_fail(report, steps[number], errno, "%s %s", names[number],
                         path != NULL ? path : "");
    }
    return 0;
}

static int enter_directory(const struct exec_request *request, const struct account *account,
                           struct exec_report *report) {
    const char *path =
        request->working_directory_is_home ? account->home : request->working_directory;
    if (request->working_directory_is_home && path == NULL) {
        path = getenv("HOME");
    }
    if (chdir(path != NULL ? path : "/") == 0) {
        return 0;
    }
    if (request->working_directory_may_be_missing && chdir("/") == 0) {
        return 0;
    }
    return exec_fail(report, EXEC_STEP_CHDIR, errno, "working directory %s", path);
}

/* Looks for a name without a slash in the service's own PATH. Returns the path, or NULL. */
static const char *find_program(const char *name, char *const *environment, char *buffer,
                                size_t room) {
    const char *search = environment_get(environment, "PATH");
    search = search != NULL ? search : DEFAULT_PATH;
    while (search != NULL) {
        size_t length = strcspn(search, ":");
        int size = snprintf(buffer, room, "%.*s/%s", (int)length, search, name);
        if (length > 0 && size > 0 && (size_t)size < room && access(buffer, X_OK) == 0) {
            return buffer;
        }
        search = search[length] == ':' ? search + length + 1 : NULL;
    }
    return NULL;
}

static int execute(const struct exec_request *request, char **environment,
                   struct exec_report *report) {
    char buffer[4096];
    const char *path = request->path;
    if (strchr(path, '/') == NULL) {
        path = find_program(path, environment, buffer, sizeof(buffer));
        if (path == NULL) {
            return exec_fail(report, EXEC_STEP_EXEC, ENOENT, "no program %s in PATH",
                             request->path);
        }
    }
    char **argv = NULL;
    if (request->expands && expand_is_needed(request->argv)) {
        int r = expand_argv(request->argv, environment, &argv);
        if (r < 0) {
            return exec_fail(report, EXEC_STEP_EXEC, -r, "variables in the arguments of %s", path);
        }
    }
    execve(path, argv != NULL ? argv : request->argv, environment);
    int error = errno;
    (void)str_list_free(argv);
    exec_explain(error, path, NULL, report->text, sizeof(report->text));
    report->step = EXEC_STEP_EXEC;
    report->error = error;
    return EXEC_STEP_EXEC;
}

/* Lets the account open its own /dev/stdout again: what the supervisor made belongs to root. */
static void give_pipes(const struct account *account) {
    struct stat st;
    for (int fd = STDOUT_FILENO; account->changes_user && fd <= STDERR_FILENO; fd++) {
        if (fstat(fd, &st) == 0 && S_ISFIFO(st.st_mode)) {
            (void)fchown(fd, account->uid, (gid_t)-1); /* Without it the open pipe works as well. */
        }
    }
}

/* Returns the step that failed. */
static int become(struct exec_request *request, struct exec_report *report) {
    struct account account = {0};
    char **environment = NULL;
    int r = account_find(&account, request, report);
    if (r == 0) {
        r = environment_make(request, &account, report, &environment);
    }
    (void)umask((mode_t)request->umask);
    for (int i = 0; r == 0 && i < 3; i++) {
        r = open_stream(request, i, &account, report);
    }
    if (r == 0) {
        give_pipes(&account);
        r = account_assume(&account, report);
    }
    if (r == 0) {
        r = enter_directory(request, &account, report);
    }
    if (r == 0) {
        r = execute(request, environment, report);
    }
    account_fini(&account);
    (void)str_list_free(environment);
    return r;
}

static int receive(struct exec_request **ret_request) {
    if (fcntl(EXEC_REQUEST_FD, F_SETFD, FD_CLOEXEC) < 0 ||
        fcntl(EXEC_REPORT_FD, F_SETFD, FD_CLOEXEC) < 0) {
        return -errno;
    }
    struct exec_request *request = NULL;
    int r = exec_request_receive(EXEC_REQUEST_FD, &request);
    if (r < 0 || request == NULL) {
        return r < 0 ? r : -EBADMSG;
    }
    if (request->path == NULL || request->argv == NULL) {
        (void)exec_request_free(request);
        return -EBADMSG;
    }
    *ret_request = request;
    return 0;
}

int exec_main(void) {
    struct exec_report report = {0};
    struct exec_request *request = NULL;
    int r = receive(&request);
    r = request != NULL ? become(request, &report)
                        : exec_fail(&report, EXEC_STEP_REQUEST, r < 0 ? -r : EBADMSG,
                                    "request of the supervisor");
    request = exec_request_free(request);
    (void)write(EXEC_REPORT_FD, &report, sizeof(report)); /* Else the exit status must do. */
    return r;
}
