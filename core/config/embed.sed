# SPDX-License-Identifier: GPL-2.0-or-later
# Converts the lines of a text to C string literals.
s/\\/\\\\/g
s/"/\\"/g
s/.*/"&\\n"/
