/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The HWP request register of each CPU, for machines on which HWP is enabled but not controlled by the kernel
 * (intel_pstate=disable, acpi-cpufreq, no cpufreq). It is used only if the configuration enables it.
 *
 * The register is not written while intel_pstate or intel_cpufreq has a policy: these drivers keep a copy of the register and would
 * overwrite it, or use a wrong copy. It is also not written under package control (bit 42), where the fields of the thread have no
 * effect. HWP is never enabled here, because this could not be undone before the next reset. A write changes only one field. */

#include "drivers/intel/hwp-msr.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/attr.h"
#include "base/cleanup.h"
#include "base/parse.h"
#include "drivers/common/cpuinfo.h"

#define MSR_PM_ENABLE        0x770 /* bit 0: HWP is enabled; cannot be cleared */
#define MSR_HWP_CAPABILITIES 0x771
#define MSR_HWP_REQUEST      0x774

#define CAPABILITIES_HIGHEST(msr) ((int64_t) ((msr) &0xff))
#define CAPABILITIES_LOWEST(msr)  ((int64_t) ((msr) >> 24 & 0xff))
#define REQUEST_PACKAGE_CONTROL   (UINT64_C(1) << 42)

static const struct field {
        enum intel_row row;
        const char *label;
        unsigned shift;   /* 8 bits each */
        const char *flag; /* in /proc/cpuinfo */
} fields[] = {
        { INTEL_HWP_EPP, "epp", 24, "hwp_epp" },
        { INTEL_HWP_MIN, "min", 0, "hwp" },
        { INTEL_HWP_MAX, "max", 8, "hwp" },
};

/* ---- registers ---- */

/* The offset in the device is the register number; in the file of a simulated machine, each register has 8 bytes. */
static off_t msr_offset(const struct gov_host *host, unsigned number) {
        return host->simulated ? (off_t) number * 8 : (off_t) number;
}

static int msr_read(const struct gov_host *host, int fd, unsigned number, uint64_t *ret) {
        ssize_t n = pread(fd, ret, sizeof(*ret), msr_offset(host, number));

        if (n < 0)
                return -errno;
        return n == (ssize_t) sizeof(*ret) ? 0 : -EIO;
}

static int msr_write(const struct gov_host *host, int fd, unsigned number, uint64_t value) {
        ssize_t n = pwrite(fd, &value, sizeof(value), msr_offset(host, number));

        if (n < 0)
                return errno == EPERM ? -EACCES : -errno; /* kernel lockdown, or msr.allow_writes=off */
        return n == (ssize_t) sizeof(value) ? 0 : -EIO;
}

static int open_msr(const struct gov_host *host, uint32_t cpu) {
        char path[32];

        (void) TEXT_FORMAT(path, "dev/cpu/%u/msr", cpu);
        return attr_open(host->root_fd, path, NULL);
}

/* ---- adding ---- */

struct walk {
        struct intel *intel;
        const char *flags; /* of the processor */
};

/* The range is read for each CPU, because the CPUs of hybrid processors differ. */
static void read_range(const struct gov_host *host, int fd, struct gov_instance *instance) {
        uint64_t capabilities;

        if (msr_read(host, fd, MSR_HWP_CAPABILITIES, &capabilities) < 0 ||
            CAPABILITIES_LOWEST(capabilities) > CAPABILITIES_HIGHEST(capabilities))
                return;
        instance->min = CAPABILITIES_LOWEST(capabilities);
        instance->max = CAPABILITIES_HIGHEST(capabilities);
}

/* Accepts all values, because the processor clamps them to its range. After a reset, the minimum is 1 and the maximum 255, which
 * may be outside of the range; it must be possible to restore these values. */
static int field_range(const struct gov_host *host, struct gov_instance *instance) {
        (void) host;
        instance->min = 0;
        instance->max = 255;
        return 0;
}

static int add_fields(struct walk *walk, uint32_t cpu, const struct gov_instance *performance) {
        for (size_t i = 0; i < ARRAY_SIZE(fields); i++) {
                struct gov_instance instance = *performance;
                int r;

                if (!word_in_list(walk->flags, fields[i].flag))
                        continue;
                instance.domain = cpu;
                if (fields[i].row == INTEL_HWP_EPP) {
                        instance.min = 0;
                        instance.max = 255;
                }
                (void) TEXT_FORMAT(instance.label, "%s", fields[i].label);
                knobset_set_range(&walk->intel->knobs, fields[i].row, field_range);
                r = knobset_add(&walk->intel->knobs, fields[i].row, &instance);
                if (r < 0)
                        return r;
        }
        return 0;
}

