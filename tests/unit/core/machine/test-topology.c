/* SPDX-License-Identifier: GPL-2.0-or-later */
/* core/machine/topology: CPUs, packages and policies from files that may be wrong, and which domains share a CPU. */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/cleanup.h"
#include "core/machine/topology.h"
#include "tests/unit/fake-driver.h"
#include "tests/unit/small-root.h"

#define CPU_DIR "sys/devices/system/cpu/"

static struct small_root root;

static int set_up(void **state) {
        small_root_make(&root);
        return 0;
}

static int tear_down(void **state) {
        small_root_remove(&root);
        return 0;
}

static void build(struct topology *topology, struct fake *fake) {
        struct plugin *plugins[] = { fake ? &fake->plugin : NULL };

        *topology = (struct topology){};
        assert_int_equal(topology_build(topology, root.host.root_fd, plugins, fake ? 1 : 0), 0);
}

static void write_package(uint32_t cpu, const char *package) {
        char path[96];

        (void) snprintf(path, sizeof(path), CPU_DIR "cpu%u/topology/physical_package_id", cpu);
        small_root_write(&root, path, package);
}

static void test_two_packages(void **state) {
        struct fake *fake = fake_new("fake");
        struct topology t;

        fake->n_cpus = 6;
        small_root_write(&root, CPU_DIR "possible", "0-7\n");
        small_root_write(&root, CPU_DIR "online", "0-3,5\n");
        for (uint32_t i = 0; i < 6; i++)
                write_package(i, i % 2 ? "1\n" : "0\n");
        small_root_write(&root, "proc/cpuinfo", "processor\t: 0\nmodel name\t: A CPU @ 2.40GHz\nflags\t: x\n");
        build(&t, fake);
        assert_int_equal(t.n_cpus, 8);
        assert_int_equal(t.n_packages, 2);
        assert_int_equal(t.packages[1], 1);
        assert_string_equal(t.model, "A CPU @ 2.40GHz");
        assert_true(topology_cpu(&t, 5)->online);
        assert_false(topology_cpu(&t, 4)->online);
        assert_int_equal(topology_cpu(&t, 4)->facts.policy, UINT32_MAX); /* drivers are not asked about offline CPUs */
        assert_int_equal(topology_cpu(&t, 5)->facts.policy, 5);
        assert_null(topology_cpu(&t, 8));
        assert_null(topology_cpu(&t, UINT32_MAX));
        assert_int_equal(t.n_policies, 6);
        assert_null(topology_first_cpu(&t, GOV_SCOPE_POLICY, 4));
        assert_int_equal(topology_first_cpu(&t, GOV_SCOPE_POLICY, 3)->number, 3);
        assert_int_equal(topology_first_cpu(&t, GOV_SCOPE_PACKAGE, 1)->number, 1);
        assert_null(topology_first_cpu(&t, GOV_SCOPE_PACKAGE, 2));
        assert_int_equal(topology_first_cpu(&t, GOV_SCOPE_NODE, 0)->number, 0);
        assert_null(topology_first_cpu(&t, GOV_SCOPE_DEVICE, 0));
        assert_true(topology_covers(&t, GOV_SCOPE_PACKAGE, 1, GOV_SCOPE_CPU, 3));
        assert_false(topology_covers(&t, GOV_SCOPE_PACKAGE, 1, GOV_SCOPE_CPU, 2));
        topology_done(&t);
        fake_free(fake);
}

static void test_empty_machine(void **state) {
        struct topology t;

        build(&t, NULL);
        assert_int_equal(t.n_cpus, 0);
        assert_int_equal(t.n_packages, 0);
        assert_string_equal(t.model, "");
        assert_null(topology_first_cpu(&t, GOV_SCOPE_NODE, 0));
        assert_null(topology_first_cpu(&t, GOV_SCOPE_PACKAGE, 0));
        assert_true(topology_covers(&t, GOV_SCOPE_NODE, 0, GOV_SCOPE_CPU, 7));
        assert_false(topology_covers(&t, GOV_SCOPE_PACKAGE, 0, GOV_SCOPE_CPU, 7));
        topology_done(&t);
}

