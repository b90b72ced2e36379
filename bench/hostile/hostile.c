/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Hostile clients and a victim. Measures how long the governor's program holds the lock of a run queue at the clients' context
 * switches, the cost of their sessions on a CPU on which they do not run, and the time to open and close a session. Needs root and
 * BPF, but no service. bench/README.md describes the output.
 */

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "bench/hostile/probe.h"
#include "bpf/bpf-engine.h"
#include "include/governord/ring.h"

#define UID        65534
#define PROCESSES  8
#define EACH       8 /* sessions of each process: 64 of one user, the default quota */
#define DISCARD    (UINT32_C(1) << 30)
#define VICTIM_CPU 0
#define OTHER_CPU  1
#define WAKES_MAX  100000

/* The contents with which attackers fill their rings. */
enum attack { NOTHING, RECORDS, DISCARDS, ATTACKS };

static const char *const attack_names[ATTACKS] = { "nothing", "records", "discards" };

/* Sent to an attacker through `go`: the descriptor of one of its rings. */
struct handed {
        int k, fd;
};

struct attacker {
        pid_t pid;
        int go[2];
        unsigned char *memory[EACH]; /* mapped rings, in the child */
};

static struct {
        sd_event *event;
        struct engine *engine;
        struct attacker attackers[PROCESSES];
        struct session_spec specs[PROCESSES * EACH];
        int rings[PROCESSES * EACH]; /* descriptors that were sent to attackers */
        int n;                       /* number of sessions */
        size_t page;
        volatile enum attack *attack; /* in memory shared with the children */
        uint64_t *times;
        int watched_fd;
        unsigned long reopened;
} b;

static _Noreturn void give_up(int r, const char *what) {
        (void) fprintf(stderr, "%s: %s\n", what, strerror(-r));
        exit(r == -EPERM ? 77 : 1);
}

static uint64_t now_ns(void) {
        struct timespec t;

        (void) clock_gettime(CLOCK_MONOTONIC, &t);
        return (uint64_t) t.tv_sec * 1000000000 + (uint64_t) t.tv_nsec;
}

static void pin(unsigned int cpu) {
        cpu_set_t set;

        CPU_ZERO(&set);
        CPU_SET(cpu, &set);
        (void) sched_setaffinity(0, sizeof(set), &set);
}

/* -- attackers -- */

static void fill(unsigned char *memory, enum attack attack) {
        uint32_t step = attack == DISCARDS ? 8 : sizeof(struct governord_record);

        for (uint32_t at = 0; at < GOVERNORD_RING_SIZE; at += step) {
                struct governord_record *record = (struct governord_record *) (void *) (memory + 2 * b.page + at);

                if (attack == RECORDS)
                        *record = (struct governord_record){
                                .length = sizeof(struct governord_sample),
                                .sample = { GOVERNORD_RECORD_LATENCY, 1 + at % 7 * 1000, 0, 0 },
                        };
                else
                        record->length = DISCARD;
        }
}

/* Keeps all rings full, in another thread than the one whose context switches are measured. */
static void *push(void *userdata) {
        const struct attacker *attacker = userdata;
        enum attack now = NOTHING;

        for (;;) {
                if (*b.attack != now) {
                        now = *b.attack;
                        for (int i = 0; now != NOTHING && i < EACH; i++)
                                fill(attacker->memory[i], now);
                }
                for (int i = 0; now != NOTHING && i < EACH; i++) {
                        uint64_t *consumer = (uint64_t *) (void *) attacker->memory[i],
                                 *producer = (uint64_t *) (void *) (attacker->memory[i] + b.page);

                        __atomic_store_n(producer, __atomic_load_n(consumer, __ATOMIC_ACQUIRE) + GOVERNORD_RING_SIZE,
                                         __ATOMIC_RELEASE);
                }
                if (now == NOTHING)
                        (void) usleep(1000);
                else
                        (void) sched_yield();
        }
        return NULL;
}

