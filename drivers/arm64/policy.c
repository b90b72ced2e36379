/* SPDX-License-Identifier: GPL-2.0-or-later */

#include "drivers/arm64/policy.h"

#include "drivers/common/boost.h"
#include "drivers/common/cpufreq.h"

int arm64_add_policy(struct arm64 *arm64, uint32_t policy) {
        struct cpufreq_rows present = { ROW_GOVERNOR, ROW_MIN_FREQ, ROW_MAX_FREQ, ROW_BOOST, CPUFREQ_NO_ROW };

        if (boost_exists(arm64->set.host, policy))
                arm64->boosts = true;
        else
                present.boost = CPUFREQ_NO_ROW;
        return cpufreq_add(&arm64->set, &present, policy);
}
