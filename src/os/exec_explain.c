/*
 * Follows the chain that the kernel follows: the program, the interpreter that its `#!` line
 * names, that one's interpreter, and at the end an ELF file with its loader. Each link is checked
 * in the order in which execve(2) would fail: the way to it, its type, its mount, its mode. The
 * first that fails is named by its role, "the interpreter X of Y", and the trouble comes behind.
 */
#include "os/exec_explain.h"

#include "base/attr.h"
#include "base/cleanup.h"
#include "os/fd.h"

#include <assert.h>
#include <elf.h>
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/utsname.h>
#include <unistd.h>

/* The kernel reads so much of a file (BINPRM_BUF_SIZE), and follows so many `#!` lines. */
#define HEAD_SIZE 256
#define CHAIN_MAX 5
#define PROGRAM_HEADERS_MAX 64

#if __BYTE_ORDER == __LITTLE_ENDIAN
#define ELF_NATIVE_DATA ELFDATA2LSB
#else
#define ELF_NATIVE_DATA ELFDATA2MSB
#endif

struct explanation {
    char *text;
    size_t size;
    const char *cwd; /* What relative paths are relative to; NULL: here. */
    char subject[2 * PATH_MAX + 64]; /* The file in its role. */
    char path[PATH_MAX]; /* The file. */
    char next[PATH_MAX]; /* What it needs to run: an interpreter or a loader. */
    const char *hint; /* Added when `next` is missing. */
};

attr_printf(2, 3) static void say(struct explanation *self, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(self->text, self->size, format, arguments);
    va_end(arguments);
    for (char *byte = self->text; *byte != '\0'; byte++) {
        if ((unsigned char)*byte < ' ' || *byte == 0x7f) {
            *byte = '?';
        }
    }
}

static const char *describe(int error) {
    const char *text = strerrordesc_np(error);
    return text != NULL ? text : "unknown error";
}

/* The path as the child would have seen it; false when it is too long for a path. */
static bool resolve(const struct explanation *self, const char *path, char *ret_path) {
    int length = self->cwd == NULL || path[0] == '/'
                     ? snprintf(ret_path, PATH_MAX, "%s", path)
                     : snprintf(ret_path, PATH_MAX, "%s/%s", self->cwd, path);
    return length >= 0 && length < PATH_MAX;
}

/* `prefix` could not be looked at; `parent` is the part before it, which could. */
static void say_component(struct explanation *self, const char *prefix, const char *parent,
                          int error) {
    struct stat status;
    char target[PATH_MAX] = "";
    const char *what = self->subject;
    if (error == EACCES) {
        say(self, "%s can't be reached: user %u may not search the directory `%s`", what, geteuid(),
            parent);
    } else if (error == ENOTDIR) {
        say(self, "%s can't be reached: `%s` is not a directory", what, parent);
    } else if (error != ENOENT) {
        say(self, "%s can't be reached: `%s`: %s", what, prefix, describe(error));
    } else if (lstat(prefix, &status) == 0 && S_ISLNK(status.st_mode) &&
               readlink(prefix, target, sizeof target - 1) > 0) {
        say(self, "%s can't be reached: `%s` is a link to `%s`, which does not exist", what, prefix,
            target);
    } else if (strcmp(prefix, self->path) == 0) {
        say(self, "%s does not exist%s", what, self->hint);
    } else {
        say(self, "%s does not exist: there is no `%s`", what, prefix);
    }
}

/* Looks at each longer prefix of the path; true when one is not there, and said so. */
static bool explain_way(struct explanation *self) {
    char prefix[PATH_MAX];
    char parent[PATH_MAX] = ".";
    const char *end = self->path;
    while (*end != '\0') {
        end += strspn(end, "/");
        end += strcspn(end, "/");
        (void)snprintf(prefix, sizeof prefix, "%.*s", (int)(end - self->path), self->path);
        struct stat status;
        if (stat(prefix, &status) < 0) {
            say_component(self, prefix, parent, errno);
            return true;
        }
        (void)snprintf(parent, sizeof parent, "%s", prefix);
    }
    return false;
}

/* What may be wrong with a file that is there. */
static bool explain_file(struct explanation *self) {
    struct stat status;
    struct statvfs filesystem;
    if (stat(self->path, &status) < 0) {
        return false;
    }
    if (S_ISDIR(status.st_mode)) {
        say(self, "%s is a directory", self->subject);
        return true;
    }
    if (!S_ISREG(status.st_mode)) {
        say(self, "%s is not an ordinary file", self->subject);
        return true;
    }
    if (statvfs(self->path, &filesystem) == 0 && (filesystem.f_flag & ST_NOEXEC) != 0) {
        say(self, "%s lies on a file system that is mounted noexec", self->subject);
        return true;
    }
    if (faccessat(AT_FDCWD, self->path, X_OK, AT_EACCESS) < 0 && errno == EACCES) {
        say(self, "user %u has no execute permission on %s (mode %04o, owner %u)", geteuid(),
            self->subject, status.st_mode & 07777, status.st_uid);
        return true;
    }
    return false;
}

