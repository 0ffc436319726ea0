/*
 * A unit file that is written: what `abide run` keeps of its command line. What goes in as strings
 * comes out of unitfile_parse() as the same strings, whatever bytes they have; what a unit file has
 * no way to say is refused.
 *
 *     struct draft draft = {0};
 *     r = draft_add_command(&draft, "ExecStart", argv);
 *     r = draft_add_word(&draft, "Environment", "LANG=C.UTF-8");
 *     r = draft_add_string(&draft, "WorkingDirectory", "/srv/my files");
 *     r = draft_add_raw(&draft, "LimitNOFILE", "4096");
 *     r = draft_take(&draft, &text);
 *     draft_fini(&draft);
 */
#ifndef UNITFILE_WRITE_H
#define UNITFILE_WRITE_H

#include "unitfile/keys.h"
#include "unitfile/text.h"

/* Assignments by section. All-zero is an empty file. */
struct draft {
    struct text sections[SECTION_COUNT];
};

/*
 * Each finds the section by the key: a service's, [Unit], [Install] or [X-Abide]. They return 0,
 * -ENOENT for a key that none of them has, -EINVAL for what can't be written so, or -ENOMEM.
 */

/* `value` as it would stand in a file, one line: quotes, escapes and specifiers are its author's.
 */
int draft_add_raw(struct draft *self, const char *key, const char *value);

/*
 * A value that is one string: a description, an account, a path. Refused: line feeds, bytes that
 * are not UTF-8, and, unless it is a path, blanks or a backslash at an end.
 */
int draft_add_string(struct draft *self, const char *key, const char *string);

/*
 * One word of a value that is a list of words: an environment assignment (refused when its name is
 * none, or its value has control characters other than tab and line feed, or is not UTF-8).
 */
int draft_add_word(struct draft *self, const char *key, const char *word);

/* A command: argv[0] is the program, an absolute path. Nothing in it is expanded when it is run. */
int draft_add_command(struct draft *self, const char *key, char *const *argv);

/* Hands the file's text over and leaves an empty draft. Returns 0, -ENOMEM or -E2BIG. */
int draft_take(struct draft *self, char **ret_text);

void draft_fini(struct draft *self);

#endif
