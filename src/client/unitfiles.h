/*
 * The unit files of an instance, and which of them are enabled. Names are full and valid ones
 * (protocol/unit_name.h). Unit files lie in UNITS, by hand, and in STATE/units, made by `abide
 * run`; of two with the same name the one by hand counts. Enabled is what has a link of its name in
 * STATE/enabled.
 */
#ifndef CLIENT_UNITFILES_H
#define CLIENT_UNITFILES_H

struct home;

/* 1 and the path of the unit file, which the caller frees; 0 when there is none. */
int unitfiles_find(const struct home *home, const char *name, char **ret_path);

/* Where `abide run` keeps the unit file of that name, whether it exists or not. 0 or -ENOMEM. */
int unitfiles_made_path(const struct home *home, const char *name, char **ret_path);

/* Keeps the text as the unit file of that name, readable by its owner only; STATE/units must exist.
 */
int unitfiles_write_made(const struct home *home, const char *name, const char *text);

/* Appends the names of all unit files (base/str.h), each once, sorted by strcmp(3). */
int unitfiles_list(const struct home *home, char ***place);

/* 1 or 0. */
int unitfiles_is_enabled(const struct home *home, const char *name);

/* Links to the unit file at `path`; STATE/enabled must exist. */
int unitfiles_enable(const struct home *home, const char *name, const char *path);

/* 1 when it was not enabled. */
int unitfiles_disable(const struct home *home, const char *name);

#endif
