/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The environment of the contract test: a simulated machine, a host like that of the service, and functions that show what a driver
 * has changed (open descriptors, a digest of all files, exported symbols). It links no code of the service. */

#include "tests/contract/contract.h"

#include <dirent.h>
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/lib/fixture.h"

void contract_fail_at(const struct contract *c, const char *file, int line, const char *format, ...) {
        char what[512];
        va_list args;

        va_start(args, format);
        (void) vsnprintf(what, sizeof(what), format, args);
        va_end(args);
        print_error("%s on %s: %s\n", c->driver->name, c->machine, what);
        _fail(file, line);
        abort(); /* not reached */
}

static void ignore_log(const struct gov_host *host, int level, const char *format, ...) {
        (void) host;
        (void) level;
        (void) format;
}

static const char *no_option(const struct gov_host *host, const char *key) {
        (void) host;
        (void) key;
        return NULL;
}

void contract_setup(struct contract *c) {
        char why[512] = "";

        /* A machine has thousands of files, so they are kept in memory if possible. */
        (void) snprintf(c->root, sizeof(c->root), "%s/governord-contract-XXXXXX",
                        access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
        contract_check(c, mkdtemp(c->root), "mkdtemp: %s", strerror(errno));
        contract_check(c, fixture_make(c->tree, c->root, NULL, why, sizeof(why)) == 0, "%s", why);
        c->host = (struct gov_host){ .size = sizeof(c->host), .simulated = 1, .log = ignore_log, .option = no_option };
        c->host.root_fd = open(c->root, O_PATH | O_DIRECTORY | O_CLOEXEC);
        contract_check(c, c->host.root_fd >= 0, "open %s: %s", c->root, strerror(errno));
}

void contract_teardown(struct contract *c) {
        if (c->host.root_fd >= 0)
                (void) close(c->host.root_fd);
        c->host.root_fd = -1;
        if (c->root[0])
                (void) fixture_remove(c->root);
        c->root[0] = '\0';
}

void contract_each(struct contract *c,
                   void (*each)(struct contract *c, uint32_t row, uint32_t index, const struct gov_instance *instance)) {
        for (uint32_t row = 0; row < c->driver->n_rows; row++) {
                int n = c->driver->count(c->state, row);

                contract_check(c, n >= 0, "count(%s) is %d", c->driver->rows[row].name, n);
                for (uint32_t i = 0; i < (uint32_t) n; i++) {
                        struct gov_instance instance = { .min = 1, .max = 0 };
                        int r = c->driver->describe(c->state, row, i, &instance);

                        contract_check(c, r == 0, "describe(%s, %u) is %d", c->driver->rows[row].name, i, r);
                        each(c, row, i, &instance);
                }
        }
}

bool contract_is_number(const char *text, int64_t *ret) {
        char *end;

        errno = 0;
        *ret = strtoll(text, &end, 10);
        return errno == 0 && end != text && *end == '\0';
}

/* ---- what a driver has changed ---- */

unsigned contract_count_fds(void) {
        DIR *dir = opendir("/proc/self/fd");
        unsigned n = 0;

        while (dir && readdir(dir))
                n++;
        if (dir)
                (void) closedir(dir);
        return n;
}

static uint64_t digest;

static void digest_bytes(const void *data, size_t size) {
        for (const unsigned char *p = data; size > 0; p++, size--)
                digest = (digest ^ *p) * UINT64_C(1099511628211);
}

static void digest_content(const char *path) {
        static char text[65536];
        int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
        ssize_t n = fd < 0 ? 0 : read(fd, text, sizeof(text));

        while (n > 0 && (text[n - 1] == '\n' || text[n - 1] == ' '))
                n--;
        if (n > 0)
                digest_bytes(text, (size_t) n);
        if (fd >= 0)
                (void) close(fd);
}

/* The digests of all files are summed up, so that the order of the files does not matter. */
static int digest_file(const char *path, const struct stat *st, int type, struct FTW *ftw) {
        static uint64_t sum;
        unsigned mode = st->st_mode;

        if (ftw->level == 0)
                sum = 0;
        digest = UINT64_C(14695981039346656037);
        digest_bytes(path, strlen(path));
        digest_bytes(&mode, sizeof(mode));
        if (type == FTW_F)
                digest_content(path);
        sum += digest;
        digest = sum;
        return 0;
}

uint64_t contract_snapshot(const struct contract *c) {
        digest = 0;
        contract_check(c, nftw(c->root, digest_file, 16, FTW_PHYS) == 0, "nftw: %s", strerror(errno));
        return digest;
}

static unsigned count_symbols(const char *file, const Elf64_Shdr *symbols, const Elf64_Shdr *strings, const char **ret_first) {
        const Elf64_Sym *symbol = (const void *) (file + symbols->sh_offset);
        unsigned n = 0;

        for (size_t i = 0; i < symbols->sh_size / sizeof(*symbol); i++) {
                const char *name = file + strings->sh_offset + symbol[i].st_name;

                if (symbol[i].st_shndx == SHN_UNDEF || ELF64_ST_BIND(symbol[i].st_info) == STB_LOCAL || strncmp(name, "__", 2) == 0)
                        continue;
                if (n++ == 0)
                        *ret_first = name;
        }
        return n;
}

unsigned contract_exported_symbols(const char *so, const char **ret_first) {
        static char first[128];
        int fd = open(so, O_RDONLY | O_CLOEXEC);
        struct stat st;
        const char *file = MAP_FAILED, *name = "";
        unsigned n = 0;

        if (fd >= 0 && fstat(fd, &st) == 0)
                file = mmap(NULL, (size_t) st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
        if (file != MAP_FAILED) {
                const Elf64_Ehdr *header = (const void *) file;
                const Elf64_Shdr *section = (const void *) (file + header->e_shoff);

                for (unsigned i = 0; i < header->e_shnum; i++)
                        if (section[i].sh_type == SHT_DYNSYM)
                                n += count_symbols(file, &section[i], &section[section[i].sh_link], &name);
                (void) snprintf(first, sizeof(first), "%s", name);
                (void) munmap((void *) file, (size_t) st.st_size);
        }
        if (fd >= 0)
                (void) close(fd);
        *ret_first = first;
        return n;
}
