/*
 * What unit files set, for the corpus test: reads `NAME PATH [DROP-IN...]` lines from standard
 * input and prints for each file its settings and what is said about it, as tab-separated rows.
 */
#include "unitfile/unitfile.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FILE_SIZE_MAX ((size_t)2 * 1024 * 1024)

static const struct specifier_host host = {
    .architecture = "x86-64",
    .boot_id = "BOOTID",
    .machine_id = "MACHINEID",
    .host_name = "HOSTNAME",
    .kernel_release = "KERNELRELEASE",
    .os_id = "debian",
    .os_version_id = "12",
    .os_build_id = "",
    .os_variant_id = "",
    .os_image_id = "",
    .os_image_version = "",
    .user = "root",
    .user_id = "0",
    .group = "root",
    .group_id = "0",
    .home = "/root",
    .shell = "/bin/sh",
};

static const char *kind_word(enum diag_kind kind) {
    switch (kind) {
    case DIAG_SYNTAX:
        return "syntax";
    case DIAG_UNKNOWN:
        return "unknown";
    case DIAG_VALUE:
        return "value";
    case DIAG_ADVICE:
        return "advice";
    case DIAG_NOT_YET:
        return "not-yet";
    case DIAG_NOT_HERE:
        return "not-here";
    case DIAG_UNIT:
        return "unit";
    }
    return NULL;
}

static void print_diags(const char *path, struct diag_list *diags) {
    for (size_t i = 0; i < diags->count; i++) {
        (void)printf("said\t%s\t%s\t%u\t%s\t%s\n", path, kind_word(diags->items[i].kind),
                     diags->items[i].line, diag_severity_name(diags->items[i].severity),
                     diags->items[i].text);
    }
    diag_list_fini(diags);
}

static void show(const char *name, const char *path, const char *text, size_t length) {
    struct diag_list diags = {0};
    struct unitfile_show show = {0};
    const struct unitfile_fragment fragment = {path, text, length};
    const struct unitfile_source source = {
        .name = name, .fragments = &fragment, .n_fragments = 1, .host = &host};
    if (unitfile_show(&source, &show, &diags) < 0) {
        (void)printf("failed\t%s\n", path);
        return;
    }
    for (size_t i = 0; i < show.count; i++) {
        const struct unitfile_setting *setting = &show.items[i];
        for (char **value = setting->values; value != NULL && *value != NULL; value++) {
            (void)printf("set\t%s\t%s\t%s\t%s\n", path, section_name(setting->section),
                         setting->key->name, *value);
        }
    }
    unitfile_show_fini(&show);
    print_diags(path, &diags);
}

int main(void) {
    char *text = malloc(FILE_SIZE_MAX);
    char *line = NULL;
    size_t size = 0;
    if (text == NULL) {
        return 1;
    }
    while (getline(&line, &size, stdin) > 0) {
        char *rest = line;
        const char *name = strsep(&rest, "\t\n");
        const char *path = strsep(&rest, "\t\n");
        FILE *file = path != NULL ? fopen(path, "re") : NULL;
        if (file == NULL) {
            (void)printf("failed\t%s\n", path != NULL ? path : name);
            continue;
        }
        const size_t length = fread(text, 1, FILE_SIZE_MAX, file);
        (void)fclose(file);
        show(name, path, text, length);
    }
    free(line);
    free(text);
    return 0;
}
