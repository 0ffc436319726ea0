/*
 * boot: what starts this instance when the machine does. Where systemd runs, or OpenRC, that is a
 * service of theirs for a supervisor of root's; a user's own gets a line in the user's crontab.
 * Everything that is changed is printed; without --install or --remove nothing is.
 */
#include "abide/boot_text.h"
#include "abide/call.h"
#include "abide/commands.h"
#include "abide/say.h"
#include "base/alloc.h"
#include "client/path.h"
#include "os/atomicfile.h"
#include "os/child.h"
#include "os/fd.h"
#include "os/folder.h"
#include "os/self.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* A crontab is never near this. */
#define CRONTAB_MAX ((size_t)4 * 1024 * 1024)
#define SCRIPT_MODE 0755U
#define UNIT_MODE 0644U

struct boot {
    const struct call *call;
    enum boot_kind kind;
    char *text; /* the unit, the script or the line */
    char *name; /* "abide", or of a private home one of its own */
    const char *folder; /* of the file; NULL for the crontab */
    char *file; /* its name there */
};

static int choose_kind(const struct call *call, enum boot_kind *ret_kind) {
    const char *type = call_value(call, "type");
    if (type == NULL) {
        bool has_systemd = call->home.is_root && folder_has("/run/systemd/system") > 0;
        bool has_openrc = call->home.is_root && folder_has("/run/openrc") > 0;
        *ret_kind = has_systemd ? BOOT_SYSTEMD : has_openrc ? BOOT_OPENRC : BOOT_CRON;
        return 0;
    }
    for (unsigned int i = 0; i < BOOT_KIND_COUNT; i++) {
        if (strcmp(type, boot_kind_name((enum boot_kind)i)) == 0) {
            *ret_kind = (enum boot_kind)i;
            return 0;
        }
    }
    return say_fail(OUTCOME_WRONG_USAGE, "--type is \"systemd\", \"openrc\" or \"cron\", not `%s`",
                    type);
}

static int prepare(struct boot *boot) {
    auto_free char *program = NULL;
    const char *directory = boot->call->home.directory;
    int r = self_program(&program);
    r = r < 0 ? r : boot_name(directory, &boot->name);
    r = r < 0 ? r : boot_text(boot->kind, program, directory, &boot->text);
    r = r < 0 ? r
              : path_make(&boot->file, boot->name, boot->kind == BOOT_SYSTEMD ? ".service" : "");
    switch (boot->kind) {
    case BOOT_SYSTEMD:
        boot->folder = "/etc/systemd/system";
        break;
    case BOOT_OPENRC:
        boot->folder = "/etc/init.d";
        break;
    case BOOT_CRON:
        break;
    }
    return r < 0 ? say_fail(OUTCOME_FAILED, "%s", strerrordesc_np(-r)) : 0;
}

static void boot_fini(struct boot *self) {
    cleanup_free(&self->text);
    cleanup_free(&self->name);
    cleanup_free(&self->file);
}

/* Runs a command, and says so. */
static int run_command(const struct boot *boot, char *const *argv) {
    struct child_options options = {.argv = argv, .envp = boot->call->environment};
    int status;
    (void)printf("running");
    for (size_t i = 0; argv[i] != NULL; i++) {
        (void)printf(" %s", argv[i]);
    }
    (void)putchar('\n');
    (void)fflush(stdout);
    int r = child_run(&options, &status, NULL);
    if (r < 0) {
        return say_fail(OUTCOME_FAILED, "%s: %s", argv[0], strerrordesc_np(-r));
    }
    return status == 0 ? 0 : say_fail(OUTCOME_FAILED, "%s ended with status %d", argv[0], status);
}

static int change_service(const struct boot *boot, const char *verb) {
    char program[16];
    char word[16];
    (void)snprintf(word, sizeof(word), "%s", verb);
    if (boot->kind == BOOT_SYSTEMD) {
        char reload[] = "daemon-reload";
        (void)snprintf(program, sizeof(program), "systemctl");
        char *const change[] = {program, word, boot->file, NULL};
        char *const again[] = {program, reload, NULL};
        bool is_new = strcmp(verb, "enable") == 0;
        int status = run_command(boot, is_new ? again : change);
        return status != 0 || !is_new ? status : run_command(boot, change);
    }
    char level[] = "default";
    (void)snprintf(program, sizeof(program), "rc-update");
    (void)snprintf(word, sizeof(word), "%s", strcmp(verb, "enable") == 0 ? "add" : "del");
    char *const change[] = {program, word, boot->name, level, NULL};
    return run_command(boot, change);
}

