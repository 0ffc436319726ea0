/*
 * What no file of this project calls, with the cure. The build includes this into every file, so
 * the compiler refuses a use; tools/check_banned.py reads the same list and looks at the objects.
 * The declarations are the C library's own, made deprecated: that outlives its headers, which a
 * poisoned name would break.
 */
#ifndef BASE_BANNED_H
#define BASE_BANNED_H

#ifndef __ASSEMBLER__

#pragma GCC diagnostic error "-Wdeprecated-declarations"

#define banned(cure) __attribute__((deprecated("banned: " cure)))

struct _IO_FILE;

/* They write without a limit. */
char *strcpy(char *, const char *) banned("use memcpy with a checked size");
char *stpcpy(char *, const char *) banned("use memcpy with a checked size");
char *strcat(char *, const char *) banned("use snprintf with the buffer's size");
int sprintf(char *, const char *, ...) banned("use snprintf");
int vsprintf(char *, const char *, __builtin_va_list) banned("use vsnprintf");
char *gets(char *) banned("use fgets or getline");

/* It remembers in a hidden global. */
char *strtok(char *, const char *) banned("use strcspn and strspn, or strtok_r");

/* They can't tell an error from a number. */
int atoi(const char *) banned("use strtol and check its end and range");
long atol(const char *) banned("use strtol and check its end and range");
long long atoll(const char *) banned("use strtoll and check its end and range");

/* They run a shell. */
int system(const char *) banned("spawn the program itself, with its arguments");
struct _IO_FILE *popen(const char *, const char *)
    banned("spawn the program itself, with its arguments");

#undef banned

#endif

#endif
