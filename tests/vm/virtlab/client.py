# SPDX-License-Identifier: GPL-2.0-or-later
"""An application in a guest that reports latencies to the service (guest/client.c, with libgovernord)."""

from virtlab.guest import Failed
from virtlab.service import BUS, wait

LOG, PID = "/run/lab/client.log", "/run/lab/client.pid"
TARGET_US, LATE_US, EARLY_US = 2000, 9000, 100  # far from the target, so that the level becomes the highest or the lowest


class Client:
    def __init__(self, vm):
        self.vm = vm

    def start(self, cpu):
        """Starts an application that always misses its target, with all threads on one CPU. Returns when its session is open."""
        self.vm.run(f"{BUS}lab-client {TARGET_US} {LATE_US} {EARLY_US} {cpu} > {LOG} 2>&1 &\necho $! > {PID}")
        self.wait_open(1)

    def wait_open(self, sessions):
        """Returns when the application has opened this number of sessions and the latest one is open."""
        try:
            wait(self.vm, f"tail -n 1 {LOG} | grep -q '^open [a-z]* {sessions} '")
        except Failed as error:
            raise Failed(f"session {sessions} of the client: {error}; its states:\n{self.log}") from None

    def be_early(self):
        """Makes it report latencies far below its target."""
        self.signal("USR1")

    def move(self, cpu):
        """Moves its main thread to another CPU."""
        self.vm.run(f"taskset -p {1 << cpu:x} $(cat {PID})")

    def signal(self, name):
        self.vm.run(f"kill -{name} $(cat {PID})")

    def stop(self):
        """Kills it, if it runs, and waits for its end."""
        self.vm.run(f"[ -e {PID} ] || exit 0; pid=$(cat {PID}); kill -KILL $pid 2> /dev/null; rm {PID}\n"
                    "while [ -e /proc/$pid ]; do usleep 10000; done")

    @property
    def log(self):
        """Returns its states so far, one per line: state, rung, number of sessions, reason."""
        return self.vm.run(f"cat {LOG} 2> /dev/null || true").output

    @property
    def rung(self):
        """Returns the rung of its session."""
        return self.log.splitlines()[-1].split()[1]
