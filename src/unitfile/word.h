/*
 * Values of several words: blanks between them, quotes around what holds blanks, backslashes for
 * what can't be typed. systemd.service(5), "COMMAND LINES" and systemd.syntax(7), "QUOTING".
 */
#ifndef UNITFILE_WORD_H
#define UNITFILE_WORD_H

#include "unitfile/text.h"

/* How words are told apart, or'ed. */
enum word_flag {
    WORD_UNQUOTE = 1 << 0, /* '...' and "..." are taken off and hide separators */
    WORD_UNESCAPE = 1 << 1, /* \n, \x41, \101, é and their like mean one character */
    WORD_KEEP_UNKNOWN = 1 << 2, /* a backslash that means nothing stays as it is; else -EINVAL */
    WORD_SEPARATE = 1 << 3, /* each separator ends a word: two in a row have "" between them */
    WORD_KEEP_BACKSLASH = 1 << 4, /* backslashes are ordinary characters */
};

/*
 * Takes the next word off *at, and moves *at behind it and the separators that follow, to NULL when
 * the text has ended. `separators` are TEXT_BLANKS for most keys. Returns 1 with the word appended
 * to `word`, 0 when there is none left, -EINVAL when a quote is not closed or an escape means
 * nothing.
 */
int word_next(const char **at, const char *separators, uint32_t flags, struct text *word);

/*
 * The opposite, for values whose words are read with WORD_UNQUOTE | WORD_UNESCAPE: appends `bytes`,
 * in double quotes and escaped where it is needed, and with each `%` doubled so that it is no
 * specifier. Bytes that are not UTF-8 become \x sequences: a unit file is UTF-8.
 */
void word_quote(struct text *text, const char *bytes);

#endif
