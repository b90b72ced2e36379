/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Creates and frees the rings of sessions. A ring cannot be revoked: the kernel keeps it while anything refers to it. So each ring
 * is tracked until only the daemon's table refers to it. It then stays in the table until a new ring replaces it or memory is
 * short, because each update of the table waits until running programs have ended: a replacement waits once, a removal and an
 * addition would wait twice. */

#include "bpf/rings.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"

#define FOR_ROOT   1024 /* number of entries reserved for root */
#define SWEEP_MOST 64   /* maximum number of rings checked in one search over all users: each check is a system call */

static size_t page_size(void) {
        return (size_t) sysconf(_SC_PAGESIZE);
}

uint32_t rings_of(const struct rings *rings, uid_t uid) {
        uint32_t n = 0;

        for (uint32_t i = 0; i < rings->n; i++)
                n += rings->entries[i].state != RING_FREE && rings->entries[i].uid == uid;
        return n;
}

static int table_of(const struct programs *programs, uint32_t kind) {
        return kind == RING_KIND_ARRAY ? programs->rings_fd : programs->user_rings_fd;
}

static int make_map(uint32_t kind) {
        LIBBPF_OPTS(bpf_map_create_opts, options, .map_flags = BPF_F_MMAPABLE);

        if (kind == RING_KIND_ARRAY)
                return bpf_map_create(BPF_MAP_TYPE_ARRAY, "governord_ring", sizeof(uint32_t),
                                      (uint32_t) (2 * page_size()) + GOVERNORD_RING_SIZE, 1, &options);
        return bpf_map_create(BPF_MAP_TYPE_USER_RINGBUF, "governord_ring", 0, 0, GOVERNORD_RING_SIZE, NULL);
}

/* Creates a ring with this number. Replaces the former ring of this number, if there is one. */
static int create_ring(struct ring_entry *entry, const struct programs *programs, uint32_t number, uint32_t kind) {
        _cleanup_close_ int fd = make_map(kind);

        if (fd < 0)
                return fd;
        if (bpf_map_update_elem(table_of(programs, kind), &number, &fd, BPF_ANY) < 0)
                return -errno;
        if (entry->state != RING_FREE && entry->kind != kind)
                (void) bpf_map_delete_elem(table_of(programs, entry->kind), &number);
        *entry = (struct ring_entry){ .state = RING_OPEN, .kind = kind, .fd = TAKE_FD(fd) };
        return 0;
}

static bool is_busy(const struct ring_entry *entry, const struct programs *programs) {
        return __atomic_load_n(&programs->sessions[entry->slot].busy, __ATOMIC_ACQUIRE) != 0;
}

static bool is_unused(const struct ring_entry *entry, const struct programs *programs, uint32_t number) {
        struct platform_ring context = { .ring = number, .kind = entry->kind };

        if (is_busy(entry, programs)) /* kernels before 2024 can free an inner map while a sleepable program reads it */
                return false;
        return (unsigned int) programs_run(programs->holders_fd, &context, sizeof(context)) <= 1; /* false for a negative errno */
}

static bool same_user(uid_t uid, uid_t of) {
        return uid == of;
}

/* A ring of root is not replaced by one of another user: `uid` is the former user, `of` the new one. */
static bool same_part(uid_t uid, uid_t of) {
        return uid != 0 || of == 0;
}

/* Finds a ring whose session has ended, whose clients have released it, and whose user matches. Returns its number or RINGS_NONE.
 * Checks at most `most` rings; the next search continues after them, so that rings that are never released do not hide others. */
static uint32_t find_unused(struct rings *rings, const struct programs *programs, bool (*matches)(uid_t uid, uid_t of), uid_t of,
                            uint32_t most) {
        uint32_t looked = 0, first = rings->swept;

        for (uint32_t i = 0; i < rings->n && looked < most; i++) {
                uint32_t number = (first + i) % rings->n;

                if (rings->entries[number].state != RING_KEPT || !matches(rings->entries[number].uid, of))
                        continue;
                rings->swept = number + 1;
                looked++;
                if (is_unused(&rings->entries[number], programs, number))
                        return number;
        }
        return RINGS_NONE;
}

static uint32_t free_entry(struct rings *rings, uid_t uid) {
        uint32_t used = 0, room = uid == 0 ? PLATFORM_RINGS : PLATFORM_RINGS - FOR_ROOT;

        if (uid != 0)
                for (uint32_t i = 0; i < rings->n; i++)
                        used += rings->entries[i].state != RING_FREE && rings->entries[i].uid != 0;
        if (used >= room)
                return RINGS_NONE;
        for (uint32_t i = 0; i < PLATFORM_RINGS; i++)
                if (i >= rings->n || rings->entries[i].state == RING_FREE)
                        return i;
        return RINGS_NONE;
}

/* Called if the kernel has not enough memory: frees up to SWEEP_MOST rings that clients have released. */
static void free_unused(struct rings *rings, const struct programs *programs, uid_t uid) {
        for (uint32_t i = 0; i < SWEEP_MOST; i++) {
                uint32_t number = find_unused(rings, programs, same_part, uid, SWEEP_MOST);

                if (number == RINGS_NONE)
                        return;
                (void) bpf_map_delete_elem(table_of(programs, rings->entries[number].kind), &number);
                rings->entries[number] = (struct ring_entry){ .fd = -1 };
        }
}

/* Reuses a released number of the same user if possible, so that a user occupies no more numbers than the limit of rings. */
static int find_number(struct rings *rings, const struct programs *programs, uid_t uid, uint32_t most, uint32_t *ret) {
        *ret = find_unused(rings, programs, same_user, uid, PLATFORM_RINGS);
        if (*ret != RINGS_NONE)
                return 0;
        if (most > 0 && rings_of(rings, uid) >= most)
                return -EDQUOT;
        *ret = find_unused(rings, programs, same_part, uid, SWEEP_MOST);
        if (*ret == RINGS_NONE)
                *ret = free_entry(rings, uid);
        return *ret == RINGS_NONE ? -EXFULL : 0;
}

int rings_take(struct rings *rings, const struct programs *programs, uid_t uid, uint32_t most, uint32_t kind, uint32_t slot,
               uint32_t *ret) {
        uint32_t number;
        int r = find_number(rings, programs, uid, most, &number);

        if (r < 0)
                return r;
        r = create_ring(&rings->entries[number], programs, number, kind);
        if (r == -ENOMEM || r == -ENOSPC) {
                free_unused(rings, programs, uid);
                r = create_ring(&rings->entries[number], programs, number, kind);
        }
        if (r < 0)
                return r;
        rings->entries[number].uid = uid;
        rings->entries[number].slot = slot;
        rings->n = MAX(rings->n, number + 1);
        *ret = number;
        return 0;
}

/* Closes the descriptor. The ring stays in the map of rings. */
void rings_give_back(struct rings *rings, uint32_t number) {
        struct ring_entry *entry = &rings->entries[number];

        entry->fd = close_fd(entry->fd);
        entry->state = RING_KEPT;
}

void rings_done(struct rings *rings) {
        for (uint32_t i = 0; i < rings->n; i++)
                if (rings->entries[i].state == RING_OPEN)
                        rings_give_back(rings, i);
        rings->n = 0;
}
