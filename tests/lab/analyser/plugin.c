/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * plugin.c - the analyser's side towards QEMU: finds the magic instruction, and does what its registers ask for.
 *
 *   -plugin analyser.so,out=FOLDER,ram=MIB
 *
 * Only where the guest's code holds that instruction is anything added to it: all other code runs as without.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dump.h"
#include "guest.h"
#include "magic.h"
#include "qemu.h"

PLUGIN_EXPORT int qemu_plugin_version = 1;

static const uint8_t magic[MAGIC_SIZE] = { MAGIC_BYTES };
static char folder[256] = ".";

static void called(unsigned int cpu, void *data)
{
	(void)data;
	switch (guest_reg(cpu, GUEST_RAX)) {
	case MAGIC_WALK:
		dump_walk(folder, cpu, guest_reg(cpu, GUEST_RCX), guest_reg(cpu, GUEST_RSI), guest_reg(cpu, GUEST_RDI));
		break;
	default:
		fprintf(stderr, "analyser: called for what it does not know\n");
	}
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
	return 0;
}
