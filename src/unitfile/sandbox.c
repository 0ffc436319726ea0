/*
 * What a process may see and do. Nothing here is put up yet; the values are checked so that a
 * mistake is found today. A set of words with `~` before it means all others, and later assignments
 * add to earlier ones or take away from them: such values are shown word by word as written.
 */
#include "unitfile/command.h"
#include "unitfile/readers.h"
#include "unitfile/value.h"
#include "unitfile/word.h"

#include "base/alloc.h"

#include <errno.h>
#include <string.h>

#define CAPABILITIES                                                                               \
    "cap_chown cap_dac_override cap_dac_read_search cap_fowner cap_fsetid cap_kill cap_setgid "    \
    "cap_setuid cap_setpcap cap_linux_immutable cap_net_bind_service cap_net_broadcast "           \
    "cap_net_admin cap_net_raw cap_ipc_lock cap_ipc_owner cap_sys_module cap_sys_rawio "           \
    "cap_sys_chroot cap_sys_ptrace cap_sys_pacct cap_sys_admin cap_sys_boot cap_sys_nice "         \
    "cap_sys_resource cap_sys_time cap_sys_tty_config cap_mknod cap_lease cap_audit_write "        \
    "cap_audit_control cap_setfcap cap_mac_override cap_mac_admin cap_syslog cap_wake_alarm "      \
    "cap_block_suspend cap_audit_read cap_perfmon cap_bpf cap_checkpoint_restore"
#define N_CAPABILITIES 41

/* Checks one word; what it gives back is shown, NULL is wrong. */
struct word_check {
    const char *what;
    bool (*is_good)(const char *word);
};

/*
 * Reads words of a set into the one line that is shown. An empty value resets; `~` at its beginning
 * stays, if the key takes one.
 */
static int read_words(struct reader *reader, char *value, const struct word_check *check) {
    if (*value == '\0') {
        return reader_reset(reader);
    }
    const bool is_inverted = *value == '~';
    const char *at = value + (is_inverted ? 1 : 0);
    int r = is_inverted ? reader_join(reader, "~") : 0;
    r = r == 0 ? 1 : r;
    while (r > 0) {
        auto_free char *word = NULL;
        r = reader_word(reader, &at, WORD_UNQUOTE, &word);
        if (r > 0) {
            int added = check->is_good(word) ? reader_join(reader, word)
                                             : reader_reject(reader, check->what, word);
            r = added < 0 ? added : r;
        }
    }
    return r;
}

/* The number of a capability by its name in any case or by its number; -ENOENT. */
static int find_capability(const char *word) {
    char name[32];
    const size_t length = strlen(word);
    uint64_t number = 0;
    if (value_parse_unsigned(word, &number) == 0) {
        return number < N_CAPABILITIES ? (int)number : -ENOENT;
    }
    if (length >= sizeof(name)) {
        return -ENOENT;
    }
    for (size_t i = 0; i <= length; i++) {
        name[i] = (char)(word[i] >= 'A' && word[i] <= 'Z' ? word[i] - 'A' + 'a' : word[i]);
    }
    return value_find_word(CAPABILITIES, name, length);
}

/* The words of `list`, 64 at most, whose bits are in the set. */
static void add_words_of(struct text *text, const char *list, uint64_t set) {
    const char *gap = "";
    for (uint32_t i = 0; *list != '\0'; i++) {
        const size_t length = strcspn(list, " ");
        if ((set >> i & 1) != 0) {
            text_add(text, gap);
            text_add_bytes(text, list, length);
            gap = " ";
        }
        list += length;
        list += strspn(list, " ");
    }
}

/* The set that a value in its normal form is. */
static uint64_t set_of(const char *list, const char *words) {
    uint64_t set = 0;
    while (*words != '\0') {
        const size_t length = strcspn(words, " ");
        const int place = value_find_word(list, words, length);
        set |= place >= 0 ? (uint64_t)1 << place : 0;
        words += length;
        words += strspn(words, " ");
    }
    return set;
}

/*
 * The first assignment says what is in the set, or with `~` what is not; later ones add, or with
 * `~` take away. Nothing at all is the empty set. systemd.exec(5).
 */
