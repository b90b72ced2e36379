# SPDX-License-Identifier: LGPL-2.1-or-later
"""libgovernord for Python: reports to governord how long your work takes. <governord/qos.h> documents all calls.

    with governord_qos.Qos(target_us=2000) as qos:
        for request in requests:           # request.arrived_ns: time.monotonic_ns() when it was received
            serve(request)
            qos.end(request.arrived_ns)

If the service is not running, reports are discarded. If libgovernord.so.0 cannot be loaded, the calls do nothing, the state is
"off", and the message of status() gives the reason.
"""

import contextlib
import ctypes
import errno
import os

__version__ = "0.2.0"
CAP, START_SERVICE = 1, 2
STATES = ("waiting", "opening", "open", "refused", "off")
RUNGS = ("none", "user", "bpf", "other")
THREADS_MAX = 16
RANGES = {"target_us": (1, 60_000_000), "permille": (500, 999), "window_us": (1000, 60_000_000), "stale_us": (1000, 600_000_000)}


class _Missing:
    """Replaces the library if it cannot be loaded: each function does nothing."""

    def __init__(self, message):
        self.message = message

    def __getattr__(self, name):
        def call(*_):
            return {"gov_qos_begin": 0, "gov_qos_kick": -errno.ENOTCONN, "gov_qos_wait": -errno.EINVAL}.get(name, 0)
        setattr(self, name, call)
        return call


try:
    _lib = ctypes.PyDLL("libgovernord.so.0")   # for short calls, with the interpreter's lock held
    _slow = ctypes.CDLL("libgovernord.so.0")   # for calls that may sleep: releases the lock
except OSError as _error:
    _lib = _slow = _Missing(f"The library libgovernord.so.0 cannot be loaded: {_error}")


class _Options(ctypes.Structure):
    _fields_ = [(name, ctypes.c_uint32) for name in ("size", "flags", "target_us", "permille", "window_us", "stale_us")] + [
        ("application", ctypes.c_char_p)]


class _Status(ctypes.Structure):
    _fields_ = [(name, ctypes.c_uint32) for name in ("size", "state", "rung", "changes", "sessions", "reserved")] + [
        ("reported", ctypes.c_uint64), ("dropped", ctypes.c_uint64), ("message", ctypes.c_char * 160)]


for _call in (_lib.gov_qos_begin, _lib.gov_qos_end, _lib.gov_qos_report, _lib.gov_qos_spike, _lib.gov_qos_calm, _lib.gov_qos_kick,
              _lib.gov_qos_set_target, _lib.gov_qos_set_threads, _lib.gov_qos_status, _slow.gov_qos_close, _slow.gov_qos_wait):
    _call.argtypes, _call.restype = [ctypes.c_void_p], ctypes.c_int
_lib.gov_qos_begin.restype = ctypes.c_uint64
_lib.gov_qos_end.argtypes = [ctypes.c_void_p, ctypes.c_uint64]
_lib.gov_qos_report.argtypes = [ctypes.c_void_p, ctypes.c_uint32]
_lib.gov_qos_set_target.argtypes = [ctypes.c_void_p] + [ctypes.c_uint32] * 3
_lib.gov_qos_set_threads.argtypes = [ctypes.c_void_p, ctypes.POINTER(ctypes.c_int32), ctypes.c_uint32]
_lib.gov_qos_status.argtypes = [ctypes.c_void_p, ctypes.POINTER(_Status)]
_slow.gov_qos_wait.argtypes = [ctypes.c_void_p, ctypes.c_uint32, ctypes.c_uint32]
_slow.gov_qos_close.restype = ctypes.c_void_p
_lib.gov_qos_end.restype = _lib.gov_qos_report.restype = _lib.gov_qos_spike.restype = _lib.gov_qos_calm.restype = None


def _check(r):
    if r < 0:
        raise OSError(-r, os.strerror(-r))


def _invalid(text):
    raise OSError(errno.EINVAL, f"{os.strerror(errno.EINVAL)}: {text}")


