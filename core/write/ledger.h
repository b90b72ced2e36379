/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CORE_LEDGER_H
#define CORE_LEDGER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * The ledger: the original value of every knob that we changed and every value that we meant to write there, on disk before the
 * hardware is touched. It lives in the runtime directory, since a reboot resets the hardware too; it survives kill -9 at any
 * moment, because each batch is one append that ends before the first write of the batch begins, and a torn last line is
 * ignored.
 */

struct ledger;

/* Format of the file. */
#define LEDGER_VERSION 1

struct ledger_key {
        const char *driver, *knob; /* interned */
        uint32_t scope, domain;
        const char *path, *label; /* interned, may be "" */
        const char *identity;     /* likewise: of a device that may come back elsewhere */
};

struct ledger_entry {
        uint32_t id; /* 1 and up */
        struct ledger_key key;
        const char *original; /* interned */
        const char **values;  /* what we wrote or meant to; interned */
        uint32_t n_values;
        bool incomplete; /* values may be missing: it was read from a damaged file, or memory was short */
};

/* Lines whose numbers are kept for messages. */
#define LEDGER_BAD_SHOWN 8

/* What of the file could not be used. The file as it was is kept beside the new one. */
struct ledger_trouble {
        uint32_t n_bad;                 /* lines that could not be read; all others count */
        uint32_t bad[LEDGER_BAD_SHOWN]; /* numbers of the first ones, from 1 */
        bool too_long;                  /* the end was not read */
        uint32_t version;               /* 0, or of another version of governord, whose lines are not understood */
        char kept_as[32];               /* name in the directory; "" when there was no trouble */
};

/* Opens DIRECTORY/ledger, creating it if needed, and reads what a predecessor left there. Entries of an earlier boot (other
 * `boot_id`) are dropped. Lines that cannot be read are skipped, see ledger_trouble(). On a full disk it opens, and commits fail until
 * there is space. With directory = NULL the ledger is kept in memory only. Waits at most five seconds for a predecessor that still has
 * it, then -EBUSY; -EINTR when SIGTERM or SIGINT is pending meanwhile. 0 or negative errno. */
int ledger_open(const char *directory, const char *boot_id, struct ledger **ret);
const struct ledger_trouble *ledger_trouble(const struct ledger *ledger);
/* What is in the ledger now, without touching it: for --dry-run. Nothing readable is an empty ledger. 1 when an instance of the service is
 * using it, so that its entries are not a predecessor's, else 0; -ENOMEM. */
int ledger_peek(const char *directory, const char *boot_id, struct ledger **ret);
struct ledger *ledger_free(struct ledger *ledger);

/* One batch: begin, any number of note, commit. note() returns the entry's id (an existing one when `id` is not 0, else a new one
 * with `original`), -EINVAL for a value of several lines or with a tab, or -ENOMEM. commit() makes the batch durable: 0, or negative errno (-ENOSPC), after which nothing of the batch
 * is in the ledger, new ids included, and the hardware must not be touched. */
void ledger_begin(struct ledger *ledger);
int ledger_note(struct ledger *ledger, uint32_t id, const struct ledger_key *key, const char *original, const char *value);
int ledger_commit(struct ledger *ledger);
/* Gives the batch up instead: as after a failed commit. */
void ledger_abort(struct ledger *ledger);

/* What a knob shows after our write, where that is another text (a number shown by its name, rounded, or changed by firmware): it is
 * ours, too. Durable with the next ledger_settle(). */
void ledger_add_shown(struct ledger *ledger, uint32_t id, const char *value);
/* The hardware refused the value of the last batch, so the one before it is still in place, and counts as the latest again. Durable with
 * the next ledger_settle(). */
void ledger_refused(struct ledger *ledger, uint32_t id);
/* The knob is back at its original (or has another program's value): the entry goes. Durable with the next ledger_settle(). */
void ledger_drop(struct ledger *ledger, uint32_t id);
/* After a batch was carried out: writes the drops, and when the file has grown, replaces it with only what is needed: for each entry
 * the latest values. 0 or negative errno; the ledger stays usable and safe on error. */
int ledger_settle(struct ledger *ledger);

/* Entries in order of their id, right after ledger_open() or ledger_settle(); pointers are valid until the next note. */
uint32_t ledger_count(const struct ledger *ledger);
const struct ledger_entry *ledger_at(const struct ledger *ledger, uint32_t index);
const struct ledger_entry *ledger_find(const struct ledger *ledger, uint32_t id);

#endif
