/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * guest.h - the guest's registers and memory, as QEMU has them.
 */
#ifndef ANALYSER_GUEST_H
#define ANALYSER_GUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* gdb's numbers of registers. */
enum guest_reg {
	GUEST_RAX = 0,
	GUEST_RCX = 2,
	GUEST_RDX = 3,
	GUEST_RSI = 4,
	GUEST_RDI = 5,
	GUEST_RSP = 7,
	GUEST_R8 = 8,
	GUEST_R9 = 9,
	GUEST_R10 = 10,
	GUEST_FS_BASE = 24,
	GUEST_CR3 = 29,
	GUEST_CR4 = 30,
	GUEST_EFER = 32
};

extern uint64_t guest_ram_end;	/* bytes; RAM begins at 0, and only the hole below 1 MiB is none */

uint64_t guest_reg(unsigned int cpu, enum guest_reg r);
bool guest_is_ram(uint64_t phys, uint64_t len);
/* len bytes of RAM; false when they are not all RAM: a device must not be read. */
bool guest_read(uint64_t phys, void *buf, size_t len);
/* Memory behind a device's BAR, which may be read and written: there, a device sees nothing of it. */
bool guest_has_memory(uint64_t phys);
void guest_device_memory(uint64_t phys, void *buf, size_t len, bool write);

#endif