static void test_files_that_lie(void **state) {
        static const char *const lists[] = { "0-4294967295\n", "65536\n",  "3,1,2\n", "1-\n", "x\n",
                                             "5-3\n",          "0-3,,5\n", "0,0,0\n", "-1\n" };

        for (size_t i = 0; i < ARRAY_SIZE(lists); i++) {
                struct fake *fake = fake_new("fake");
                struct topology t;

                fake->n_cpus = 2;
                small_root_write(&root, CPU_DIR "possible", lists[i]);
                small_root_write(&root, CPU_DIR "online", "0-70000\n");
                write_package(0, "-1\n");
                write_package(1, "99999999\n");
                build(&t, fake);
                for (uint32_t n = 0; n < 8; n++)
                        assert_true(!topology_cpu(&t, n) || topology_cpu(&t, n)->number == n);
                for (uint32_t c = 0; c < t.n_cpus; c++)
                        assert_int_equal(t.cpus[c].package, t.cpus[c].online ? 0 : UINT32_MAX);
                topology_done(&t);
                fake_free(fake);
        }
}

/* A virtual machine with 240 possible CPUs, of which 3 are present and one of these is offline. Its only package has the number
 * 2. */
static void test_only_cpus_that_are_there(void **state) {
        struct fake *fake = fake_new("fake");
        struct topology t;

        fake->n_cpus = 3;
        small_root_write(&root, CPU_DIR "possible", "0-239\n");
        small_root_write(&root, CPU_DIR "present", "0-2\n");
        small_root_write(&root, CPU_DIR "online", "0-1\n");
        write_package(0, "2\n");
        write_package(1, "2\n");
        build(&t, fake);
        assert_int_equal(t.n_cpus, 3);
        assert_null(topology_cpu(&t, 3));
        assert_int_equal(t.n_packages, 1);
        assert_int_equal(t.packages[0], 2);
        assert_int_equal(topology_cpu(&t, 2)->package, UINT32_MAX);
        assert_false(topology_covers(&t, GOV_SCOPE_PACKAGE, 2, GOV_SCOPE_CPU, 2));
        topology_done(&t);
        fake_free(fake);
}

/* The kernel cuts a list off at the end of a page, here after the 1 of a longer number. The CPUs' own files are used then. */
static void test_list_cut_by_the_kernel(void **state) {
        static char list[8192];
        struct fake *fake = fake_new("fake");
        struct topology t;
        size_t n = 0;

        fake->n_cpus = 2048;
        for (int i = 0; n < 4095; i += 2)
                n += (size_t) snprintf(list + n, sizeof(list) - n, "%s%d", i ? "," : "", i);
        list[4095] = '\0';
        small_root_write(&root, CPU_DIR "possible", "0-2047\n");
        small_root_write(&root, CPU_DIR "online", list);
        for (uint32_t i = 0; i < 2048; i++) {
                char path[64];

                (void) snprintf(path, sizeof(path), CPU_DIR "cpu%u/%s", i, i == 0 ? "uevent" : "online"); /* CPU 0 has none */
                small_root_write(&root, path, i % 2 ? "0\n" : "1\n");
        }
        for (int cut = 0; cut < 2; cut++) { /* in the second round, "present" is cut off, too */
                uint32_t online = 0;

                if (cut)
                        small_root_write(&root, CPU_DIR "present", list);
                build(&t, fake);
                assert_int_equal(t.n_cpus, 2048);
                for (uint32_t i = 0; i < t.n_cpus; i++)
                        online += t.cpus[i].online;
                assert_int_equal(online, 1024);
                assert_true(topology_cpu(&t, 2046)->online && topology_cpu(&t, 0)->online);
                topology_done(&t);
        }
        fake_free(fake);
}

