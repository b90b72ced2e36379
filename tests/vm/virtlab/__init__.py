# SPDX-License-Identifier: GPL-2.0-or-later
"""Virtual machines with real kernels, whose power management hardware is made up. See the program lab, in the folder above."""
