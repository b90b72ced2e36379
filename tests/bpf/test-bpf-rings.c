/* SPDX-License-Identifier: GPL-2.0-or-later */
/* bpf/rings: the number of rings that clients keep after the end of their sessions is bounded by the quota of their user. */

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <bpf/bpf.h>
#include <sys/stat.h>

#include "tests/bpf/witness.h"

#define NOBODY 65534
#define QUOTA  3

static struct session_spec spec_of_user(uint32_t slot, uid_t uid) {
        struct session_spec spec = spec_of(slot);

        spec.uid = uid;
        spec.user_most = uid == 0 ? 0 : QUOTA;
        return spec;
}

/* The number of all rings in the running kernel, including those of other instances of the service, which do not change during a
 * test. */
static int rings_alive(void) {
        uint32_t id = 0;
        int n = 0;

        while (bpf_map_get_next_id(id, &id) == 0) {
                struct bpf_map_info info = {};
                uint32_t size = sizeof(info);
                int fd = bpf_map_get_fd_by_id(id);

                if (fd < 0)
                        continue;
                if (bpf_obj_get_info_by_fd(fd, &info, &size) == 0 && strcmp(info.name, "governord_ring") == 0)
                        n++;
                (void) close(fd);
        }
        return n;
}

enum keep { KEEP_DESCRIPTOR, KEEP_MAPPING, KEEP_PIN, KEEP_BOUND, KEEP_COUNT };

#define ROUNDS 20

struct kept {
        enum keep how;
        uid_t uid;
        int n, fds[ROUNDS];
        void *memory[ROUNDS];
        size_t page;
};

static const char *pin_folder; /* below a bpffs; NULL if there is none */

static const char *pin_path(int n) {
        static char path[128];

        (void) snprintf(path, sizeof(path), "%s/ring%d", pin_folder, n);
        return path;
}

static void keep(const struct client *c, struct kept *kept) {
        int n = kept->n++;

        switch (kept->how) {
        case KEEP_DESCRIPTOR:
                kept->fds[n] = dup(c->fds.ring_fd);
                assert_true(kept->fds[n] >= 0);
                break;
        case KEEP_MAPPING:
                kept->page = c->page;
                kept->memory[n] = mmap(NULL, c->page, PROT_READ, MAP_SHARED, c->fds.ring_fd, 0);
                assert_true(kept->memory[n] != MAP_FAILED);
                break;
        case KEEP_BOUND:
                assert_int_equal(bpf_prog_bind_map(c->fds.kick_fd, c->fds.ring_fd, NULL), 0);
                break;
        case KEEP_PIN:
                assert_int_equal(bpf_obj_pin(c->fds.ring_fd, pin_path(n)), 0);
                break;
        case KEEP_COUNT:
                break;
        }
}

static void let_go(struct kept *kept) {
        for (int i = 0; i < kept->n; i++) {
                if (kept->how == KEEP_DESCRIPTOR)
                        (void) close(kept->fds[i]);
                if (kept->how == KEEP_MAPPING)
                        (void) munmap(kept->memory[i], kept->page);
                if (kept->how == KEEP_PIN)
                        (void) unlink(pin_path(i));
        }
        if (kept->how == KEEP_PIN)
                (void) rmdir(pin_folder);
        kept->n = 0;
}

static int try_open(struct client *c, const struct session_spec *spec) {
        int r;

        *c = (struct client){ .who = { spec->slot, spec->cookie } };
        r = t.engine->open(t.engine->userdata, spec, &c->fds);
        if (r >= 0)
                map_ring(c);
        return r;
}

/* Opens and closes sessions of one user, and keeps each one's ring. Returns how many were opened. */
static int open_close_keep(uint32_t flags, struct kept *kept) {
        int opened = 0;

        for (int i = 0; i < ROUNDS; i++) {
                struct session_spec spec = spec_of_user((uint32_t) i % 8, kept->uid);
                struct client c;
                int r;

                spec.flags = flags;
                r = try_open(&c, &spec);
                assert_true(r >= 0 || r == -EDQUOT);
                if (r < 0)
                        continue;
                keep(&c, kept);
                close_client(&c);
                opened++;
        }
        return opened;
}

