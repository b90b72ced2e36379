/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Interprets the input as a series of calls from four clients of root and two users, and asserts that the connection stays open and
 * that no data of clients remains after they have left. The calls use every method and property of every interface in the vtables,
 * with arguments of correct and wrong types, long texts and descriptors. polkit allows, denies, fails, sends invalid replies or
 * none; clients leave. */

#undef NDEBUG
#include <assert.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/log.h"
#include "base/text.h"
#include "core/sessions/sessions.h"
#include "dbus/api/device-iface.h"
#include "dbus/api/manager-iface.h"
#include "dbus/api/names.h"
#include "dbus/api/session-iface.h"
#include "dbus/api/session-path.h"
#include "dbus/bus/allowance.h"
#include "dbus/bus/bus.h"
#include "dbus/bus/caller.h"
#include "dbus/bus/marshal.h"
#include "dbus/bus/owners.h"
#include "dbus/bus/polkit.h"
#include "dbus/ppd/ppd.h"
#include "dbus/service.h"
#include "tests/fuzz/fuzz.h"
#include "tests/lib/fixture.h"
#include "tests/unit/fake-engine.h"

#define CALLS_MAX 24
#define ARRAY_MAX 20
#define DEPTH_MAX 4

/* -- the input -- */

static struct {
        const uint8_t *data;
        size_t size;
} input;

static unsigned next(unsigned n) {
        unsigned byte;

        if (input.size == 0)
                return 0;
        byte = *input.data;
        input.data++;
        input.size--;
        return byte % n;
}

static uint64_t number(void) {
        static const uint64_t special[] = { 0, 1, 2, 512, 950, 1024, 5000, 100000, UINT32_MAX, INT32_MAX, UINT64_MAX, INT64_MAX };
        uint64_t value = 0;

        if (next(4) != 0)
                return special[next(ARRAY_SIZE(special))];
        for (int i = 0; i < 8; i++)
                value = value << 8 | next(256);
        return value;
}

/* -- clients and their users, in place of the bus; replaces dbus/bus/caller.c -- */

static const struct {
        const char *name;
        uid_t uid;
} clients[] = { { ":1.0", 0 }, { ":1.1", 1000 }, { ":1.2", 1000 }, { ":1.3", 1001 } };

int callers_start(struct bus *bus) {
        bus->callers = calloc(1, sizeof(*bus->callers));
        assert(bus->callers);
        bus->callers->self = getpid();
        return 0;
}

void callers_stop(struct bus *bus) {
        free(bus->callers);
        bus->callers = NULL;
}

int caller_uid(struct bus *bus, sd_bus_message *call, uid_t *ret) {
        for (size_t i = 0; i < ARRAY_SIZE(clients); i++)
                if (text_equal(sd_bus_message_get_sender(call), clients[i].name)) {
                        *ret = clients[i].uid;
                        return 0;
                }
        return -ENXIO;
}

int caller_get(struct bus *bus, sd_bus_message *call, struct caller *ret) {
        *ret = (struct caller){ .uid = (uid_t) -1, .pid = getpid(), .who = "fuzz" };
        return caller_uid(bus, call, &ret->uid);
}

bool caller_is_root(struct bus *bus, sd_bus_message *call) {
        uid_t uid;

        return caller_uid(bus, call, &uid) >= 0 && uid == 0;
}

int caller_pidfd(const struct caller *caller) {
        return (int) syscall(SYS_pidfd_open, caller->pid, 0U);
}

int caller_unknown(sd_bus_error *error) {
        return sd_bus_error_set(error, SD_BUS_ERROR_LIMITS_EXCEEDED, "unknown");
}

bool descriptors_are_left(void) {
        return next(16) != 1;
}

/* -- the service, and a peer connection in place of the bus -- */

