# SPDX-License-Identifier: GPL-2.0-or-later
"""One booted machine: QEMU, its console, its registers, its shared memory, and a line to the agent that runs commands in it.

    with Guest(machine, kernel, build) as vm:
        vm.run("governorctl set performance")
        assert vm.registers.field(0, "HWP_REQUEST", "epp") == 0

QEMU is ended with the block, and dies with this program if that is killed. No network, no disk, nothing of the host's files.
"""

import base64
import dataclasses
import mmap
import pathlib
import select
import shutil
import socket
import subprocess
import tempfile

from virtlab import acpi, devicetree, emulator, initramfs, registers, userland

BOOT_SECONDS = 90  # 3 to 6 s are usual; two at once on a busy machine take longer
ANSWER_SECONDS = 150
MEMORY_MIB = 512
# One host thread for all CPUs: as fast on two cores where two guests run, and no CPU executes code that another one's kernel patches.
ACCELERATOR = "tcg,thread=single"
# In every kernel's initramfs: the way to the agent, and the governors that Debian builds as modules.
MODULES = ["virtio_pci", "virtio_console", "cpufreq_powersave", "cpufreq_conservative", "cpufreq_ondemand", "cpufreq_userspace"]

ARCHITECTURES = {
    "x86_64": {"machine": "q35", "console": "ttyS0",
               "arguments": "mitigations=off"},
    "aarch64": {"machine": "virt,gic-version=3", "console": "ttyAMA0",
                "arguments": ""},
}


class Failed(AssertionError):
    """A guest that does not start, does not answer, or a command in it that failed."""


class Gone(Failed):
    """The guest does not answer (any longer): it hangs, its kernel panicked, or QEMU ended. Worth a second boot, see case.py."""


@dataclasses.dataclass(frozen=True)
class Result:
    status: int
    output: str
    errors: str


class Firmware:
    """What the machine's firmware tables keep in memory (names in acpi.py): CPPC registers, power supplies, the laptop's profile."""

    def __init__(self, tables):
        self._places = tables.memory
        self._file = tables.memory_file

    def _access(self, name, value=None):
        offset, size = self._places[name]
        with open(self._file, "r+b") as file:
            with mmap.mmap(file.fileno(), 0) as memory:
                if value is not None:
                    memory[offset:offset + size] = value.to_bytes(size, "little")
                return int.from_bytes(memory[offset:offset + size], "little")

    def get(self, name):
        return self._access(name)

    def set(self, name, value):
        self._access(name, value)


