/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The ledger file: tab-separated lines, only ever appended to or replaced by rename.
 *
 *   governord-ledger 1 BOOT-ID
 *   o ID DRIVER KNOB SCOPE DOMAIN PATH LABEL ORIGINAL     first change of a knob
 *   w ID VALUE                                            a value that is about to be written
 *   d ID                                                  given back
 *
 * Values are one line of text without tabs, as the kernel's attribute files are; anything else is refused before it gets here.
 * It refuses to forget: an unreadable ledger is moved aside for people to look at. */

#include "core/ledger.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/cleanup.h"
#include "base/parse.h"
#include "base/text.h"

#define LEDGER_NAME  "ledger"
#define HEADER       "governord-ledger 1 "
/* 65536 knobs with a path of 160 bytes each, and as many values. */
#define LEDGER_BYTES_MAX (32 * 1024 * 1024)
/* Five seconds: putting 65536 knobs back takes less than one. */
#define LOCK_PAUSE_NSEC 20000000
#define LOCK_TRIES      250
/* A file is written anew when it is this many times as long as what it must hold. */
#define GROWTH_MAX 8

struct ledger {
        int directory_fd, fd;          /* -1 in memory only */
        char *boot_id;
        struct ledger_entry *entries;  /* ascending ids */
        uint32_t n, room, last_id;
        size_t file_bytes;             /* good bytes in the file */
        size_t needed_bytes;           /* after the last rewrite */
        struct buffer batch;           /* drops that were not written yet, then the batch */
        size_t batch_drops;            /* bytes of the former */
        uint32_t batch_first;          /* entries from here on are new in this batch */
        struct pending *pending;       /* values of the batch: they count from its commit on */
        uint32_t n_pending, pending_room;
};

struct pending {
        uint32_t id;
        const char *value;
};

static void format_value(struct buffer *buffer, uint32_t id, const char *value) {
        buffer_add(buffer, "w", 1);
        buffer_number(buffer, '\t', id);
        buffer_text(buffer, '\t', value);
        buffer_add(buffer, "\n", 1);
}

static void format_entry(struct buffer *buffer, const struct ledger_entry *entry) {
        buffer_add(buffer, "o", 1);
        buffer_number(buffer, '\t', entry->id);
        buffer_text(buffer, '\t', entry->key.driver);
        buffer_text(buffer, '\t', entry->key.knob);
        buffer_number(buffer, '\t', entry->key.scope);
        buffer_number(buffer, '\t', entry->key.domain);
        buffer_text(buffer, '\t', entry->key.path);
        buffer_text(buffer, '\t', entry->key.label);
        buffer_text(buffer, '\t', entry->original);
        buffer_add(buffer, "\n", 1);
}

static void format_header(struct buffer *buffer, const char *boot_id) {
        buffer_text(buffer, '\0', HEADER);
        buffer_text(buffer, '\0', boot_id);
        buffer_add(buffer, "\n", 1);
}

static struct ledger_entry *find(const struct ledger *ledger, uint32_t id) {
        uint32_t low = 0, high = ledger->n, guess = ledger->n > 0 ? id - ledger->entries[0].id : 0;

        /* Without gaps, the usual case, an entry is where its id says. */
        if (guess < ledger->n && ledger->entries[guess].id == id)
                return ledger->entries[guess].original ? &ledger->entries[guess] : NULL;
        while (low < high) {
                uint32_t middle = low + (high - low) / 2;

                if (ledger->entries[middle].id < id)
                        low = middle + 1;
                else
                        high = middle;
        }
        return low < ledger->n && ledger->entries[low].id == id && ledger->entries[low].original ? &ledger->entries[low] : NULL;
}

/* Keeps the values in order of writing, each once, the latest last. */
static int add_value(struct ledger_entry *entry, const char *value) {
        const char **values;

        for (uint32_t i = 0; i < entry->n_values; i++)
                if (text_equal(entry->values[i], value)) {
                        memmove(entry->values + i, entry->values + i + 1, (entry->n_values - i - 1) * sizeof(*entry->values));
                        entry->values[entry->n_values - 1] = value;
                        return 0;
                }
        values = reallocarray(entry->values, entry->n_values + 1, sizeof(*values));
        if (!values)
                return -ENOMEM;
        entry->values = values;
        values[entry->n_values++] = value;
        return 0;
}

