/* SPDX-License-Identifier: GPL-2.0-or-later */
/* governorctl report: collects the information for a bug report in one text file. Unlike an archive, a text file can be read and
 * shortened with any editor before it is sent, and pasted. Names of persons and identifiers of the machine are replaced (scrub.c),
 * and values of configuration keys that governord does not know are left out (report-config.c). */

#include <dirent.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <time.h>

#include "base/cleanup.h"
#include "build-config.h"
#include "tools/common/child.h"
#include "tools/common/utf8.h"
#include "tools/common/xalloc.h"
#include "tools/ctl/command.h"
#include "tools/ctl/out-file.h"
#include "tools/ctl/report-config.h"
#include "tools/ctl/scrub.h"

#define FILE_MAX  (256 * 1024)
#define FILES_MAX 64 /* per folder; the service reads no more */
#define WORDS_MAX 4

/* For each section this program is run once more, so that a failure affects only one section. */
static const struct section {
        const char *title;
        const char *words[WORDS_MAX];
} sections[] = {
        { "Versions", { "version" } },
        { "Check", { "check", "-v" } },
        { "Status", { "status" } },
        { "Drivers", { "drivers" } },
        { "Settings", { "knobs" } },
        { "CPUs", { "cpus" } },
        { "Latest changes", { "why" } },
        { "Requests", { "holds" } },
        { "Sessions", { "sessions" } },
        { "Governors", { "governor", "list" } },
        { "Statistics", { "stats" } },
        { "Dump", { "dump" } },
        { "Check of the configuration", { "config", "check" } },
};

static void heading(FILE *f, const char *title) {
        (void) fprintf(f, "\n==== %s ====\n", title);
}

static void add_command(FILE *f, const char *const *argv) {
        _cleanup_free_ char *output = NULL;
        int r = child_output((char *const *) argv, &output);

        if (output)
                clean_print(f, output, true);
        if (r < 0)
                (void) fprintf(f, "(cannot run %s: %s)\n", argv[0], strerror(-r));
        else if (r > 0)
                (void) fprintf(f, "(exit status %d)\n", r);
}

/* Fills `argv` with this program and these arguments. The caller has set all elements to NULL. */
static void fill_arguments(const char *argv[static WORDS_MAX + 4], const struct cli *cli, const char *const *words) {
        const char *address = option_value(&cli->options, 'b');
        size_t n = 0;

        argv[n++] = "/proc/self/exe";
        if (address) {
                argv[n++] = "--bus-address";
                argv[n++] = address;
        }
        for (size_t i = 0; i < WORDS_MAX && words[i]; i++)
                argv[n++] = words[i];
}

static void add_section(FILE *f, const struct cli *cli, const struct section *section) {
        const char *argv[WORDS_MAX + 4] = {};

        fill_arguments(argv, cli, section->words);
        heading(f, section->title);
        add_command(f, argv);
}

static void add_profile(FILE *f, const struct cli *cli) {
        const char *argv[WORDS_MAX + 4] = {};
        _cleanup_free_ char *name = NULL;

        fill_arguments(argv, cli, (const char *const[WORDS_MAX]){ "get" });
        if (child_output((char *const *) argv, &name) != 0 || name[strcspn(name, "\n")] == '\0' || name[0] == '\n')
                return; /* the section with the status gives the reason */
        name[strcspn(name, "\n")] = '\0';
        add_section(f, cli, &(struct section){ "Settings of the profile in force", { "explain", name } });
}

/* Adds the result of uname(2) except nodename, the name of the machine. */
static void add_kernel(FILE *f) {
        struct utsname name;

        heading(f, "Kernel");
        if (uname(&name) == 0)
                (void) fprintf(f, "%s %s %s %s\n", name.sysname, name.release, name.version, name.machine);
}

/* Adds the lines that identify the processor, from the first CPU of /proc/cpuinfo. */
static void add_processor(FILE *f) {
        static const char *const keys[] = { "vendor_id",   "cpu family", "model",        "model name",      "stepping",
                                            "microcode",   "flags",      "bugs",         "CPU implementer", "CPU architecture",
                                            "CPU variant", "CPU part",   "CPU revision", "Features" };
        _cleanup_fclose_ FILE *info = fopen("/proc/cpuinfo", "re");
        _cleanup_free_ char *line = NULL;
        size_t room = 0;

        heading(f, "Processor");
        while (info && getline(&line, &room, info) > 1) /* until the empty line after the first CPU */
                for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
                        size_t n = strlen(keys[i]);

                        if (strncmp(line, keys[i], n) == 0 && (line[n] == '\t' || line[n] == ' ' || line[n] == ':') &&
                            line[n + strspn(line + n, " \t")] == ':')
                                (void) fputs(line, f);
                }
}

/* `left_out` NULL: the file is not a configuration of governord. */
static void add_file(FILE *f, const char *path, struct left_out *left_out) {
        _cleanup_fclose_ FILE *file = fopen(path, "re");
        _cleanup_free_ char *text = must(calloc(1, FILE_MAX + 1));

        heading(f, path);
        if (!file) {
                (void) fprintf(f, "(%s)\n", strerror(errno));
                return;
        }
        (void) !fread(text, 1, FILE_MAX, file);
        if (left_out)
                report_config_print(f, text, left_out);
        else
                clean_print(f, text, true);
}