class Guest:
    def __init__(self, machine, kernel, build, arguments=""):
        self.machine = machine
        self.kernel = kernel
        self._build = build
        self._arguments = arguments
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="governord-lab-", dir="/dev/shm"))
        self.registers = self.firmware = None
        self._process = self._line = None
        self._number = 0
        self._pending = b""

    # --- life ---

    def __enter__(self):
        try:
            self._start()
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(self, *_):
        self._end()

    def _start(self):
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(str(self.folder / "agent"))
            listener.listen(1)
            argv = self._argv()
            self._process = subprocess.Popen(["setpriv", "--pdeathsig", "KILL", *map(str, argv)], stdin=subprocess.DEVNULL,
                                             stdout=open(self.folder / "qemu.log", "wb"), stderr=subprocess.STDOUT,
                                             env={"GOVERNORD_REGISTERS": str(self.folder / "registers")})
            listener.settimeout(BOOT_SECONDS)
            try:
                self._line, _ = listener.accept()
            except TimeoutError:
                raise Failed(f"QEMU did not come up\n{self._log('qemu.log')}") from None
        hello = self._answer(0, BOOT_SECONDS)
        if hello.output.strip() != self.kernel.release:
            raise Failed(f"the guest runs {hello.output!r}, not {self.kernel.release}")
        self._check_modules()

    def _argv(self):
        arch = ARCHITECTURES[self.machine.arch]
        qemu = emulator.emulator()
        tables = acpi.tables(self.machine, self.folder, MEMORY_MIB)
        self.firmware = Firmware(tables)
        self.registers = registers.Registers.create(self.folder / "registers", self.machine)
        append = f"console={arch['console']} panic=-1 nokaslr {arch['arguments']} {tables.kernel_arguments} " \
                 f"{self.machine.kernel_arguments} {self._arguments}"
        return [getattr(qemu, self.machine.arch), *(a for d in qemu.data for a in ("-L", d)),
                "-nodefaults", "-no-user-config", "-no-reboot", "-display", "none", "-serial", f"file:{self.folder / 'console'}",
                "-machine", f"{arch['machine']},memory-backend=ram", "-accel", ACCELERATOR,
                "-object", f"memory-backend-file,id=ram,size={MEMORY_MIB}M,mem-path={self.folder / 'ram'},share=on",
                "-m", f"{MEMORY_MIB}M", "-cpu", self.machine.cpu, "-smp", self.machine.smp,
                "-kernel", self.kernel.image, "-initrd", self._initrd(tables), "-append", append,
                "-device", "virtio-serial-pci", "-chardev", f"socket,id=agent,path={self.folder / 'agent'}",
                "-device", "virtserialport,chardev=agent,name=agent",
                *(("-bios", qemu.uefi_arm64) if tables.uefi else ()),
                *(a for f in tables.acpi_files for a in ("-acpitable", f"file={f}") if self.machine.arch == "x86_64"),
                *tables.qemu_arguments, *devicetree.arguments(self.machine, self.folder, qemu.aarch64), *self.machine.qemu_arguments]

    def _initrd(self, tables):
        path = self.folder / "initrd"
        files = userland.userland(self.machine.arch, self._build)
        initramfs.write(path, files, self.kernel.module_files([*MODULES, *self.machine.modules]))
        if self.machine.arch == "aarch64" and tables.acpi_files:  # QEMU cannot add tables there; the kernel takes them from the front
            path.write_bytes(initramfs.archive(tables.initramfs_files(), early=True) + path.read_bytes())
        return path

    def _end(self):
        if self._line:
            self._line.close()
        if self._process:
            self._process.kill()
            self._process.wait()
        self._keep_console()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _keep_console(self):
        """For people: what the kernel said, after the guest is gone."""
        name = "-".join(filter(None, [self.machine.name, self.kernel.name, *self._arguments.split()])).replace("/", "_")
        folder = pathlib.Path(self._build) / "lab-consoles"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(self._log("qemu.log") + self.console)

    def _log(self, name):
        path = self.folder / name
        return path.read_text(errors="replace") if path.exists() else ""

    @property
    def console(self):
        """What the guest's kernel said so far."""
        return self._log("console")

    def _check_modules(self):
        failed = self.run("cat /run/lab/modules.failed 2> /dev/null || true").output
        if failed:
            raise Failed(f"modules that did not load:\n{failed}")

    # --- the agent ---

    def _read_line(self, seconds):
        """One line of the agent; Gone when QEMU ends or time is over before it came."""
        while b"\n" not in self._pending:
            if not select.select([self._line], [], [], seconds)[0]:
                raise Gone(f"no answer within {seconds} s; the console's end:\n{self.console[-3000:]}")
            data = self._line.recv(1 << 20)
            if not data:
                raise Gone(f"QEMU ended; the console's end:\n{self._log('qemu.log')}{self.console[-3000:]}")
            self._pending += data
        line, _, self._pending = self._pending.partition(b"\n")
        return line.decode()

    def _answer(self, number, seconds):
        words = self._read_line(seconds).split()
        if len(words) != 4 or int(words[0]) != number:
            raise Failed(f"the agent answered {words!r} to question {number}")
        out, err = (base64.b64decode(w[1:]).decode(errors="replace") for w in words[2:])
        return Result(int(words[1]), out, err)

    def run(self, script, check=True):
        """Runs `script` with the guest's sh; with `check`, a status other than 0 is a failure."""
        self._number += 1
        self._line.sendall(f"{self._number} {base64.b64encode(script.encode()).decode()}\n".encode())
        result = self._answer(self._number, ANSWER_SECONDS)
        if check and result.status != 0:
            raise Failed(f"{script}\nstatus {result.status}\n{result.output}{result.errors}")
        return result

    def read(self, path):
        """A file's text without its last newline."""
        return self.run(f"cat {path}").output.removesuffix("\n")

    def write(self, path, text):
        """Writes an attribute as another program would; Failed if the kernel refuses."""
        self.run(f"printf %s '{text}' > {path}")
