/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A server that reports the latency of its requests: p99 shall be 500 µs or less. It reads one request a line from standard input
 * and answers on standard output, as a service does that inetd or a systemd socket starts; a real one differs in the two lines
 * marked. A request is served as soon as it is read; a server with a queue of its own notes when each request arrived, and gives that time
 * to gov_qos_end(), so that the time in the queue counts.
 *
 *     cc server-loop.c $(pkg-config --cflags --libs governord-qos) -o server-loop
 *     seq 1000 | ./server-loop > /dev/null
 */
#include <ctype.h>
#include <stdio.h>

#include <governord/qos.h>

static void answer(char *request) {
        for (char *c = request; *c; c++)
                *c = (char) toupper((unsigned char) *c);
        (void) fputs(request, stdout);
        (void) fflush(stdout);
}

int main(void) {
        struct gov_qos_options options = GOV_QOS_OPTIONS(500);
        struct gov_qos_status status = { .size = sizeof(status) };
        struct gov_qos *qos = NULL;
        char request[4096];

        options.permille = 990;
        options.application = "example server";
        (void) gov_qos_open(&options, &qos); /* without a handle, too, all calls below are right */

        while (fgets(request, sizeof(request), stdin)) { /* <- wait for a request */
                uint64_t begin = gov_qos_begin(qos);

                answer(request); /* <- serve it */
                gov_qos_end(qos, begin);
        }

        (void) gov_qos_status(qos, &status);
        fprintf(stderr, "%llu reported, %llu dropped. %s\n", (unsigned long long) status.reported,
                (unsigned long long) status.dropped, status.message);
        gov_qos_close(qos);
        return 0;
}
