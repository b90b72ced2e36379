# SPDX-License-Identifier: GPL-2.0-or-later
"""What is expected of governord on each machine, see docs/vm-lab.md."""
