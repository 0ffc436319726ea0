/*
 * Three notations with three ways to quote a path: systemd's words (quotes, backslashes, `%` and
 * `$`), the shell's single quotes, and cron, which makes a `%` a newline before the shell sees it.
 */
#include "abide/boot_text.h"

#include "base/alloc.h"
#include "unitfile/escape.h"
#include "unitfile/text.h"

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

const char *boot_kind_name(enum boot_kind kind) {
    switch (kind) {
    case BOOT_SYSTEMD:
        return "systemd";
    case BOOT_OPENRC:
        return "openrc";
    case BOOT_CRON:
        return "cron";
    }
    return NULL;
}

int boot_name(const char *directory, char **ret_name) {
    struct text text = {0};
    text_add(&text, "abide");
    if (directory != NULL) {
        text_add(&text, "-");
        int r = escape_path(&text, directory);
        if (r < 0) {
            text_fini(&text);
            return r;
        }
    }
    return text_take(&text, ret_name);
}

static bool has_control_character(const char *path) {
    for (; path != NULL && *path != '\0'; path++) {
        if ((unsigned char)*path < ' ' || *path == 0x7f) {
            return true;
        }
    }
    return false;
}

/* systemd.service(5), "COMMAND LINES". */
static void add_systemd_word(struct text *text, const char *word) {
    text_add(text, "\"");
    for (; *word != '\0'; word++) {
        if (*word == '"' || *word == '\\') {
            text_add(text, "\\");
        }
        if (*word == '%' || *word == '$') {
            text_add_char(text, *word);
        }
        text_add_char(text, *word);
    }
    text_add(text, "\"");
}

static void add_shell_word(struct text *text, const char *word, bool is_for_cron) {
    text_add(text, "'");
    for (; *word != '\0'; word++) {
        if (*word == '\'') {
            text_add(text, "'\\''");
        } else if (*word == '%' && is_for_cron) {
            text_add(text, "'\\%'");
        } else {
            text_add_char(text, *word);
        }
    }
    text_add(text, "'");
}

static void add_systemd(struct text *text, const char *program, const char *directory) {
    text_add(text, "# Starts abide, which starts the services that are enabled there.\n"
                   "[Unit]\n"
                   "Description=abide, a supervisor of services\n"
                   "Documentation=man:abide(1)\n"
                   "After=network.target remote-fs.target\n"
                   "\n"
                   "[Service]\n"
                   "Type=notify\n"
                   "ExecStart=");
    add_systemd_word(text, program);
    text_add(text, " supervise");
    if (directory != NULL) {
        text_add(text, " --home ");
        add_systemd_word(text, directory);
    }
    text_add(text, "\n"
                   "# The services outlive the supervisor, whatever happens to it.\n"
                   "KillMode=process\n"
                   "# abide makes a cgroup for each service below its own.\n"
                   "Delegate=yes\n"
                   "Restart=always\n"
                   "RestartSec=100ms\n"
                   "# Stopping it stops its services first, each by its own time-out.\n"
                   "TimeoutStopSec=5min\n"
                   "TasksMax=infinity\n"
                   "LimitNOFILE=524288\n"
                   "\n"
                   "[Install]\n"
                   "WantedBy=multi-user.target\n");
}

static void add_openrc_command(struct text *text, const char *program, const char *verb,
                               const char *directory) {
    add_shell_word(text, program, /* is_for_cron= */ false);
    text_add(text, verb);
    if (directory != NULL) {
        text_add(text, " --home ");
        add_shell_word(text, directory, /* is_for_cron= */ false);
    }
}

static void add_openrc(struct text *text, const char *program, const char *directory) {
    text_add(text, "#!/sbin/openrc-run\n"
                   "# Starts abide, which starts the services that are enabled there.\n"
                   "description=\"abide, a supervisor of services\"\n"
                   "\n"
                   "depend() {\n"
                   "\tneed localmount\n"
                   "\tafter net logger\n"
                   "}\n"
                   "\n"
                   "start() {\n"
                   "\tebegin \"Starting abide\"\n\t");
    add_openrc_command(text, program, " supervise --daemon", directory);
    text_add(text, "\n"
                   "\teend $?\n"
                   "}\n"
                   "\n"
                   "stop() {\n"
                   "\tebegin \"Stopping abide and its services\"\n\t");
    add_openrc_command(text, program, " shutdown", directory);
    text_add(text, "\n"
                   "\teend $?\n"
                   "}\n");
}

static void add_cron(struct text *text, const char *program, const char *directory) {
    text_add(text, "@reboot ");
    add_shell_word(text, program, /* is_for_cron= */ true);
    text_add(text, " supervise --daemon");
    if (directory != NULL) {
        text_add(text, " --home ");
        add_shell_word(text, directory, /* is_for_cron= */ true);
    }
    text_add(text, "\n");
}

int boot_text(enum boot_kind kind, const char *program, const char *directory, char **ret_text) {
    struct text text = {0};
    if (has_control_character(program) || has_control_character(directory)) {
        return -EINVAL;
    }
    switch (kind) {
    case BOOT_SYSTEMD:
        add_systemd(&text, program, directory);
        break;
    case BOOT_OPENRC:
        add_openrc(&text, program, directory);
        break;
    case BOOT_CRON:
        add_cron(&text, program, directory);
        break;
    }
    return text_take(&text, ret_text);
}

int boot_crontab(const char *crontab, const char *line, enum boot_change change, char **ret_text) {
    struct text text = {0};
    bool is_there = false;
    while (*crontab != '\0') {
        size_t length = strcspn(crontab, "\n");
        bool is_line = length == strlen(line) - 1 && memcmp(crontab, line, length) == 0;
        bool is_kept = !is_line || (change == BOOT_INSTALL && !is_there);
        if (is_kept) {
            text_add_bytes(&text, crontab, length);
            text_add(&text, "\n");
        }
        is_there = is_there || is_line;
        crontab += length + (crontab[length] == '\n' ? 1 : 0);
    }
    text_add(&text, change == BOOT_INSTALL && !is_there ? line : "");
    return text_take(&text, ret_text);
}