static bool make_pin_folder(void) {
        static char path[64];

        (void) snprintf(path, sizeof(path), "/sys/fs/bpf/governord-test-%d", (int) getpid());
        pin_folder = mkdir(path, 0700) == 0 ? path : NULL;
        return pin_folder != NULL;
}

static void open_and_close(const struct session_spec *spec) {
        struct client c;

        open_with(&c, spec);
        close_client(&c);
}

/* However clients of a user keep rings, the kernel holds no more rings of this user than the user may have sessions. Meanwhile
 * other users can open sessions; the user itself can do so again when the rings have been released. */
static void keep_rings(uint32_t flags, enum keep how) {
        struct kept kept = { .how = how, .uid = NOBODY - 10 - how };
        struct session_spec mine = spec_of_user(5, kept.uid);
        const struct session_spec others = spec_of_user(20, NOBODY - 1), roots = spec_of_user(21, 0);
        int before = rings_alive();

        mine.flags = flags;
        if (how == KEEP_PIN && !make_pin_folder()) {
                print_message("no bpffs at /sys/fs/bpf: pinned rings are not tried\n");
                return;
        }
        assert_int_equal(open_close_keep(flags, &kept), QUOTA);
        assert_true(rings_alive() - before <= QUOTA);
        open_and_close(&others);
        open_and_close(&roots);
        check_witness();
        if (how == KEEP_BOUND) /* such rings are not released while a client has the kick to which they are bound */
                return;
        let_go(&kept);
        for (int i = 0; i < 2 * QUOTA; i++)
                open_and_close(&mine);
        assert_true(rings_alive() - before <= QUOTA + 2);
        check_witness();
}

static void test_kept_rings(void **state) {
        for (enum keep how = 0; how < KEEP_COUNT; how++)
                keep_rings(0, how);
}

static void test_kept_user_rings(void **state) {
        for (enum keep how = 0; how < KEEP_COUNT; how++)
                keep_rings(SESSION_USER_RINGBUF, how);
}

static bool may_open(const struct session_spec *spec) {
        struct client c;
        int r = try_open(&c, spec);

        assert_true(r >= 0 || r == -EDQUOT);
        if (r >= 0)
                close_client(&c);
        return r >= 0;
}

/* Rings that were bound to a kick are released together with it: after a governor was loaded (possibly the same one again) and
 * after the last client with the former kick has closed it. One of the two conditions alone is not enough. */
static void test_bound_rings_go_with_the_kick(void **state) {
        struct kept kept = { .how = KEEP_BOUND, .uid = NOBODY - 20 };
        const struct session_spec mine = spec_of_user(5, kept.uid);
        char reason[256];

        assert_int_equal(open_close_keep(0, &kept), QUOTA);
        assert_false(may_open(&mine));
        assert_int_equal(bpf_engine_replace(t.engine, "echo", reason, sizeof(reason)), 0);
        assert_false(may_open(&mine)); /* the witness has the former kick */
        close_client(&witness);
        UNTIL(may_open(&mine)); /* the kernel frees a program some time after its last reference */
        open_slot(&witness, OTHERS_SLOT);
        check_witness();
}

/* A user with a large quota: released rings are found, even if many rings that are kept precede them. */
static void test_many_kept(void **state) {
        enum { MANY = 200, HELD = 100 };
        struct session_spec spec = spec_of_user(5, NOBODY);
        int held[HELD];
        struct client c;

        spec.user_most = MANY;
        for (int i = 0; i < MANY; i++) {
                open_with(&c, &spec);
                if (i < HELD)
                        held[i] = dup(c.fds.ring_fd);
                close_client(&c);
        }
        spec.user_most = HELD + 1;
        for (int i = 0; i < 2 * HELD; i++)
                open_and_close(&spec);
        for (int i = 0; i < HELD; i++)
                (void) close(held[i]);
}

