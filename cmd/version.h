/* SPDX-License-Identifier: GPL-2.0-or-later */
/* version.h - what "wcdiag --version" prints: for a report of a fault, everything that makes one build another. */
#ifndef WCDIAG_CMD_VERSION_H
#define WCDIAG_CMD_VERSION_H

void version_print(void);

#endif
