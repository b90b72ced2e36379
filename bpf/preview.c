/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Looks at what needs no right and no time. Whether the kernel accepts a governor is known when it was loaded, not before. */

#include "bpf/preview.h"

#include <errno.h>
#include <linux/capability.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/text.h"
#include "core/config-file.h"
#include "include/governord/ring.h"

/* PROC_PID_INIT_INO of linux/proc_ns.h: the number of the first PID namespace, the one whose numbers programs in the kernel see. */
#define FIRST_PID_NAMESPACE 0xEFFFFFFCu

static bool has_capability(uint32_t capability) {
        struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
        struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = {};

        if (syscall(SYS_capget, &header, data) < 0)
                return true; /* not known: the kernel will say */
        return (data[capability / 32].effective >> (capability % 32)) & 1;
}

int preview_surroundings(char *reason, size_t size) {
        struct stat st;

        if (sysconf(_SC_PAGESIZE) != 4096) /* arm64 with 16 or 64 KiB */
                return text_format(reason, size, "pages of this machine have another size than 4096 bytes"), -EOPNOTSUPP;
        if (stat("/proc/self/ns/pid", &st) >= 0 && st.st_ino != FIRST_PID_NAMESPACE)
                return text_format(reason, size, "the service is in a PID namespace (a container): in the kernel its clients have other numbers"),
                       -EOPNOTSUPP;
        if (!has_capability(CAP_SYS_ADMIN) && (!has_capability(CAP_BPF) || !has_capability(CAP_PERFMON)))
                return text_format(reason, size, "loading BPF needs CAP_BPF and CAP_PERFMON"), -EPERM;
        return 0;
}

static int find_first(const struct bpf_engine_options *options, struct preview *preview) {
        struct governor_dirs dirs = options->dirs;
        const struct governors *governors = &preview->governors;
        int r;

        dirs.manifests_only = true;
        r = governors_find(&preview->governors, &dirs, options->platform);
        if (r < 0)
                return r;
        if (governors->n == 0 || !governors->items[0].fits)
                return -ENOENT;
        preview->name = governors->items[0].manifest.name;
        if (options->governor && governors_named(governors, options->governor))
                preview->name = options->governor;
        return 0;
}

int preview_new(const struct bpf_engine_options *options, struct preview *ret, char *reason, size_t size) {
        struct preview preview = {};
        char path[256];
        int r = preview_surroundings(reason, size);

        if (r < 0)
                return r;
        r = TEXT_FORMAT(path, "%s/platform.o", options->dirs.vendor);
        if (r >= 0 && access(path, R_OK) < 0)
                r = -errno;
        if (r < 0)
                return text_format(reason, size, "cannot read %s: %s", path, strerrordesc_np(-r)), r;
        r = find_first(options, &preview);
        if (r < 0) {
                (void) text_format(reason, size, "no governor for this machine in %s", options->dirs.vendor);
                preview_done(&preview);
                return r;
        }
        *ret = preview;
        return 0;
}

void preview_done(struct preview *preview) {
        governors_done(&preview->governors);
        preview->name = NULL;
}
