/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reads the manifest of a governor with libelf from an untrusted file. */

#include "bpf/manifest.h"

#include <ctype.h>
#include <elf.h>
#include <errno.h>
#include <libelf.h>
#include <string.h>

#include "base/parse.h"
#include "base/text.h"

#define SECTION ".governor"
#define MERGED  ".rodata.cst" /* clang's section of mergeable constants of up to 32 bytes, which BTF cannot describe */

#define BYTE_ORDER_HERE (__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? ELFDATA2LSB : ELFDATA2MSB)

/* Besides type, machine and byte order, checks that the section headers are aligned, because libelf returns pointers to them in the
 * image. */
static bool is_bpf(Elf *elf) {
        const Elf64_Ehdr *header = elf_kind(elf) == ELF_K_ELF ? elf64_getehdr(elf) : NULL;

        return header && header->e_type == ET_REL && header->e_machine == EM_BPF && header->e_ident[EI_DATA] == BYTE_ORDER_HERE &&
               header->e_shoff % _Alignof(Elf64_Shdr) == 0;
}

static int find_section(Elf *elf, struct governor_manifest *ret) {
        bool found = false;
        size_t names;

        if (elf_getshdrstrndx(elf, &names) < 0)
                return -ENOEXEC;
        for (Elf_Scn *section = elf_nextscn(elf, NULL); section; section = elf_nextscn(elf, section)) {
                const Elf64_Shdr *header = elf64_getshdr(section);
                const char *name = header ? elf_strptr(elf, names, header->sh_name) : NULL;
                const Elf_Data *data;

                if (name && strncmp(name, MERGED, strlen(MERGED)) == 0)
                        return -ENOTSUP;
                if (!name || strcmp(name, SECTION) != 0 || found)
                        continue;
                found = true;
                data = elf_rawdata(section, NULL);
                if (!data || !data->d_buf || data->d_size < sizeof(*ret))
                        return -EINVAL;
                memcpy(ret, data->d_buf, sizeof(*ret));
        }
        return found ? 0 : -ENOENT;
}

static bool is_text(const char *text, size_t size, bool word) {
        size_t length = strnlen(text, size);

        if (length == size)
                return false;
        for (size_t i = 0; i < length; i++)
                if (word ? !islower(text[i]) && !isdigit(text[i]) && text[i] != '-' : !isprint(text[i]))
                        return false;
        return true;
}

static int check(const struct governor_manifest *manifest, char *reason, size_t size) {
        if (manifest->magic != GOVERNOR_MAGIC)
                return text_format(reason, size, "its section " SECTION " is not a manifest"), -EINVAL;
        if (manifest->abi != GOVERNOR_ABI || manifest->size < sizeof(*manifest))
                return text_format(reason, size, "it was built for ABI %u, but this version has ABI %d: build it again",
                                   manifest->abi, GOVERNOR_ABI),
                       -EPROTO;
        if (!is_text(manifest->name, sizeof(manifest->name), true) || manifest->name[0] == '\0')
                return text_format(reason, size,
                                   "its name is empty or has other characters than lower-case letters, digits and '-'"),
                       -EINVAL;
        if (!is_text(manifest->description, sizeof(manifest->description), false) ||
            !is_text(manifest->platforms, sizeof(manifest->platforms), false) ||
            !is_text(manifest->version, sizeof(manifest->version), false) ||
            !is_text(manifest->needs, sizeof(manifest->needs), false))
                return text_format(reason, size, "a text of its manifest is not terminated or has control characters"), -EINVAL;
        return 0;
}

int manifest_read(char *image, size_t size, struct governor_manifest *ret, char *reason, size_t reason_size) {
        struct governor_manifest manifest = {};
        Elf *elf;
        int r;

        if (elf_version(EV_CURRENT) == EV_NONE)
                return text_format(reason, reason_size, "the installed libelf is too old"), -ENOTSUP;
        elf = elf_memory(image, size);
        r = elf && is_bpf(elf) ? find_section(elf, &manifest) : -ENOEXEC;
        (void) elf_end(elf);
        switch (r) {
        case 0:
                break;
        case -ENOENT:
                return text_format(reason, reason_size, "it has no manifest: GOVERNOR(...) is missing"), r;
        case -ENOTSUP:
                return text_format(reason, reason_size, "it has a constant table of 32 bytes or less that is not volatile"), r;
        case -EINVAL:
                return text_format(reason, reason_size, "its manifest is too short"), r;
        default:
                return text_format(reason, reason_size,
                                   "not an object file for BPF of this machine's byte order (clang -target bpf -c)"),
                       r;
        }
        r = check(&manifest, reason, reason_size);
        if (r >= 0)
                *ret = manifest;
        return r;
}

bool manifest_matches(const struct governor_manifest *manifest, const char *platform) {
        const char *rest = manifest->platforms, *word;
        char text[sizeof(manifest->platforms)];

        for (size_t n = next_word(&rest, &word); n > 0; n = next_word(&rest, &word)) {
                (void) text_format(text, sizeof(text), "%.*s", (int) n, word);
                if (strcmp(text, "any") == 0 || word_in_list(platform, text))
                        return true;
        }
        return false;
}
