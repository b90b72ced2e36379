# SPDX-License-Identifier: GPL-2.0-or-later
"""Virtual machines with real kernels and simulated power management hardware. The program lab in the folder above uses this
package."""

import contextlib


class Mistake(Exception):
    """An error in a machine, a case or a command. The text is for its author."""


@contextlib.contextmanager
def naming(where):
    """Adds the place of a Mistake to the beginning of its text."""
    try:
        yield
    except Mistake as error:
        raise Mistake(f"{where}: {error}") from None


def one_of(value, known, what):
    """Raises Mistake unless the value is one of the known ones."""
    if value not in known:
        raise Mistake(f"no {what} {value}; there {'are' if len(known) > 1 else 'is'} {', '.join(known) or 'none at all'}")
    return value