def _check_ranges(**values):
    """Checks values here, because the library does not return which one is invalid, and ctypes would truncate large numbers.
    0 is the default, except for the target, which has none."""
    for name, value in values.items():
        least, most = RANGES[name]
        if not least <= value <= most and (value != 0 or name == "target_us"):
            _invalid(f"{name} is {value}, but the range is {least} to {most}")


class Qos:
    def __init__(self, target_us, permille=0, window_us=0, stale_us=0, application=None, flags=0):
        """Raises OSError (EINVAL) if an argument is out of range; the message contains its name and range."""
        self._handle = ctypes.c_void_p()
        name = application.encode() if application is not None else None
        _check_ranges(target_us=target_us, permille=permille, window_us=window_us, stale_us=stale_us)
        if flags & ~(CAP | START_SERVICE):
            _invalid(f"flags is {flags}, but only CAP and START_SERVICE are defined")
        if name is not None and len(name) > 255:
            _invalid(f"application has {len(name)} bytes, but 255 is the maximum")
        options = _Options(ctypes.sizeof(_Options), flags, target_us, permille, window_us, stale_us, name)
        _check(_lib.gov_qos_open(ctypes.byref(options), ctypes.byref(self._handle)))

    def close(self):
        _slow.gov_qos_close(self._handle)
        self._handle = ctypes.c_void_p()

    def begin(self):
        return _lib.gov_qos_begin(self._handle)

    def end(self, begin_ns):
        _lib.gov_qos_end(self._handle, begin_ns)

    @contextlib.contextmanager
    def work(self):
        """Context manager that reports its body as a piece of work, even if the body raises an exception. Use it only for work
        that begins as soon as it arrives, and end() for other work."""
        begin_ns = self.begin()
        try:
            yield
        finally:
            self.end(begin_ns)

    def report(self, latency_us):
        _lib.gov_qos_report(self._handle, min(max(0, int(latency_us)), 0xffffffff))

    def spike(self):
        _lib.gov_qos_spike(self._handle)

    def calm(self):
        _lib.gov_qos_calm(self._handle)

    def kick(self):
        """Makes the governor read the reports at once. Returns 0 or a negative errno, which may be ignored."""
        return _lib.gov_qos_kick(self._handle)

    def set_target(self, target_us, permille=0, window_us=0):
        _check_ranges(target_us=target_us, permille=permille, window_us=window_us)
        _check(_lib.gov_qos_set_target(self._handle, target_us, permille, window_us))

    def set_threads(self, *tids):
        """Restricts the session to these threads, given by threading.get_native_id(). Without arguments all threads count.

        Raises OSError: EINVAL if there are too many, ESRCH if one is not a thread of this process."""
        if len(tids) > THREADS_MAX:
            _invalid(f"{len(tids)} threads, but {THREADS_MAX} is the maximum")
        if any(not 0 < tid < 1 << 31 for tid in tids):  # ctypes would truncate them
            raise ProcessLookupError(errno.ESRCH, os.strerror(errno.ESRCH))
        _check(_lib.gov_qos_set_threads(self._handle, (ctypes.c_int32 * len(tids))(*tids), len(tids)))

    def _read_status(self):
        status = _Status(size=ctypes.sizeof(_Status))
        if isinstance(_lib, _Missing):
            status.state, status.message = STATES.index("off"), _lib.message.encode()[:159]
        _lib.gov_qos_status(self._handle, ctypes.byref(status))
        return status

    def status(self):
        s = self._read_status()
        return {"state": STATES[s.state], "rung": RUNGS[s.rung], "sessions": s.sessions, "reported": s.reported,
                "dropped": s.dropped, "message": s.message.decode("utf-8", "replace")}

    def wait(self, timeout_ms=1000):
        """Waits for a session. Returns False after `timeout_ms` without a state change, or if the state is "off"."""
        while (s := self._read_status()).state != STATES.index("open"):
            if _slow.gov_qos_wait(self._handle, s.changes, timeout_ms) < 0:
                return False
        return True

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
