/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Memory of a handle: two pages, the first of which fork() fills with zeros in the child. The child has no ring to write into then,
 * and no fork handler is needed. */

#include "client/handle.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

_Static_assert(sizeof(struct gov_qos) <= 4096 && sizeof(struct control) <= 4096, "one page each, on every machine");

/* Makes the leak sanitizer search these pages for pointers to heap memory; they are not part of the heap. */
extern void __lsan_register_root_region(const void *p, size_t size) __attribute__((weak));
extern void __lsan_unregister_root_region(const void *p, size_t size) __attribute__((weak));

static size_t page_size(void) {
        return (size_t) sysconf(_SC_PAGESIZE);
}

static struct control *second_page(struct gov_qos *qos) {
        return (struct control *) (void *) ((char *) qos + page_size());
}

struct control *control_of(struct gov_qos *qos) {
        return qos && __atomic_load_n(&qos->alive, __ATOMIC_RELAXED) ? second_page(qos) : NULL;
}

int handle_new(struct gov_qos **ret) {
        struct gov_qos *qos = mmap(NULL, 2 * page_size(), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        struct control *control;

        if (qos == MAP_FAILED)
                return -ENOMEM;
        if (__lsan_register_root_region)
                __lsan_register_root_region(qos, 2 * page_size());
        control = second_page(qos);
        control->qos = qos;
        control->wake_fd = -1;
        control->due_ns = UINT64_MAX;
        qos->kick_fd = -1;
        qos->alive = 1;
        *ret = qos;
        return madvise(qos, page_size(), MADV_WIPEONFORK) < 0 ? -EOPNOTSUPP : 0;
}

struct gov_qos *handle_free(struct gov_qos *qos) {
        if (!qos)
                return NULL;
        free(second_page(qos)->address);
        if (__lsan_unregister_root_region)
                __lsan_unregister_root_region(qos, 2 * page_size());
        (void) munmap(qos, 2 * page_size());
        return NULL;
}
