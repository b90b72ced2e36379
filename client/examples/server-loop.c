/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * A server that reports the latency of its requests, with the target that p99 is 500 µs or less. It reads one request per line from
 * standard input and answers on standard output, like a service started by inetd or by a systemd socket; a real server differs in
 * the two marked lines. One read may return several requests. The later ones wait while the earlier ones are served, and this wait
 * is part of their latency; so the time of arrival is the time of the read. Time in the pipe or socket before the read is not
 * measured. The server ends at a request of more than 4096 bytes.
 *
 *     cc server-loop.c $(pkg-config --cflags --libs governord-qos) -o server-loop
 *     seq 1000 | ./server-loop > /dev/null
 */
#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <governord/qos.h>

static void answer(const char *request, size_t length) {
        for (size_t i = 0; i < length; i++)
                (void) putchar(toupper((unsigned char) request[i]));
        (void) fflush(stdout);
}

/* Serves all complete requests. Moves the bytes of an incomplete last one to the front and returns their number. */
static size_t serve(struct gov_qos *qos, char *requests, size_t length, uint64_t arrived_ns) {
        char *request = requests, *end;

        while ((end = memchr(request, '\n', length))) {
                size_t n = (size_t) (end - request) + 1;

                answer(request, n); /* <- serve a request */
                gov_qos_end(qos, arrived_ns);
                request += n;
                length -= n;
        }
        (void) memmove(requests, request, length);
        return length;
}

int main(void) {
        struct gov_qos_options options = GOV_QOS_OPTIONS(500);
        struct gov_qos_status status = { .size = sizeof(status) };
        struct gov_qos *qos = NULL;
        char requests[4096];
        size_t length = 0;
        ssize_t n;

        options.permille = 990;
        options.application = "example server";
        (void) gov_qos_open(&options, &qos); /* if it fails, qos is NULL, which all calls below accept */

        while (length < sizeof(requests) && (n = read(0, requests + length, sizeof(requests) - length)) > 0) { /* <- wait */
                uint64_t arrived_ns = gov_qos_begin(qos);

                length = serve(qos, requests, length + (size_t) n, arrived_ns);
        }

        (void) gov_qos_status(qos, &status);
        fprintf(stderr, "%llu reported, %llu dropped. %s\n", (unsigned long long) status.reported,
                (unsigned long long) status.dropped, status.message);
        gov_qos_close(qos);
        return 0;
}
