# SPDX-License-Identifier: GPL-2.0-or-later
"""What tests fetch or build once and keep: folders below ~/.cache/governord ($XDG_CACHE_HOME). All of it may be deleted any time."""

import contextlib
import fcntl
import os
import pathlib
import shutil

HOME = os.environ.get("XDG_CACHE_HOME", "")
FOLDER = (pathlib.Path(HOME) if os.path.isabs(HOME) else pathlib.Path.home() / ".cache") / "governord"  # a relative one counts for nothing


@contextlib.contextmanager
def locked(path):
    """Keeps other processes that want the same path waiting. The wait has no deadline of its own: a lock ends with its process, and
    whatever is done under one has a deadline."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path.with_name(f".{path.name}.lock"), "w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def once(folder, make, key=""):
    """The folder, made by make(temporary folder) unless that was done before. `key` tells what it is made from: another key, and
    it is made again. A folder whose making was cut short has no file "complete" and counts for nothing."""
    folder = pathlib.Path(folder)
    complete, partial = folder / "complete", folder.with_name(f".{folder.name}.partial")

    def done():
        return complete.exists() and complete.read_text(encoding="utf-8") == key

    if done():  # no lock, then: nothing needs to be writable
        return folder
    with locked(folder):
        if done():
            return folder
        for old in (folder, partial):
            shutil.rmtree(old, ignore_errors=True)
        partial.mkdir()
        try:
            make(partial)
            (partial / "complete").write_text(key, encoding="utf-8")
            partial.rename(folder)
        finally:
            shutil.rmtree(partial, ignore_errors=True)  # nothing there, if all went well
    return folder
