# SPDX-License-Identifier: GPL-2.0-or-later
"""Where the lab keeps what it fetched or built. Each finished thing is a folder with a file "complete" in it."""

import cached
import debian

FOLDER = cached.FOLDER / "vm"


class Missing(Exception):
    """Something cannot be had here, so what needs it is skipped; the text says why, for people."""


def once(folder, make, key=""):
    """cached.once() for the lab: what Debian cannot give, or the cache cannot take, is Missing."""
    try:
        return cached.once(folder, make, key)
    except debian.Unavailable as error:
        raise Missing(str(error)) from error
    except OSError as error:
        raise Missing(f"{folder} cannot be made: {error}") from error