static int is_dropin(const struct dirent *entry) {
        size_t n = strlen(entry->d_name);

        return entry->d_name[0] != '.' && n > 5 && strcmp(entry->d_name + n - 5, ".conf") == 0;
}

static void add_dropins(FILE *f, const char *directory, struct left_out *left_out) {
        _cleanup_free_ char *folder = xasprintf("%s/governord.conf.d", directory);
        struct dirent **entries = NULL;
        int n = scandir(folder, &entries, is_dropin, alphasort);

        if (n < 0 && errno != ENOENT) {
                heading(f, folder);
                (void) fprintf(f, "(%s)\n", strerror(errno));
        }
        for (int i = 0; i < n; i++) {
                _cleanup_free_ char *path = xasprintf("%s/%s", folder, entries[i]->d_name);

                if (i < FILES_MAX)
                        add_file(f, path, left_out);
                free(entries[i]);
        }
        free(entries);
}

/* Adds the files in the order in which the service reads them. Vendor files that a file of the same name replaces are added as well. */
static void add_configuration(FILE *f, struct left_out *left_out) {
        const char *wanted = getenv("GOVERNORD_CONFIG_DIR"), *directory = wanted && wanted[0] ? wanted : GOVERNORD_CONFIG_DIR;
        _cleanup_free_ char *path = xasprintf("%s/governord.conf", directory);

        add_dropins(f, GOVERNORD_VENDOR_DIR, left_out);
        add_file(f, path, left_out);
        add_dropins(f, directory, left_out);
}

static void add_journal(FILE *f) {
        static const char *const argv[] = { "journalctl",  "--boot",  "--unit=governord.service", "--no-hostname",
                                            "--lines=500", "--quiet", "--output=short-monotonic", "--no-pager",
                                            NULL };

        heading(f, "Journal of this boot");
        add_command(f, argv);
}

static char *gather_report(const struct cli *cli) {
        _cleanup_(left_out_free) struct left_out left_out = {};
        _cleanup_free_ char *text = NULL;
        size_t size = 0;
        FILE *f = must(open_memstream(&text, &size));

        (void) fprintf(
                f,
                "Report of governorctl %s. Read it before you send it. It contains the state of governord and its settings, its\n"
                "configuration, its messages in the journal, and the models of processor, kernel and system. Names of this machine and\n"
                "its users, serial numbers, hardware addresses and UUIDs were replaced by words such as " SCRUB_HOST ", and the\n"
                "values of drivers' options by <value>. Names of programs, reasons of requests, and rules were not replaced.\n",
                GOVERNORD_VERSION);
        add_kernel(f);
        add_processor(f);
        for (size_t i = 0; i < ARRAY_SIZE(sections); i++)
                add_section(f, cli, &sections[i]);
        add_profile(f, cli);
        add_configuration(f, &left_out);
        add_file(f, "/etc/os-release", NULL);
        add_journal(f);
        (void) fclose(f);
        return scrub(must(text), left_out.items, left_out.n);
}

/* The path is checked before the report is gathered, which takes seconds. */
static int write_report(const struct cli *cli, const char *path) {
        _cleanup_(out_file_done) struct out_file file = OUT_FILE_INIT;
        _cleanup_free_ char *text = NULL;
        int r = out_file_open(&file, path);

        if (r >= 0) {
                text = gather_report(cli);
                r = out_file_write(&file, text, strlen(text), 0600);
        }
        if (r >= 0)
                return CLI_OK;
        (void) fprintf(stderr, "%s: ", cli->program);
        clean_print(stderr, path, false);
        (void) fputs(": cannot write this file: ", stderr);
        clean_print(stderr, out_file_reason(&file, r), true);
        (void) fputs("\nNo report was written. To choose another file: governorctl report FILE\n", stderr);
        return CLI_FAILED;
}

static void print_destination(const struct cli *cli, const char *path) {
        struct json j = { .f = stdout };

        if (cli->json) {
                json_open(&j, NULL, '{');
                json_string(&j, "file", path);
                json_close(&j, '}');
        } else if (cli->tty) {
                (void) fputs("Written: ", stdout);
                clean_print(stdout, path, false);
                (void) fputs("\nRead it before you send it; its first lines list the contents.\n", stdout);
        } else {
                plain_pair(stdout, true, "file", path);
                (void) fputc('\n', stdout);
        }
}

int command_report(struct cli *cli) {
        const char *path = cli_word(cli, 0);
        _cleanup_free_ char *text = NULL;
        char name[64];
        struct tm tm;
        time_t now = time(NULL);
        int r;

        if (!path) {
                if (!localtime_r(&now, &tm) || strftime(name, sizeof(name), "governord-report-%Y%m%d-%H%M%S.txt", &tm) == 0)
                        return cli_usage_error(cli, "report: the local time cannot be determined, so a file must be given");
                path = name;
        }
        if (cli->json && strcmp(path, "-") == 0)
                return cli_usage_error(cli, "report: --json cannot be combined with standard output (-)");
        if (strcmp(path, "-") == 0) {
                text = gather_report(cli);
                return fputs(text, stdout) < 0 ? CLI_FAILED : CLI_OK;
        }
        r = write_report(cli, path);
        if (r == CLI_OK)
                print_destination(cli, path);
        return r;
}
