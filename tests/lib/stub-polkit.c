/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A polkit authority for a private bus. It implements the part of org.freedesktop.PolicyKit1 that a daemon needs for
 * CheckAuthorization, with sd-bus or with the polkit client of GLib. Tests control it by command-line options and, while it runs,
 * through org.governord.test.Polkit on the same object.
 *
 * It does not check users, so it must not own its name on a real system bus. In the mode "hang", a call is accepted and not
 * answered, so that the caller times out.
 */
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <systemd/sd-bus.h>
#include <systemd/sd-event.h>

#define POLKIT_NAME      "org.freedesktop.PolicyKit1"
#define POLKIT_PATH      "/org/freedesktop/PolicyKit1/Authority"
#define POLKIT_INTERFACE "org.freedesktop.PolicyKit1.Authority"
#define TEST_INTERFACE   "org.governord.test.Polkit"

/* A benchmark sends tens of thousands of calls, so only the latest ones are stored. */
#define ASKED_MAX 1024U

enum mode { MODE_ALLOW, MODE_DENY, MODE_FAIL, MODE_HANG, MODE_LIMIT, MODE_COUNT };

static const char *const mode_names[MODE_COUNT] = { "allow", "deny", "fail", "hang", "limit" };

struct question {
        char *action;
        char *subject;
};

struct stub {
        enum mode mode;
        char **denied; /* NULL-terminated list of action ids, or NULL */
        struct question asked[ASKED_MAX];
        size_t n_asked; /* number of all calls; the latest ASKED_MAX are stored */
};

static void strv_free(char **list) {
        for (char **s = list; s && *s; s++)
                free(*s);
        free(list);
}

static int strv_append(char ***list, const char *value) {
        size_t n = 0;

        while (*list && (*list)[n])
                n++;
        char **grown = realloc(*list, (n + 2) * sizeof(char *));
        if (!grown)
                return -ENOMEM;
        *list = grown;
        grown[n] = strdup(value);
        grown[n + 1] = NULL;
        return grown[n] ? 0 : -ENOMEM;
}

static bool stub_denies(const struct stub *stub, const char *action) {
        if (stub->mode == MODE_DENY)
                return true;
        for (char **s = stub->denied; s && *s; s++)
                if (!strcmp(*s, action))
                        return true;
        return false;
}

static int stub_set_mode(struct stub *stub, const char *name) {
        for (enum mode m = MODE_ALLOW; m < MODE_COUNT; m++)
                if (!strcmp(name, mode_names[m])) {
                        stub->mode = m;
                        return 0;
                }
        return -EINVAL;
}

static int stub_remember(struct stub *stub, const char *action, const char *subject) {
        struct question *q = &stub->asked[stub->n_asked % ASKED_MAX];

        free(q->action);
        free(q->subject);
        q->action = strdup(action);
        q->subject = strdup(subject);
        stub->n_asked++;
        return q->action && q->subject ? 0 : -ENOMEM;
}

static void stub_forget(struct stub *stub) {
        for (size_t i = 0; i < ASKED_MAX; i++) {
                free(stub->asked[i].action);
                free(stub->asked[i].subject);
                stub->asked[i] = (struct question){ 0 };
        }
        stub->n_asked = 0;
}

/* Reads the subject (sa{sv}). The entry "name" is the bus name of a subject of the kind system-bus-name. For other subjects, the
 * kind is recorded. */
static int read_subject(sd_bus_message *m, const char **ret_subject) {
        const char *kind, *key, *name = NULL;
        int r;

        r = sd_bus_message_enter_container(m, 'r', "sa{sv}");
        if (r < 0)
                return r;
        r = sd_bus_message_read(m, "s", &kind);
        if (r < 0)
                return r;
        r = sd_bus_message_enter_container(m, 'a', "{sv}");
        while (r >= 0 && (r = sd_bus_message_enter_container(m, 'e', "sv")) > 0) {
                r = sd_bus_message_read(m, "s", &key);
                if (r >= 0 && !strcmp(key, "name"))
                        r = sd_bus_message_read(m, "v", "s", &name);
                else if (r >= 0)
                        r = sd_bus_message_skip(m, "v");
                if (r >= 0)
                        r = sd_bus_message_exit_container(m);
        }
        if (r < 0)
                return r;
        r = sd_bus_message_exit_container(m); /* a{sv} */
        if (r >= 0)
                r = sd_bus_message_exit_container(m); /* the struct */
        *ret_subject = name ? name : kind;
        return r;
}