int read_capabilities(struct reader *reader, const struct key *key, char *value) {
    (void)key;
    const uint64_t all = ((uint64_t)1 << N_CAPABILITIES) - 1;
    const bool is_inverted = *value == '~';
    const char *at = value + (is_inverted ? 1 : 0);
    uint64_t named = 0;
    int r = 1;
    while (r > 0) {
        auto_free char *word = NULL;
        r = reader_word(reader, &at, WORD_UNQUOTE, &word);
        const int number = r > 0 ? find_capability(word) : 0;
        if (number < 0) {
            const int said = reader_reject(reader, "has no such capability", word);
            r = said < 0 ? said : r;
        } else if (r > 0) {
            named |= (uint64_t)1 << number;
        }
    }
    if (r < 0) {
        return r;
    }
    char ***values = reader_values(reader);
    const bool has_before = values != NULL && *values != NULL && ***values != '\0';
    const uint64_t before = has_before ? set_of(CAPABILITIES, **values) : 0;
    uint64_t set = is_inverted ? all & ~named : named;
    if (has_before && (named != 0 || is_inverted)) {
        set = is_inverted && named != 0 ? before & ~named : before | set;
    }
    struct text text = {0};
    add_words_of(&text, CAPABILITIES, set);
    return reader_set_text(reader, &text);
}

/* Relative, without `..`; what follows colons is a link's path. */
static bool is_directory_name(const char *word) {
    while (*word != '\0') {
        const size_t length = strcspn(word, ":");
        const char *end = word + length;
        if (length == 0 || word[0] == '/') {
            return false;
        }
        for (const char *at = word; at < end;) {
            const size_t part = strcspn(at, "/:");
            if (part == 2 && strncmp(at, "..", 2) == 0) {
                return false;
            }
            at += part < (size_t)(end - at) ? part + 1 : part;
        }
        word = *end == ':' ? end + 1 : end;
    }
    return true;
}

int read_directories(struct reader *reader, const struct key *key, char *value) {
    if (*value == '\0') {
        return reader_reset(reader);
    }
    const char *at = value;
    int r = 1;
    while (r > 0) {
        auto_free char *word = NULL;
        auto_free char *name = NULL;
        r = reader_word(reader, &at, WORD_UNQUOTE | WORD_UNESCAPE, &word);
        int added = r > 0 ? reader_expand(reader, SPECIFIERS_ALL, word, &name) : 0;
        const bool has_link = added > 0 && strchr(name, ':') != NULL;
        const bool is_private = added > 0 && strcmp(name, "private") == 0;
        if (added > 0 && (!is_directory_name(name) || (has_link && key->high != 0) ||
                          (is_private && key->high == 0))) {
            added = reader_reject(reader, "is no relative path without `..`", name);
        } else if (added > 0) {
            struct text text = {0};
            path_simplify(&text, name);
            added = reader_append_text(reader, &text);
        }
        r = added < 0 ? added : r;
    }
    return r;
}

/* PATH:…; `-` before it for "may be missing". */
static int read_colon_paths(struct reader *reader, char *value, size_t n_paths) {
    if (*value == '\0') {
        return reader_reset(reader);
    }
    const char *at = value;
    int r = 1;
    while (r > 0) {
        auto_free char *word = NULL;
        auto_free char *entry = NULL;
        r = reader_word(reader, &at, WORD_UNQUOTE, &word);
        int added = r > 0 ? reader_expand(reader, SPECIFIERS_ALL, word, &entry) : 0;
        const char *path = entry;
        for (size_t i = 0; added > 0 && path != NULL && i < n_paths; i++) {
            path += i == 0 && n_paths > 1 && *path == '-' ? 1 : 0;
            if (*path != '/') {
                added = reader_reject(reader, "is no absolute path", entry);
            }
            path = strchr(path, ':');
            path = path != NULL ? path + 1 : NULL;
        }
        if (added > 0) {
            added = reader_join(reader, entry);
        }
        r = added < 0 ? added : r;
    }
    return r;
}

int read_bind_paths(struct reader *reader, const struct key *key, char *value) {
    (void)key;
    return read_colon_paths(reader, value, 2);
}

int read_temporary_file_systems(struct reader *reader, const struct key *key, char *value) {
    (void)key;
    return read_colon_paths(reader, value, 1);
}

int read_credential(struct reader *reader, const struct key *key, char *value) {
    if (*value == '\0') {
        return reader_reset(reader);
    }
    const size_t length = strcspn(value, ":");
    if ((value[length] == '\0' && key->high != 0) || length == 0 || length > 255 ||
        memchr(value, '/', length) != NULL || value[0] == '.') {
        return reader_reject(reader, "has no name of a credential before its colon", value);
    }
    auto_free char *expanded = NULL;
    int r = reader_expand(reader, SPECIFIERS_ALL, value, &expanded);
    return r <= 0 ? r : reader_append(reader, expanded);
}

