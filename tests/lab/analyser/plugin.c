/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * plugin.c - the analyser's side towards QEMU: finds the magic instruction, and does what its registers ask for.
 *
 *   -plugin analyser.so,out=FOLDER,ram=MIB
 *
 * Only where the guest's code holds that instruction is anything added to it: all other code runs as without. While a
 * measurement runs, every access and every instruction that empties buffers is followed; for that all code is forgotten
 * and translated anew, before the first one and behind the last (MAGIC_BUS_REST). Between two it is followed for nothing.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bus.h"
#include "dump.h"
#include "guest.h"
#include "handlers.h"
#include "magic.h"
#include "qemu.h"

PLUGIN_EXPORT int qemu_plugin_version = 1;

static const uint8_t magic[MAGIC_SIZE] = { MAGIC_BYTES };
static char folder[256] = ".";
static bool following;	/* the code is translated so that it can be followed */

static void follow_all(unsigned int cpu, bool yes)
{
	if (following != yes)
		tb_flush(qemu_get_cpu((int)cpu));
	following = yes;
}

/* An instruction in one pointer: an address has 57 bits at most. */
#define ADDRESS_BITS 57
#define JOINS	     (UINT64_C(1) << 63)

static void *pack(uint64_t ip, struct insn i)
{
	uint64_t low = ip & ((UINT64_C(1) << ADDRESS_BITS) - 1);

	return (void *)(uintptr_t)(low | (uint64_t)i.kind << ADDRESS_BITS | (i.joins ? JOINS : 0));
}

static uint64_t ip_of(const void *data)
{
	return (uint64_t)((int64_t)((uintptr_t)data << (64 - ADDRESS_BITS)) >> (64 - ADDRESS_BITS));
}

static enum insn_kind kind_of(const void *data)
{
	return (enum insn_kind)((uintptr_t)data >> ADDRESS_BITS & 63);
}

static void called(unsigned int cpu, void *data)
{
	(void)data;
	switch (guest_reg(cpu, GUEST_RAX)) {
	case MAGIC_WALK:
		dump_walk(folder, cpu, guest_reg(cpu, GUEST_RCX), guest_reg(cpu, GUEST_RSI), guest_reg(cpu, GUEST_RDI));
		break;
	case MAGIC_BUS_START: {
		struct bus_start how = {
			.number = guest_reg(cpu, GUEST_RCX), .start = guest_reg(cpu, GUEST_RSI),
			.length = guest_reg(cpu, GUEST_RDI), .pat = guest_reg(cpu, GUEST_RDX),
			.buffers = (unsigned int)guest_reg(cpu, GUEST_R8),
			.evict = (unsigned int)guest_reg(cpu, GUEST_R9),
			.evict_after = (unsigned int)guest_reg(cpu, GUEST_R10),
		};

		bus_start(cpu, folder, &how);
		follow_all(cpu, bus_running);
		break;
	}
	case MAGIC_BUS_STOP:
		bus_stop();
		break;
	case MAGIC_BUS_REST:
		bus_stop();
		follow_all(cpu, false);
		break;
	default:
		fprintf(stderr, "analyser: called for what it does not know\n");
	}
}

static void accessed(unsigned int cpu, qemu_plugin_meminfo_t info, uint64_t address, void *data)
{
	uint64_t phys;

	if (!bus_running)
		return;
	phys = bus_access(cpu, address, 1u << qemu_plugin_mem_size_shift(info), qemu_plugin_mem_is_store(info), ip_of(data),
			  (uintptr_t)data & JOINS);
	if (phys)
		bus_qemu_says(phys, qemu_plugin_hwaddr_phys_addr(qemu_plugin_get_hwaddr(info, address)));
}

static void event(unsigned int cpu, void *data)
{
	if (bus_running)
		bus_insn(cpu, kind_of(data), ip_of(data));
}

static void next(unsigned int cpu, void *data)
{
	(void)data;
	if (bus_running)
		bus_next(cpu);
}

static void follow(struct qemu_plugin_insn *insn, bool first)
{
	struct insn i = insn_decode(qemu_plugin_insn_data(insn), qemu_plugin_insn_size(insn));
	uint64_t ip = qemu_plugin_insn_vaddr(insn);
	void *data = pack(ip, i);

	/* A handler is entered at its beginning, which begins a block. */
	if (first && handlers_begin(ip))
		qemu_plugin_register_vcpu_insn_exec_cb(insn, event, QEMU_PLUGIN_CB_NO_REGS,
						       pack(ip, (struct insn){ INSN_INTERRUPT, false }));
	if (i.kind)
		qemu_plugin_register_vcpu_insn_exec_cb(insn, event, QEMU_PLUGIN_CB_NO_REGS, data);
	else if (i.joins)
		qemu_plugin_register_vcpu_insn_exec_cb(insn, next, QEMU_PLUGIN_CB_NO_REGS, data);
	qemu_plugin_register_vcpu_mem_cb(insn, accessed, QEMU_PLUGIN_CB_NO_REGS, QEMU_PLUGIN_MEM_RW, data);
}

static void translated(qemu_plugin_id_t id, struct qemu_plugin_tb *tb)
{
	/*
	 * Only the first of a block: later in it registers may still be in the host's. magic.h jumps there, which
	 * starts a block.
	 */
	struct qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(tb, 0);

	(void)id;
	if (insn && qemu_plugin_insn_size(insn) == MAGIC_SIZE &&
	    !memcmp(qemu_plugin_insn_data(insn), magic, MAGIC_SIZE))
		qemu_plugin_register_vcpu_insn_exec_cb(insn, called, QEMU_PLUGIN_CB_R_REGS, NULL);
	for (size_t i = 0; following && i < qemu_plugin_tb_n_insns(tb); i++)
		follow(qemu_plugin_tb_get_insn(tb, i), !i);
}

/*
 * QEMU 7.2 leaves a CPU with the callbacks of an instruction that ended its block inside a helper. They are freed with
 * the code, and the next helper that accesses memory would call what lies there then.
 */
static void forgotten(qemu_plugin_id_t id)
{
	struct CPUState *cpu;

	(void)id;
	for (int i = 0; (cpu = qemu_get_cpu(i)); i++)
		qemu_plugin_disable_mem_helpers(cpu);
}

PLUGIN_EXPORT int qemu_plugin_install(qemu_plugin_id_t id, const struct qemu_info_t *info, int argc, char **argv)
{
	(void)info;
	for (int i = 0; i < argc; i++) {
		if (!strncmp(argv[i], "out=", 4) && strlen(argv[i] + 4) < sizeof(folder))
			strcpy(folder, argv[i] + 4);
		else if (!strncmp(argv[i], "ram=", 4))
			guest_ram_end = strtoull(argv[i] + 4, NULL, 10) << 20;
		else
			return -1;
	}
	if (!guest_ram_end)
		return -1;
	qemu_plugin_register_vcpu_tb_trans_cb(id, translated);
	qemu_plugin_register_flush_cb(id, forgotten);
	return 0;
}