static int method_check_authorization(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        struct stub *stub = userdata;
        const char *subject, *action;
        int r;

        r = read_subject(m, &subject);
        if (r < 0)
                return r;
        r = sd_bus_message_read(m, "s", &action);
        if (r < 0)
                return r;
        r = stub_remember(stub, action, subject);
        if (r < 0)
                return r;
        if (stub->mode == MODE_HANG)
                return 1; /* handled, but not answered */
        if (stub->mode == MODE_FAIL)
                return sd_bus_error_set(error, "org.freedesktop.PolicyKit1.Error.Failed", "The stub was told to fail");
        if (stub->mode == MODE_LIMIT) /* the error of the bus if too many replies are pending */
                return sd_bus_error_set(error, SD_BUS_ERROR_LIMITS_EXCEEDED,
                                        "The maximum number of pending replies has been reached");
        return sd_bus_reply_method_return(m, "(bba{ss})", !stub_denies(stub, action), false, 0);
}

static int method_cancel(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        (void) userdata;
        (void) error;
        return sd_bus_reply_method_return(m, NULL);
}

/* The real authority emits "Changed" when its replies may change, so that daemons which cache them are notified. */
static int reply_changed(sd_bus_message *m) {
        int r = sd_bus_emit_signal(sd_bus_message_get_bus(m), POLKIT_PATH, POLKIT_INTERFACE, "Changed", NULL);

        return r < 0 ? r : sd_bus_reply_method_return(m, NULL);
}

static int method_set_denied(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        struct stub *stub = userdata;
        char **denied = NULL;
        int r;

        (void) error;
        r = sd_bus_message_read_strv(m, &denied);
        if (r < 0)
                return r;
        strv_free(stub->denied);
        stub->denied = denied;
        return reply_changed(m);
}

static int method_set_mode(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        const char *name;
        int r;

        r = sd_bus_message_read(m, "s", &name);
        if (r < 0)
                return r;
        r = stub_set_mode(userdata, name);
        if (r < 0)
                return sd_bus_error_setf(error, SD_BUS_ERROR_INVALID_ARGS, "No mode '%s': allow, deny, fail, hang, limit", name);
        return reply_changed(m);
}

static int append_asked(sd_bus_message *reply, const struct stub *stub) {
        size_t first = stub->n_asked > ASKED_MAX ? stub->n_asked - ASKED_MAX : 0;
        int r;

        r = sd_bus_message_open_container(reply, 'a', "(ss)");
        for (size_t i = first; r >= 0 && i < stub->n_asked; i++) {
                const struct question *q = &stub->asked[i % ASKED_MAX];
                r = sd_bus_message_append(reply, "(ss)", q->action, q->subject);
        }
        return r < 0 ? r : sd_bus_message_close_container(reply);
}

static int method_asked(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        sd_bus_message *reply = NULL;
        int r;

        (void) error;
        r = sd_bus_message_new_method_return(m, &reply);
        if (r >= 0)
                r = append_asked(reply, userdata);
        if (r >= 0)
                r = sd_bus_send(NULL, reply, NULL);
        sd_bus_message_unref(reply);
        return r;
}

static int method_forget(sd_bus_message *m, void *userdata, sd_bus_error *error) {
        (void) error;
        stub_forget(userdata);
        return sd_bus_reply_method_return(m, NULL);
}

/* The client of GLib reads all properties when it connects, so the three properties of the real authority are provided. */
static int get_backend(sd_bus *bus, const char *path, const char *interface, const char *property, sd_bus_message *reply,
                       void *userdata, sd_bus_error *error) {
        (void) bus;
        (void) path;
        (void) interface;
        (void) userdata;
        (void) error;
        if (!strcmp(property, "BackendFeatures"))
                return sd_bus_message_append(reply, "u", 0U);
        return sd_bus_message_append(reply, "s", !strcmp(property, "BackendName") ? "governord-stub" : "1");
}

