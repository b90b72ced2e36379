# SPDX-License-Identifier: GPL-2.0-or-later
"""A cache for files that tests download or build once: folders below ~/.cache/governord ($XDG_CACHE_HOME), which may be deleted."""

import contextlib
import fcntl
import os
import pathlib
import shutil

HOME = os.environ.get("XDG_CACHE_HOME", "")
FOLDER = (pathlib.Path(HOME) if os.path.isabs(HOME) else pathlib.Path.home() / ".cache") / "governord"  # a relative path is ignored


@contextlib.contextmanager
def locked(path):
    """Holds a lock on the path, for which other processes wait. The wait needs no deadline: a lock ends with its process, and all
    work with a lock has a deadline."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(path.with_name(f".{path.name}.lock"), "w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def once(folder, make, key=""):
    """Returns the folder, after it has been made by make(temporary folder), unless this was done before. If `key`, which describes
    the inputs, has changed, the folder is made again. A folder that was not completed has no file "complete" and is made again."""
    folder = pathlib.Path(folder)
    complete, partial = folder / "complete", folder.with_name(f".{folder.name}.partial")

    def done():
        return complete.exists() and complete.read_text(encoding="utf-8") == key

    if done():  # without a lock, so that nothing needs to be writable
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
            shutil.rmtree(partial, ignore_errors=True)  # after success, the folder does not exist
    return folder
