/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TOOLS_POWERPROFILESCTL_H
#define TOOLS_POWERPROFILESCTL_H

/* The whole program when it is called powerprofilesctl: an exit status. */
int powerprofilesctl(int argc, char **argv);

#endif