static struct {
        sd_event *event;
        struct manager *manager;
        struct sessions *sessions;
        struct fake_engine engine;
        struct bus *bus;
        sd_bus *peer;
        uint32_t cookie; /* of the newest session */
        char folder[64];
} t;

enum { POLKIT_ALLOWS, POLKIT_REFUSES, POLKIT_FAILS, POLKIT_IS_FULL, POLKIT_BABBLES, POLKIT_HANGS, POLKIT_WAYS };
static unsigned polkit_way;

static int answer_polkit(sd_bus_message *question) {
        switch (polkit_way) {
        case POLKIT_ALLOWS:
        case POLKIT_REFUSES:
                return sd_bus_reply_method_return(question, "(bba{ss})", polkit_way == POLKIT_ALLOWS, 0, 0);
        case POLKIT_FAILS:
                return sd_bus_reply_method_errorf(question, SD_BUS_ERROR_FAILED, "no");
        case POLKIT_IS_FULL:
                return sd_bus_reply_method_errorf(question, SD_BUS_ERROR_LIMITS_EXCEEDED, "full");
        case POLKIT_BABBLES:
                return sd_bus_reply_method_return(question, "s", "yes");
        default:
                return 0;
        }
}

static int on_message(sd_bus_message *message, void *userdata, sd_bus_error *error) {
        const char *path;

        if (sd_bus_message_is_method_call(message, NULL, "CheckAuthorization") > 0)
                (void) answer_polkit(message);
        else if (sd_bus_message_is_method_call(message, NULL, NULL) > 0)
                (void) sd_bus_reply_method_errorf(message, SD_BUS_ERROR_NAME_HAS_NO_OWNER, "no owner");
        else if (sd_bus_message_is_signal(message, NULL, "InterfacesAdded") > 0 && sd_bus_message_read(message, "o", &path) >= 0)
                t.cookie = (uint32_t) strtoul(strrchr(path, '/') + 1, NULL, 10);
        return 1;
}

static void settle(void) {
        for (int i = 0; i < 200; i++) {
                int here = sd_bus_process(t.peer, NULL), there = sd_event_run(t.event, 0);

                assert(here >= 0 && there >= 0);
                if (here == 0 && there == 0)
                        return;
        }
}

static void connect_both(void) {
        const struct bus_options options = { .sessions = t.sessions, .rung_reason = "a test" };
        sd_bus *service = NULL;
        int fds[2];

        assert(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, fds) == 0);
        assert(sd_bus_new(&service) >= 0 && sd_bus_set_fd(service, fds[0], fds[0]) >= 0);
        assert(sd_bus_set_server(service, 1, (sd_id128_t){ .bytes = { 1 } }) >= 0 && sd_bus_set_anonymous(service, 1) >= 0);
        assert(sd_bus_new(&t.peer) >= 0 && sd_bus_set_fd(t.peer, fds[1], fds[1]) >= 0 && sd_bus_set_anonymous(t.peer, 1) >= 0);
        assert(sd_bus_start(service) >= 0 && sd_bus_start(t.peer) >= 0);
        while (sd_bus_is_ready(service) <= 0 || sd_bus_is_ready(t.peer) <= 0)
                assert(sd_bus_process(service, NULL) >= 0 && sd_bus_process(t.peer, NULL) >= 0);
        assert(sd_bus_add_filter(t.peer, NULL, on_message, NULL) >= 0);
        assert(bus_new_on(service, t.event, t.manager, &options, &t.bus) >= 0 && bus_start(t.bus) >= 0);
        sd_bus_unref(service);
}

static void clean_up(void) {
        (void) fixture_remove(t.folder);
}

/* The folder of the drivers of this build, if any were built, because there are no knobs without drivers. */
static const char *drivers(char path[static PATH_MAX]) {
        ssize_t n = readlink("/proc/self/exe", path, PATH_MAX - 32);

        assert(n > 0);
        path[n] = '\0';
        for (int i = 0; i < 3; i++)
                *strrchr(path, '/') = '\0';
        (void) strcat(path, "/drivers");
        return path;
}