static int append_entry(struct ledger *ledger, uint32_t id, const struct ledger_key *key, const char *original) {
        if (ledger->n == ledger->room) {
                uint32_t room = ledger->room ? ledger->room * 2 : 64;
                struct ledger_entry *entries = reallocarray(ledger->entries, room, sizeof(*entries));

                if (!entries)
                        return -ENOMEM;
                ledger->entries = entries;
                ledger->room = room;
        }
        ledger->entries[ledger->n++] = (struct ledger_entry) { .id = id, .key = *key, .original = original };
        ledger->last_id = id;
        return 0;
}

/* Thousands go at once when the service stops, so an entry is only marked, and close_gaps() moves the rest up once. */
static void remove_entry(struct ledger_entry *entry) {
        free(entry->values);
        *entry = (struct ledger_entry) { .id = entry->id };
}

static void close_gaps(struct ledger *ledger) {
        uint32_t n = 0;

        for (uint32_t i = 0; i < ledger->n; i++)
                if (ledger->entries[i].original)
                        ledger->entries[n++] = ledger->entries[i];
        ledger->n = n;
}

/* -- reading -- */

/* Splits a line at tabs into exactly `n` fields. */
static int split(char *line, char **fields, size_t n) {
        for (size_t i = 0; i < n; i++) {
                char *tab = strchr(line, '\t');

                if (!tab != (i == n - 1))
                        return -EBADMSG;
                fields[i] = line;
                if (tab) {
                        *tab = '\0';
                        line = tab + 1;
                }
        }
        return 0;
}

static int read_original(struct ledger *ledger, char *line) {
        char *f[9];
        uint32_t id;
        struct ledger_key key;
        const char *original;

        if (split(line, f, 9) < 0 || parse_u32(f[1], &id) < 0 || id <= ledger->last_id || parse_u32(f[4], &key.scope) < 0 ||
            parse_u32(f[5], &key.domain) < 0)
                return -EBADMSG;
        key.driver = text_intern(f[2]);
        key.knob = text_intern(f[3]);
        key.path = text_intern(f[6]);
        key.label = text_intern(f[7]);
        original = text_intern(f[8]);
        if (!key.driver || !key.knob || !key.path || !key.label || !original)
                return -ENOMEM;
        return append_entry(ledger, id, &key, original);
}

static int read_value(struct ledger *ledger, char *line) {
        char *f[3];
        uint32_t id;
        struct ledger_entry *entry;
        const char *value;

        if (split(line, f, 3) < 0 || parse_u32(f[1], &id) < 0 || !(entry = find(ledger, id)))
                return -EBADMSG;
        value = text_intern(f[2]);
        return value ? add_value(entry, value) : -ENOMEM;
}

static int read_drop(struct ledger *ledger, char *line) {
        char *f[2];
        uint32_t id;
        struct ledger_entry *entry;

        if (split(line, f, 2) < 0 || parse_u32(f[1], &id) < 0 || !(entry = find(ledger, id)))
                return -EBADMSG;
        remove_entry(entry);
        return 0;
}

static int read_line(struct ledger *ledger, char *line) {
        switch (line[0]) {
        case 'o':
                return read_original(ledger, line);
        case 'w':
                return read_value(ledger, line);
        case 'd':
                return read_drop(ledger, line);
        default:
                return -EBADMSG;
        }
}

/* Only whole lines count: a torn one is the end of a batch whose hardware writes never began. */
static int read_lines(struct ledger *ledger, char *text) {
        size_t header = strlen(HEADER);
        char *line = text, *end = strchr(text, '\n');

        if (*text == '\0')
                return 0;
        if (!end)
                return strncmp(text, HEADER, MIN(strlen(text), header)) == 0 ? 0 : -EBADMSG;
        *end = '\0';
        if (strncmp(line, HEADER, header) != 0)
                return -EBADMSG;
        if (strcmp(line + header, ledger->boot_id) != 0)
                return 0;
        for (line = end + 1; (end = strchr(line, '\n')); line = end + 1) {
                int r;

                *end = '\0';
                r = read_line(ledger, line);
                if (r < 0)
                        return r;
        }
        close_gaps(ledger);
        return 0;
}