static const sd_bus_vtable polkit_vtable[] = {
        SD_BUS_VTABLE_START(0),
        SD_BUS_METHOD("CheckAuthorization", "(sa{sv})sa{ss}us", "(bba{ss})", method_check_authorization,
                      SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD("CancelCheckAuthorization", "s", NULL, method_cancel, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_PROPERTY("BackendName", "s", get_backend, 0, SD_BUS_VTABLE_PROPERTY_CONST),
        SD_BUS_PROPERTY("BackendVersion", "s", get_backend, 0, SD_BUS_VTABLE_PROPERTY_CONST),
        SD_BUS_PROPERTY("BackendFeatures", "u", get_backend, 0, SD_BUS_VTABLE_PROPERTY_CONST),
        SD_BUS_SIGNAL("Changed", NULL, 0),
        SD_BUS_VTABLE_END,
};

static const sd_bus_vtable test_vtable[] = {
        SD_BUS_VTABLE_START(0),
        SD_BUS_METHOD("SetDenied", "as", NULL, method_set_denied, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD("SetMode", "s", NULL, method_set_mode, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD("Asked", NULL, "a(ss)", method_asked, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_METHOD("Forget", NULL, NULL, method_forget, SD_BUS_VTABLE_UNPRIVILEGED),
        SD_BUS_VTABLE_END,
};

static void usage(FILE *out) {
        fputs("usage: stub-polkit [--deny ACTION]... [--deny-all | --fail | --hang]\n"
              "Owns " POLKIT_NAME " on the bus in DBUS_SYSTEM_BUS_ADDRESS, for tests.\n",
              out);
}

/* Returns 0 to continue, 1 after --help, or a negative value for an invalid command line. */
static int parse_arguments(struct stub *stub, int argc, char **argv) {
        static const struct option options[] = {
                { "deny", required_argument, NULL, 'd' }, { "deny-all", no_argument, NULL, 'D' },
                { "fail", no_argument, NULL, 'f' },       { "hang", no_argument, NULL, 'g' },
                { "help", no_argument, NULL, 'h' },       { 0 },
        };
        int c, r = 0;

        while (r >= 0 && (c = getopt_long(argc, argv, "h", options, NULL)) >= 0) {
                if (c == 'd')
                        r = strv_append(&stub->denied, optarg);
                else if (c == 'D')
                        stub->mode = MODE_DENY;
                else if (c == 'f')
                        stub->mode = MODE_FAIL;
                else if (c == 'g')
                        stub->mode = MODE_HANG;
                else if (c == 'h') {
                        usage(stdout);
                        return 1;
                } else
                        r = -EINVAL;
        }
        if (r >= 0 && optind < argc)
                r = -EINVAL;
        if (r == -EINVAL)
                usage(stderr);
        return r;
}

static int add_signals(sd_event *event) {
        sigset_t set;
        int r;

        sigemptyset(&set);
        sigaddset(&set, SIGTERM);
        sigaddset(&set, SIGINT);
        if (sigprocmask(SIG_BLOCK, &set, NULL) < 0)
                return -errno;
        r = sd_event_add_signal(event, NULL, SIGTERM, NULL, NULL);
        return r < 0 ? r : sd_event_add_signal(event, NULL, SIGINT, NULL, NULL);
}

/* The name is requested last, so that all methods are available to programs that wait for it. */
static int publish(sd_bus *bus, struct stub *stub) {
        int r;

        r = sd_bus_add_object_vtable(bus, NULL, POLKIT_PATH, POLKIT_INTERFACE, polkit_vtable, stub);
        if (r >= 0)
                r = sd_bus_add_object_vtable(bus, NULL, POLKIT_PATH, TEST_INTERFACE, test_vtable, stub);
        return r < 0 ? r : sd_bus_request_name(bus, POLKIT_NAME, 0);
}

static int serve(struct stub *stub) {
        sd_event *event = NULL;
        sd_bus *bus = NULL;
        int r;

        r = sd_event_default(&event);
        if (r >= 0)
                r = add_signals(event);
        if (r >= 0)
                r = sd_bus_open_system(&bus);
        if (r >= 0)
                r = sd_bus_attach_event(bus, event, SD_EVENT_PRIORITY_NORMAL);
        if (r >= 0)
                r = publish(bus, stub);
        if (r >= 0)
                r = sd_event_loop(event);
        sd_bus_flush_close_unref(bus);
        sd_event_unref(event);
        return r;
}

int main(int argc, char **argv) {
        static struct stub stub;
        int r;

        r = parse_arguments(&stub, argc, argv);
        /* To allow everything on the bus of the machine would be a security hole, so the address of the bus must be set
         * explicitly. */
        if (r == 0 && !getenv("DBUS_SYSTEM_BUS_ADDRESS")) {
                fputs("stub-polkit: DBUS_SYSTEM_BUS_ADDRESS is not set, refusing the real system bus\n", stderr);
                r = -EDESTADDRREQ;
        }
        if (r == 0)
                r = serve(&stub);
        else if (r > 0)
                r = 0;
        if (r < 0)
                fprintf(stderr, "stub-polkit: %s\n", strerror(-r));
        stub_forget(&stub);
        strv_free(stub.denied);
        return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