static void start(void) {
        static char root[PATH_MAX], state[PATH_MAX], run[PATH_MAX], config[PATH_MAX], driver_path[PATH_MAX];
        const struct session_limits limits = { .per_user = 64, .per_connection = 64 };
        struct manager_options options = { .root = root,
                                           .simulated = true,
                                           .driver_dir = drivers(driver_path),
                                           .block_drivers = "",
                                           .block_actions = "",
                                           .state_dir = state,
                                           .runtime_dir = run,
                                           .config_dirs = { .admin = config, .trust_any_owner = true } };

        log_open("fuzz-bus", 0, false);
        (void) strcpy(t.folder, access("/dev/shm", W_OK) == 0 ? "/dev/shm/governord-fuzz-XXXXXX" : "/tmp/governord-fuzz-XXXXXX");
        assert(mkdtemp(t.folder) && atexit(clean_up) == 0);
        assert(TEXT_FORMAT(root, "%s/root", t.folder) >= 0 && TEXT_FORMAT(state, "%s/state", t.folder) >= 0);
        assert(TEXT_FORMAT(run, "%s/run", t.folder) >= 0 && TEXT_FORMAT(config, "%s/config", t.folder) >= 0);
        assert(mkdir(config, 0755) == 0 && fixture_make(FUZZ_MACHINE, root, NULL, NULL, 0) == 0);
        assert(sd_event_new(&t.event) >= 0 && manager_new(t.event, &options, &t.manager) >= 0);
        assert(sessions_new(t.event, fake_engine_init(&t.engine), &limits, &(const struct committer){}, &t.sessions) >= 0);
        connect_both();
        assert(manager_start(t.manager) >= 0);
        settle();
}

/* -- messages -- */

static const struct {
        const char *path, *interface;
        const sd_bus_vtable *vtable;
} objects[] = {
        { PPD_PATH, PPD_NAME, ppd_current_vtable },
        { PPD_LEGACY_PATH, PPD_LEGACY_NAME, ppd_legacy_vtable },
        { GOVERNORD_PATH, MANAGER_INTERFACE, manager_vtable },
        { DEVICE_PREFIX "/package0", DEVICE_INTERFACE, device_vtable },
        { SESSION_PREFIX, SESSION_INTERFACE, session_vtable },
};

static const char *text(char *buffer, size_t size) {
        static const char *const words[] = { "",
                                             "performance",
                                             "power-saver",
                                             "balanced",
                                             "node",
                                             "package0",
                                             "cpu0",
                                             "policy0",
                                             "cpu99",
                                             "512",
                                             "trickle_charge",
                                             "application",
                                             "stale",
                                             "cap",
                                             "ActiveProfile",
                                             "BatteryAware",
                                             PPD_NAME,
                                             MANAGER_INTERFACE,
                                             SESSION_INTERFACE,
                                             "Samples",
                                             "PowerLimits" };
        static const size_t lengths[] = { 1, 255, 256, 257, 4095, 4096, 4097, 70000 };
        size_t n;

        if (next(3) != 0)
                return words[next(ARRAY_SIZE(words))];
        n = MIN(next(2) ? next(32) : lengths[next(ARRAY_SIZE(lengths))], size - 1);
        for (size_t i = 0; i < n; i++)
                buffer[i] = (char) (input.size > 0 && i < 64 ? 1 + next(127) : 'x');
        buffer[n] = '\0';
        return buffer;
}

static int append_types(sd_bus_message *m, const char *signature, unsigned depth);

