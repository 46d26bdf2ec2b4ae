/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * qemu.h - what the analyser calls in QEMU: the few functions of the plugin interface, version 1, and of QEMU itself.
 *
 * Debian packages no header for plugins. The interface: QEMU docs/devel/tcg-plugins.rst. The other functions are no
 * interface, but Debian's binary exports them (7.2); a plugin that finds one missing does not load, and the boot fails.
 */
#ifndef ANALYSER_QEMU_H
#define ANALYSER_QEMU_H

#include <stddef.h>
#include <stdint.h>

#define PLUGIN_EXPORT __attribute__((visibility("default")))

typedef uint64_t qemu_plugin_id_t;
struct qemu_plugin_tb;
struct qemu_plugin_insn;
struct qemu_info_t;
struct qemu_plugin_hwaddr;
typedef uint32_t qemu_plugin_meminfo_t;

enum qemu_plugin_mem_rw { QEMU_PLUGIN_MEM_R = 1, QEMU_PLUGIN_MEM_W, QEMU_PLUGIN_MEM_RW };
enum qemu_plugin_cb_flags { QEMU_PLUGIN_CB_NO_REGS, QEMU_PLUGIN_CB_R_REGS, QEMU_PLUGIN_CB_RW_REGS };

extern int qemu_plugin_version;
int qemu_plugin_install(qemu_plugin_id_t id, const struct qemu_info_t *info, int argc, char **argv);

void qemu_plugin_register_vcpu_tb_trans_cb(qemu_plugin_id_t id, void (*cb)(qemu_plugin_id_t, struct qemu_plugin_tb *));
/* Translated code, and the callbacks in it, were just forgotten. */
void qemu_plugin_register_flush_cb(qemu_plugin_id_t id, void (*cb)(qemu_plugin_id_t));
size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *tb);
struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *tb, size_t index);
const void *qemu_plugin_insn_data(const struct qemu_plugin_insn *insn);
size_t qemu_plugin_insn_size(const struct qemu_plugin_insn *insn);
void qemu_plugin_register_vcpu_insn_exec_cb(struct qemu_plugin_insn *insn, void (*cb)(unsigned int cpu, void *data),
					    enum qemu_plugin_cb_flags flags, void *data);
uint64_t qemu_plugin_insn_vaddr(const struct qemu_plugin_insn *insn);
/* After each access that the instruction made, with its virtual address. */
void qemu_plugin_register_vcpu_mem_cb(struct qemu_plugin_insn *insn,
				      void (*cb)(unsigned int cpu, qemu_plugin_meminfo_t info, uint64_t addr, void *data),
				      enum qemu_plugin_cb_flags flags, enum qemu_plugin_mem_rw rw, void *data);
unsigned int qemu_plugin_mem_size_shift(qemu_plugin_meminfo_t info);
_Bool qemu_plugin_mem_is_store(qemu_plugin_meminfo_t info);
struct qemu_plugin_hwaddr *qemu_plugin_get_hwaddr(qemu_plugin_meminfo_t info, uint64_t vaddr);
uint64_t qemu_plugin_hwaddr_phys_addr(const struct qemu_plugin_hwaddr *haddr);

/* glib's, in QEMU's address space already. */
typedef struct {
	uint8_t *data;
	unsigned int len;
} GByteArray;
GByteArray *g_byte_array_new(void);
uint8_t *g_byte_array_free(GByteArray *a, int free_data);

struct CPUState;
struct CPUState *qemu_get_cpu(int index);
/* n as gdb numbers them: 0 RAX, 2 RCX, 4 RSI, 5 RDI, ... 29 CR3, 30 CR4, 32 EFER (target/i386/gdbstub.c) */
int x86_cpu_gdb_read_register(struct CPUState *cpu, GByteArray *out, int n);
void cpu_physical_memory_rw(uint64_t addr, void *buf, uint64_t len, _Bool is_write);
_Bool cpu_physical_memory_is_io(uint64_t addr);
/* Forgets all translated code before the next block is run. */
void tb_flush(struct CPUState *cpu);
/* What its helpers call for each access that they make: nobody. */
void qemu_plugin_disable_mem_helpers(struct CPUState *cpu);

#endif
