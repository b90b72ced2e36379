# SPDX-License-Identifier: GPL-2.0-or-later
"""Test cases for governord on emulated machines, see docs/vm-lab.md."""
