/* SPDX-License-Identifier: GPL-2.0-or-later */
/* governorctl launch: runs a command and holds requests while it runs. If the service rejects a request, the command is not run. If
 * the hold ends first (deadline, choice of another profile, end of the service), the command keeps running. */

#include <string.h>

#include "base/cleanup.h"
#include "tools/common/child.h"
#include "tools/common/xalloc.h"
#include "tools/ctl/command.h"
#include "tools/ctl/request.h"

static const char *base_name(const char *path) {
        const char *slash = strrchr(path, '/');

        return slash && slash[1] ? slash + 1 : path;
}

static int run(struct cli *cli, struct request *request) {
        siginfo_t end;
        int r;

        child_prepare();
        r = request_send(cli, request);
        if (r != CLI_OK)
                return r;
        r = child_run(cli->options.words, &end);
        request_release(cli, request);
        if (r >= 0)
                return child_imitate(&end);
        return child_refused(cli->program, cli_word(cli, 0), r);
}

int command_launch(struct cli *cli) {
        const char *name = base_name(cli_word(cli, 0));
        struct request request = { .application = name };
        _cleanup_free_ char *reason = xasprintf("Running %s", name);
        int r;

        request.reason = reason;
        r = request_options(cli, &request);
        if (r != CLI_OK)
                return r;
        if (!request.profile && request.floor == LEVEL_NONE && request.ceiling == LEVEL_NONE)
                request.profile = "performance";
        return run(cli, &request);
}
