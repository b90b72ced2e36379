# SPDX-License-Identifier: GPL-2.0-or-later
"""One booted machine: QEMU, its console, its registers, its shared memory, and a line to the agent that runs commands in it.

    with Guest(machine, kernel, build) as vm:
        vm.run("governorctl set performance")
        assert vm.registers.field(0, "HWP_REQUEST", "epp") == 0

QEMU is ended with the block, and dies with this program if that is killed. No network, no disk, nothing of the host's files.
"""

import base64
import contextlib
import dataclasses
import fcntl
import hashlib
import mmap
import os
import pathlib
import select
import shutil
import signal
import socket
import subprocess
import tempfile
import time

from virtlab import acpi, devicetree, emulator, initramfs, registers, userland

BOOT_SECONDS = 90  # 3 to 6 s are usual; two at once on a busy machine take longer
ANSWER_SECONDS = 150
MEMORY_MIB = 512
SHM, PREFIX = pathlib.Path("/dev/shm"), "governord-lab."
SHM_MIB = 150  # of the memory above, with the initramfs: what a guest touches
NAME_LENGTH = 120  # of a console that is kept
NOISE = "warning: TCG doesn't support requested feature"  # some twenty lines of QEMU in each boot
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

    case = ""  # the one that lost it


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


def _locked(folder):
    """A descriptor that keeps the folder locked; None if another program does, or if there is no such folder (any longer)."""
    try:
        fd = os.open(folder, os.O_RDONLY)
    except OSError:
        return None
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if folder.exists():
            return fd
    except BlockingIOError:
        pass
    os.close(fd)
    return None


def _own_folder():
    """(A guest's folder, its lock). Folders whose program was killed are removed."""
    for old in SHM.glob(f"{PREFIX}*"):
        if (fd := _locked(old)) is not None:
            shutil.rmtree(old, ignore_errors=True)
            os.close(fd)
    if (free := shutil.disk_usage(SHM).free >> 20) < SHM_MIB:
        raise Failed(f"a guest needs about {SHM_MIB} MiB in {SHM}; {free} are free")
    while True:
        folder = pathlib.Path(tempfile.mkdtemp(prefix=PREFIX, dir=SHM))
        if (fd := _locked(folder)) is not None:  # else another one took it for an old one
            return folder, fd


class Guest:
    """`note` tells the kept console of this boot from those of others."""

    def __init__(self, machine, kernel, build, arguments="", note=""):
        self.machine = machine
        self.kernel = kernel
        self._build = build
        self._arguments = arguments
        self._note = note
        self.folder, self._lock = _own_folder()
        self.registers = self.firmware = None
        self._process = self._line = None
        self._number = 0
        self._pending = b""

    # --- life ---

    def __enter__(self):
        try:
            self._start()
        except BaseException as error:
            self._end(error)
            raise
        return self

    def __exit__(self, _kind, error, _traceback):
        self._end(error)

    def _start(self):
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(str(self.folder / "agent"))
            listener.listen(1)
            argv = self._argv()
            self._process = subprocess.Popen(["setpriv", "--pdeathsig", "KILL", *map(str, argv)], stdin=subprocess.DEVNULL,
                                             stdout=open(self.folder / "qemu.log", "wb"), stderr=subprocess.STDOUT,
                                             env={"GOVERNORD_REGISTERS": str(self.folder / "registers")})
            listener.settimeout(0.5)
            deadline = time.monotonic() + BOOT_SECONDS
            while not self._line:
                with contextlib.suppress(TimeoutError):
                    self._line, _ = listener.accept()
                if self._process.poll() is not None or time.monotonic() > deadline:
                    raise self._lost()
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

    def _end(self, error):
        """Leaves nothing but the console. A failure that ends the guest says where that is."""
        try:
            if self._line:
                self._line.close()
            if self._process:
                self._process.kill()
                self._process.wait()
                path = self._keep_console()
                if isinstance(error, Failed):
                    error.args = (f"{error}\nall of the console: {path}",)
        finally:
            shutil.rmtree(self.folder, ignore_errors=True)
            os.close(self._lock)

    def _keep_console(self):
        """For people: what the kernel said, after the guest is gone."""
        name = "-".join(filter(None, [self.machine.name, self.kernel.name, *self._arguments.split(), self._note])).replace("/", "_")
        if len(name) > NAME_LENGTH:
            name = f"{name[:NAME_LENGTH]}-{hashlib.sha256(name.encode()).hexdigest()[:8]}"
        folder = pathlib.Path(self._build) / "lab-consoles"
        folder.mkdir(exist_ok=True)
        (folder / name).write_text(self._log("qemu.log") + self.console)
        return folder / name

    def _lost(self):
        """The failure to raise when QEMU is gone, or does not come: with status 1 it refused its arguments, and would again."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(5)
        status = self._process.returncode
        if status is None:
            what = "QEMU does not answer"
        elif status < 0:
            what = f"QEMU ended by {signal.Signals(-status).name}{f' ({SHM} is full?)' if status == -signal.SIGBUS else ''}"
        else:
            what = f"QEMU ended with status {status}"
        return (Failed if status == 1 else Gone)(f"{what}\n{self._last_words()}".rstrip())

    def _last_words(self):
        """The end of what QEMU and the kernel said; a panic first."""
        lines = self.console.splitlines()
        panic = [line for line in lines if "Kernel panic" in line][:1]
        qemu = [line for line in self._log("qemu.log").splitlines() if NOISE not in line]
        end = "\n".join(lines)[-3000:]
        return "\n".join([*panic, *qemu, *(["the console's end:", end] if end else [])])

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
                raise Gone(f"no answer within {seconds} s\n{self._last_words()}")
            try:
                data = self._line.recv(1 << 20)
            except ConnectionError:
                data = b""
            if not data:
                raise self._lost()
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
        try:
            self._line.sendall(f"{self._number} {base64.b64encode(script.encode()).decode()}\n".encode())
        except ConnectionError:
            raise self._lost() from None
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
