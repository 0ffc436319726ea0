/*
 * What is written so that a machine starts a supervisor when it boots; text only, nothing is done.
 */
#ifndef ABIDE_BOOT_TEXT_H
#define ABIDE_BOOT_TEXT_H

enum boot_kind {
    BOOT_SYSTEMD, /* "systemd": a unit file */
    BOOT_OPENRC, /* "openrc": a script for /etc/init.d */
    BOOT_CRON, /* "cron": a line of a crontab */
};
#define BOOT_KIND_COUNT 3

enum boot_change {
    BOOT_INSTALL,
    BOOT_REMOVE,
};

/* NULL for a number that is none. */
const char *boot_kind_name(enum boot_kind kind);

/* The service's name: "abide", or one that a private home's path is part of. 0, or -errno. */
int boot_name(const char *directory, char **ret_name);

/*
 * The text for the program at the absolute path `program`. `directory` is that of a private home,
 * or NULL. Returns 0, -ENOMEM, or -EINVAL for paths with control characters.
 */
int boot_text(enum boot_kind kind, const char *program, const char *directory, char **ret_text);

/* A crontab with the line `line` (which has its '\n') once, or without it. 0 or -ENOMEM. */
int boot_crontab(const char *crontab, const char *line, enum boot_change change, char **ret_text);

#endif
