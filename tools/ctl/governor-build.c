/* SPDX-License-Identifier: GPL-2.0-or-later */
/* governorctl governor build: compiles one C file into a governor, with clang and nearly the flags of bpf/meson.build. clang writes
 * into a temporary folder that no ordinary user other than the caller can access. The object file is copied to its destination only
 * if clang succeeds and the file has a valid manifest. Only loading it shows whether the service and the kernel accept it. */

#include "tools/ctl/governor-build.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "build-config.h"
#include "tools/common/child.h"
#include "tools/common/utf8.h"
#include "tools/common/xalloc.h"
#include "tools/ctl/governor-file.h"
#include "tools/ctl/out-file.h"

#ifndef GOVERNORD_INCLUDE_DIR
#define GOVERNORD_INCLUDE_DIR "/usr/include/governord"
#endif

/* Exit status of clang if its BPF backend aborts on code that it does not support. */
#define STATUS_CRASH 70

#define SUFFIX    ".bpf.o"
#define ADMIN_DIR GOVERNORD_CONFIG_DIR "/governors/"
#define NO_CLANG                                                                                                           \
        "cannot find clang (tried clang, clang-19, clang-14). Install it (apt install clang, dnf install clang), or set\n" \
        "CLANG to its path, for example CLANG=/opt/llvm/bin/clang"

struct build {
        const char *program, *source, *include;
        char *output;
        struct out_file file;  /* `output`, with its folder open */
        char *folder, *object; /* where clang writes; NULL: not created */
};

static void build_free(struct build *build) {
        if (build->object)
                (void) unlink(build->object);
        if (build->folder)
                (void) rmdir(build->folder);
        out_file_done(&build->file);
        free(build->object);
        free(build->folder);
        free(build->output);
}

static int complain(const struct build *build, const char *file, const char *format, ...) __attribute__((format(printf, 3, 4)));
static int complain(const struct build *build, const char *file, const char *format, ...) {
        va_list args;

        (void) fprintf(stderr, "%s: ", build->program);
        if (file) {
                clean_print(stderr, file, false);
                (void) fputs(": ", stderr);
        }
        va_start(args, format);
        (void) vfprintf(stderr, format, args);
        va_end(args);
        (void) fputc('\n', stderr);
        return CLI_FAILED;
}

/* "steady.bpf.c" and "steady.c" become "steady.bpf.o"; to any other name ".bpf.o" is appended. */
static char *output_of(const char *source) {
        static const char *const endings[] = { ".bpf.c", ".c" };
        size_t length = strlen(source);

        for (size_t i = 0; i < ARRAY_SIZE(endings); i++) {
                size_t n = strlen(endings[i]);

                if (length > n && strcmp(source + length - n, endings[i]) == 0 && source[length - n - 1] != '/') {
                        length -= n;
                        break;
                }
        }
        return xasprintf("%.*s" SUFFIX, (int) length, source);
}

/* Creates the temporary folder for clang, with mode 0700. mkdtemp() resolves its path again; if the user is root, out_file_open()
 * has checked that no other user can change the path. */
static int make_folder(struct build *build) {
        _cleanup_(out_file_done) struct out_file place = OUT_FILE_INIT;
        const char *wanted = getenv("TMPDIR");
        int r;

        build->folder = xasprintf("%s/governorctl-XXXXXX", wanted && wanted[0] ? wanted : "/tmp");
        r = out_file_open(&place, build->folder);
        if (r >= 0 && !mkdtemp(build->folder))
                r = -errno;
        if (r < 0) {
                r = complain(build, build->folder, "cannot make a folder for the compiler: %s%s", out_file_reason(&place, r),
                             place.reason[0] ? ", for example with TMPDIR=/run" : "");
                free(TAKE_PTR(build->folder));
                return r;
        }
        build->object = xasprintf("%s/governor" SUFFIX, build->folder);
        return CLI_OK;
}

/* Returns true if execvp() would find the program in PATH. */
static bool is_program(const char *name) {
        const char *path = getenv("PATH");
        _cleanup_free_ char *copy = xstrdup(path ? path : "/usr/bin:/bin");
        char *rest = copy;

        for (char *folder; (folder = strsep(&rest, ":"));) {
                _cleanup_free_ char *file = xasprintf("%s/%s", folder[0] ? folder : ".", name);

                if (access(file, X_OK) == 0)
                        return true;
        }
        return false;
}

static const char *find_clang(void) {
        static const char *const names[] = { "clang", "clang-19", "clang-14" };
        const char *wanted = getenv("CLANG");

        if (wanted && wanted[0])
                return wanted;
        for (size_t i = 0; i < ARRAY_SIZE(names); i++)
                if (is_program(names[i]))
                        return names[i];
        return NULL;
}

/* Protects a file name that looks like an option: clang 14 does not support "--". */
static char *as_argument(const char *file) {
        return xasprintf(file[0] == '-' ? "./%s" : "%s", file);
}