/* Only once it is known to be an ordinary file: a device or a FIFO may do something on open. */
static int open_ordinary(const char *path) {
    struct stat status;
    if (stat(path, &status) < 0 || !S_ISREG(status.st_mode)) {
        return -1;
    }
    return open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
}

static const char *machine_name(unsigned int machine) {
    static const struct {
        unsigned int machine;
        const char *name;
    } names[] = {
        {EM_386, "i386"},    {EM_X86_64, "x86_64"},   {EM_ARM, "arm"},     {EM_AARCH64, "aarch64"},
        {EM_RISCV, "riscv"}, {EM_PPC, "ppc"},         {EM_PPC64, "ppc64"}, {EM_S390, "s390x"},
        {EM_MIPS, "mips"},   {EM_SPARCV9, "sparc64"},
    };
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (names[i].machine == machine) {
            return names[i].name;
        }
    }
    return "another machine";
}

/* Type and machine stand at the same place in both classes. */
static bool explain_elf(struct explanation *self, const unsigned char *head) {
    Elf32_Ehdr header;
    struct utsname system;
    memcpy(&header, head, sizeof header);
    bool is_native = header.e_ident[EI_DATA] == ELF_NATIVE_DATA;
    unsigned int machine = is_native ? header.e_machine : __builtin_bswap16(header.e_machine);
    unsigned int type = is_native ? header.e_type : __builtin_bswap16(header.e_type);
    if (uname(&system) < 0) {
        return false;
    }
    if (strcmp(machine_name(machine), system.machine) != 0) {
        say(self, "%s is a program for %s, which this %s kernel does not run", self->subject,
            machine_name(machine), system.machine);
        return true;
    }
    if (type != ET_EXEC && type != ET_DYN) {
        say(self, "%s is an ELF file, but not a program", self->subject);
        return true;
    }
    say(self, "%s is a damaged ELF program", self->subject);
    return true;
}

/* Of a file that is in order, but that the kernel does not know how to run. */
static bool explain_format(struct explanation *self) {
    auto_fd int fd = open_ordinary(self->path);
    unsigned char head[HEAD_SIZE] = {0};
    ssize_t size = fd < 0 ? -1 : pread(fd, head, sizeof head, 0);
    if (size < 0) {
        return false;
    }
    if (size == 0) {
        say(self, "%s is an empty file", self->subject);
        return true;
    }
    if ((size_t)size >= sizeof(Elf32_Ehdr) && memcmp(head, ELFMAG, SELFMAG) == 0) {
        return explain_elf(self, head);
    }
    if (memcmp(head, "\xef\xbb\xbf#!", 5) == 0) {
        say(self, "%s has a byte order mark before its `#!`, remove it", self->subject);
        return true;
    }
    if (memcmp(head, "#!", 2) == 0) {
        say(self, "the `#!` line of %s is empty or too long", self->subject);
        return true;
    }
    bool is_text = memchr(head, '\0', (size_t)size) == NULL;
    say(self,
        is_text ? "%s is a text without a `#!` line that says what runs it" : "%s is not a program",
        self->subject);
    return true;
}

/* The interpreter of a `#!` line, as the kernel cuts it out. */
static bool find_interpreter(struct explanation *self, const char *head, size_t size) {
    const char *end = head + size;
    const char *start = head + 2;
    while (start < end && (*start == ' ' || *start == '\t')) {
        start++;
    }
    size_t length = 0;
    while (start + length < end && start[length] != '\0' &&
           strchr(" \t\n", start[length]) == NULL) {
        length++;
    }
    if (length == 0 || start + length == end) {
        return false;
    }
    (void)snprintf(self->next, sizeof self->next, "%.*s", (int)length, start);
    self->hint = start[length - 1] == '\r' ? ": the script has Windows line ends" : "";
    return true;
}

/* Offset and size of the loader's name, from one program header of either class. */
static bool find_segment(const unsigned char *bytes, bool is_64, uint64_t *ret_offset,
                         uint64_t *ret_size) {
    if (is_64) {
        Elf64_Phdr header;
        memcpy(&header, bytes, sizeof header);
        *ret_offset = header.p_offset;
        *ret_size = header.p_filesz;
        return header.p_type == PT_INTERP;
    }
    Elf32_Phdr header;
    memcpy(&header, bytes, sizeof header);
    *ret_offset = header.p_offset;
    *ret_size = header.p_filesz;
    return header.p_type == PT_INTERP;
}

