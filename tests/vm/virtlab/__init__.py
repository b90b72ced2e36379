# SPDX-License-Identifier: GPL-2.0-or-later
"""Virtual machines with real kernels, whose power management hardware is made up. See the program lab, in the folder above."""

import contextlib


class Mistake(Exception):
    """A machine, a case or a command that asks for what cannot be; the text is for who wrote it."""


@contextlib.contextmanager
def naming(where):
    """Puts the place of a Mistake in front of its text."""
    try:
        yield
    except Mistake as error:
        raise Mistake(f"{where}: {error}") from None


def one_of(value, known, what):
    """Mistake unless the value is among the known ones."""
    if value not in known:
        raise Mistake(f"no {what} {value}; there {'are' if len(known) > 1 else 'is'} {', '.join(known) or 'none at all'}")
    return value
