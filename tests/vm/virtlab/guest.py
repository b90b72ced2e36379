# SPDX-License-Identifier: GPL-2.0-or-later
"""One booted machine: QEMU, its console, its registers, its shared memory, and a connection to the agent that runs commands in it.

    with Guest(machine, kernel, build) as vm:
        vm.run("governorctl set performance")
        assert vm.registers.field(0, "HWP_REQUEST", "epp") == 0

QEMU is ended at the end of the block, or when this program is killed. The guest has no network, no disk and no access to the host's
files.
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

BOOT_SECONDS = 90  # usually 3 to 6 s, longer if two guests boot on a busy machine
ANSWER_SECONDS = 150
MEMORY_MIB = 512
SHM, PREFIX = pathlib.Path("/dev/shm"), "governord-lab."
SHM_MIB = 150  # the part of the memory above that a guest uses, including the initramfs
NAME_LENGTH = 120  # maximum, for the file of a console that is kept
NOISE = "warning: TCG doesn't support requested feature"  # QEMU prints about twenty such lines at each boot
# All CPUs run in one host thread. With two guests on two cores, this is as fast, and no CPU executes code while another one patches
# it.
ACCELERATOR = "tcg,thread=single"
# Modules for the initramfs of every kernel: those for the connection to the agent, and governors that Debian builds as modules.
MODULES = ["virtio_pci", "virtio_console", "cpufreq_powersave", "cpufreq_conservative", "cpufreq_ondemand", "cpufreq_userspace"]

ARCHITECTURES = {
    "x86_64": {"machine": "q35", "console": "ttyS0",
               "arguments": "mitigations=off"},
    "aarch64": {"machine": "virt,gic-version=3", "console": "ttyAMA0",
                "arguments": ""},
}


class Failed(AssertionError):
    """A guest does not start or does not answer, or a command in it failed."""


class Gone(Failed):
    """The guest does not answer (any more): it hangs, its kernel panicked, or QEMU ended. It is booted again, see case.py."""

    case = ""  # the case in which it was lost


@dataclasses.dataclass(frozen=True)
class Result:
    status: int
    output: str
    errors: str


class Firmware:
    """The memory of the machine's firmware tables: CPPC registers, power supplies, the laptop's profile. acpi.py has the names."""

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
    """Locks the folder; returns the descriptor, or None if another program has locked it or if it does not exist (any more)."""
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
    """Makes a folder for a guest; returns it and its lock. Removes folders of programs that were killed."""
    for old in SHM.glob(f"{PREFIX}*"):
        if (fd := _locked(old)) is not None:
            shutil.rmtree(old, ignore_errors=True)
            os.close(fd)
    if (free := shutil.disk_usage(SHM).free >> 20) < SHM_MIB:
        raise Failed(f"a guest needs about {SHM_MIB} MiB in {SHM}; {free} are free")
    while True:
        folder = pathlib.Path(tempfile.mkdtemp(prefix=PREFIX, dir=SHM))
        if (fd := _locked(folder)) is not None:  # otherwise another program is removing it as an old one
            return folder, fd


class Guest:
    """`note` distinguishes the console file of this boot from those of other boots."""

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

    # --- start and end ---

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
        if self.machine.arch == "aarch64" and tables.acpi_files:  # QEMU cannot add tables; the kernel reads them from the initramfs
            path.write_bytes(initramfs.archive(tables.initramfs_files(), early=True) + path.read_bytes())
        return path

    def _end(self, error):
        """Removes everything except for the console; the message of a failure contains the path of its file."""
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
        """Saves the kernel's messages after the end of the guest."""
        name = "-".join(filter(None, [self.machine.name, self.kernel.name, *self._arguments.split(), self._note])).replace("/", "_")
        if len(name) > NAME_LENGTH:
            name = f"{name[:NAME_LENGTH]}-{hashlib.sha256(name.encode()).hexdigest()[:8]}"
        folder = pathlib.Path(self._build) / "lab-consoles"
        folder.mkdir(exist_ok=True)
        (folder / name).write_text(self._log("qemu.log") + self.console)
        return folder / name

    def _lost(self):
        """Returns the exception to raise if QEMU has ended or does not start. With status 1 it has rejected its arguments, so
        another boot would fail, too."""
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
        """Returns the last messages of QEMU and the kernel, beginning with a panic if there is one."""
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
        """The messages of the guest's kernel so far."""
        return self._log("console")

    def _check_modules(self):
        failed = self.run("cat /run/lab/modules.failed 2> /dev/null || true").output
        if failed:
            raise Failed(f"modules that did not load:\n{failed}")

    # --- the agent ---

    def _read_line(self, seconds):
        """Returns one line of the agent; raises Gone if QEMU ends or the deadline passes before."""
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
        """Runs `script` with the guest's sh; with `check`, raises Failed for a status other than 0."""
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
        """Returns the text of a file without its last newline."""
        return self.run(f"cat {path}").output.removesuffix("\n")

    def write(self, path, text):
        """Writes an attribute like another program; raises Failed if the kernel rejects the value."""
        self.run(f"printf %s '{text}' > {path}")
