/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Makes, lends and frees the rings of sessions. The kernel keeps a ring while anything refers to it, and cannot be asked to take it back; so what was
 * lent is never forgotten before the kernel says that nothing but our own table refers to it. */

#include "bpf/rings.h"

#include <bpf/bpf.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>

#include "base/cleanup.h"

#define FOR_ROOT   1024 /* entries that other users cannot take */
#define SWEEP_MOST 64   /* rings looked at in one go: each is a system call */

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

/* The kernel alone writes the consumer's position of a BPF_MAP_TYPE_USER_RINGBUF, and nobody else's. */
static int map_positions(int fd, uint32_t kind, void **ret) {
        void *memory;

        *ret = NULL;
        if (kind != RING_KIND_ARRAY)
                return 0;
        memory = mmap(NULL, 2 * page_size(), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
        if (memory == MAP_FAILED)
                return -errno;
        *ret = memory;
        return 0;
}

static int create(struct ring_entry *entry, const struct programs *programs, uint32_t number, uint32_t kind) {
        _cleanup_close_ int fd = make_map(kind);
        void *positions;
        int r = fd < 0 ? fd : map_positions(fd, kind, &positions);

        if (r < 0)
                return r;
        if (bpf_map_update_elem(table_of(programs, kind), &number, &fd, BPF_ANY) < 0) {
                r = -errno;
                if (positions)
                        (void) munmap(positions, 2 * page_size());
                return r;
        }
        *entry = (struct ring_entry){ .kind = kind, .fd = TAKE_FD(fd), .positions = positions };
        return 0;
}

/* What is ours of it goes; what the table in the kernel refers to stays until nothing else does. */
static void let_go(struct ring_entry *entry) {
        if (entry->positions)
                (void) munmap(entry->positions, 2 * page_size());
        entry->positions = NULL;
        entry->fd = close_fd(entry->fd);
        entry->state = RING_KEPT;
}

static bool is_busy(const struct ring_entry *entry, const struct programs *programs) {
        return __atomic_load_n(&programs->sessions[entry->slot].busy, __ATOMIC_ACQUIRE) != 0;
}

static bool free_if_unused(struct ring_entry *entry, const struct programs *programs, uint32_t number) {
        struct platform_ring context = { .ring = number, .kind = entry->kind };

        if (is_busy(entry, programs)) /* kernels of before 2024 free an inner map while a program that may sleep still reads it */
                return false;
        if ((unsigned int) programs_run(programs->holders_fd, &context, sizeof(context)) > 1) /* or an error */
                return false;
        (void) bpf_map_delete_elem(table_of(programs, entry->kind), &number);
        *entry = (struct ring_entry){ .fd = -1 };
        return true;
}

static void sweep(struct rings *rings, const struct programs *programs, bool (*matches)(uid_t uid, uid_t of), uid_t of) {
        uint32_t looked = 0;

        for (uint32_t i = 0; i < rings->n && looked < SWEEP_MOST; i++)
                if (rings->entries[i].state == RING_KEPT && matches(rings->entries[i].uid, of)) {
                        (void) free_if_unused(&rings->entries[i], programs, i);
                        looked++;
                }
}

static bool any_user(uid_t uid, uid_t of) {
        return true;
}

static bool same_user(uid_t uid, uid_t of) {
        return uid == of;
}

/* Root's part of the table is of no use to others. */
static bool same_part(uid_t uid, uid_t of) {
        return uid != 0 || of == 0;
}

/* The one that has rested for the longest time, of those users; RINGS_NONE. */
static uint32_t longest_idle(const struct rings *rings, const struct programs *programs, bool (*matches)(uid_t uid, uid_t of),
                             uid_t of) {
        uint32_t best = RINGS_NONE;

        for (uint32_t i = 0; i < rings->n; i++) {
                const struct ring_entry *entry = &rings->entries[i];

                if (entry->state != RING_IDLE || !matches(entry->uid, of) || is_busy(entry, programs))
                        continue;
                if (best == RINGS_NONE || entry->since_ns < rings->entries[best].since_ns)
                        best = i;
        }
        return best;
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

/* Gives up the idle ring that has rested longest, and looks which of those that were given up are free. */
static void make_room(struct rings *rings, const struct programs *programs, uid_t uid) {
        uint32_t number = longest_idle(rings, programs, same_part, uid);

        if (number != RINGS_NONE) {
                let_go(&rings->entries[number]);
                (void) free_if_unused(&rings->entries[number], programs, number);
        }
        sweep(rings, programs, any_user, uid);
}

static int take_new(struct rings *rings, const struct programs *programs, uid_t uid, uint32_t kind, uint32_t *ret) {
        uint32_t number = free_entry(rings, uid);
        int r;

        if (number == RINGS_NONE) {
                make_room(rings, programs, uid);
                number = free_entry(rings, uid);
        }
        if (number == RINGS_NONE)
                return -EXFULL;
        r = create(&rings->entries[number], programs, number, kind);
        if (r == -EMFILE || r == -ENFILE || r == -ENOMEM || r == -ENOSPC) {
                make_room(rings, programs, uid);
                r = create(&rings->entries[number], programs, number, kind);
        }
        if (r < 0)
                return r;
        rings->n = MAX(rings->n, number + 1);
        *ret = number;
        return 0;
}

/* Whatever its former client still writes there, the session that gets it now begins at position 0. */
static void start_again(const struct ring_entry *entry) {
        uint64_t *consumer = entry->positions, *producer = (uint64_t *) (void *) ((char *) entry->positions + page_size());

        __atomic_store_n(producer, 0, __ATOMIC_SEQ_CST);
        __atomic_store_n(consumer, 0, __ATOMIC_SEQ_CST);
}

static int find(struct rings *rings, const struct programs *programs, uid_t uid, uint32_t most, uint32_t kind, uint32_t *ret) {
        uint32_t idle = longest_idle(rings, programs, same_user, uid);

        if (idle != RINGS_NONE && rings->entries[idle].kind == kind) {
                start_again(&rings->entries[idle]);
                *ret = idle;
                return 0;
        }
        if (most > 0 && rings_of(rings, uid) >= most) {
                if (idle != RINGS_NONE) /* of the other kind */
                        let_go(&rings->entries[idle]);
                sweep(rings, programs, same_user, uid);
        }
        if (most > 0 && rings_of(rings, uid) >= most)
                return -EDQUOT;
        return take_new(rings, programs, uid, kind, ret);
}

int rings_take(struct rings *rings, const struct programs *programs, uid_t uid, uint32_t most, uint32_t kind, uint32_t slot,
               uint32_t *ret) {
        uint32_t number;
        int r = find(rings, programs, uid, most, kind, &number);

        if (r < 0)
                return r;
        rings->entries[number].state = RING_OPEN;
        rings->entries[number].uid = uid;
        rings->entries[number].slot = slot;
        *ret = number;
        return 0;
}

void rings_give_back(struct rings *rings, const struct programs *programs, uint32_t number, uint64_t now_ns) {
        struct ring_entry *entry = &rings->entries[number];

        entry->since_ns = now_ns;
        if (entry->kind == RING_KIND_ARRAY) {
                entry->state = RING_IDLE;
                return;
        }
        let_go(entry); /* its consumer's position is the kernel's, and may be where no record begins */
        sweep(rings, programs, same_user, entry->uid);
}

void rings_done(struct rings *rings) {
        for (uint32_t i = 0; i < rings->n; i++)
                if (rings->entries[i].state == RING_OPEN || rings->entries[i].state == RING_IDLE)
                        let_go(&rings->entries[i]);
        rings->n = 0;
}