static void test_facts_that_lie(void **state) {
        struct fake *fake = fake_new("fake");
        struct topology t;

        fake->n_cpus = 1;
        fake->cpu.capacity = 4096;
        small_root_write(&root, CPU_DIR "possible", "0\n");
        small_root_write(&root, CPU_DIR "online", "0\n");
        build(&t, fake);
        assert_int_equal(t.cpus[0].facts.capacity, 1024);
        topology_done(&t);
        fake->cpu.capacity = 0;
        build(&t, fake);
        assert_int_equal(t.cpus[0].facts.capacity, 1);
        topology_done(&t);
        fake_free(fake);
}

/* The facts of the first driver that knows a CPU are used; drivers without this function are skipped. */
static void test_first_driver_is_believed(void **state) {
        struct fake *a = fake_new("a"), *b = fake_new("b"), *c = fake_new("c");
        struct plugin *plugins[] = { &a->plugin, &b->plugin, &c->plugin };
        struct topology t = {};

        a->driver.cpu = NULL;
        b->n_cpus = c->n_cpus = 2;
        b->n_cpus = 1;
        b->cpu.kind = GOV_CPU_PERFORMANCE;
        c->cpu.kind = GOV_CPU_EFFICIENCY;
        small_root_write(&root, CPU_DIR "possible", "0-1\n");
        small_root_write(&root, CPU_DIR "online", "0-1\n");
        assert_int_equal(topology_build(&t, root.host.root_fd, plugins, 3), 0);
        assert_int_equal(t.cpus[0].facts.kind, GOV_CPU_PERFORMANCE);
        assert_int_equal(t.cpus[1].facts.kind, GOV_CPU_EFFICIENCY);
        topology_done(&t);
        fake_free(a);
        fake_free(b);
        fake_free(c);
}

/* Four CPUs, two in each policy and two in each package, so that policy 2 is in package 1. Domains are compared with sets of
 * CPUs. */
static int fours(void *state, uint32_t cpu, struct gov_cpu_facts *ret) {
        *ret = (struct gov_cpu_facts){ .policy = cpu / 2 * 2, .capacity = 1024 };
        return 0;
}

static unsigned int cpus_of(uint32_t scope, uint32_t domain) {
        switch (scope) {
        case GOV_SCOPE_NODE:
                return 0xf;
        case GOV_SCOPE_PACKAGE:
                return domain < 2 ? 3u << (2 * domain) : 0;
        case GOV_SCOPE_POLICY:
                return domain == 0 ? 3 : domain == 2 ? 12 : 0;
        default:
                return domain < 4 ? 1u << domain : 0;
        }
}

static void test_covers_is_a_common_cpu(void **state) {
        struct fake *fake = fake_new("fake");
        struct topology t;

        fake->driver.cpu = fours;
        small_root_write(&root, CPU_DIR "possible", "0-3\n");
        small_root_write(&root, CPU_DIR "online", "0-3\n");
        for (uint32_t i = 0; i < 4; i++)
                write_package(i, i < 2 ? "0\n" : "1\n");
        build(&t, fake);
        for (uint32_t sa = GOV_SCOPE_NODE; sa <= GOV_SCOPE_CPU; sa++)
                for (uint32_t sb = GOV_SCOPE_NODE; sb <= GOV_SCOPE_CPU; sb++)
                        for (uint32_t da = 0; da < 4; da++)
                                for (uint32_t db = 0; db < 4; db++) {
                                        unsigned int a = cpus_of(sa, da), b = cpus_of(sb, db);

                                        if (!a || !b)
                                                continue;
                                        assert_int_equal(topology_covers(&t, sa, da, sb, db), (a & b) != 0);
                                        assert_int_equal(topology_covers(&t, sa, da, sb, db), topology_covers(&t, sb, db, sa, da));
                                }
        topology_done(&t);
        fake_free(fake);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void) {
        const struct CMUnitTest tests[] = {
                TEST(test_two_packages),
                TEST(test_empty_machine),
                TEST(test_files_that_lie),
                TEST(test_only_cpus_that_are_there),
                TEST(test_list_cut_by_the_kernel),
                TEST(test_facts_that_lie),
                TEST(test_first_driver_is_believed),
                TEST(test_covers_is_a_common_cpu),
        };

        return cmocka_run_group_tests_name("topology", tests, NULL, NULL);
}