static int append_basic(sd_bus_message *m, char type) {
        static char buffer[70001];
        uint64_t value = number();
        int flag = value & 1, fd = STDIN_FILENO;
        double real = (double) value;

        switch (type) {
        case 's':
                return sd_bus_message_append_basic(m, type, text(buffer, sizeof(buffer)));
        case 'o':
                return sd_bus_message_append_basic(m, type, next(2) ? "/" : GOVERNORD_PATH);
        case 'g':
                return sd_bus_message_append_basic(m, type, "a{sv}");
        case 'b':
                return sd_bus_message_append_basic(m, type, &flag);
        case 'h':
                return sd_bus_message_append_basic(m, type, &fd);
        case 'd':
                return sd_bus_message_append_basic(m, type, &real);
        default:
                return sd_bus_message_append_basic(m, type, &value); /* shorter types use its first bytes */
        }
}

static int append_container(sd_bus_message *m, char type, const char *contents, unsigned n, unsigned depth) {
        int r = sd_bus_message_open_container(m, type, contents);

        for (unsigned i = 0; r >= 0 && i < n; i++)
                r = append_types(m, contents, depth + 1);
        return r < 0 ? r : sd_bus_message_close_container(m);
}

static int append_type(sd_bus_message *m, const char *type, size_t length, unsigned depth) {
        static const char *const variants[] = { "s", "b", "u", "i", "t", "d", "o", "h", "as", "au", "(ss)", "a{sv}", "v" };
        char contents[64];

        if (depth > DEPTH_MAX || length > sizeof(contents) || (length == 1 && type[0] != 'v'))
                return append_basic(m, length == 1 ? type[0] : 's');
        if (type[0] == 'v')
                return append_container(m, 'v', depth == DEPTH_MAX ? "s" : variants[next(ARRAY_SIZE(variants))], 1, depth);
        (void) snprintf(contents, sizeof(contents), "%.*s", type[0] == 'a' ? (int) length - 1 : (int) length - 2, type + 1);
        if (type[0] == 'a')
                return append_container(m, 'a', contents, next(ARRAY_MAX), depth);
        return append_container(m, type[0] == '(' ? 'r' : 'e', contents, 1, depth);
}

static int append_types(sd_bus_message *m, const char *signature, unsigned depth) {
        int r = 0;

        while (r >= 0 && signature && *signature) {
                size_t length = type_length(signature);

                r = append_type(m, signature, length, depth);
                signature += length;
        }
        return r;
}

static void send_call(const char *path, const char *interface, const char *member, const char *signature, const char *sender) {
        static const char *const wrong[] = {
                "", "s", "ssv", "sss", "u", "siisst", "a{sv}", "uuua{sv}", "h", "au", "v", "aas", "sh"
        };
        sd_bus_message *m = NULL;
        int r = sd_bus_message_new_method_call(t.peer, &m, NULL, path, interface, member);

        if (r >= 0)
                r = sd_bus_message_set_sender(m, sender);
        if (r >= 0)
                r = sd_bus_message_set_allow_interactive_authorization(m, (int) next(2));
        if (r >= 0)
                r = append_types(m, next(8) == 1 ? wrong[next(ARRAY_SIZE(wrong))] : signature, 0);
        if (r >= 0)
                (void) sd_bus_send(t.peer, m, NULL);
        sd_bus_message_unref(m);
}

static void send_property_call(const char *path, const char *interface, const char *property, const char *type,
                               const char *sender) {
        static const char *const members[] = { "Get", "GetAll", "Set", "Set" };
        unsigned which = next(ARRAY_SIZE(members));
        sd_bus_message *m = NULL;
        int r = sd_bus_message_new_method_call(t.peer, &m, NULL, path, "org.freedesktop.DBus.Properties", members[which]);

        if (r >= 0)
                r = sd_bus_message_set_sender(m, sender);
        if (r >= 0)
                r = sd_bus_message_append(m, "s", interface);
        if (r >= 0 && which != 1)
                r = sd_bus_message_append(m, "s", property);
        if (r >= 0 && which >= 2)
                r = next(4) == 1 ? append_types(m, "v", 0) : append_container(m, 'v', type, 1, 0);
        if (r >= 0)
                (void) sd_bus_send(t.peer, m, NULL);
        sd_bus_message_unref(m);
}

