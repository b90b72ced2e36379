# SPDX-License-Identifier: GPL-2.0-or-later
"""The service in a guest, as its users meet it: started by the bus, asked through governorctl and powerprofilesctl."""

import json

from virtlab.guest import Failed

BUS = "export DBUS_SYSTEM_BUS_ADDRESS=unix:path=/run/dbus/system_bus_socket\n"
STATES = "/var/lib/governord/* /var/local/lib/governord/*"  # of a build for /usr, and for /usr/local
CONFIGURATION = "/etc/governord/governord.conf"


def wait(vm, condition, seconds=30):
    """Returns when a test of the guest's sh holds; Failed at the deadline. sysfs sends no events, so it is asked again."""
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
        """Returns when the service has its names, and thus has applied its profile. Emulated, loading a governor takes seconds, and any
        question about the service does it: only cases of sessions want that."""
        self.vm.run(f"echo '{options}' > /run/lab/options")
        self.ctl("status")

    def ctl(self, arguments, check=True):
        """governorctl, in the guest; its Result."""
        return self.vm.run(f"{BUS}exec governorctl {arguments}", check)

    def json(self, arguments):
        return json.loads(self.ctl(f"{arguments} --json").output)

    def set(self, profile):
        self.ctl(f"set {profile}")

    def begin(self, profile, settings=""):
        """How most cases begin: the service runs, and this profile is in force. `settings`: lines of the configuration for it."""
        if settings:
            self.configure(f"[profile {profile}]\n{settings}")
        self.start()
        self.set(profile)

    def stop(self, signal="TERM"):
        """Ends the service, if it runs, and waits until it is gone."""
        pid = self.vm.run("cat /run/lab/service.pid 2> /dev/null || true").output.strip()
        if pid:
            self.vm.run(f"kill -{signal} {pid} 2> /dev/null || true; rm /run/lab/service.pid")
            self.wait(f"! kill -0 {pid}", "the end of the service")

    def forget(self):
        """Stops it and removes its choices and configuration: the next start is a first one."""
        self.stop()
        self.vm.run(f"rm -rf {STATES} /run/governord/* {CONFIGURATION} /run/lab/service.log")

    @property
    def log(self):
        return self.vm.run("cat /run/lab/service.log 2> /dev/null || true").output

    def wait(self, condition, what, seconds=30):
        """As wait() above; a failure has the end of the service's log."""
        try:
            wait(self.vm, condition, seconds)
        except Failed as error:
            raise Failed(f"{what}: {error}; the service's log:\n{self.log[-4000:]}") from None

    def wait_attribute(self, pattern, value):
        """Returns when all attributes that a shell pattern names read so. cpufreq brings limits into force from a work item."""
        self.wait(f'[ "$(sort -u {pattern})" = "{value}" ]', f"{pattern} = {value}")

    def wait_log(self, text):
        """Returns when the service's log has `text`."""
        self.wait(f"grep -qF '{text}' /run/lab/service.log", f"{text!r} in the log")
