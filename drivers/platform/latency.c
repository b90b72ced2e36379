/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Wake-up latency limits, see latency.h. On a real machine, an ordinary file is not accepted, because it would have no effect. On a
 * simulated machine, a device is not accepted, because it would affect the machine that runs the test. */

#include "drivers/platform/latency.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "base/attr.h"
#include "base/cleanup.h"
#include "base/parse.h"
#include "drivers/common/cpufreq.h"

#define DEVICE "dev/cpu_dma_latency"

/* PM_QOS_CPU_LATENCY_DEFAULT_VALUE of the kernel, 2000 seconds: there is no request. */
#define LATENCY_NONE 2000000000
/* INT32_MAX is reserved by the kernel. */
#define RESUME_MAX (INT32_MAX - 1)

void latency_init(struct latency *latency, const struct gov_host *host) {
        *latency = (struct latency){ .host = host, .fd = -1 };
}

static int let_go(struct latency *latency) {
        latency->fd = close_fd(latency->fd);
        if (!latency->host->simulated)
                return 0;
        latency->held = false;
        return attr_write(latency->host->root_fd, DEVICE, "", true);
}

void latency_done(struct latency *latency) {
        if (latency->held || latency->fd >= 0)
                (void) let_go(latency);
}

static bool is_usable(const struct gov_host *host) {
        struct stat st;

        if (fstatat(host->root_fd, DEVICE, &st, AT_SYMLINK_NOFOLLOW) < 0)
                return false;
        return host->simulated ? S_ISREG(st.st_mode) : S_ISCHR(st.st_mode);
}

static int add_resume(const char *name, struct knobset *set, uint32_t row) {
        struct gov_instance instance = { .min = 0, .max = RESUME_MAX, .choices = "n/a", .note = "0: no limit; n/a: 0 us" };
        int r;

        if (attr_suffix(name, "cpu", &instance.domain) < 0)
                return 0;
        (void) TEXT_FORMAT(instance.path, CPU_DIR "/%s/power/pm_qos_resume_latency_us", name);
        r = knobset_add(set, row, &instance);
        return r < 0 ? r : 0;
}

struct walk {
        struct knobset *set;
        uint32_t row;
};

static int visit_cpu(const char *name, void *userdata) {
        struct walk *walk = userdata;

        return add_resume(name, walk->set, walk->row);
}

int latency_add(struct knobset *set, uint32_t row_dma, uint32_t row_resume) {
        struct gov_instance instance = {
                .min = 0, .max = LATENCY_NONE - 1, .path = DEVICE, .note = "shows the smallest request of all programs"
        };
        struct walk walk = { set, row_resume };
        int r = is_usable(set->host) ? knobset_add(set, row_dma, &instance) : 0;

        if (r < 0)
                return r;
        r = attr_walk(set->host->root_fd, CPU_DIR, "cpu", visit_cpu, &walk);
        return r == -ENOMEM ? r : 0;
}

static int read_device(const struct gov_host *host, int64_t *ret) {
        _cleanup_close_ int fd = openat(host->root_fd, DEVICE, O_RDONLY | O_CLOEXEC);
        int32_t usec;
        ssize_t n = fd < 0 ? -1 : read(fd, &usec, sizeof(usec));

        if (n < 0)
                return -errno;
        if (n != sizeof(usec))
                return -EIO;
        *ret = usec;
        return 0;
}

/* An empty file means that there is no request. */
static int read_file(const struct gov_host *host, int64_t *ret) {
        char text[GOVERNORD_VALUE_MAX];
        int r = attr_read(host->root_fd, DEVICE, text, sizeof(text));

        if (r == 0) {
                *ret = LATENCY_NONE;
                return 0;
        }
        return r < 0 ? r : parse_i64(text, ret);
}

int latency_read(const struct latency *latency, char *ret, size_t size) {
        int64_t usec;
        int r = latency->host->simulated ? read_file(latency->host, &usec) : read_device(latency->host, &usec);

        if (r < 0)
                return r;
        r = usec >= LATENCY_NONE ? text_format(ret, size, "%s", "") : text_format(ret, size, "%lld", (long long) usec);
        return r < 0 ? r : (int) strlen(ret);
}

/* If a request is open, it is changed, so that there is no time without a request. */
static int hold_request(struct latency *latency, int32_t usec) {
        _cleanup_close_ int opened = -1;
        int fd = latency->fd;
        ssize_t n;

        if (fd < 0)
                fd = opened = openat(latency->host->root_fd, DEVICE, O_WRONLY | O_CLOEXEC);
        if (fd < 0)
                return -errno;
        n = write(fd, &usec, sizeof(usec));
        if (n < 0)
                return -errno;
        if (n != sizeof(usec))
                return -EIO;
        if (opened >= 0)
                latency->fd = TAKE_FD(opened);
        return 0;
}

int latency_write(struct latency *latency, const char *value) {
        int64_t usec;

        if (!is_usable(latency->host))
                return -ENODEV;
        if (value[0] == '\0')
                return let_go(latency);
        if (parse_i64(value, &usec) < 0)
                return -EINVAL;
        if (usec < 0 || usec >= LATENCY_NONE)
                return -ERANGE;
        if (!latency->host->simulated)
                return hold_request(latency, (int32_t) usec);
        latency->held = true;
        return attr_write(latency->host->root_fd, DEVICE, value, true);
}