static void call_member(const char *sender) {
        size_t k = next(ARRAY_SIZE(objects)), n = 0;
        const sd_bus_vtable *v = objects[k].vtable + 1;
        char path[SESSION_PATH_MAX];

        (void) TEXT_FORMAT(path, "%s", objects[k].path);
        if (objects[k].vtable == session_vtable)
                (void) TEXT_FORMAT(path, SESSION_PREFIX "/%u", next(8) == 1 ? next(256) : t.cookie);
        while (v[n].type != _SD_BUS_VTABLE_END)
                n++;
        v += next((unsigned) n);
        if (v->type == _SD_BUS_VTABLE_METHOD)
                send_call(path, objects[k].interface, v->x.method.member, v->x.method.signature, sender);
        else if (v->type != _SD_BUS_VTABLE_SIGNAL)
                send_property_call(path, objects[k].interface, v->x.property.member, v->x.property.signature, sender);
}

static void call_standard(const char *sender) {
        static const struct {
                const char *interface, *member;
        } standard[] = { { "org.freedesktop.DBus.ObjectManager", "GetManagedObjects" },
                         { "org.freedesktop.DBus.Introspectable", "Introspect" },
                         { "org.freedesktop.DBus.Peer", "Ping" } };
        unsigned which = next(ARRAY_SIZE(standard));

        send_call(next(2) ? GOVERNORD_PATH : "/", standard[which].interface, standard[which].member, "", sender);
}

static void leave(const char *name) {
        sd_bus_message *m = NULL;

        assert(sd_bus_message_new_signal(t.peer, &m, "/org/freedesktop/DBus", "org.freedesktop.DBus", "NameOwnerChanged") >= 0);
        assert(sd_bus_message_set_sender(m, "org.freedesktop.DBus") >= 0);
        assert(sd_bus_message_append(m, "sss", name, name, "") >= 0);
        assert(sd_bus_send(t.peer, m, NULL) >= 0);
        sd_bus_message_unref(m);
}

/* All clients leave, and stored levels and the choice are reset, so that each input begins in the same state. */
static void reset(void) {
        const struct requests *requests = manager_requests(t.manager);
        struct message message;

        for (size_t i = 0; i < ARRAY_SIZE(clients); i++)
                leave(clients[i].name);
        settle();
        while (requests->n > 0) {
                assert(requests->items[0]->door == DOOR_PERSISTENT);
                assert(manager_set_level(t.manager, requests->items[0]->scope, requests->items[0]->domain, -1, -1, "a test",
                                         &message) >= 0);
        }
        (void) manager_select(t.manager, "balanced", "fuzz", &message);
        settle();
        assert(sd_bus_is_open(t.bus->bus) > 0 && sd_event_get_state(t.event) == SD_EVENT_INITIAL);
        assert(!sessions_next(t.sessions, NULL) && !t.bus->owners->first && t.engine.opened == t.engine.closed &&
               t.engine.unknown == 0);
        for (size_t i = 0; i < ARRAY_SIZE(clients); i++)
                assert(!polkit_asks_for(t.bus, clients[i].name));
        *t.bus->allowances = (struct allowances){};
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
        if (!t.bus)
                start();
        input.data = data;
        input.size = size;
        polkit_way = POLKIT_ALLOWS;
        for (int i = 0; i < CALLS_MAX && input.size > 0; i++) {
                unsigned what = next(16);
                const char *sender = clients[next(ARRAY_SIZE(clients))].name;

                if (what == 0)
                        leave(sender);
                else if (what == 1)
                        polkit_way = next(POLKIT_WAYS);
                else if (what == 2)
                        call_standard(sender);
                else
                        call_member(sender);
                if (next(4) != 1)
                        settle();
        }
        input.size = 0;
        reset();
        return 0;
}