static int add_cpu(const char *name, void *userdata) {
        struct walk *walk = userdata;
        struct gov_instance instance = { .min = 0, .max = 255 };
        _cleanup_close_ int fd = -1;
        uint64_t enabled;
        uint32_t cpu;

        if (parse_u32(name, &cpu) < 0)
                return 0;
        fd = open_msr(walk->intel->knobs.host, cpu);
        if (fd < 0 || msr_read(walk->intel->knobs.host, fd, MSR_PM_ENABLE, &enabled) < 0 || (enabled & 1) == 0)
                return 0;
        (void) TEXT_FORMAT(instance.path, "dev/cpu/%u/msr", cpu);
        if (walk->intel->n_policies > 0) {
                instance.flags = GOV_INSTANCE_READ_ONLY;
                (void) TEXT_FORMAT(instance.note, "intel_pstate owns this register");
        }
        read_range(walk->intel->knobs.host, fd, &instance);
        return add_fields(walk, cpu, &instance);
}

/* Returns the flags of the first CPU; all CPUs have the same flags. */
static const char *find_flags(char *cpuinfo) {
        char *flags = strstr(cpuinfo, "\nflags"), *end;

        flags = flags ? strchr(flags, ':') : NULL;
        if (!flags)
                return NULL;
        end = strchr(flags, '\n');
        if (end)
                *end = '\0';
        return flags + 1;
}

int hwp_msr_add(struct intel *intel) {
        struct walk walk = { .intel = intel };
        char cpuinfo[CPUINFO_MAX];
        int r;

        if (cpuinfo_read(intel->knobs.host, cpuinfo, sizeof(cpuinfo)) < 0)
                return 0;
        walk.flags = find_flags(cpuinfo);
        if (!walk.flags || !word_in_list(walk.flags, "hwp"))
                return 0;
        r = attr_walk(intel->knobs.host->root_fd, "dev/cpu", "", add_cpu, &walk);
        return r == -ENOMEM ? r : 0;
}

/* ---- access ---- */

static const struct field *field_of(const struct gov_instance *instance) {
        for (size_t i = 0; i < ARRAY_SIZE(fields); i++)
                if (strcmp(instance->label, fields[i].label) == 0)
                        return &fields[i];
        return NULL;
}

int hwp_msr_read(void *state, const struct gov_instance *instance, char *ret, size_t size) {
        const struct intel *intel = state;
        const struct field *field = field_of(instance);
        _cleanup_close_ int fd = open_msr(intel->knobs.host, instance->domain);
        uint64_t request;
        int r;

        if (fd < 0 || !field)
                return fd < 0 ? fd : -EOPNOTSUPP;
        r = msr_read(intel->knobs.host, fd, MSR_HWP_REQUEST, &request);
        if (r >= 0)
                r = text_format(ret, size, "%u", (unsigned) (request >> field->shift & 0xff));
        return r < 0 ? r : (int) strlen(ret);
}

static int write_field(const struct gov_host *host, int fd, const struct field *field, int64_t value) {
        uint64_t request;
        int r = msr_read(host, fd, MSR_HWP_REQUEST, &request);

        if (r < 0)
                return r;
        if (request & REQUEST_PACKAGE_CONTROL)
                return -EBUSY;
        request &= ~(UINT64_C(0xff) << field->shift);
        request |= (uint64_t) (value & 0xff) << field->shift;
        return msr_write(host, fd, MSR_HWP_REQUEST, request);
}

int hwp_msr_write(void *state, const struct gov_instance *instance, const char *value) {
        const struct intel *intel = state;
        const struct field *field = field_of(instance);
        _cleanup_close_ int fd = -1;
        int64_t number;
        int r = parse_i64(value, &number);

        if (r < 0 || !field)
                return r < 0 ? r : -EOPNOTSUPP;
        if (instance->flags & GOV_INSTANCE_READ_ONLY)
                return intel->n_policies > 0 ? -EBUSY : -EACCES;
        fd = open_msr(intel->knobs.host, instance->domain);
        return fd < 0 ? fd : write_field(intel->knobs.host, fd, field, number);
}
