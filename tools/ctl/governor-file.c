/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Finds the section ".governor" of an ELF file without libelf, so that the tools do not depend on that library. Offsets beyond the end
 * of the file are rejected. The service reads the section with libelf, and decides whether the governor is loaded. */

#include "tools/ctl/governor-file.h"

#include <ctype.h>
#include <elf.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

#define FILE_MAX ((size_t) 4 * 1024 * 1024) /* limits the memory; the service accepts only smaller files */
#define MAGIC    0x564f4755U
#define ABI      1U
#define MERGED   ".rodata.cst" /* clang's section for constants of up to 32 bytes, which BTF cannot describe */

/* Copies `n` bytes at `offset` of the file. Returns false if they are not within the file. */
static bool copy_bytes(const char *image, size_t size, uint64_t offset, void *ret, size_t n) {
        if (offset > size || n > size - offset)
                return false;
        memcpy(ret, image + offset, n);
        return true;
}

static bool is_bpf(const Elf64_Ehdr *header) {
        static const unsigned char native = __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? ELFDATA2LSB : ELFDATA2MSB;

        return memcmp(header->e_ident, ELFMAG, SELFMAG) == 0 && header->e_ident[EI_CLASS] == ELFCLASS64 &&
               header->e_ident[EI_DATA] == native && header->e_type == ET_REL && header->e_machine == EM_BPF &&
               header->e_shentsize == sizeof(Elf64_Shdr);
}

static bool begins(const char *image, size_t size, const Elf64_Shdr *names, const Elf64_Shdr *section, const char *prefix,
                   size_t n) {
        char name[16];

        return n <= sizeof(name) && copy_bytes(image, size, names->sh_offset + section->sh_name, name, n) &&
               memcmp(name, prefix, n) == 0;
}

static int find_manifest(const char *image, size_t size, struct governor_words *ret) {
        Elf64_Ehdr header;
        Elf64_Shdr names, section, at = {};
        bool found = false;

        if (!copy_bytes(image, size, 0, &header, sizeof(header)) || !is_bpf(&header) ||
            !copy_bytes(image, size, header.e_shoff + (uint64_t) header.e_shstrndx * sizeof(names), &names, sizeof(names)))
                return -ENOEXEC;
        for (size_t i = 0; i < header.e_shnum; i++) {
                if (!copy_bytes(image, size, header.e_shoff + i * sizeof(section), &section, sizeof(section)))
                        return -ENOEXEC;
                if (begins(image, size, &names, &section, MERGED, strlen(MERGED)))
                        return -ENOTSUP;
                if (!begins(image, size, &names, &section, ".governor", sizeof(".governor")))
                        continue;
                found = true;
                at = section;
        }
        if (found)
                return at.sh_size >= sizeof(*ret) && copy_bytes(image, size, at.sh_offset, ret, sizeof(*ret)) ? 0 : -EINVAL;
        return -ENOENT;
}

static bool is_text(const char *text, size_t size, bool word) {
        size_t length = strnlen(text, size);

        for (size_t i = 0; i < length; i++)
                if (word ? !islower((unsigned char) text[i]) && !isdigit((unsigned char) text[i]) && text[i] != '-' :
                           !isprint((unsigned char) text[i]))
                        return false;
        return length < size && (!word || length > 0);
}

static const char *why_not(const struct governor_words *words) {
        if (words->magic != MAGIC)
                return "its section .governor was not made by GOVERNOR()";
        if (words->abi != ABI || words->size < sizeof(*words))
                return "the version of its header bpf/governor.h differs from that of this governorctl";
        if (!is_text(words->name, sizeof(words->name), true))
                return "its name must be up to 31 lower-case letters, digits and '-'";
        if (!is_text(words->description, sizeof(words->description), false) ||
            !is_text(words->platforms, sizeof(words->platforms), false) ||
            !is_text(words->version, sizeof(words->version), false) || !is_text(words->needs, sizeof(words->needs), false))
                return "a text in GOVERNOR() is too long (description: 95 bytes, platforms: 127, needs: 63) or not plain ASCII";
        return NULL;
}

static int read_image(const char *path, char **ret, size_t *ret_size) {
        _cleanup_fclose_ FILE *f = fopen(path, "re");
        _cleanup_free_ char *image = malloc(FILE_MAX);

        if (!f)
                return -errno;
        if (!image)
                return -ENOMEM;
        *ret_size = fread(image, 1, FILE_MAX, f);
        if (ferror(f))
                return -EIO;
        *ret = TAKE_PTR(image);
        return 0;
}

int governor_file_read(const char *path, char **ret_image, size_t *ret_size, struct governor_words *ret, const char **ret_reason) {
        _cleanup_free_ char *image = NULL;
        struct governor_words words;
        size_t size = 0;
        int r = read_image(path, &image, &size);

        if (r < 0) {
                *ret_reason = strerror(-r);
                return r;
        }
        r = find_manifest(image, size, &words);
        *ret_reason = r == 0 ?
                              why_not(&words) :
                      r == -ENOENT ?
                              "it has no manifest: the line GOVERNOR(...) is missing at its end" :
                      r == -EINVAL ?
                              "its manifest is too short" :
                      r == -ENOTSUP ?
                              "a constant table of 32 bytes or less must be volatile: \"static const volatile uint32_t table[4]\"" :
                              "not an object file for BPF";
        if (*ret_reason)
                return r < 0 ? r : -EINVAL;
        *ret_image = TAKE_PTR(image);
        *ret_size = size;
        *ret = words;
        return 0;
}