/* A session is opened for a process that already exists, so the attacker copies the ring's descriptor from the parent process. */
static void map_ring(struct attacker *attacker, int parent) {
        struct handed ring;
        unsigned char *memory, *former;
        int fd;

        if (read(attacker->go[0], &ring, sizeof(ring)) != sizeof(ring))
                return;
        fd = (int) syscall(SYS_pidfd_getfd, parent, ring.fd, 0);
        if (fd < 0) /* closed in the meantime; another one will be sent */
                return;
        memory = mmap(NULL, 2 * b.page + GOVERNORD_RING_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
        (void) close(fd);
        if (memory == MAP_FAILED)
                _exit(1);
        fill(memory, *b.attack);
        former = __atomic_exchange_n(&attacker->memory[ring.k], memory, __ATOMIC_SEQ_CST);
        if (!former)
                return;
        (void) mmap(former, 2 * b.page + GOVERNORD_RING_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1,
                    0); /* the other thread may still write to the old mapping */
}

static _Noreturn void attack(struct attacker *attacker) {
        const struct timespec moment = { .tv_nsec = 50000 };
        int parent = (int) syscall(SYS_pidfd_open, getppid(), 0);
        pthread_t thread;

        (void) prctl(PR_SET_PDEATHSIG, SIGKILL);
        (void) prctl(PR_SET_TIMERSLACK, 1);
        pin(OTHER_CPU);
        for (int k = 0; k < EACH; k++)
                map_ring(attacker, parent);
        (void) fcntl(attacker->go[0], F_SETFL, O_NONBLOCK);
        if (pthread_create(&thread, NULL, push, attacker) != 0)
                _exit(1);
        for (;;) {
                (void) nanosleep(&moment, NULL);
                map_ring(attacker, parent);
        }
}

static void start_attackers(void) {
        for (int i = 0; i < PROCESSES; i++) {
                struct attacker *attacker = &b.attackers[i];

                if (pipe(attacker->go) < 0)
                        give_up(-errno, "pipe");
                attacker->pid = fork();
                if (attacker->pid == 0)
                        attack(attacker);
        }
}

static void hand_on(int i, int fd) {
        const struct handed ring = { i % EACH, fd };

        b.rings[i] = fd;
        if (write(b.attackers[i / EACH].go[1], &ring, sizeof(ring)) != sizeof(ring))
                give_up(-errno, "write");
}

static void open_sessions(void) {
        for (int i = 0; i < PROCESSES; i++) {
                for (int k = 0; k < EACH; k++) {
                        struct session_descriptors descriptors = { -1, -1 };
                        struct session_spec *spec = &b.specs[b.n++];
                        int r;

                        *spec = (struct session_spec){
                                .slot = (uint32_t) b.n - 1,
                                .cookie = (uint32_t) b.n,
                                .tgid = b.attackers[i].pid,
                                .target_us = 1,
                                .permille = 999,
                                .window_us = 60000000,
                                .stale_us = 600000000,
                                .uid = UID,
                                .user_most = 2 * PROCESSES * EACH, /* including rings of ended sessions that are still mapped */
                        };
                        r = b.engine->open(b.engine->userdata, spec, &descriptors);
                        if (r < 0)
                                give_up(r, "cannot open a session");
                        (void) close(descriptors.kick_fd);
                        hand_on(b.n - 1, descriptors.ring_fd);
                }
                (void) bpf_map_update_elem(b.watched_fd, &(uint32_t){ (uint32_t) b.attackers[i].pid }, &(uint32_t){ 1 }, BPF_ANY);
        }
}

static void on_broken(uint32_t slot, const char *reason, void *userdata) {
        b.engine->close(b.engine->userdata, slot);
        b.reopened++;
}

/* Runs the event loop, and opens sessions again that were closed. */
static void turn_loop_until(uint64_t end_ns) {
        while (now_ns() < end_ns) {
                (void) sd_event_run(b.event, 1000);
                for (int i = 0; i < b.n; i++) {
                        struct session_descriptors fds = { -1, -1 };
                        struct session_counters counters;

                        if (b.engine->look(b.engine->userdata, b.specs[i].slot, &counters) >= 0)
                                continue;
                        b.specs[i].cookie += 1000;
                        if (b.engine->open(b.engine->userdata, &b.specs[i], &fds) < 0)
                                continue;
                        (void) close(fds.kick_fd);
                        (void) close(b.rings[i]);
                        hand_on(i, fds.ring_fd);
                }
        }
}

/* -- measurements -- */

static int by_value(const void *left, const void *right) {
        const uint32_t x = *(const uint32_t *) left, y = *(const uint32_t *) right;

        return x < y ? -1 : x > y;
}

/* Sleeps repeatedly for 200 us, with real-time priority if permitted, and prints by how much it woke up too late. */
static _Noreturn void be_victim(int seconds) {
        static uint32_t late_ns[WAKES_MAX];
        const struct sched_param first = { .sched_priority = 20 };
        const struct timespec pause = { .tv_nsec = 200000 };
        uint64_t end_ns = now_ns() + (uint64_t) seconds * 1000000000;
        size_t n = 0;

        pin(VICTIM_CPU);
        (void) prctl(PR_SET_TIMERSLACK, 1);
        (void) sched_setscheduler(0, SCHED_FIFO, &first);
        while (n < WAKES_MAX && now_ns() < end_ns) {
                uint64_t begin_ns = now_ns();

                (void) nanosleep(&pause, NULL);
                late_ns[n++] = (uint32_t) (now_ns() - begin_ns - 200000);
        }
        qsort(late_ns, n, sizeof(*late_ns), by_value);
        (void) printf("%9.1f %9.1f", late_ns[n / 2] / 1e3, late_ns[n * 99 / 100] / 1e3);
        (void) fflush(stdout);
        _exit(0);
}

static uint64_t softirq_jiffies(void) {
        FILE *file = fopen("/proc/stat", "re");
        unsigned long long value = 0;
        char line[256];

        while (file && fgets(line, sizeof(line), file))
                if (sscanf(line, "cpu0 %*u %*u %*u %*u %*u %*u %llu", &value) == 1)
                        break;
        if (file)
                (void) fclose(file);
        return value;
}

static double percentile_us(const uint64_t *times, uint64_t permille, uint64_t *ret_n) {
        uint64_t n = 0, seen = 0;
        uint32_t i = 0;

        for (uint32_t k = 0; k < PROBE_BUCKETS; k++)
                n += times[k];
        while (i < PROBE_BUCKETS && (seen += times[i]) * 1000 < n * permille)
                i++;
        *ret_n = n;
        return (i + 1) * (double) PROBE_STEP_NS / 1e3;
}

static void measure(enum attack attack, int seconds) {
        const struct platform_most *most = &bpf_engine_programs(b.engine)->shared->most;
        uint64_t before, n, end_ns = now_ns() + (uint64_t) seconds * 1000000000;
        double p50, p99, p999;
        pid_t victim;

        *b.attack = attack;
        turn_loop_until(now_ns() + 300000000);
        memset(b.times, 0, PROBE_BUCKETS * sizeof(*b.times));
        before = softirq_jiffies();
        (void) printf("%-9s", attack_names[attack]);
        (void) fflush(stdout);
        victim = fork();
        if (victim == 0)
                be_victim(seconds);
        turn_loop_until(end_ns);
        (void) waitpid(victim, NULL, 0);
        p50 = percentile_us(b.times, 500, &n);
        p99 = percentile_us(b.times, 990, &n);
        p999 = percentile_us(b.times, 999, &n);
        (void) printf(" %8llu %9llu %7.1f %7.1f %7.1f %7u %7u\n", (unsigned long long) (softirq_jiffies() - before),
                      (unsigned long long) n, p50, p99, p999, most->switch_records, most->tick_records);
}

static double open_and_close_us(int n) {
        struct session_spec spec = b.specs[0];
        uint64_t begin_ns = now_ns();

        spec.slot = PROCESSES * EACH;
        spec.uid = UID + 1;
        spec.tgid = getpid();
        for (int i = 0; i < n; i++) {
                struct session_descriptors fds = { -1, -1 };
                int r = b.engine->open(b.engine->userdata, &spec, &fds);

                if (r < 0)
                        give_up(r, "cannot open a session");
                (void) close(fds.ring_fd);
                (void) close(fds.kick_fd);
                b.engine->close(b.engine->userdata, spec.slot);
        }
        return (double) (now_ns() - begin_ns) / n / 1e3;
}

/* -- setting up -- */

static void attach(struct bpf_object *probe, const char *name) {
        if (!bpf_program__attach(bpf_object__find_program_by_name(probe, name)))
                give_up(-errno, name);
}

static struct bpf_object *load_probe(const char *path) {
        struct bpf_object *probe = bpf_object__open(path);
        int fd;

        if (!probe || bpf_object__load(probe) < 0)
                give_up(-errno, path);
        fd = bpf_object__find_map_fd_by_name(probe, "times");
        b.watched_fd = bpf_object__find_map_fd_by_name(probe, "watched");
        b.times = mmap(NULL, PROBE_BUCKETS * sizeof(*b.times), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
        if (b.times == MAP_FAILED)
                give_up(-errno, "cannot map the counters of the probe");
        return probe;
}

static void ignore_demands(const struct cpu_demand *demands, size_t n, void *userdata) {
}

static void make_engine(const char *directory) {
        const struct bpf_engine_options options = { .dirs = { .vendor = directory, .trust_any_owner = true },
                                                    .platform = "any",
                                                    .governor = "slack" };
        char reason[256] = "";
        int r = sd_event_new(&b.event);

        if (r >= 0)
                r = bpf_engine_new(b.event, &options, &b.engine, reason, sizeof(reason));
        if (r < 0)
                give_up(r, reason);
        b.engine->listen(b.engine->userdata, &(struct engine_listener){ ignore_demands, on_broken, NULL, NULL });
}

int main(int argc, char **argv) {
        int seconds = argc > 3 ? atoi(argv[3]) : 4;
        struct bpf_object *probe;

        if (argc < 3 || seconds < 1)
                return fprintf(stderr, "usage: hostile GOVERNORS PROBE [SECONDS]\n"), 2;
        b.page = (size_t) sysconf(_SC_PAGESIZE);
        b.attack = mmap(NULL, b.page, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        probe = load_probe(argv[2]);
        make_engine(argv[1]);
        start_attackers();
        attach(probe, "begin");
        open_sessions();
        attach(probe, "end");
        (void) printf("%d sessions of one user on CPU %d, a victim on CPU %d, %d s per row\n", PROCESSES * EACH, OTHER_CPU,
                      VICTIM_CPU, seconds);
        (void) printf("rings of    victim wakes up late  softirq switches     run at a switch, us   most records at\n"
                      "            p50 us    p99 us  jiffies              p50     p99   p99.9  switch    tick\n");
        for (int round = 0; round < 2; round++)
                for (enum attack attack = NOTHING; attack < ATTACKS; attack++)
                        measure(attack, seconds);
        *b.attack = NOTHING;
        turn_loop_until(now_ns() + 300000000);
        (void) printf("sessions that were closed and opened again: %lu; time to open and close one: %.0f us\n", b.reopened,
                      open_and_close_us(100));
        for (int i = 0; i < PROCESSES; i++)
                (void) kill(b.attackers[i].pid, SIGKILL);
        b.engine->free(b.engine);
        return 0;
}
