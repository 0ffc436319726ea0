/*
 * A table of files that can't be executed, each really executed: the errno comes from the kernel,
 * so that the words fit what happened.
 */
#include "os/exec_explain.h"

#include "os/testing.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static char argument[] = "x";
static char *const arguments[] = {argument, NULL};
static char *const no_environment[] = {NULL};

/* The errno of an exec in a child, by way of its exit status. */
static int try_exec(const char *path) {
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        (void)execve(path, arguments, no_environment);
        _exit(errno);
    }
    int status = 0;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static void expect(const char *path, const char *words) {
    char text[EXEC_EXPLAIN_SIZE];
    int error = try_exec(path);
    assert_int_not_equal(error, 0);
    exec_explain(error, path, NULL, text, sizeof text);
    assert_string_equal(text, words);
}

static void write_text(const char *name, const char *text, mode_t mode) {
    testing_write_file(name, text, strlen(text), mode);
}

static void test_scripts(void **state) {
    (void)state;
    const struct {
        const char *text;
        mode_t mode;
        const char *words;
    } rows[] = {
        {"#!/usr/bin/pyhton\n", 0755,
         "the interpreter `/usr/bin/pyhton` of `./app` does not exist"},
        {"#! \t/no/such/sh -e\n", 0755,
         "the interpreter `/no/such/sh` of `./app` does not exist: there is no `/no`"},
        {"#!/bin/sh\r\nexit\r\n", 0755,
         "the interpreter `/bin/sh?` of `./app` does not exist: the script has Windows line ends"},
        {"#!/etc/passwd\n", 0755,
         "user 0 has no execute permission on the interpreter `/etc/passwd` of `./app` "
         "(mode 0644, owner 0)"},
        {"#!/etc\n", 0755, "the interpreter `/etc` of `./app` is a directory"},
        {"#!\n", 0755, "the `#!` line of `./app` is empty or too long"},
        {"#!./second\n", 0755, "the interpreter `/gone` of `./second` does not exist"},
        {"#!/bin/sh\n", 0644, "user 0 has no execute permission on `./app` (mode 0644, owner 0)"},
        {"\xef\xbb\xbf#!/bin/sh\n", 0755,
         "`./app` has a byte order mark before its `#!`, remove it"},
        {"echo hello\n", 0755, "`./app` is a text without a `#!` line that says what runs it"},
        {"", 0755, "`./app` is an empty file"},
    };
    if (geteuid() != 0) {
        skip();
    }
    write_text("second", "#!/gone\n", 0755);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        write_text("app", rows[i].text, rows[i].mode);
        expect("./app", rows[i].words);
    }
}

static void test_endless_scripts(void **state) {
    (void)state;
    write_text("app", "#!./app\n", 0755);
    char text[EXEC_EXPLAIN_SIZE];
    exec_explain(try_exec("./app"), "./app", NULL, text, sizeof text);
    assert_string_equal(text,
                        "`./app` is a script whose interpreter is a script, more than 5 times");
}

/* A 64-bit ELF file with one program header that names a loader. */
struct program {
    Elf64_Ehdr header;
    Elf64_Phdr segment;
    char loader[32];
};

static struct program make_program(void) {
    struct program program = {
        .header = {.e_type = ET_EXEC,
                   .e_version = EV_CURRENT,
                   .e_phoff = sizeof(Elf64_Ehdr),
                   .e_ehsize = sizeof(Elf64_Ehdr),
                   .e_phentsize = sizeof(Elf64_Phdr),
                   .e_phnum = 1},
        .segment = {.p_type = PT_INTERP,
                    .p_offset = offsetof(struct program, loader),
                    .p_filesz = sizeof "/lib/ld-missing.so.1"},
        .loader = "/lib/ld-missing.so.1",
    };
    Elf64_Ehdr own;
    int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
    assert_int_equal(read(fd, &own, sizeof own), sizeof own);
    assert_int_equal(close(fd), 0);
    memcpy(program.header.e_ident, own.e_ident, sizeof own.e_ident);
    program.header.e_machine = own.e_machine;
    return program;
}

static void expect_program(const struct program *program, size_t size, const char *words) {
    testing_write_file("app", (const char *)program, size, 0755);
    expect("./app", words);
}

static void test_programs(void **state) {
    (void)state;
    struct program program = make_program();
    expect_program(&program, sizeof program,
                   "the loader `/lib/ld-missing.so.1` of `./app` does not exist: it was built for "
                   "another C library or machine");
    program.segment.p_type = PT_NULL;
    program.header.e_type = ET_REL;
    expect_program(&program, sizeof program, "`./app` is an ELF file, but not a program");
    program.header.e_type = ET_EXEC;
    program.header.e_phnum = 0;
    expect_program(&program, sizeof program, "`./app` is a damaged ELF program");
    program.header.e_machine = EM_SPARCV9;
    testing_write_file("app", (const char *)&program, sizeof program, 0755);
    char text[EXEC_EXPLAIN_SIZE];
    exec_explain(try_exec("./app"), "./app", NULL, text, sizeof text);
    assert_non_null(strstr(text, "`./app` is a program for sparc64, which this "));
    testing_write_file("app",
                       "\x7f"
                       "EL\0\1",
                       5, 0755);
    expect("./app", "`./app` is not a program");
}

