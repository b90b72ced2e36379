// SPDX-License-Identifier: GPL-2.0-or-later
// libgovernord from C++: it compiles without a cast, links, and works without a service.
#include <governord/qos.h>
#include <governord/ring.h>

int main() {
        gov_qos_options options = GOV_QOS_OPTIONS(2000);
        struct gov_qos_status status = {};
        gov_qos *qos = nullptr;

        options.permille = 990;
        if (gov_qos_open(&options, &qos) != 0)
                return 1;
        if (gov_qos_options_init(&options, sizeof(options), 3000) != 0 || options.target_us != 3000 || options.permille != 0 ||
            gov_qos_options_init(&options, 4, 3000) == 0)
                return 4;
        gov_qos_end(qos, gov_qos_begin(qos));
        gov_qos_report(qos, 5);
        gov_qos_spike(qos);
        status.size = sizeof(status);
        if (gov_qos_status(qos, &status) != 0)
                return 2;
        return gov_qos_close(qos) == nullptr ? 0 : 3;
}