static int read_file(struct ledger *ledger) {
        _cleanup_close_ int fd = openat(ledger->directory_fd, LEDGER_NAME, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
        _cleanup_free_ char *text = NULL;
        struct stat st;
        size_t n = 0;

        if (fd < 0)
                return errno == ENOENT ? 0 : -errno;
        if (fstat(fd, &st) < 0)
                return -errno;
        if (!S_ISREG(st.st_mode) || st.st_size > LEDGER_BYTES_MAX)
                return -EBADMSG;
        text = calloc(1, (size_t) st.st_size + 1);
        if (!text)
                return -ENOMEM;
        while (n < (size_t) st.st_size) {
                ssize_t got = pread(fd, text + n, (size_t) st.st_size - n, (off_t) n);

                if (got < 0)
                        return -errno;
                if (got == 0)
                        break;
                n += (size_t) got;
        }
        return strlen(text) == n ? read_lines(ledger, text) : -EBADMSG;
}

/* -- writing -- */

static int write_all(int fd, const char *data, size_t n) {
        while (n > 0) {
                ssize_t done = write(fd, data, n);

                if (done < 0 && errno == EINTR)
                        continue;
                if (done <= 0)
                        return done < 0 ? -errno : -EIO;
                data += done;
                n -= (size_t) done;
        }
        return 0;
}

/* Writes header and entries, without those of the batch, into a new file and puts it in the old one's place. */
static int rewrite(struct ledger *ledger) {
        struct buffer buffer = {};
        _cleanup_close_ int fd = -1;
        int r;

        if (ledger->directory_fd < 0)
                return 0;
        format_header(&buffer, ledger->boot_id);
        for (uint32_t i = 0; i < ledger->batch_first; i++) {
                if (!ledger->entries[i].original) /* dropped */
                        continue;
                format_entry(&buffer, &ledger->entries[i]);
                for (uint32_t j = 0; j < ledger->entries[i].n_values; j++)
                        format_value(&buffer, ledger->entries[i].id, ledger->entries[i].values[j]);
        }
        fd = openat(ledger->directory_fd, LEDGER_NAME ".new", O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
        r = fd < 0 ? -errno : buffer.failed ? -ENOMEM : write_all(fd, buffer.data, buffer.n);
        if (r >= 0 && renameat(ledger->directory_fd, LEDGER_NAME ".new", ledger->directory_fd, LEDGER_NAME) < 0)
                r = -errno;
        if (r >= 0) {
                ledger->fd = close_fd(ledger->fd);
                ledger->fd = TAKE_FD(fd);
                ledger->file_bytes = ledger->needed_bytes = buffer.n;
        } else
                (void) unlinkat(ledger->directory_fd, LEDGER_NAME ".new", 0);
        free(buffer.data);
        return r;
}

static void forget_entries(struct ledger *ledger) {
        for (uint32_t i = 0; i < ledger->n; i++)
                free(ledger->entries[i].values);
        ledger->n = 0;
}

static struct ledger *ledger_new(const char *boot_id) {
        struct ledger *ledger = calloc(1, sizeof(*ledger));

        if (!ledger)
                return NULL;
        ledger->directory_fd = ledger->fd = -1;
        ledger->boot_id = strdup(boot_id);
        return ledger->boot_id ? ledger : ledger_free(ledger);
}

static int open_directory(struct ledger *ledger, const char *directory) {
        ledger->directory_fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        return ledger->directory_fd < 0 ? -errno : 0;
}

/* A predecessor that was told to go (--replace) may still be putting originals back: two at once would undo each other. */
static int wait_for_predecessor(const struct ledger *ledger) {
        const struct timespec pause = { .tv_nsec = LOCK_PAUSE_NSEC };

        for (unsigned int tried = 0; flock(ledger->directory_fd, LOCK_EX | LOCK_NB) < 0; tried++) {
                if (errno != EWOULDBLOCK)
                        return 0; /* a file system without locks */
                if (tried == LOCK_TRIES)
                        return -EBUSY;
                (void) nanosleep(&pause, NULL);
        }
        return 0;
}

static int move_aside(struct ledger *ledger) {
        forget_entries(ledger);
        return renameat(ledger->directory_fd, LEDGER_NAME, ledger->directory_fd, LEDGER_NAME ".bad") < 0 ? -errno : 0;
}

/* On a full disk what a predecessor left is known all the same, and putting it back needs no space; only new changes have to wait. */
static int rewrite_or_wait(struct ledger *ledger) {
        int r = rewrite(ledger);

        if (r < 0)
                ledger->file_bytes = SIZE_MAX;
        return r == -ENOMEM ? r : 0;
}

int ledger_open(const char *directory, const char *boot_id, struct ledger **ret, bool *ret_moved_aside) {
        struct ledger *ledger = ledger_new(boot_id);
        int r = 0;

        *ret_moved_aside = false;
        if (!ledger)
                return -ENOMEM;
        if (directory)
                r = open_directory(ledger, directory);
        if (r >= 0 && directory)
                r = wait_for_predecessor(ledger);
        if (r >= 0 && directory)
                r = read_file(ledger);
        if (r == -EBADMSG) {
                r = move_aside(ledger);
                *ret_moved_aside = r >= 0;
        }
        ledger->batch_first = ledger->n;
        if (r >= 0)
                r = rewrite_or_wait(ledger);
        if (r < 0) {
                ledger_free(ledger);
                return r;
        }
        *ret = ledger;
        return 0;
}

int ledger_peek(const char *directory, const char *boot_id, struct ledger **ret) {
        struct ledger *ledger = ledger_new(boot_id);

        if (!ledger)
                return -ENOMEM;
        if (open_directory(ledger, directory) < 0 || read_file(ledger) < 0)
                forget_entries(ledger);
        ledger->directory_fd = close_fd(ledger->directory_fd); /* from here on in memory only */
        ledger->batch_first = ledger->n;
        *ret = ledger;
        return 0;
}

struct ledger *ledger_free(struct ledger *ledger) {
        if (!ledger)
                return NULL;
        forget_entries(ledger);
        free(ledger->entries);
        free(ledger->pending);
        free(ledger->batch.data);
        free(ledger->boot_id);
        (void) close_fd(ledger->fd);
        (void) close_fd(ledger->directory_fd);
        free(ledger);
        return NULL;
}

void ledger_begin(struct ledger *ledger) {
        ledger->batch_drops = ledger->batch.n;
        ledger->batch.failed = false;
        ledger->batch_first = ledger->n;
        ledger->n_pending = 0;
}

static int add_pending(struct ledger *ledger, uint32_t id, const char *value) {
        if (ledger->n_pending == ledger->pending_room) {
                uint32_t room = ledger->pending_room ? ledger->pending_room * 2 : 64;
                struct pending *pending = reallocarray(ledger->pending, room, sizeof(*pending));

                if (!pending)
                        return -ENOMEM;
                ledger->pending = pending;
                ledger->pending_room = room;
        }
        ledger->pending[ledger->n_pending++] = (struct pending) { .id = id, .value = value };
        return 0;
}

/* What would tear a line apart. */
static bool is_field(const char *text) {
        return !strpbrk(text, "\t\n");
}

int ledger_note(struct ledger *ledger, uint32_t id, const struct ledger_key *key, const char *original, const char *value) {
        struct ledger_entry *entry = id > 0 ? find(ledger, id) : NULL;
        int r;

        if (!is_field(value) || !is_field(original))
                return -EINVAL;
        if (!entry) {
                if (!is_field(key->path) || !is_field(key->label))
                        return -EINVAL;
                r = append_entry(ledger, ledger->last_id + 1, key, original);
                if (r < 0)
                        return r;
                entry = &ledger->entries[ledger->n - 1];
                format_entry(&ledger->batch, entry);
        }
        r = add_pending(ledger, entry->id, value);
        if (r < 0)
                return r;
        format_value(&ledger->batch, entry->id, value);
        return (int) entry->id;
}

void ledger_abort(struct ledger *ledger) {
        for (; ledger->n > ledger->batch_first; ledger->n--)
                free(ledger->entries[ledger->n - 1].values);
        ledger->batch.n = ledger->batch_drops;
        ledger->n_pending = 0;
}

/* After a torn end that could not be cut off: a new file, in which the drops are done already. */
static int start_anew(struct ledger *ledger) {
        int r = rewrite(ledger);

        if (r < 0)
                return r;
        if (ledger->batch_drops == 0)
                return 0;
        ledger->batch.n -= ledger->batch_drops;
        memmove(ledger->batch.data, ledger->batch.data + ledger->batch_drops, ledger->batch.n);
        ledger->batch_drops = 0;
        return 0;
}

static void take_pending(struct ledger *ledger) {
        for (uint32_t i = 0; i < ledger->n_pending; i++) {
                struct ledger_entry *entry = find(ledger, ledger->pending[i].id);

                if (entry)
                        (void) add_value(entry, ledger->pending[i].value);
        }
        ledger->n_pending = 0;
}

int ledger_commit(struct ledger *ledger) {
        int r = ledger->batch.failed ? -ENOMEM : 0;

        if (r >= 0 && ledger->file_bytes == SIZE_MAX && ledger->batch.n > 0)
                r = start_anew(ledger);
        if (r >= 0 && ledger->fd >= 0)
                r = write_all(ledger->fd, ledger->batch.data, ledger->batch.n);
        if (r < 0) {
                if (ledger->fd >= 0 && ftruncate(ledger->fd, (off_t) ledger->file_bytes) < 0)
                        ledger->file_bytes = SIZE_MAX; /* the torn end must not be appended to: the next settle writes anew */
                ledger_abort(ledger);
                return r;
        }
        ledger->file_bytes += ledger->batch.n;
        ledger->batch.n = ledger->batch_drops = 0;
        ledger->batch_first = ledger->n;
        take_pending(ledger);
        return 0;
}

void ledger_add_shown(struct ledger *ledger, uint32_t id, const char *value) {
        struct ledger_entry *entry = find(ledger, id);

        if (entry && !strpbrk(value, "\t\n") && add_value(entry, value) >= 0)
                format_value(&ledger->batch, id, value);
}

void ledger_drop(struct ledger *ledger, uint32_t id) {
        struct ledger_entry *entry = find(ledger, id);

        if (!entry)
                return;
        remove_entry(entry);
        buffer_add(&ledger->batch, "d", 1);
        buffer_number(&ledger->batch, '\t', id);
        buffer_add(&ledger->batch, "\n", 1);
}

/* The value that was written last is the one that the hardware holds; older ones would only widen what counts as ours. */
static void keep_last_values(struct ledger *ledger) {
        for (uint32_t i = 0; i < ledger->n; i++) {
                struct ledger_entry *entry = &ledger->entries[i];

                if (entry->n_values <= 1)
                        continue;
                entry->values[0] = entry->values[entry->n_values - 1];
                entry->n_values = 1;
        }
}

int ledger_settle(struct ledger *ledger) {
        int r = 0;

        close_gaps(ledger);
        ledger->batch_first = ledger->n;
        ledger->batch_drops = ledger->batch.n;
        ledger->n_pending = 0;
        if (ledger->batch.n > 0)
                r = ledger_commit(ledger);
        if (r >= 0 && ledger->file_bytes > GROWTH_MAX * MAX(ledger->needed_bytes, (size_t) 4096)) {
                keep_last_values(ledger);
                r = rewrite(ledger);
        }
        return r;
}

uint32_t ledger_count(const struct ledger *ledger) {
        return ledger->n;
}

const struct ledger_entry *ledger_at(const struct ledger *ledger, uint32_t index) {
        return index < ledger->n ? &ledger->entries[index] : NULL;
}

const struct ledger_entry *ledger_find(const struct ledger *ledger, uint32_t id) {
        return find(ledger, id);
}