static void test_ways(void **state) {
    (void)state;
    assert_int_equal(mkdir("folder", 0755), 0);
    write_text("file", "x", 0755);
    assert_int_equal(symlink("nowhere", "link"), 0);
    assert_int_equal(mkfifo("fifo", 0755), 0);
    const struct {
        const char *path;
        const char *words;
    } rows[] = {
        {"missing", "`missing` does not exist"},
        {"folder/missing/app", "`folder/missing/app` does not exist: there is no `folder/missing`"},
        {"file/app", "`file/app` can't be reached: `file` is not a directory"},
        {"folder", "`folder` is a directory"},
        {"./link", "`./link` can't be reached: `./link` is a link to `nowhere`, which does not "
                   "exist"},
        {"fifo", "`fifo` is not an ordinary file"},
        {"//usr/nothing", "`//usr/nothing` does not exist"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        expect(rows[i].path, rows[i].words);
    }
}

static void test_relative_to_the_working_directory(void **state) {
    (void)state;
    char text[EXEC_EXPLAIN_SIZE];
    assert_int_equal(mkdir("folder", 0755), 0);
    write_text("folder/app", "#!bin/none\n", 0755);
    exec_explain(ENOENT, "./app", "folder", text, sizeof text);
    assert_string_equal(
        text, "the interpreter `bin/none` of `./app` does not exist: there is no `folder/bin`");
    exec_explain(ENOENT, "./gone", testing_folder(), text, sizeof text);
    assert_string_equal(text, "`./gone` does not exist");
}

static void test_errors_alone(void **state) {
    (void)state;
    const struct {
        int error;
        const char *words;
    } rows[] = {
        {ETXTBSY, "`/bin/sh` is open for writing in some process"},
        {E2BIG, "the arguments and the environment for `/bin/sh` are too long"},
        {ENOMEM, "`/bin/sh` can't be executed: Cannot allocate memory"},
        {EACCES, "`/bin/sh` can't be executed: Permission denied"},
        {99999, "`/bin/sh` can't be executed: unknown error"},
    };
    char text[EXEC_EXPLAIN_SIZE];
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        exec_explain(rows[i].error, "/bin/sh", NULL, text, sizeof text);
        assert_string_equal(text, rows[i].words);
    }
    exec_explain(EAGAIN, "/bin/sh", NULL, text, sizeof text);
    assert_non_null(strstr(text, "as many processes as RLIMIT_NPROC allows"));
    exec_explain(ENOMEM, "/bin/sh", NULL, text, 8);
    assert_string_equal(text, "`/bin/s");
}

static void test_long_paths(void **state) {
    (void)state;
    char path[5000];
    memset(path, 'a', sizeof path - 1);
    path[sizeof path - 1] = '\0';
    char text[EXEC_EXPLAIN_SIZE];
    exec_explain(ENAMETOOLONG, path, NULL, text, sizeof text);
    assert_int_equal(strlen(text), sizeof text - 1);
    exec_explain(ENOENT, path, "/tmp", text, sizeof text);
    assert_int_equal(strlen(text), sizeof text - 1);
}

static void test_working_directory(void **state) {
    (void)state;
    char text[EXEC_EXPLAIN_SIZE];
    exec_explain_chdir(ENOENT, "/nonexistent/place", text, sizeof text);
    assert_string_equal(text, "the working directory `/nonexistent/place` does not exist: there is "
                              "no `/nonexistent`");
    write_text("file", "x", 0755);
    exec_explain_chdir(ENOTDIR, "file", text, sizeof text);
    assert_string_equal(text, "the working directory `file` is not a directory");
    exec_explain_chdir(EACCES, "/", text, sizeof text);
    assert_non_null(strstr(text, " may not enter the working directory `/`"));
    exec_explain_chdir(EIO, "/", text, sizeof text);
    assert_string_equal(text, "the working directory `/` can't be entered: Input/output error");
}

/* As an ordinary user, in a fork. */
static void without_rights(void) {
    assert_int_equal(setgid(65534) | setuid(65534), 0);
    expect("locked/app", "`locked/app` can't be reached: user 65534 may not search the directory "
                         "`locked`");
    char text[EXEC_EXPLAIN_SIZE];
    exec_explain_chdir(EACCES, "locked", text, sizeof text);
    assert_string_equal(text, "user 65534 may not enter the working directory `locked`");
}

static void test_without_rights(void **state) {
    (void)state;
    if (geteuid() != 0) {
        skip();
    }
    assert_int_equal(chmod(".", 0755), 0);
    assert_int_equal(mkdir("locked", 0700), 0);
    write_text("locked/app", "#!/bin/sh\n", 0755);
    testing_in_fork(without_rights);
}

static void on_noexec_mount(void) {
    if (unshare(CLONE_NEWNS) < 0 || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
        mount("tmpfs", "mounted", "tmpfs", MS_NOEXEC, NULL) < 0) {
        return; /* A container may not mount. */
    }
    write_text("mounted/app", "#!/bin/sh\n", 0755);
    expect("mounted/app", "`mounted/app` lies on a file system that is mounted noexec");
}

static void test_noexec_mount(void **state) {
    (void)state;
    assert_int_equal(mkdir("mounted", 0755), 0);
    testing_in_fork(on_noexec_mount);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, testing_setup, testing_teardown)

int main(void) {
    const struct CMUnitTest tests[] = {
        CASE(test_scripts),
        CASE(test_endless_scripts),
        CASE(test_programs),
        CASE(test_ways),
        CASE(test_relative_to_the_working_directory),
        CASE(test_errors_alone),
        CASE(test_long_paths),
        CASE(test_working_directory),
        CASE(test_without_rights),
        CASE(test_noexec_mount),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
