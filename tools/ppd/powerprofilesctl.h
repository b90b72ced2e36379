/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TOOLS_POWERPROFILESCTL_H
#define TOOLS_POWERPROFILESCTL_H

/* The main program if it is called powerprofilesctl. Returns an exit status. */
int powerprofilesctl(int argc, char **argv);

#endif
