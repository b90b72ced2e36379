/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DRIVERS_AMD_HSMP_H
#define DRIVERS_AMD_HSMP_H

#include "drivers/common/knobset.h"

/*
 * The mailbox of the management firmware of EPYC processors (HSMP), which the kernel module amd_hsmp provides as /dev/hsmp. It is
 * the only interface for the power limit of an AMD socket. Messages are sent through a function pointer, so that a test can replace
 * the firmware.
 */

/* The same as in <asm/amd_hsmp.h> of the kernel, which Debian 12 has only for x86. */
struct hsmp_message {
        uint32_t id;
        uint16_t n_arguments;
        uint16_t n_responses;
        uint32_t words[8]; /* arguments; after the call, the response */
        uint16_t socket;
};

enum {
        HSMP_GET_PROTO_VER = 0x03,
        HSMP_GET_SOCKET_POWER = 0x04, /* this and the following values are in milliwatts */
        HSMP_SET_SOCKET_POWER_LIMIT = 0x05,
        HSMP_GET_SOCKET_POWER_LIMIT = 0x06,
        HSMP_GET_SOCKET_POWER_LIMIT_MAX = 0x07
};

/* The kernel's limit for machines with HSMP. */
#define HSMP_SOCKETS_MAX 8

struct hsmp {
        int fd; /* of the device; -1: none */
        /* Sends a message and stores the response in it. Returns 0 or a negative errno. NULL: there is no mailbox. */
        int (*send)(const struct hsmp *hsmp, struct hsmp_message *message);
        void *userdata; /* for `send` */
};

/* Opens the mailbox. There is no mailbox (which is not an error) if the device does not exist or cannot be opened, and on a
 * simulated machine. */
void hsmp_open(struct hsmp *hsmp, const struct gov_host *host);
void hsmp_close(struct hsmp *hsmp);
/* Adds the knobs of all sockets that respond. Returns the number of sockets, or -ENOMEM. */
int hsmp_add(const struct hsmp *hsmp, struct knobset *set, uint32_t row_limit, uint32_t row_power);

/* Read and write values in microwatts, as text. hsmp_read() returns the length of the text. */
int hsmp_read(const struct hsmp *hsmp, uint32_t id, uint32_t socket, char *ret, size_t size);
int hsmp_write_limit(const struct hsmp *hsmp, uint32_t socket, const char *value);

#endif
