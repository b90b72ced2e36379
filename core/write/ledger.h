/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef CORE_LEDGER_H
#define CORE_LEDGER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * The ledger records the original value of every knob that the service changes, and every value that it is about to write. Both are
 * in the file before the hardware is written. The file is in the runtime directory, since a reboot also resets the hardware. The
 * ledger survives kill -9 at any moment: a batch is appended to the file before the first write of the batch, and an incomplete
 * last line is ignored. "Durable" below means that a record survives the process, not a reboot.
 */

struct ledger;

/* Format of the file. */
#define LEDGER_VERSION 1

struct ledger_key {
        const char *driver, *knob; /* interned */
        uint32_t scope, domain;
        const char *path, *label; /* interned, may be "" */
        const char *identity;     /* likewise; identity of a device that may reappear under another path */
};

struct ledger_entry {
        uint32_t id; /* from 1 */
        struct ledger_key key;
        const char *original; /* interned */
        const char **values;  /* values that the service wrote, was about to write, or read back after a write; interned */
        uint32_t n_values;
        bool incomplete; /* values may be missing: the entry was read from a damaged file, or memory allocation failed */
};

/* Maximum number of damaged lines whose line numbers are kept for messages. */
#define LEDGER_BAD_SHOWN 8

/* The parts of the file that could not be used. If there are any, the original file is kept under another name. */
struct ledger_trouble {
        uint32_t n_bad;                 /* number of lines that could not be parsed; all other lines were used */
        uint32_t bad[LEDGER_BAD_SHOWN]; /* line numbers of the first of them, from 1 */
        bool too_long;                  /* the file is too long, and its end was not read */
        uint32_t version;               /* 0, or the format version of the file if this version of governord cannot parse it */
        char kept_as[32];               /* new name of the file, in the same directory; "" if the whole file could be used */
};

/* Opens DIRECTORY/ledger, creating it if needed, and reads the entries that an earlier instance of the service has left. Entries of
 * an earlier boot (another `boot_id`) are dropped. Damaged lines are skipped, see ledger_trouble(). On a full disk the ledger can
 * be opened, but commits fail until there is space. With directory = NULL the ledger is kept only in memory. Waits at most five
 * seconds while another instance has locked the directory. Returns 0 or a negative errno: -EBUSY if it is still locked after that
 * time; -EINTR if SIGTERM or SIGINT becomes pending in the meantime. */
int ledger_open(const char *directory, const char *boot_id, struct ledger **ret);
const struct ledger_trouble *ledger_trouble(const struct ledger *ledger);
/* Reads the present content of the ledger without modifying it, for --dry-run. A ledger that cannot be read counts as empty.
 * Returns 1 if a running instance of the service uses the ledger, 0 if none does, or -ENOMEM. */
int ledger_peek(const char *directory, const char *boot_id, struct ledger **ret);
struct ledger *ledger_free(struct ledger *ledger);

/* A batch consists of one begin, any number of notes, and one commit. ledger_note() adds a value to the entry `id`, or to a new
 * entry with `original` if there is no such entry (`id` is 0, for example). It returns the id of the entry; -EINVAL if a text that
 * would be stored has several lines or a tab; -EOVERFLOW if there is no free id; or -ENOMEM. ledger_commit() makes the batch
 * durable. It returns 0 or a negative errno such as -ENOSPC. After an error, nothing of the batch is in the ledger, not even new
 * ids, and the hardware must not be written. */
void ledger_begin(struct ledger *ledger);
int ledger_note(struct ledger *ledger, uint32_t id, const struct ledger_key *key, const char *original, const char *value);
int ledger_commit(struct ledger *ledger);
/* Discards the batch, with the same result as a failed commit. */
void ledger_abort(struct ledger *ledger);

/* Records the text that was read back after a write. To be called if it differs from the written one (a number shown by its name,
 * rounded, or changed by firmware). This text also counts as a value of the service. It becomes durable with the next
 * ledger_settle() at the latest. */
void ledger_add_shown(struct ledger *ledger, uint32_t id, const char *value);
/* Records that the hardware rejected the latest value: the value before it becomes the latest one again. This becomes durable with
 * the next ledger_settle() at the latest. */
void ledger_refused(struct ledger *ledger, uint32_t id);
/* Removes the entry of a knob that has its original value again, or the value of another program. This becomes durable with the
 * next ledger_settle() at the latest. */
void ledger_drop(struct ledger *ledger, uint32_t id);
/* To be called after a batch was carried out: writes the records that are not durable yet. If the file has grown too large,
 * replaces it with one that contains only the latest values of each entry. Returns 0 or a negative errno; after an error the ledger
 * remains usable and safe. */
int ledger_settle(struct ledger *ledger);

/* ledger_count() and ledger_at() access the entries in order of their ids, right after ledger_open(), ledger_peek() or
 * ledger_settle(); an entry that is removed afterwards keeps its index. ledger_find() returns NULL if there is no entry with this
 * id. Pointers are valid until the next ledger_note() or ledger_settle(). */
uint32_t ledger_count(const struct ledger *ledger);
const struct ledger_entry *ledger_at(const struct ledger *ledger, uint32_t index);
const struct ledger_entry *ledger_find(const struct ledger *ledger, uint32_t id);

#endif
