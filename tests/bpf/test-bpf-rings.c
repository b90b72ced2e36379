/* SPDX-License-Identifier: GPL-2.0-or-later */
/* bpf/rings: what clients keep after their sessions is bounded by what their user may have. */

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

/* Rings in this kernel, whoever keeps them; those of other services on this machine are there before and after. */
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

/* Unbinding and unmapping are over a moment later. */
#define UNTIL_ALIVE(n) UNTIL(rings_alive() <= (n))

enum keep { KEEP_DESCRIPTOR, KEEP_MAPPING, KEEP_BOUND, KEEP_PIN, KEEP_COUNT };

static const char *pin_folder; /* below a bpffs; NULL: none here */

static void keep(const struct client *c, enum keep how, int n) {
        char path[128];

        switch (how) {
        case KEEP_DESCRIPTOR:
                assert_true(dup(c->fds.ring_fd) >= 0);
                break;
        case KEEP_MAPPING:
                assert_true(mmap(NULL, c->page, PROT_READ, MAP_SHARED, c->fds.ring_fd, 0) != MAP_FAILED);
                break;
        case KEEP_BOUND:
                assert_int_equal(bpf_prog_bind_map(c->fds.kick_fd, c->fds.ring_fd, NULL), 0);
                break;
        case KEEP_PIN:
                (void) snprintf(path, sizeof(path), "%s/ring%d", pin_folder, n);
                assert_int_equal(bpf_obj_pin(c->fds.ring_fd, path), 0);
                break;
        case KEEP_COUNT:
                break;
        }
}

/* Opens and closes sessions, and keeps each one's ring. In a child: what it keeps ends with it. */
static void open_close_keep(uint32_t flags, enum keep how, int rounds, int *ret_opened, int *ret_alive) {
        int before = rings_alive();

        *ret_opened = 0;
        for (int i = 0; i < rounds; i++) {
                struct session_spec spec = spec_of_user((uint32_t) i % 8, NOBODY);
                struct client c;

                spec.flags = flags;
                c = (struct client){ .who = { spec.slot, spec.cookie } };
                if (t.engine->open(t.engine->userdata, &spec, &c.fds) < 0)
                        continue;
                map_ring(&c);
                keep(&c, how, i);
                close_client(&c);
                ++*ret_opened;
        }
        *ret_alive = rings_alive() - before;
}

static bool make_pin_folder(void) {
        static char path[64];

        (void) snprintf(path, sizeof(path), "/sys/fs/bpf/governord-test-%d", (int) getpid());
        pin_folder = mkdir(path, 0700) == 0 ? path : NULL;
        return pin_folder != NULL;
}

static void remove_pins(int n) {
        char path[128];

        for (int i = 0; i < n; i++) {
                (void) snprintf(path, sizeof(path), "%s/ring%d", pin_folder, i);
                (void) unlink(path);
        }
        (void) rmdir(pin_folder);
}

/* Whatever clients of a user keep, the kernel holds no more rings for them than the user may have sessions, and the user's next session is opened. */
static void test_kept_rings(void **state) {
        for (enum keep how = 0; how < KEEP_COUNT; how++) {
                int opened, alive;

                if (how == KEEP_PIN && !make_pin_folder())
                        continue;
                open_close_keep(0, how, 20, &opened, &alive);
                if (how == KEEP_PIN)
                        remove_pins(20);
                assert_int_equal(opened, 20);
                assert_true(alive <= QUOTA);
                check_witness();
        }
}

/* A BPF_MAP_TYPE_USER_RINGBUF is not used again: so its user, and no other, has to let the kept ones go first. */
static void test_kept_user_rings(void **state) {
        const struct session_spec others = spec_of_user(20, NOBODY - 1), roots = spec_of_user(21, 0);
        int opened, alive;
        struct client c;

        open_close_keep(SESSION_USER_RINGBUF, KEEP_BOUND, 20, &opened, &alive);
        assert_int_equal(opened, QUOTA);
        assert_true(alive <= QUOTA);
        open_with(&c, &others);
        close_client(&c);
        open_with(&c, &roots);
        close_client(&c);
        check_witness();
        assert_int_equal(t.engine->load(t.engine->userdata, "inverse", t.reason, sizeof(t.reason)), 0); /* the former kick goes */
        assert_int_equal(t.engine->load(t.engine->userdata, "echo", t.reason, sizeof(t.reason)), 0);
}

