/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The ledger file. Lines (core/write/ledger-lines.h) are appended, or the whole file is replaced by rename. If a line cannot be
 * parsed, the others are still used, and the damaged file is kept under another name for examination. */

#include "core/write/ledger.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/cleanup.h"
#include "base/text.h"
#include "core/write/ledger-lines.h"
#include "core/write/ledger-lock.h"

#define LEDGER_NAME "ledger"
/* Data beyond this size are not read. 65536 knobs, each with a path of 160 bytes and as many bytes of values, need 32 MiB after a
 * rewrite. The file is rewritten at the latest when it exceeds half of LEDGER_BYTES_MAX; see GROWTH_MAX. */
#define LEDGER_BYTES_MAX (128 * 1024 * 1024)
#define VALUES_KEPT      4 /* values of an entry that a rewrite keeps: those of two writes, each as written and as read back */
#define GROWTH_MAX       8 /* the file is rewritten when it is this many times as large as necessary */

struct ledger {
        int directory_fd, fd; /* -1 if in memory only; fd also if the file could not be created */
        char *boot_id;
        struct ledger_entry *entries; /* in ascending order of ids */
        uint32_t n, room, last_id;
        size_t file_bytes;       /* valid bytes in the file; SIZE_MAX: the next commit must replace the file */
        size_t needed_bytes;     /* size after the last rewrite */
        struct buffer batch;     /* records from outside of batches (drops, values read back) that are not in the file yet, then the
                                    batch */
        size_t batch_drops;      /* number of bytes of the records before the batch */
        uint32_t batch_first;    /* entries from this index on are new in this batch */
        struct pending *pending; /* values of the batch, which are added to their entries by its commit */
        uint32_t n_pending, pending_room;
        struct ledger_trouble trouble;
};

struct pending {
        uint32_t id;
        const char *value;
};

static struct ledger_entry *find_entry(const struct ledger *ledger, uint32_t id) {
        uint32_t low = 0, high = ledger->n, guess = ledger->n > 0 ? id - ledger->entries[0].id : 0;

        /* Without gaps, which is the usual case, the id determines the index. */
        if (guess < ledger->n && ledger->entries[guess].id == id && ledger->entries[guess].original)
                return &ledger->entries[guess];
        while (low < high) {
                uint32_t middle = low + (high - low) / 2;

                if (ledger->entries[middle].id < id)
                        low = middle + 1;
                else
                        high = middle;
        }
        return low < ledger->n && ledger->entries[low].id == id && ledger->entries[low].original ? &ledger->entries[low] : NULL;
}

/* Keeps the values in order of writing, without duplicates, the latest one last. */
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
        ledger->entries[ledger->n++] = (struct ledger_entry){ .id = id, .key = *key, .original = original };
        ledger->last_id = id;
        return 0;
}

/* Thousands of entries are removed together when the service stops. An entry is therefore only marked, and close_gaps() moves the
 * others in one pass. */
static void remove_entry(struct ledger_entry *entry) {
        free(entry->values);
        *entry = (struct ledger_entry){ .id = entry->id };
}

static void close_gaps(struct ledger *ledger) {
        uint32_t n = 0;

        for (uint32_t i = 0; i < ledger->n; i++)
                if (ledger->entries[i].original)
                        ledger->entries[n++] = ledger->entries[i];
        ledger->n = n;
}

/* -- reading -- */

/* Inserts the entry at the position of its id. Lines are in order of their ids, unless damage has changed an id to another valid
 * one. */
static int insert_entry(struct ledger *ledger, const struct ledger_line *line) {
        uint32_t last_id = ledger->last_id, at;
        struct ledger_entry entry;
        int r = append_entry(ledger, line->id, &line->key, line->text);

        if (r < 0 || line->id > last_id)
                return r;
        ledger->last_id = last_id;
        entry = ledger->entries[ledger->n - 1];
        for (at = ledger->n - 1; at > 0 && ledger->entries[at - 1].id >= entry.id; at--)
                ledger->entries[at] = ledger->entries[at - 1];
        ledger->entries[at] = entry;
        return 0;
}