static bool find_loader(struct explanation *self, int fd, const char *head) {
    bool is_64 = head[EI_CLASS] == ELFCLASS64;
    Elf64_Ehdr wide;
    Elf32_Ehdr narrow;
    memcpy(&wide, head, sizeof wide);
    memcpy(&narrow, head, sizeof narrow);
    uint64_t offset = is_64 ? wide.e_phoff : narrow.e_phoff;
    unsigned int count = is_64 ? wide.e_phnum : narrow.e_phnum;
    size_t size = is_64 ? sizeof(Elf64_Phdr) : sizeof(Elf32_Phdr);
    if (head[EI_DATA] != ELF_NATIVE_DATA) {
        return false;
    }
    for (unsigned int i = 0; i < count && i < PROGRAM_HEADERS_MAX; i++) {
        unsigned char bytes[sizeof(Elf64_Phdr)];
        uint64_t name = 0;
        uint64_t length = 0;
        if (pread(fd, bytes, size, (off_t)(offset + i * size)) != (ssize_t)size) {
            return false;
        }
        if (!find_segment(bytes, is_64, &name, &length)) {
            continue;
        }
        if (length < 2 || length > sizeof self->next ||
            pread(fd, self->next, length, (off_t)name) != (ssize_t)length) {
            return false;
        }
        self->next[length - 1] = '\0';
        self->hint = ": it was built for another C library or machine";
        return true;
    }
    return false;
}

/* What else the kernel has to open for it; the role for the subject, NULL when nothing. */
static const char *find_next(struct explanation *self) {
    auto_fd int fd = open_ordinary(self->path);
    char head[HEAD_SIZE] = {0};
    ssize_t size = fd < 0 ? -1 : pread(fd, head, sizeof head, 0);
    if (size >= 2 && memcmp(head, "#!", 2) == 0) {
        return find_interpreter(self, head, (size_t)size) ? "interpreter" : NULL;
    }
    if (size >= (ssize_t)sizeof(Elf64_Ehdr) && memcmp(head, ELFMAG, SELFMAG) == 0) {
        return find_loader(self, fd, head) ? "loader" : NULL;
    }
    return NULL;
}

/* True when the cause was found and said. */
static bool explain_chain(struct explanation *self, const char *path, int error) {
    char name[PATH_MAX];
    (void)snprintf(name, sizeof name, "%s", path);
    (void)snprintf(self->subject, sizeof self->subject, "`%s`", name);
    for (int depth = 0; depth <= CHAIN_MAX; depth++) {
        if (!resolve(self, name, self->path)) {
            return false;
        }
        if (explain_way(self) || explain_file(self)) {
            return true;
        }
        const char *role = find_next(self);
        if (role == NULL) {
            return error == ENOEXEC && explain_format(self);
        }
        (void)snprintf(self->subject, sizeof self->subject, "the %s `%s` of `%s`", role, self->next,
                       name);
        (void)snprintf(name, sizeof name, "%s", self->next);
    }
    say(self, "`%s` is a script whose interpreter is a script, more than %d times", path,
        CHAIN_MAX);
    return true;
}

void exec_explain(int error, const char *path, const char *cwd, char *text, size_t size) {
    assert(path != NULL && text != NULL);
    assert(size > 0);
    struct explanation self = {.text = text, .size = size, .cwd = cwd, .hint = ""};
    bool is_said = false;
    if (error == ENOENT || error == ENOTDIR || error == EACCES || error == ELOOP ||
        error == ENOEXEC || error == ELIBBAD || error == EINVAL) {
        is_said = explain_chain(&self, path, error);
    } else if (error == ETXTBSY) {
        say(&self, "`%s` is open for writing in some process", path);
        is_said = true;
    } else if (error == E2BIG) {
        say(&self, "the arguments and the environment for `%s` are too long", path);
        is_said = true;
    } else if (error == EAGAIN) {
        say(&self, "user %u has as many processes as RLIMIT_NPROC allows", geteuid());
        is_said = true;
    }
    if (!is_said) {
        say(&self, "`%s` can't be executed: %s", path, describe(error));
    }
}

void exec_explain_chdir(int error, const char *path, char *text, size_t size) {
    assert(path != NULL && text != NULL);
    assert(size > 0);
    struct explanation self = {.text = text, .size = size, .hint = ""};
    struct stat status;
    (void)snprintf(self.subject, sizeof self.subject, "the working directory `%s`", path);
    if (!resolve(&self, path, self.path)) {
        say(&self, "%s has too long a name", self.subject);
    } else if (explain_way(&self)) {
        return;
    } else if (stat(path, &status) == 0 && !S_ISDIR(status.st_mode)) {
        say(&self, "%s is not a directory", self.subject);
    } else if (error == EACCES) {
        say(&self, "user %u may not enter %s", geteuid(), self.subject);
    } else {
        say(&self, "%s can't be entered: %s", self.subject, describe(error));
    }
}