/* A ring that its client has frozen cannot be mapped any more, which affects no other session. */
static void test_freeze(void **state) {
        struct session_spec spec = spec_of_user(5, NOBODY);
        struct client c = {};

        for (int i = 0; i < 2 * QUOTA; i++) {
                c.who = (struct governord_kick){ spec.slot, spec.cookie };
                assert_int_equal(t.engine->open(t.engine->userdata, &spec, &c.fds), 0);
                (void) bpf_map_freeze(c.fds.ring_fd); /* before this process has mapped the ring */
                t.engine->close(t.engine->userdata, spec.slot);
                (void) close(c.fds.ring_fd);
                (void) close(c.fds.kick_fd);
                open_with(&c, &spec);
                report(&c, 32);
                assert_int_equal(kick(&c), 0);
                assert_int_equal(look(5).level, 32);
                close_client(&c);
        }
}

/* Returns true if any record in the ring has this latency. */
static bool shows(const struct client *c, uint32_t latency_us) {
        for (uint32_t at = 0; at < GOVERNORD_RING_SIZE; at += RECORD)
                if (record_at(c, at)->sample.latency_us == latency_us)
                        return true;
        return false;
}

/* Former clients of this user, or of root, that keep a mapping of their ring neither see the reports of the next session nor can
 * change its records. */
static void former_clients_of(uid_t uid) {
        const struct session_spec spec = spec_of_user(5, uid);
        struct client former[QUOTA - 1], c;

        for (uint32_t i = 0; i < QUOTA - 1; i++) {
                struct session_spec one = spec_of_user(i, uid);

                open_with(&former[i], &one);
                report(&former[i], 500);
                assert_int_equal(kick(&former[i]), 0);
                t.engine->close(t.engine->userdata, i);
                former[i].fds.ring_fd = close_fd(former[i].fds.ring_fd);
        }
        t.n_broken = 0;
        open_with(&c, &spec);
        for (uint32_t i = 0; i < QUOTA - 1; i++)
                __atomic_store_n(producer(&former[i]), UINT64_C(1) << 40, __ATOMIC_RELEASE);
        report(&c, 77);
        assert_int_equal(kick(&c), 0);
        loop_drain(t.event);
        assert_int_equal(t.n_broken, 0);
        assert_int_equal(look(5).samples, 1);
        assert_int_equal(look(5).level, 77);
        for (uint32_t i = 0; i < QUOTA - 1; i++) {
                assert_false(shows(&former[i], 77));
                leave(&former[i]);
        }
        close_client(&c);
        check_witness();
}

static void test_former_client(void **state) {
        former_clients_of(NOBODY);
        former_clients_of(0);
}

static int open_descriptors(void) {
        DIR *folder = opendir("/proc/self/fd");
        int n = 0;

        assert_non_null(folder);
        while (readdir(folder))
                n++;
        (void) closedir(folder);
        return n;
}

/* Closed sessions leave no claims and no descriptors behind. */
static void test_a_thousand_sessions(void **state) {
        struct session_spec spec;
        struct client c;
        int before = open_descriptors();

        for (uint32_t round = 0; round < 3; round++) {
                for (uint32_t i = 0; i < 1000; i++) {
                        spec = spec_of(i == OTHERS_SLOT ? 1001 : i);
                        spec.tgid = (pid_t) (1000000 + i); /* processes that do not exist */
                        spec.user_most = 1001;
                        open_with(&c, &spec);
                        report(&c, 1000);
                        leave(&c);
                }
                check_witness();
                for (uint32_t i = 0; i < 1000; i++)
                        t.engine->close(t.engine->userdata, i == OTHERS_SLOT ? 1001 : i);
                check_witness();
        }
        assert_int_equal(before, open_descriptors());
}

int main(int argc, char **argv) {
        const struct CMUnitTest tests[] = {
                HOSTILE(test_kept_rings),          HOSTILE(test_kept_user_rings), HOSTILE(test_bound_rings_go_with_the_kick),
                HOSTILE(test_many_kept),           HOSTILE(test_freeze),          HOSTILE(test_former_client),
                HOSTILE(test_a_thousand_sessions),
        };
        int result;

        return can_run(argc, argv, &result) ? cmocka_run_group_tests(tests, NULL, NULL) : result;
}
