# SPDX-License-Identifier: GPL-2.0-or-later
"""A fake of the part of governord that libgovernord uses, including readers of its rings.

A Service owns org.governord on its own connection; stop() closes the connection, as if the service was killed. Lists record all
calls: `calls` (arguments of OpenSession), `targets`, `threads`, and `sessions` (objects with path, owner, ring, kick).
"""

import ctypes
import mmap
import os
import struct

import dbus
import dbus.bus
import dbus.service
from gi.repository import GLib

PAGE = mmap.PAGESIZE
RING_SIZE = 16384
RECORD = struct.Struct("IIIIQQ")
F_ADD_SEALS, F_SEAL_SHRINK, F_SEAL_GROW = 1033, 2, 4

MANAGER = "org.governord.Manager1"
SESSION = "org.governord.Session1"

_libc = ctypes.CDLL(None, use_errno=True)


class NoKernel(Exception):
    """The kernel does not allow what the test needs."""


class UserRing:
    """A ring of rung "user": a sealed memfd."""

    rung = "user"

    def __init__(self):
        self.fd = os.memfd_create("ring", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
        os.ftruncate(self.fd, 2 * PAGE + RING_SIZE)
        if _libc.fcntl(self.fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW) < 0:
            raise OSError(ctypes.get_errno(), "F_ADD_SEALS")
        self._map = mmap.mmap(self.fd, 2 * PAGE + RING_SIZE)

    def _position(self, page):
        return struct.unpack_from("Q", self._map, page * PAGE)[0]

    def read(self):
        """Consumes all records in the ring; returns them as tuples (kind, latency, end), oldest first."""
        at, end, records = self._position(0), self._position(1), []
        while at < end:
            length, page, kind, latency, end_ns, reserved = RECORD.unpack_from(self._map, 2 * PAGE + at % RING_SIZE)
            assert (length, page, reserved) == (24, 0, 0), (length, page, reserved)
            records.append((kind, latency, end_ns))
            at += RECORD.size
        struct.pack_into("Q", self._map, 0, at)
        return records

    def close(self):
        self._map.close()
        os.close(self.fd)


class BpfRing:
    """A real BPF_MAP_TYPE_USER_RINGBUF. Only a BPF program can consume its records, so read() does not remove them."""

    rung = "bpf"

    def __init__(self):
        try:
            self._libbpf = ctypes.CDLL("libbpf.so.1", use_errno=True)
        except OSError as error:
            raise NoKernel(str(error)) from None
        self.fd = self._libbpf.bpf_map_create(31, b"ring", 0, 0, RING_SIZE, None)
        if self.fd < 0:
            raise NoKernel(f"BPF_MAP_TYPE_USER_RINGBUF: {os.strerror(ctypes.get_errno())}")
        self._map = mmap.mmap(self.fd, PAGE + RING_SIZE, offset=PAGE)

    def read(self):
        end = struct.unpack_from("Q", self._map, 0)[0]
        return [RECORD.unpack_from(self._map, PAGE + at)[2:5] for at in range(0, end, RECORD.size)]

    def close(self):
        self._map.close()
        os.close(self.fd)


def kick_program(slot, cookie):
    """Loads a BPF program of type SYSCALL that returns 0 for this slot and cookie, and -EPERM otherwise. Returns its descriptor."""
    def insn(code, dst=0, src=0, off=0, imm=0):
        return struct.pack("<BBhi", code, src << 4 | dst, off, imm)
    code = b"".join([
        insn(0x61, 2, 1, 0), insn(0x61, 3, 1, 4),                 # r2 = slot, r3 = cookie
        insn(0xb7, 0, imm=-1),                                    # r0 = -EPERM
        insn(0x55, 2, off=2, imm=slot), insn(0x55, 3, off=1, imm=cookie),
        insn(0xb7, 0, imm=0), insn(0x95)])
    text, licence = ctypes.create_string_buffer(code), ctypes.create_string_buffer(b"GPL")
    # prog_type SYSCALL, insn_cnt, insns, license, log_level, log_size, log_buf, kern_version, prog_flags SLEEPABLE
    attr = struct.pack("IIQQIIQII", 31, len(code) // 8, ctypes.addressof(text), ctypes.addressof(licence), 0, 0, 0, 0, 1 << 4)
    buffer = ctypes.create_string_buffer(attr + bytes(80), 128)
    fd = _libc.syscall(321 if os.uname().machine == "x86_64" else 280, 5, buffer, 128)
    if fd < 0:
        raise NoKernel(f"BPF_PROG_TYPE_SYSCALL: {os.strerror(ctypes.get_errno())}")
    return fd


class Refusal(dbus.DBusException):
    pass


class Session(dbus.service.Object):
    """The object /org/governord/session/COOKIE."""

    def __init__(self, service, cookie, owner):
        self.service, self.owner, self.cookie = service, owner, cookie
        self.path = f"/org/governord/session/{cookie}"
        self.ring = service.ring()
        self.kick = kick_program(7, cookie) if service.kick == "bpf" else os.eventfd(0, os.EFD_NONBLOCK)
        super().__init__(service.bus, self.path)

    @dbus.service.method(SESSION, in_signature="uuu")
    def SetTarget(self, target, permille, window):
        self.service.targets.append((int(target), int(permille), int(window)))

    @dbus.service.method(SESSION, in_signature="au")
    def SetThreads(self, threads):
        if self.service.refuses_threads:
            raise Refusal("Process 1 has no thread 2", name="org.freedesktop.DBus.Error.InvalidArgs")
        self.service.threads.append([int(thread) for thread in threads])

    @dbus.service.method(SESSION)
    def Close(self):
        self.service.closed.append(self.path)

    def end(self, reason):
        """Sends the signal Closed only to the owner, like the service."""
        signal = dbus.lowlevel.SignalMessage(self.path, SESSION, "Closed")
        signal.set_destination(self.owner)
        signal.append(reason, signature="s")
        self.service.bus.send_message(signal)

    def kicks(self):
        """Returns the number of kicks through the eventfd since the last call."""
        try:
            return os.eventfd_read(self.kick)
        except BlockingIOError:
            return 0


class Service(dbus.service.Object):
    def __init__(self, bus, ring=UserRing, kick="eventfd", **details):
        self.bus = bus.connect()
        self.ring, self.kick, self.details = ring, kick, details
        self.refuses_threads = False
        self.calls, self.options, self.targets, self.threads, self.closed, self.sessions = [], [], [], [], [], []
        self.refusal = self.cap_refusal = None  # (error name, text); the second one for sessions with a cap
        super().__init__(self.bus, "/org/governord")
        self.bus.request_name("org.governord", dbus.bus.NAME_FLAG_DO_NOT_QUEUE)

    @dbus.service.method(MANAGER, in_signature="uuua{sv}", out_signature="ohha{sv}", sender_keyword="sender")
    def OpenSession(self, target, permille, window, options, sender=None):
        self.calls.append((int(target), int(permille), int(window)))
        self.options.append({str(k): v for k, v in options.items()})
        refusal = self.cap_refusal if self.cap_refusal and options.get("cap") else self.refusal
        if refusal:
            raise Refusal(refusal[1], name=refusal[0])
        session = Session(self, len(self.calls) + 100, sender)
        self.sessions.append(session)
        details = {"slot": dbus.UInt32(7), "cookie": dbus.UInt32(session.cookie), "rung": session.ring.rung, "kick": self.kick,
                   "ring-version": dbus.UInt32(1), "something-new": dbus.Array([1, 2], signature="t"), **self.details}
        return (dbus.ObjectPath(session.path), dbus.types.UnixFd(session.ring.fd), dbus.types.UnixFd(session.kick),
                dbus.Dictionary({k: v for k, v in details.items() if v is not None}, signature="sv"))

    def stop(self):
        """Leaves the bus without closing the sessions."""
        self.remove_from_connection()
        for session in self.sessions:
            session.remove_from_connection()
        self.bus.get_name_owner("org.freedesktop.DBus")  # all messages before this answer have arrived
        while GLib.MainContext.default().iteration(False):
            pass
        self.bus.close()
