#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Other programs write the knobs that sessions control, while sessions are active: the service notices each of these writes on
every CPU."""

# This imports test_sessions.py of this folder. It comes first because the module story adds tests/bus, which has a module of the
# same name, to the path.
from test_sessions import BPF, CPUS, HIGHEST, LATE, UPPER, USER, Sessions, main

CEILING, CEILING_KHZ = 600, 2460938  # set by the administrator
ELSEWHERE = 7                        # a CPU without a session, since clients are pinned to another one


class DuringASession:
    def setUp(self):
        super().setUp()
        self.ask("SetLevel", "node", -1, CEILING, signature="sii")
        self.client_of_ours = self.bursty(cpu=CPUS[0])
        self.client_of_ours.report(LATE)
        self.wait_raised(CPUS[0], CEILING_KHZ)
        self.idle()

    def upper(self):
        return int(self.sim.read(UPPER % ELSEWHERE))

    def knob(self):
        knob, = self.knobs(f"policy{ELSEWHERE}", "max-freq")
        return knob

    def test_is_noticed_elsewhere(self):
        self.poke(UPPER % ELSEWHERE, str(HIGHEST))
        self.governord.wait_log(f'policy{ELSEWHERE} max-freq was set to "{HIGHEST} kHz" by ')
        self.assertEqual((self.knob().state, self.knob().value, self.knob().wanted), ("yielded", str(HIGHEST), str(CEILING_KHZ)))
        now = [row[2] for row in self.ask("Explain", "balanced") if row[:2] == [f"policy{ELSEWHERE}", "max-freq"]]
        self.assertEqual(now, [str(HIGHEST)])
        self.client_of_ours.end()
        self.wait_let_go(CPUS[0])
        self.choose("performance")
        self.assertEqual((self.upper(), self.knob().state), (CEILING_KHZ, "ok"))
        self.ask("SetLevel", "node", -1, -1, signature="sii")
        self.choose("balanced")
        self.wait_pristine()

    def test_is_put_back_elsewhere(self):
        self.write_config("[governord]\ndrift = reassert\n")
        self.ask("Reload")
        self.governord.wait_log("Probing drivers again: new configuration")
        self.idle()
        self.poke(UPPER % ELSEWHERE, str(HIGHEST))
        self.governord.wait_log(f'restoring "{CEILING_KHZ} kHz" (attempt 1 of 3)')
        self.sim.wait(UPPER % ELSEWHERE, str(CEILING_KHZ))
        self.assertEqual(self.knob().state, "ok")


class DriftUser(DuringASession, Sessions):
    RUNG, OPTIONS = "user", USER


class DriftBpf(DuringASession, Sessions):
    RUNG, OPTIONS = "bpf", BPF


if __name__ == "__main__":
    main()