static int fail_file(const struct boot *boot, int error) {
    return say_fail(error == -EACCES ? OUTCOME_NOT_PERMITTED : OUTCOME_FAILED, "%s/%s: %s",
                    boot->folder, boot->file, strerrordesc_np(-error));
}

static int install_file(const struct boot *boot) {
    auto_fd int folder = -1;
    int r = folder_open(boot->folder, &folder);
    struct atomicfile file = {.directory = folder,
                              .name = boot->file,
                              .bytes = boot->text,
                              .size = strlen(boot->text),
                              .mode = boot->kind == BOOT_OPENRC ? SCRIPT_MODE : UNIT_MODE,
                              .sync = ATOMICFILE_SYNC_DISK};
    r = r < 0 ? r : atomicfile_write(&file);
    if (r < 0) {
        return fail_file(boot, r);
    }
    (void)printf("wrote %s/%s\n", boot->folder, boot->file);
    return change_service(boot, "enable");
}

static int remove_file(const struct boot *boot) {
    auto_free char *path = NULL;
    int r = path_make(&path, boot->folder, "/", boot->file);
    if (r == 0 && folder_has(path) == 0) {
        (void)printf("%s is not there: nothing to remove\n", path);
        return 0;
    }
    int status = r < 0 ? 0 : change_service(boot, "disable");
    if (status != 0) {
        return status;
    }
    r = r < 0 ? r : folder_unlink(path);
    if (r < 0) {
        return fail_file(boot, r);
    }
    (void)printf("removed %s\n", path);
    return 0;
}

/* The user's crontab; an empty one when there is none yet (crontab(1) then fails). */
static int read_crontab(const struct boot *boot, char **ret_text) {
    char words[][8] = {"crontab", "-l"};
    char *const argv[] = {words[0], words[1], NULL};
    struct child_options options = {
        .argv = argv, .envp = boot->call->environment, .output_max = CRONTAB_MAX};
    int status;
    int r = child_run(&options, &status, ret_text);
    if (r == -ENOENT) {
        return say_fail(OUTCOME_FAILED,
                        "there is no crontab(1) here: install a cron that knows @reboot, "
                        "or let something else run at boot what `abide boot` prints");
    }
    if (r < 0) {
        return say_fail(OUTCOME_FAILED, "crontab -l: %s", strerrordesc_np(-r));
    }
    if (status != 0) {
        (*ret_text)[0] = '\0';
    }
    return 0;
}

static int change_crontab(const struct boot *boot, enum boot_change change) {
    auto_free char *before = NULL;
    auto_free char *after = NULL;
    int status = read_crontab(boot, &before);
    if (status != 0) {
        return status;
    }
    int r = boot_crontab(before, boot->text, change, &after);
    if (r < 0) {
        return say_fail(OUTCOME_FAILED, "%s", strerrordesc_np(-r));
    }
    if (strcmp(before, after) == 0) {
        (void)puts("the crontab is as it should be already");
        return 0;
    }
    char words[][8] = {"crontab", "-"};
    char *const argv[] = {words[0], words[1], NULL};
    struct child_options options = {.argv = argv, .envp = boot->call->environment, .input = after};
    r = child_run(&options, &status, NULL);
    if (r < 0 || status != 0) {
        return say_fail(OUTCOME_FAILED, "crontab(1) did not take the new crontab: %s",
                        r < 0 ? strerrordesc_np(-r) : "see above");
    }
    (void)printf("%s the crontab: %s", change == BOOT_INSTALL ? "added to" : "removed from",
                 boot->text);
    return 0;
}

int cmd_boot(struct call *call) {
    bool installs = call_has(call, "install");
    bool removes = call_has(call, "remove");
    if (installs && removes) {
        return say_fail(OUTCOME_WRONG_USAGE, "--install and --remove contradict each other");
    }
    struct boot boot = {.call = call};
    int status = choose_kind(call, &boot.kind);
    status = status != 0 ? status : prepare(&boot);
    if (status == 0 && !installs && !removes) {
        if (boot.folder != NULL) {
            say("this would be %s/%s; --install writes it", boot.folder, boot.file);
        } else {
            say("this would be a line of the crontab; --install adds it");
        }
        (void)fputs(boot.text, stdout);
    } else if (status == 0 && boot.kind == BOOT_CRON) {
        status = change_crontab(&boot, installs ? BOOT_INSTALL : BOOT_REMOVE);
    } else if (status == 0) {
        status = installs ? install_file(&boot) : remove_file(&boot);
    }
    boot_fini(&boot);
    return status;
}
