# SPDX-License-Identifier: GPL-2.0-or-later
"""The lab's cache of downloads and builds. Each complete entry is a folder that contains a file "complete"."""

import cached
import debian

FOLDER = cached.FOLDER / "vm"


class Missing(Exception):
    """Something is not available here, so tests that need it are skipped. The text contains the reason."""


def once(folder, make, key=""):
    """Calls cached.once(); raises Missing if Debian does not provide something or if the cache cannot be written."""
    try:
        return cached.once(folder, make, key)
    except debian.Unavailable as error:
        raise Missing(str(error)) from error
    except OSError as error:
        raise Missing(f"{folder} cannot be made: {error}") from error
