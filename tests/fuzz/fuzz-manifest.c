/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Interprets the input as the object file of a governor, and asserts that its manifest is either valid or rejected with a reason.
 * Sanitizers detect accesses beyond the file. */

#undef NDEBUG
#include <assert.h>
#include <elf.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "bpf/manifest.h"
#include "tests/fuzz/fuzz.h"

static void check_text(const char *text, size_t size) {
        size_t length = strnlen(text, size);

        assert(length < size);
        for (size_t i = 0; i < length; i++)
                assert(text[i] >= ' ' && text[i] <= '~');
}

/* Files of another byte order or with unaligned section headers must be rejected. */
static void check_accepted(const uint8_t *data, size_t size) {
        Elf64_Ehdr header;

        assert(size >= sizeof(header));
        memcpy(&header, data, sizeof(header));
        assert(header.e_ident[EI_DATA] == (__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? ELFDATA2LSB : ELFDATA2MSB));
        assert(header.e_shoff % _Alignof(Elf64_Shdr) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        _cleanup_free_ char *image = malloc(size > 0 ? size : 1);
        struct governor_manifest manifest;
        char reason[256] = "";

        assert(image);
        if (size > 0)
                memcpy(image, data, size);
        if (manifest_read(image, size, &manifest, reason, sizeof(reason)) < 0) {
                assert(reason[0] != '\0');
                check_text(reason, sizeof(reason));
                return 0;
        }
        check_accepted(data, size);
        check_text(manifest.name, sizeof(manifest.name));
        check_text(manifest.description, sizeof(manifest.description));
        check_text(manifest.platforms, sizeof(manifest.platforms));
        check_text(manifest.version, sizeof(manifest.version));
        check_text(manifest.needs, sizeof(manifest.needs));
        (void) manifest_matches(&manifest, "intel_pstate active");
        return 0;
}
