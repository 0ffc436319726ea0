/*
 * Where a unit's drop-ins lie. systemd.unit(5), "DESCRIPTION", and what systemd 252 was seen to do.
 *
 * Drop-ins are the files *.conf in certain folders of each unit folder. The caller goes through the
 * folders that dropin_directories() names; in order of their file names, whatever folder they are
 * in, they are fragments behind the unit file. Of two with one file name only the first found
 * counts: folders of this list before those behind it, and for each of them the unit folders in
 * their order of precedence. A drop-in that is a link to /dev/null, or empty, hides others so.
 */
#ifndef UNITFILE_DROPIN_H
#define UNITFILE_DROPIN_H

/*
 * The names of the folders, without path, most special first: of web-api@one.service these are
 * web-api@one.service.d, web-api@.service.d, web-.service.d, web-@one.service.d, web-@.service.d,
 * service.d. Returns 0 with a list of strings (base/str.h), -EINVAL for what is no unit's name, or
 * -ENOMEM.
 */
int dropin_directories(const char *unit_name, char ***ret_names);

#endif
