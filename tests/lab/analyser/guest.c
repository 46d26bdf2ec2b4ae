/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * guest.c - the guest's registers and memory, as QEMU has them.
 */
#include <string.h>

#include "guest.h"
#include "qemu.h"

uint64_t guest_ram_end;

uint64_t guest_reg(unsigned int cpu, enum guest_reg r)
{
	GByteArray *a = g_byte_array_new();
	uint64_t value = 0;

	x86_cpu_gdb_read_register(qemu_get_cpu((int)cpu), a, (int)r);
	memcpy(&value, a->data, a->len < sizeof(value) ? a->len : sizeof(value));
	g_byte_array_free(a, 1);
	return value;
}

bool guest_is_ram(uint64_t phys, uint64_t len)
{
	if (phys >= guest_ram_end || len > guest_ram_end - phys)
		return false;
	return phys >= 0x100000 || (phys < 0xa0000 && len <= 0xa0000 - phys);
}

bool guest_read(uint64_t phys, void *buf, size_t len)
{
	if (!guest_is_ram(phys, len))
		return false;
	cpu_physical_memory_rw(phys, buf, len, 0);
	return true;
}

bool guest_has_memory(uint64_t phys)
{
	return !cpu_physical_memory_is_io(phys);
}

void guest_device_memory(uint64_t phys, void *buf, size_t len, bool write)
{
	cpu_physical_memory_rw(phys, buf, len, write);
}
