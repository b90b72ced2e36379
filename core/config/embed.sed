# SPDX-License-Identifier: GPL-2.0-or-later
# Makes C string literals of the lines of a text.
s/\\/\\\\/g
s/"/\\"/g
s/.*/"&\\n"/
