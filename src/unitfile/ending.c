/* The numbers of signals differ between machines; <signal.h> knows them. */
#include "unitfile/ending.h"

#include "core/signo.h"
#include "unitfile/value.h"

#include <assert.h>
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>

/* glibc keeps the kernel's first two real-time signals for itself; SIGRTMIN is a function there. */
#define REALTIME_FIRST 34U
#define REALTIME_LAST 64U
static_assert(REALTIME_LAST == SIGNO_MAX, "the last signal is a real-time one");

struct word {
    const char *name;
    uint32_t number;
};

static const struct word signals[] = {
    {"HUP", SIGHUP},       {"INT", SIGINT},   {"QUIT", SIGQUIT},     {"ILL", SIGILL},
    {"TRAP", SIGTRAP},     {"ABRT", SIGABRT}, {"BUS", SIGBUS},       {"FPE", SIGFPE},
    {"KILL", SIGKILL},     {"USR1", SIGUSR1}, {"SEGV", SIGSEGV},     {"USR2", SIGUSR2},
    {"PIPE", SIGPIPE},     {"ALRM", SIGALRM}, {"TERM", SIGTERM},
#ifdef SIGSTKFLT
    {"STKFLT", SIGSTKFLT},
#endif
    {"CHLD", SIGCHLD},     {"CONT", SIGCONT}, {"STOP", SIGSTOP},     {"TSTP", SIGTSTP},
    {"TTIN", SIGTTIN},     {"TTOU", SIGTTOU}, {"URG", SIGURG},       {"XCPU", SIGXCPU},
    {"XFSZ", SIGXFSZ},     {"PROF", SIGPROF}, {"VTALRM", SIGVTALRM}, {"WINCH", SIGWINCH},
    {"IO", SIGIO},         {"PWR", SIGPWR},   {"SYS", SIGSYS},
};

static const struct word exit_codes[] = {
    {"SUCCESS", 0},
    {"FAILURE", 1},
    {"INVALIDARGUMENT", 2},
    {"NOTIMPLEMENTED", 3},
    {"NOPERMISSION", 4},
    {"NOTINSTALLED", 5},
    {"NOTCONFIGURED", 6},
    {"NOTRUNNING", 7},
    {"USAGE", 64},
    {"DATAERR", 65},
    {"NOINPUT", 66},
    {"NOUSER", 67},
    {"NOHOST", 68},
    {"UNAVAILABLE", 69},
    {"SOFTWARE", 70},
    {"OSERR", 71},
    {"OSFILE", 72},
    {"CANTCREAT", 73},
    {"IOERR", 74},
    {"TEMPFAIL", 75},
    {"PROTOCOL", 76},
    {"NOPERM", 77},
    {"CONFIG", 78},
    {"CHDIR", 200},
    {"NICE", 201},
    {"FDS", 202},
    {"EXEC", 203},
    {"MEMORY", 204},
    {"LIMITS", 205},
    {"OOM_ADJUST", 206},
    {"SIGNAL_MASK", 207},
    {"STDIN", 208},
    {"STDOUT", 209},
    {"CHROOT", 210},
    {"IOPRIO", 211},
    {"TIMERSLACK", 212},
    {"SECUREBITS", 213},
    {"SETSCHEDULER", 214},
    {"CPUAFFINITY", 215},
    {"GROUP", 216},
    {"USER", 217},
    {"CAPABILITIES", 218},
    {"CGROUP", 219},
    {"SETSID", 220},
    {"CONFIRM", 221},
    {"STDERR", 222},
    {"PAM", 224},
    {"NETWORK", 225},
    {"NAMESPACE", 226},
    {"NO_NEW_PRIVILEGES", 227},
    {"SECCOMP", 228},
    {"SELINUX_CONTEXT", 229},
    {"PERSONALITY", 230},
    {"APPARMOR", 231},
    {"ADDRESS_FAMILIES", 232},
    {"RUNTIME_DIRECTORY", 233},
    {"CHOWN", 235},
    {"SMACK_PROCESS_LABEL", 236},
    {"KEYRING", 237},
    {"STATE_DIRECTORY", 238},
    {"CACHE_DIRECTORY", 239},
    {"LOGS_DIRECTORY", 240},
    {"CONFIGURATION_DIRECTORY", 241},
    {"NUMA_POLICY", 242},
    {"CREDENTIALS", 243},
    {"BPF", 244},
    {"EXCEPTION", 255},
};

static const struct word *find(const struct word *words, size_t count, const char *name) {
    for (size_t i = 0; i < count; i++) {
        if (strcmp(words[i].name, name) == 0) {
            return &words[i];
        }
    }
    return NULL;
}

/* "", "+3", "-3": how far from the first or the last real-time signal. */
static int parse_offset(const char *text, char sign, uint32_t *ret_offset) {
    uint64_t offset = 0;
    if (*text != '\0') {
        if (*text != sign || text[1] < '0' || text[1] > '9') {
            return -EINVAL;
        }
        int r = value_parse_unsigned(text + 1, &offset);
        if (r < 0) {
            return r;
        }
    }
    if (offset > REALTIME_LAST - REALTIME_FIRST) {
        return -ERANGE;
    }
    *ret_offset = (uint32_t)offset;
    return 0;
}

int signal_parse(const char *text, uint32_t *ret_signo) {
    int64_t number = 0;
    uint32_t offset = 0;
    if (value_parse_signed(text, &number) == 0) {
        if (number < 1 || number > SIGNO_MAX) {
            return -ERANGE;
        }
        *ret_signo = (uint32_t)number;
        return 0;
    }
    text += strncmp(text, "SIG", 3) == 0 ? 3 : 0;
    const struct word *word = find(signals, sizeof(signals) / sizeof(signals[0]), text);
    if (word != NULL) {
        *ret_signo = word->number;
        return 0;
    }
    bool from_last = strncmp(text, "RTMAX", 5) == 0;
    if (!from_last && strncmp(text, "RTMIN", 5) != 0) {
        return -EINVAL;
    }
    int r = parse_offset(text + 5, from_last ? '-' : '+', &offset);
    if (r < 0) {
        return r;
    }
    *ret_signo = from_last ? REALTIME_LAST - offset : REALTIME_FIRST + offset;
    return 0;
}

void signal_format(struct text *text, uint32_t signo) {
    for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++) {
        if (signals[i].number == signo) {
            text_add(text, signals[i].name);
            return;
        }
    }
    if (signo >= REALTIME_FIRST && signo <= REALTIME_LAST) {
        text_add(text, signo == REALTIME_FIRST ? "RTMIN" : "RTMIN+");
        signo -= REALTIME_FIRST;
    }
    if (signo != 0) {
        text_add_number(text, signo);
    }
}

int exit_code_parse(const char *text, uint32_t *ret_code) {
    const struct word *word = find(exit_codes, sizeof(exit_codes) / sizeof(exit_codes[0]), text);
    if (word != NULL) {
        *ret_code = word->number;
        return 0;
    }
    uint64_t code = 0;
    int r = value_parse_unsigned(text, &code);
    if (r < 0) {
        return r;
    }
    if (code > 255) {
        return -ERANGE;
    }
    *ret_code = (uint32_t)code;
    return 0;
}