static bool is_family(const char *word) {
    static const char families[] =
        "AF_UNSPEC AF_UNIX AF_LOCAL AF_INET AF_AX25 AF_IPX AF_APPLETALK AF_NETROM AF_BRIDGE "
        "AF_ATMPVC AF_X25 AF_INET6 AF_ROSE AF_DECnet AF_NETBEUI AF_SECURITY AF_KEY AF_NETLINK "
        "AF_ROUTE AF_PACKET AF_ASH AF_ECONET AF_ATMSVC AF_RDS AF_SNA AF_IRDA AF_PPPOX AF_WANPIPE "
        "AF_LLC AF_IB AF_MPLS AF_CAN AF_TIPC AF_BLUETOOTH AF_IUCV AF_RXRPC AF_ISDN AF_PHONET "
        "AF_IEEE802154 AF_CAIF AF_ALG AF_NFC AF_VSOCK AF_KCM AF_QIPCRTR AF_SMC AF_XDP AF_MCTP";
    return value_find_word(families, word, strlen(word)) >= 0;
}

int read_families(struct reader *reader, const struct key *key, char *value) {
    static const struct word_check check = {"has no such family of addresses", is_family};
    (void)key;
    return strcmp(value, "none") == 0 ? reader_set(reader, value)
                                      : read_words(reader, value, &check);
}

#define NAMESPACES "cgroup ipc net mnt pid user uts time"
#define N_NAMESPACES 8

/* What is shown is the namespaces that it may make; systemd's word for none is n/a. */
static int set_namespaces(struct reader *reader, uint64_t allowed) {
    struct text text = {0};
    add_words_of(&text, NAMESPACES, allowed);
    text_add(&text, allowed == 0 ? "n/a" : "");
    return reader_set_text(reader, &text);
}

int read_namespaces(struct reader *reader, const struct key *key, char *value) {
    (void)key;
    const uint64_t all = ((uint64_t)1 << N_NAMESPACES) - 1;
    bool truth = false;
    if (*value == '\0') {
        return reader_reset(reader);
    }
    if (value_parse_bool(value, &truth) == 0) {
        int r = truth ? set_namespaces(reader, 0) : reader_set(reader, "no");
        if (!truth) {
            reader_set_off(reader);
        }
        return r;
    }
    const bool is_inverted = *value == '~';
    const char *at = value + (is_inverted ? 1 : 0);
    uint64_t named = 0;
    int r = 1;
    while (r > 0) {
        auto_free char *word = NULL;
        r = reader_word(reader, &at, WORD_UNQUOTE, &word);
        const int place = r > 0 ? value_find_word(NAMESPACES, word, strlen(word)) : 0;
        if (place < 0) {
            return reader_reject(reader, "has no such namespace", word);
        }
        named |= r > 0 ? (uint64_t)1 << place : 0;
    }
    if (r < 0) {
        return r;
    }
    char ***values = reader_values(reader);
    const bool has_before = values != NULL && *values != NULL && strcmp(**values, "no") != 0;
    const uint64_t before = has_before ? set_of(NAMESPACES, **values) : is_inverted ? all : 0;
    return set_namespaces(reader, is_inverted ? before & ~named : before | named);
}

static bool is_architecture(const char *word) {
    static const char architectures[] =
        "native x86 x86-64 x32 arm arm64 loongarch64 mips mips64 mips64-n32 mips-le mips64-le "
        "mips64-le-n32 parisc parisc64 ppc ppc64 ppc64-le riscv32 riscv64 s390 s390x";
    return value_find_word(architectures, word, strlen(word)) >= 0;
}

int read_architectures(struct reader *reader, const struct key *key, char *value) {
    static const struct word_check check = {"has no such architecture", is_architecture};
    (void)key;
    return read_words(reader, value, &check);
}

/* "EPERM", "kill", 1 to 4095. */
static bool is_error(const char *word) {
    uint64_t number = 0;
    if (value_parse_unsigned(word, &number) == 0) {
        return number >= 1 && number <= 4095;
    }
    return strcmp(word, "kill") == 0 ||
           (word[0] == 'E' && word[1] != '\0' &&
            strspn(word, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") == strlen(word));
}

int read_error_number(struct reader *reader, const struct key *key, char *value) {
    (void)key;
    if (*value == '\0') {
        return reader_reset(reader);
    }
    if (!is_error(value)) {
        return reader_reject(reader, "is no error number", value);
    }
    return reader_set(reader, value);
}

/* NAME, @GROUP, either with :ERROR. Which names there are, only the kernel's headers know. */
static bool is_system_call(const char *word) {
    const char *colon = strchr(word, ':');
    const char *name = word + (word[0] == '@' ? 1 : 0);
    const size_t length = colon != NULL ? (size_t)(colon - name) : strlen(name);
    if (colon != NULL && !is_error(colon + 1)) {
        return false;
    }
    return length != 0 && strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_-") >= length;
}

int read_system_calls(struct reader *reader, const struct key *key, char *value) {
    static const struct word_check check = {"has no such system call", is_system_call};
    (void)key;
    return read_words(reader, value, &check);
}
