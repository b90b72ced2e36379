# SPDX-License-Identifier: GPL-2.0-or-later
"""An application in a guest that reports latencies to the service (guest/client.c, with libgovernord)."""

from virtlab.guest import Failed
from virtlab.service import BUS, wait

LOG, PID = "/run/lab/client.log", "/run/lab/client.pid"
TARGET_US, LATE_US, EARLY_US = 2000, 9000, 100  # far from the target, so that the level is the highest, or sinks to the lowest


class Client:
    def __init__(self, vm):
        self.vm = vm

    def start(self, cpu):
        """All its work takes too long, and all its threads are on one CPU. Returns when its session is open."""
        self.vm.run(f"{BUS}lab-client {TARGET_US} {LATE_US} {EARLY_US} {cpu} > {LOG} 2>&1 &\necho $! > {PID}")
        self.wait_open(1)

    def wait_open(self, sessions):
        """Returns when the latest of so many sessions is open."""
        try:
            wait(self.vm, f"tail -n 1 {LOG} | grep -q '^open [a-z]* {sessions} '")
        except Failed as error:
            raise Failed(f"session {sessions} of the client: {error}; its states:\n{self.log}") from None

    def be_early(self):
        """From now on its work takes much less time than it may."""
        self.signal("USR1")

    def move(self, cpu):
        """Puts its main thread on another CPU."""
        self.vm.run(f"taskset -p {1 << cpu:x} $(cat {PID})")

    def signal(self, name):
        self.vm.run(f"kill -{name} $(cat {PID})")

    def stop(self):
        """Kills it, if there is one, and waits until it is gone."""
        self.vm.run(f"[ -e {PID} ] || exit 0; pid=$(cat {PID}); kill -KILL $pid 2> /dev/null; rm {PID}\n"
                    "while [ -e /proc/$pid ]; do usleep 10000; done")

    @property
    def log(self):
        """Its states so far: state, rung, number of sessions, why; a line each."""
        return self.vm.run(f"cat {LOG} 2> /dev/null || true").output

    @property
    def rung(self):
        """How its reports reach the service."""
        return self.log.splitlines()[-1].split()[1]
