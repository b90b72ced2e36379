# SPDX-License-Identifier: GPL-2.0-or-later
"""The service in a guest: the bus starts it, and governorctl and powerprofilesctl query it."""

import json

from virtlab.guest import Failed

BUS = "export DBUS_SYSTEM_BUS_ADDRESS=unix:path=/run/dbus/system_bus_socket\n"
STATES = "/var/lib/governord/* /var/local/lib/governord/*"  # of a build for /usr, and for /usr/local
CONFIGURATION = "/etc/governord/governord.conf"


def wait(vm, condition, seconds=30):
    """Returns when a condition of the guest's sh is true; raises Failed at the deadline. The condition is evaluated repeatedly,
    because sysfs sends no events."""
    found = vm.run(f"for i in $(seq {seconds * 10}); do {{ {condition}; }} > /dev/null 2>&1 && exit 0; usleep 100000; done; exit 1",
                   check=False)
    if found.status != 0:
        raise Failed(f"not within {seconds} s")


class Service:
    def __init__(self, vm):
        self.vm = vm

    def configure(self, text):
        self.vm.run(f"mkdir -p /etc/governord && cat > {CONFIGURATION} << 'END'\n{text}\nEND")

    def start(self, options="-vv --no-bpf"):
        """Starts the service; returns when it has its names and has applied its profile. BPF is off by default, because loading a
        governor in the emulator takes seconds, and only cases of sessions need it."""
        self.vm.run(f"echo '{options}' > /run/lab/options")
        self.ctl("status")

    def ctl(self, arguments, check=True):
        """Runs governorctl in the guest; returns its Result."""
        return self.vm.run(f"{BUS}exec governorctl {arguments}", check)

    def json(self, arguments):
        return json.loads(self.ctl(f"{arguments} --json").output)

    def set(self, profile):
        self.ctl(f"set {profile}")

    def begin(self, profile, settings=""):
        """Starts the service with this profile in force. `settings` are lines of the configuration for the profile."""
        if settings:
            self.configure(f"[profile {profile}]\n{settings}")
        self.start()
        self.set(profile)

    def stop(self, signal="TERM"):
        """Ends the service, if it runs, and waits for its end."""
        pid = self.vm.run("cat /run/lab/service.pid 2> /dev/null || true").output.strip()
        if pid:
            self.vm.run(f"kill -{signal} {pid} 2> /dev/null || true; rm /run/lab/service.pid")
            self.wait(f"! kill -0 {pid}", "the end of the service")

    def forget(self):
        """Stops the service and removes its choices and configuration, so that the next start is like the first one."""
        self.stop()
        self.vm.run(f"rm -rf {STATES} /run/governord/* {CONFIGURATION} /run/lab/service.log")

    @property
    def log(self):
        return self.vm.run("cat /run/lab/service.log 2> /dev/null || true").output

    def wait(self, condition, what, seconds=30):
        """Like wait() above, but the message of a failure contains the end of the service's log."""
        try:
            wait(self.vm, condition, seconds)
        except Failed as error:
            raise Failed(f"{what}: {error}; the service's log:\n{self.log[-4000:]}") from None

    def wait_attribute(self, pattern, value):
        """Returns when all attributes that match a shell pattern have this value. A work item of cpufreq applies limits with a
        delay."""
        self.wait(f'[ "$(sort -u {pattern})" = "{value}" ]', f"{pattern} = {value}")

    def wait_log(self, text):
        """Returns when the service's log contains `text`."""
        self.wait(f"grep -qF '{text}' /run/lab/service.log", f"{text!r} in the log")