static int take_line(struct ledger *ledger, char *text) {
        struct ledger_entry *entry;
        struct ledger_line line;
        int r = ledger_line_parse(text, &line);

        if (r < 0)
                return r;
        entry = find_entry(ledger, line.id);
        if (!entry != (line.kind == 'o')) /* a second original, or a value without an original */
                return -EBADMSG;
        if (line.kind == 'o')
                return insert_entry(ledger, &line);
        if (line.kind == 'w')
                return add_value(entry, line.text);
        if (line.kind == 'i')
                entry->key.identity = line.text;
        else if (line.kind == 'u')
                entry->incomplete = true;
        else
                remove_entry(entry);
        return 0;
}

static void note_bad_line(struct ledger *ledger, uint32_t number) {
        struct ledger_trouble *trouble = &ledger->trouble;

        if (trouble->n_bad < LEDGER_BAD_SHOWN)
                trouble->bad[trouble->n_bad] = number;
        trouble->n_bad++;
}

/* Returns 1 if the following lines belong to this boot and can be parsed, 0 if they are to be ignored. */
static int judge_header(struct ledger *ledger, const char *line, size_t length) {
        const char *boot_id;
        uint32_t version;

        if (strlen(line) != length || ledger_header_parse(line, &version, &boot_id) < 0) {
                note_bad_line(ledger, 1); /* the folder is emptied at each boot, so the rest belongs to this boot */
                return 1;
        }
        if (version != LEDGER_VERSION) {
                ledger->trouble.version = version;
                return 0;
        }
        return strcmp(boot_id, ledger->boot_id) == 0;
}

/* A last line without a line feed is ignored: it belongs to a batch that was not recorded completely, so no hardware write of this
 * batch has begun. */
static int read_lines(struct ledger *ledger, char *text, size_t n) {
        uint32_t number = 1;
        char *end;

        for (char *line = text; (end = memchr(line, '\n', n - (size_t) (line - text))); line = end + 1, number++) {
                int r;

                *end = '\0';
                if (number == 1) {
                        if (judge_header(ledger, line, (size_t) (end - line)) == 0)
                                return 0;
                        continue;
                }
                r = strlen(line) == (size_t) (end - line) ? take_line(ledger, line) : -EBADMSG;
                if (r == -EBADMSG)
                        note_bad_line(ledger, number);
                else if (r < 0)
                        return r;
        }
        return 0;
}

/* Entries are renumbered from 1 at each start, so that ids do not run out over many starts. */
static void number_entries(struct ledger *ledger) {
        close_gaps(ledger);
        for (uint32_t i = 0; i < ledger->n; i++)
                ledger->entries[i].id = i + 1;
        ledger->last_id = ledger->n;
}

/* A damaged line may have contained a value. Entries are always written together with a value, so an entry without values has lost
 * one, or belongs to a batch that was not recorded completely. */
static void mark_incomplete(struct ledger *ledger) {
        for (uint32_t i = 0; i < ledger->n; i++)
                if (ledger->trouble.n_bad > 0 || ledger->trouble.too_long || ledger->entries[i].n_values == 0)
                        ledger->entries[i].incomplete = true;
}

static int read_text(int fd, char *ret, size_t size) {
        size_t n = 0;
        ssize_t got;

        do {
                got = pread(fd, ret + n, size - n, (off_t) n);
                if (got < 0)
                        return -errno;
                n += (size_t) got;
        } while (got > 0);
        return (int) n;
}

