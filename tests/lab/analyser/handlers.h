/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * handlers.h - where the guest's handlers of interrupts and exceptions begin.
 */
#ifndef ANALYSER_HANDLERS_H
#define ANALYSER_HANDLERS_H

#include <stdbool.h>
#include <stdint.h>

/* Reads the interrupt table; false when there is none where Linux has it. */
bool handlers_find(unsigned int cpu);
bool handlers_begin(uint64_t address);	/* one begins there */

#endif
