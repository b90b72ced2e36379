/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Probes for features before a governor is loaded, so that the reason of a failure is known: a kernel without a feature only
 * returns an errno. Versions of the kernel are not compared, because distributions backport features. */

#include "bpf/kernel-features.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/parse.h"
#include "base/text.h"
#include "include/governord/ring.h"

/* Each function returns 1 (present), 0 (absent) or a negative errno. */

static int has_btf(void) {
        return access("/sys/kernel/btf/vmlinux", R_OK) == 0;
}

/* libbpf's own probe does not distinguish between a missing permission and a missing feature. */
static int has_user_ringbuf(void) {
        _cleanup_close_ int fd = bpf_map_create(BPF_MAP_TYPE_USER_RINGBUF, "governord_probe", 0, 0, GOVERNORD_RING_SIZE, NULL);

        return fd >= 0 ? 1 : fd == -EINVAL ? 0 : fd;
}

static int has_loop(void) {
        return libbpf_probe_bpf_helper(BPF_PROG_TYPE_TRACEPOINT, BPF_FUNC_loop, NULL);
}

static const struct {
        const char *word;
        int (*has)(void);
        const char *what, *since;
} features[] = {
        { "btf", has_btf, "type information (/sys/kernel/btf/vmlinux, from CONFIG_DEBUG_INFO_BTF)", "5.4" },
        { "user-ringbuf", has_user_ringbuf, "rings that programs write (BPF_MAP_TYPE_USER_RINGBUF)", "6.1" },
        { "bpf-loop", has_loop, "bpf_loop()", "5.17" },
};

static int check(const char *word, char *reason, size_t size) {
        for (size_t i = 0; i < ARRAY_SIZE(features); i++) {
                int r;

                if (!text_equal(word, features[i].word))
                        continue;
                r = features[i].has();
                if (r > 0)
                        return 0;
                if (r < 0)
                        return text_format(reason, size, "the kernel could not be probed for %s: %s", features[i].what,
                                           strerrordesc_np(-r)),
                               r;
                return text_format(reason, size, "this kernel has no %s; Linux %s or later, built with it, is required",
                                   features[i].what, features[i].since),
                       -EOPNOTSUPP;
        }
        return text_format(reason, size, "it needs the feature \"%s\", which this version of governord does not know", word),
               -EOPNOTSUPP;
}

int features_check(const char *words, char *reason, size_t size) {
        const char *start;
        char word[32];
        int r = 0;

        for (size_t n = next_word(&words, &start); r >= 0 && n > 0; n = next_word(&words, &start)) {
                (void) TEXT_FORMAT(word, "%.*s", (int) MIN(n, sizeof(word) - 1), start);
                r = check(word, reason, size);
        }
        return r;
}