/* Returns -EBADMSG if the ledger is not a regular file. */
static int read_file(struct ledger *ledger) {
        _cleanup_close_ int fd = openat(ledger->directory_fd, LEDGER_NAME, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
        _cleanup_free_ char *text = NULL;
        struct stat st;
        int r;

        if (fd < 0)
                return errno == ENOENT ? 0 : -errno;
        if (fstat(fd, &st) < 0)
                return -errno;
        if (!S_ISREG(st.st_mode))
                return -EBADMSG;
        ledger->trouble.too_long = st.st_size > LEDGER_BYTES_MAX;
        text = malloc((size_t) MIN(st.st_size, LEDGER_BYTES_MAX) + 1);
        if (!text)
                return -ENOMEM;
        r = read_text(fd, text, (size_t) MIN(st.st_size, LEDGER_BYTES_MAX));
        if (r > 0)
                r = read_lines(ledger, text, (size_t) r);
        number_entries(ledger);
        mark_incomplete(ledger);
        return r;
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

/* Writes the header, and all entries except those that are new in the batch, to a new file, which replaces the old one. */
static int rewrite(struct ledger *ledger) {
        struct buffer buffer = {};
        _cleanup_close_ int fd = -1;
        int r;

        if (ledger->directory_fd < 0) {
                ledger->file_bytes = 0;
                return 0;
        }
        ledger_format_header(&buffer, ledger->boot_id);
        for (uint32_t i = 0; i < ledger->batch_first; i++) {
                if (!ledger->entries[i].original) /* dropped */
                        continue;
                ledger_format_entry(&buffer, &ledger->entries[i]);
                for (uint32_t j = 0; j < ledger->entries[i].n_values; j++)
                        ledger_format_value(&buffer, ledger->entries[i].id, ledger->entries[i].values[j]);
                if (ledger->entries[i].incomplete)
                        ledger_format_incomplete(&buffer, ledger->entries[i].id);
        }
        fd = openat(ledger->directory_fd, LEDGER_NAME ".new", O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC | O_NOFOLLOW,
                    0600);
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

/* Gives the file a second name, so that the first one always exists until a new file replaces it. If it is not a regular file, or
 * cannot have a second name, it is renamed. */
static int keep_aside(struct ledger *ledger, bool is_file) {
        struct ledger_trouble *trouble = &ledger->trouble;
        int fd = ledger->directory_fd;

        if (trouble->version > 0)
                (void) TEXT_FORMAT(trouble->kept_as, LEDGER_NAME ".version-%" PRIu32, trouble->version);
        else
                (void) TEXT_FORMAT(trouble->kept_as, LEDGER_NAME ".bad");
        if (is_file) {
                (void) unlinkat(fd, trouble->kept_as, 0);
                if (linkat(fd, LEDGER_NAME, fd, trouble->kept_as, 0) == 0)
                        return 0;
        }
        return renameat(fd, LEDGER_NAME, fd, trouble->kept_as) < 0 ? -errno : 0;
}

static int read_and_keep(struct ledger *ledger) {
        int r = read_file(ledger);

        if (r < 0 && r != -EBADMSG)
                return r;
        if (r < 0 || ledger->trouble.n_bad > 0 || ledger->trouble.too_long || ledger->trouble.version > 0)
                return keep_aside(ledger, r >= 0);
        return 0;
}

/* If the disk is full, the entries that were read can still be restored, since this needs no space. Only new changes fail until
 * there is space. */
static int rewrite_or_wait(struct ledger *ledger) {
        int r = rewrite(ledger);

        if (r < 0)
                ledger->file_bytes = SIZE_MAX;
        return r == -ENOMEM ? r : 0;
}

int ledger_open(const char *directory, const char *boot_id, struct ledger **ret) {
        struct ledger *ledger = ledger_new(boot_id);
        int r = 0;

        if (!ledger)
                return -ENOMEM;
        if (directory)
                r = open_directory(ledger, directory);
        if (r >= 0 && directory)
                r = ledger_lock(ledger->directory_fd);
        if (r >= 0 && directory)
                r = read_and_keep(ledger);
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

const struct ledger_trouble *ledger_trouble(const struct ledger *ledger) {
        return &ledger->trouble;
}

int ledger_peek(const char *directory, const char *boot_id, struct ledger **ret) {
        struct ledger *ledger = ledger_new(boot_id);
        bool in_use = false;

        if (!ledger)
                return -ENOMEM;
        if (open_directory(ledger, directory) >= 0) {
                in_use = ledger_is_locked(ledger->directory_fd); /* tested before reading, since the instance may restore its last
                                                                    value and stop in between */
                if (read_file(ledger) < 0)
                        forget_entries(ledger);
        }
        ledger->directory_fd = close_fd(ledger->directory_fd); /* from here on, the ledger is only in memory */
        ledger->batch_first = ledger->n;
        *ret = ledger;
        return in_use;
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
        ledger->pending[ledger->n_pending++] = (struct pending){ .id = id, .value = value };
        return 0;
}

/* Returns false for a text that would split a line or a field. */
static bool is_field(const char *text) {
        return !strpbrk(text, "\t\n");
}

int ledger_note(struct ledger *ledger, uint32_t id, const struct ledger_key *key, const char *original, const char *value) {
        struct ledger_entry *entry = id > 0 ? find_entry(ledger, id) : NULL;
        int r;

        if (!is_field(value) || !is_field(original))
                return -EINVAL;
        if (!entry) {
                if (!is_field(key->path) || !is_field(key->label) || !is_field(key->identity))
                        return -EINVAL;
                if (ledger->last_id == LEDGER_ID_MAX)
                        return -EOVERFLOW;
                r = append_entry(ledger, ledger->last_id + 1, key, original);
                if (r < 0)
                        return r;
                entry = &ledger->entries[ledger->n - 1];
                ledger_format_entry(&ledger->batch, entry);
        }
        r = add_pending(ledger, entry->id, value);
        if (r < 0)
                return r;
        ledger_format_value(&ledger->batch, entry->id, value);
        return (int) entry->id;
}

void ledger_abort(struct ledger *ledger) {
        for (; ledger->n > ledger->batch_first; ledger->n--)
                free(ledger->entries[ledger->n - 1].values);
        ledger->batch.n = ledger->batch_drops;
        ledger->batch.failed = false;
        ledger->n_pending = 0;
}

/* Replaces the file, which is out of date or has an incomplete end that could not be truncated. The new file already reflects the
 * records before the batch, so they are removed from the buffer. */
static int replace_torn(struct ledger *ledger) {
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
                struct ledger_entry *entry = find_entry(ledger, ledger->pending[i].id);

                if (entry && add_value(entry, ledger->pending[i].value) < 0)
                        entry->incomplete = true; /* the value is only in the file */
        }
        ledger->n_pending = 0;
}

int ledger_commit(struct ledger *ledger) {
        int r = ledger->batch.failed ? -ENOMEM : 0;

        if (r >= 0 && ledger->file_bytes == SIZE_MAX && ledger->batch.n > 0)
                r = replace_torn(ledger);
        if (r >= 0 && ledger->fd >= 0)
                r = write_all(ledger->fd, ledger->batch.data, ledger->batch.n);
        if (r < 0) {
                if (ledger->fd >= 0 && ftruncate(ledger->fd, (off_t) ledger->file_bytes) < 0)
                        ledger->file_bytes = SIZE_MAX; /* nothing may be appended to the incomplete end, so the next commit replaces
                                                          the file */
                ledger_abort(ledger);
                return r;
        }
        ledger->file_bytes += ledger->batch.n;
        ledger->batch.n = ledger->batch_drops = 0;
        ledger->batch_first = ledger->n;
        take_pending(ledger);
        return 0;
}

/* Outside of a batch, a line is buffered completely or not at all. If memory allocation failed, the next commit replaces the file,
 * which makes the line unnecessary. */
static void end_line(struct ledger *ledger, size_t before) {
        if (!ledger->batch.failed)
                return;
        ledger->batch.n = before;
        ledger->batch.failed = false;
        ledger->file_bytes = SIZE_MAX;
}

void ledger_add_shown(struct ledger *ledger, uint32_t id, const char *value) {
        struct ledger_entry *entry = find_entry(ledger, id);
        size_t before = ledger->batch.n;

        if (!entry || !is_field(value))
                return;
        if (add_value(entry, value) < 0)
                entry->incomplete = true;
        ledger_format_value(&ledger->batch, id, value);
        end_line(ledger, before);
}

void ledger_refused(struct ledger *ledger, uint32_t id) {
        const struct ledger_entry *entry = find_entry(ledger, id);

        if (entry && entry->n_values >= 2)
                ledger_add_shown(ledger, id, entry->values[entry->n_values - 2]);
}

void ledger_drop(struct ledger *ledger, uint32_t id) {
        struct ledger_entry *entry = find_entry(ledger, id);
        size_t before = ledger->batch.n;

        if (!entry)
                return;
        remove_entry(entry);
        ledger_format_drop(&ledger->batch, id);
        end_line(ledger, before);
}

/* A knob has the latest value, or, while a write is pending or its result is unknown, one of those just before it. Older values are
 * dropped, since a value of another program that equals one of them would be taken for the service's. */
static void keep_last_values(struct ledger *ledger) {
        for (uint32_t i = 0; i < ledger->n; i++) {
                struct ledger_entry *entry = &ledger->entries[i];

                if (entry->n_values <= VALUES_KEPT)
                        continue;
                memmove(entry->values, entry->values + entry->n_values - VALUES_KEPT, VALUES_KEPT * sizeof(*entry->values));
                entry->n_values = VALUES_KEPT;
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
        if (r >= 0 &&
            ledger->file_bytes > MIN(GROWTH_MAX * MAX(ledger->needed_bytes, (size_t) 4096), (size_t) LEDGER_BYTES_MAX / 2)) {
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
        return find_entry(ledger, id);
}