/* Let go, they are free again. */
static void test_released_user_rings(void **state) {
        int before = rings_alive();

        for (int i = 0; i < 20; i++) {
                struct session_spec spec = spec_of_user(5, NOBODY);
                struct client c;

                spec.flags = SESSION_USER_RINGBUF;
                open_with(&c, &spec);
                close_client(&c);
        }
        assert_true(rings_alive() - before <= QUOTA);
}

/* A map that is frozen could not be mapped by the next session. */
static void test_freeze(void **state) {
        struct session_spec spec = spec_of_user(5, NOBODY);
        struct client c = {};

        for (int i = 0; i < 2 * QUOTA; i++) {
                c.who = (struct governord_kick){ spec.slot, spec.cookie };
                assert_int_equal(t.engine->open(t.engine->userdata, &spec, &c.fds), 0);
                assert_true(bpf_map_freeze(c.fds.ring_fd) < 0); /* before anything of it is mapped here */
                map_ring(&c);
                close_client(&c);
        }
}

/* A former client still writes into the ring that another session has now: that one is spoilt at most, and opened again. */
static void test_former_client(void **state) {
        const struct session_spec spec = spec_of_user(5, NOBODY), next = spec_of_user(6, NOBODY);
        struct client former[QUOTA], c;

        for (uint32_t i = 0; i < QUOTA; i++) {
                struct session_spec one = spec_of_user(i, NOBODY);

                open_with(&former[i], &one);
                report(&former[i], 500);
                assert_int_equal(kick(&former[i]), 0);
                t.engine->close(t.engine->userdata, i);
        }
        open_with(&c, &spec);
        report(&c, 32);
        assert_int_equal(kick(&c), 0);
        assert_int_equal(look(5).samples, 1);
        assert_int_equal(look(5).level, 32);
        for (uint32_t i = 0; i < QUOTA; i++) {
                __atomic_store_n(producer(&former[i]), UINT64_C(1) << 40, __ATOMIC_RELEASE);
                leave(&former[i]);
        }
        t.n_broken = 0;
        (void) kick(&c);
        UNTIL(t.n_broken == 1);
        leave(&c);
        open_with(&c, &next);
        report(&c, 64);
        assert_int_equal(kick(&c), 0);
        assert_int_equal(look(6).level, 64);
        close_client(&c);
        check_witness();
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

/* No claim is left behind, and no descriptor but those of rings that wait for their user's next sessions. */
static void test_a_thousand_sessions(void **state) {
        struct session_spec spec;
        struct client c;
        int before = 0;

        for (uint32_t round = 0; round < 3; round++) {
                for (uint32_t i = 0; i < 1000; i++) {
                        spec = spec_of(i == OTHERS_SLOT ? 1001 : i);
                        spec.tgid = (pid_t) (1000000 + i); /* processes that are not there */
                        spec.user_most = 1001;
                        open_with(&c, &spec);
                        report(&c, 1000);
                        leave(&c);
                }
                check_witness();
                for (uint32_t i = 0; i < 1000; i++)
                        t.engine->close(t.engine->userdata, i == OTHERS_SLOT ? 1001 : i);
                check_witness();
                if (round == 0)
                        before = open_descriptors();
        }
        assert_int_equal(before, open_descriptors());
}

int main(int argc, char **argv) {
        const struct CMUnitTest tests[] = {
                HOSTILE(test_kept_rings), HOSTILE(test_kept_user_rings), HOSTILE(test_released_user_rings),
                HOSTILE(test_freeze),     HOSTILE(test_former_client),   HOSTILE(test_a_thousand_sessions),
        };
        int result;

        return can_run(argc, argv, &result) ? cmocka_run_group_tests(tests, NULL, NULL) : result;
}
