/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DRIVERS_AMD_HSMP_H
#define DRIVERS_AMD_HSMP_H

#include "drivers/common/knobset.h"

/*
 * The mailbox of EPYC's management firmware ("HSMP"), served by the kernel's amd_hsmp module as /dev/hsmp: the only way to cap the
 * power of an AMD socket. The messages are sent through a function pointer, so that a test can replace the firmware.
 */

/* As in the kernel's <asm/amd_hsmp.h>, which Debian 12 has for x86 only. */
struct hsmp_message {
        uint32_t id;
        uint16_t n_arguments;
        uint16_t n_responses;
        uint32_t words[8]; /* arguments, and after the call the answers */
        uint16_t socket;
};

enum {
        HSMP_GET_PROTO_VER = 0x03,
        HSMP_GET_SOCKET_POWER = 0x04, /* all in milliwatts */
        HSMP_SET_SOCKET_POWER_LIMIT = 0x05,
        HSMP_GET_SOCKET_POWER_LIMIT = 0x06,
        HSMP_GET_SOCKET_POWER_LIMIT_MAX = 0x07
};

/* The kernel's own bound for the machines that have HSMP. */
#define HSMP_SOCKETS_MAX 8

struct hsmp {
        int fd; /* -1 when there is none */
        /* Sends one message and stores the answer in it. 0 or negative errno. NULL: no mailbox. */
        int (*send)(const struct hsmp *hsmp, struct hsmp_message *message);
        void *userdata; /* of `send` */
};

/* Opens the mailbox. Never fails: there is no mailbox without a device, without permission to open it, and in a simulated
 * machine. */
void hsmp_open(struct hsmp *hsmp, const struct gov_host *host);
void hsmp_close(struct hsmp *hsmp);
/* Adds the knobs of all sockets that answer. Returns their number, or -ENOMEM. */
int hsmp_add(const struct hsmp *hsmp, struct knobset *set, uint32_t row_limit, uint32_t row_power);

/* Values in microwatts, as text. hsmp_read() returns the length. */
int hsmp_read(const struct hsmp *hsmp, uint32_t id, uint32_t socket, char *ret, size_t size);
int hsmp_write_limit(const struct hsmp *hsmp, uint32_t socket, const char *value);

#endif