static bool is_same_file(const char *a, const char *b) {
        struct stat x, y;

        return stat(a, &x) >= 0 && stat(b, &y) >= 0 && x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

static int compile(const struct build *build) {
        _cleanup_free_ char *source = NULL;
        /* clang-format off */
        const char *const argv[] = {
                find_clang(), "-target", GOVERNORD_BPF_TARGET, "-mcpu=v3", "-O2", "-g", "-ffreestanding", "-Wall", "-Wextra", "-Wno-unused-parameter",
                "-Wno-unused-function", "-Werror=implicit-function-declaration", "-fno-crash-diagnostics", "-D__TARGET_ARCH_" GOVERNORD_BPF_ARCH,
                "-I", build->include, "-idirafter", "/usr/include/" GOVERNORD_MULTIARCH, /* the kernel's <asm/types.h>, where Debian has it */
                "-c", "-o", build->object, source = as_argument(build->source), NULL,
        };
        /* clang-format on */
        siginfo_t end;
        int r;

        if (!argv[0])
                return complain(build, NULL, NO_CLANG);
        child_prepare();
        r = child_run((char *const *) argv, &end);
        if (r < 0)
                return child_refused(build->program, argv[0], r);
        if (end.si_code == CLD_EXITED && end.si_status == 0)
                return CLI_OK;
        if (end.si_code != CLD_EXITED)
                return complain(build, build->source, "not built: %s was ended by signal %d", argv[0], end.si_status);
        if (end.si_status == STATUS_CRASH)
                return complain(build, build->source,
                                "not built: %s crashed. The first lines above show the code; the usual cause is a signed division",
                                argv[0]);
        return complain(build, build->source, "not built: see the errors of %s above", argv[0]);
}

static int check_headers(const struct build *build) {
        _cleanup_free_ char *header = xasprintf("%s/bpf/governor.h", build->include);

        if (access(header, R_OK) == 0)
                return CLI_OK;
        return complain(build, header,
                        "%s\nGovernors include this header. It belongs to governord's development files; to use governord's source "
                        "instead, give --include DIR.",
                        strerror(errno));
}

static void print_json(const struct build *build, const struct governor_words *words) {
        struct json j = { .f = stdout };

        json_open(&j, NULL, '{');
        json_string(&j, "file", build->output);
        json_string(&j, "name", words->name);
        json_string(&j, "description", words->description);
        json_string(&j, "platforms", words->platforms);
        json_int(&j, "priority", words->priority);
        json_string(&j, "needs", words->needs);
        json_close(&j, '}');
}

static void print_people(const struct build *build, const struct governor_words *words) {
        _cleanup_free_ char *file = clean_dup(build->output);

        (void) printf("%s: governor \"%s\", %s\n", file, words->name, words->description);
        (void) printf("  for platforms: %s; priority %u", words->platforms, words->priority);
        if (words->needs[0])
                (void) printf(
                        "; required kernel features: %s (the service skips a governor that requires a feature it does not know)",
                        words->needs);
        (void) putchar('\n');
        (void) printf("Next: sudo install -D -m644 -t " ADMIN_DIR " '%s' && governorctl governor load %s\n", file, words->name);
}

static void print_plain(const struct build *build, const struct governor_words *words) {
        char priority[16];

        (void) snprintf(priority, sizeof(priority), "%u", words->priority);
        plain_pair(stdout, true, "file", build->output);
        plain_pair(stdout, false, "name", words->name);
        plain_pair(stdout, false, "description", words->description);
        plain_pair(stdout, false, "platforms", words->platforms);
        plain_pair(stdout, false, "priority", priority);
        plain_pair(stdout, false, "needs", words->needs);
        (void) fputc('\n', stdout);
}

static int check_files(struct build *build) {
        int r = check_headers(build);

        if (r != CLI_OK)
                return r;
        if (access(build->source, R_OK) < 0)
                return complain(build, build->source, "%s", strerror(errno));
        if (is_same_file(build->source, build->output))
                return complain(build, build->output, "the output would replace the source");
        r = out_file_open(&build->file, build->output);
        return r < 0 ? complain(build, build->output, "cannot write this file: %s", out_file_reason(&build->file, r)) : CLI_OK;
}

static int build_checked(struct cli *cli, struct build *build) {
        _cleanup_free_ char *image = NULL;
        struct governor_words words;
        const char *reason;
        size_t size = 0;
        int r = check_files(build);

        if (r == CLI_OK)
                r = make_folder(build);
        if (r == CLI_OK)
                r = compile(build);
        if (r != CLI_OK)
                return r;
        if (governor_file_read(build->object, &image, &size, &words, &reason) < 0)
                return complain(build, build->source, "it compiles, but is not a governor: %s", reason);
        r = out_file_write(&build->file, image, size, 0666);
        if (r < 0)
                return complain(build, build->output, "cannot write this file: %s", strerror(-r));
        (cli->json ? print_json : cli->tty ? print_people : print_plain)(build, &words);
        return CLI_OK;
}

int governor_build(struct cli *cli, const char *source) {
        const char *include = option_value(&cli->options, 'I'), *output = option_value(&cli->options, 'O');
        _cleanup_(build_free) struct build build = {
                .program = cli->program,
                .source = source,
                .include = include ? include : GOVERNORD_INCLUDE_DIR,
                .output = output ? xstrdup(output) : output_of(source),
                .file = OUT_FILE_INIT,
        };

        return build_checked(cli, &build);
}
