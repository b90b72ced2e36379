/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CORE_LEDGER_H
#define CORE_LEDGER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * The ledger records the original value of every knob that the service changes, and every value that it is about to write there.
 * These are on disk before the hardware is touched. The ledger is in the runtime directory, since a reboot resets the hardware,
 * too. It survives kill -9 at any moment: each batch is one append that ends before the first write of the batch, and an incomplete
 * last line is ignored.
 */

struct ledger;

/* Format of the file. */
#define LEDGER_VERSION 1

struct ledger_key {
        const char *driver, *knob; /* interned */
        uint32_t scope, domain;
        const char *path, *label; /* interned, may be "" */
        const char *identity;     /* likewise: identity of a device that may reappear elsewhere */
};

struct ledger_entry {
        uint32_t id; /* 1 and up */
        struct ledger_key key;
        const char *original; /* interned */
        const char **values;  /* values that the service wrote or was about to write; interned */
        uint32_t n_values;
        bool incomplete; /* values may be missing: the entry was read from a damaged file, or memory was short */
};

/* Maximum number of damaged lines whose numbers are kept for messages. */
#define LEDGER_BAD_SHOWN 8

/* The parts of the file that could not be used. The unmodified file is kept beside the new one. */
struct ledger_trouble {
        uint32_t n_bad;                 /* lines that could not be parsed; all other lines count */
        uint32_t bad[LEDGER_BAD_SHOWN]; /* numbers of the first ones, from 1 */
        bool too_long;                  /* the end was not read */
        uint32_t version;               /* 0, or the format version of the file if this version of governord cannot parse it */
        char kept_as[32];               /* name in the directory; "" when there was no trouble */
};

/* Opens DIRECTORY/ledger, creating it if needed, and reads the entries of a predecessor. Entries of an earlier boot (another
 * `boot_id`) are dropped. Damaged lines are skipped, see ledger_trouble(). On a full disk the ledger opens, but commits fail until
 * there is space. With directory = NULL the ledger is kept only in memory. Waits at most five seconds for a predecessor that still
 * holds the folder. Returns 0 or a negative errno: -EBUSY after that time; -EINTR if SIGTERM or SIGINT becomes pending in the
 * meantime. */
int ledger_open(const char *directory, const char *boot_id, struct ledger **ret);
const struct ledger_trouble *ledger_trouble(const struct ledger *ledger);
/* Reads the present content of the ledger without modifying it, for --dry-run. A ledger that cannot be read counts as empty.
 * Returns 1 when an instance of the service is using the ledger, so that its entries are not those of a predecessor; 0 otherwise;
 * -ENOMEM. */
int ledger_peek(const char *directory, const char *boot_id, struct ledger **ret);
struct ledger *ledger_free(struct ledger *ledger);

/* A batch consists of one begin, any number of notes, and one commit. ledger_note() adds a value to the entry `id`, or to a new
 * entry with `original` if `id` is 0. It returns the id of the entry, -EINVAL for a value with several lines or a tab, or -ENOMEM.
 * ledger_commit() makes the batch durable. It returns 0, or a negative errno (-ENOSPC): then nothing of the batch is in the ledger,
 * not even new ids, and the hardware must not be touched. */
void ledger_begin(struct ledger *ledger);
int ledger_note(struct ledger *ledger, uint32_t id, const struct ledger_key *key, const char *original, const char *value);
int ledger_commit(struct ledger *ledger);
/* Discards the batch, with the same result as a failed commit. */
void ledger_abort(struct ledger *ledger);

/* Records the text that a knob shows after a write, if it differs from the written one (a number shown by its name, rounded, or
 * changed by firmware): it also counts as a value of the service. It becomes durable with the next ledger_settle(). */
void ledger_add_shown(struct ledger *ledger, uint32_t id, const char *value);
/* The hardware rejected the value of the last batch, so the previous value is still in force and counts as the latest one again.
 * This becomes durable with the next ledger_settle(). */
void ledger_refused(struct ledger *ledger, uint32_t id);
/* Removes the entry of a knob that has its original value again, or the value of another program. This becomes durable with the
 * next ledger_settle(). */
void ledger_drop(struct ledger *ledger, uint32_t id);
/* To be called after a batch was carried out: writes the records that are not durable yet. If the file has grown too large,
 * replaces it with one that only has the latest values of each entry. Returns 0 or a negative errno; after an error the ledger
 * remains usable and safe. */
int ledger_settle(struct ledger *ledger);

/* Return the entries in order of their id. To be called right after ledger_open() or ledger_settle(). Pointers are valid until the
 * next ledger_note(). */
uint32_t ledger_count(const struct ledger *ledger);
const struct ledger_entry *ledger_at(const struct ledger *ledger, uint32_t index);
const struct ledger_entry *ledger_find(const struct ledger *ledger, uint32_t id);

#endif
