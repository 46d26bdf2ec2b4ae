/* SPDX-License-Identifier: GPL-2.0-or-later */
/* mtrr.c - MTRRs: default, variable and fixed ranges, AMD's TOP_MEM2; CPUs that differ from the first are shown too. */
#include <stdio.h>

#include "cmd/view.h"
#include "cmd/json.h"
#include "probe/machine.h"

static const struct col var_cols[] = {
	{ "CPU", COL_NUMBER, "first CPU with these values" },
	{ "REG", COL_NUMBER, "variable range" },
	{ "START", COL_HEX, "first byte" },
	{ "END", COL_HEX, "first byte after it" },
	{ "SIZE", COL_SIZE, "length" },
	{ "TYPE", COL_TEXT, "memory type" },
	{ "BASE", COL_HEX, "PHYSBASE as read" },
	{ "MASK", COL_HEX, "PHYSMASK as read" },
	{ NULL, 0, NULL },
};

static const struct col cpu_cols[] = {
	{ "CPU", COL_NUMBER, "first CPU with these values" },
	{ "ENABLED", COL_BOOL, "DEF_TYPE.E" },
	{ "FIXED", COL_BOOL, "DEF_TYPE.FE" },
	{ "DEFAULT", COL_TEXT, "type where no range matches" },
	{ "VARIABLE", COL_NUMBER, "number of variable ranges (MTRRcap.VCNT)" },
	{ "WC", COL_BOOL, "MTRRcap.WC: write-combining supported" },
	{ "TOP_MEM2", COL_HEX, "AMD: end of memory above 4 GiB" },
	{ "TOM2_WB", COL_BOOL, "AMD: 4 GiB to TOP_MEM2 defaults to WB" },
	{ NULL, 0, NULL },
};

static const struct col fixed_cols[] = {
	{ "CPU", COL_NUMBER, "first CPU with these values" },
	{ "START", COL_HEX, "first byte" },
	{ "END", COL_HEX, "first byte after it" },
	{ "TYPE", COL_TEXT, "memory type" },
	{ NULL, 0, NULL },
};

/* Fixed ranges: 8 x 64 KiB, 16 x 16 KiB, 64 x 4 KiB (SDM table 11-9). */
static uint64_t fixed_start(unsigned int i)
{
	return i < 8 ? i * 0x10000ULL : i < 24 ? 0x80000 + (i - 8) * 0x4000ULL : 0xc0000 + (i - 24) * 0x1000ULL;
}

static void add_variable(struct table *t, unsigned int cpu, const struct mtrr *r)
{
	for (unsigned int i = 0; t && i < r->vcnt && i < MTRR_MAX_VAR; i++) {
		const struct mtrr_var *x = &r->var[i];

		if (!x->valid)
			continue;
		table_row(t);
		table_num(t, cpu);
		table_num(t, i);
		if (x->odd) {
			table_text(t, "not contiguous");
			table_none(t);
			table_none(t);
		} else {
			table_num(t, x->start);
			table_num(t, x->end);
			table_num(t, x->end - x->start);
		}
		table_text(t, "%s", mtype_name(x->type));
		table_num(t, x->base_raw);
		table_num(t, x->mask_raw);
	}
}

static void add_cpu(struct table *t, unsigned int cpu, const struct mtrr *r)
{
	if (!t)
		return;
	table_row(t);
	table_num(t, cpu);
	table_num(t, r->enabled);
	table_num(t, r->fixed_enabled);
	table_text(t, "%s", mtype_name(r->def));
	table_num(t, r->vcnt);
	table_num(t, r->wc_supported);
	if (!r->amd_known)
		return;
	table_num(t, r->top_mem2);
	table_num(t, r->tom2_wb);
}

static void add_fixed(struct table *t, unsigned int cpu, const struct mtrr *r)
{
	for (unsigned int i = 0; t && r->fixed_known && i < MTRR_FIXED;) {
		unsigned int a = i;

		while (i < MTRR_FIXED && r->fixed[i] == r->fixed[a])
			i++;
		table_row(t);
		table_num(t, cpu);
		table_num(t, fixed_start(a));
		table_num(t, i < MTRR_FIXED ? fixed_start(i) : 0x100000);
		table_text(t, "%s", mtype_name((enum mtype)r->fixed[a]));
	}
}

static void show_proc(struct view *v)
{
	static const struct col cols[] = {
		{ "REG", COL_NUMBER, "variable range" },
		{ "START", COL_HEX, "first byte" },
		{ "END", COL_HEX, "first byte after it" },
		{ "SIZE", COL_SIZE, "length" },
		{ "TYPE", COL_TEXT, "memory type" },
		{ "COUNT", COL_NUMBER, "users in the kernel" },
		{ NULL, 0, NULL },
	};
	struct table *t = table_new(cols);

	for (size_t i = 0; t && i < v->m->proc_mtrr.n; i++) {
		const struct proc_mtrr_row *r = &v->m->proc_mtrr.row[i];

		table_row(t);
		table_num(t, r->reg);
		table_num(t, r->base);
		table_num(t, r->base + r->size);
		table_num(t, r->size);
		table_text(t, "%s", mtype_name(r->type));
		table_num(t, r->count);
	}
	view_table(v, "proc_mtrr", "\n/proc/mtrr (variable ranges of the boot CPU only):", t);
	view_fact(v, "proc_mtrr_file", &v->m->proc_mtrr.fact);
}

static void show(struct view *v, void *ctx)
{
	struct table *cpu = table_new(cpu_cols), *var = table_new(var_cols), *fixed = table_new(fixed_cols);
	const struct machine *m = v->m;

	(void)ctx;
	for (size_t k = 0; k < m->ndistinct; k++) {
		size_t i = m->distinct[k];

		if (!m->mtrr[i].present)
			continue;
		add_cpu(cpu, m->msrs.cpu[i], &m->mtrr[i]);
		add_variable(var, m->msrs.cpu[i], &m->mtrr[i]);
		add_fixed(fixed, m->msrs.cpu[i], &m->mtrr[i]);
	}
	view_table(v, "cpus", NULL, cpu);
	view_table(v, "variable", "\nvariable ranges (ends exclusive):", var);
	if (v->json || v->o.verbose)
		view_table(v, "fixed", "\nfixed ranges:", fixed);
	else
		json_object_put(table_json(fixed));
	view_fact(v, "registers", &m->mtrr_fact);
	if (m->ndistinct == 1)
		view_line(v, "all %zu CPUs agree", m->msrs.ncpu);
	else if (m->ndistinct > 1)
		view_line(v, "%zu kinds of CPU: a row's CPU is the first of its kind; they must all be the same",
			  m->ndistinct);
	show_proc(v);
}

static int run(const struct cmd *c, int argc, char **argv)
{
	return view_run(c, argc, argv, READ_MSR | READ_PROC_MTRR, NULL, NULL, NULL, show);
}

const struct cmd cmd_mtrr = {
	.name = "mtrr",
	.args = "",
	.help = "the MTRRs of each CPU: default, variable and (-v) fixed ranges, AMD's TOP_MEM2",
	.more = "Exit status: 0 read, 2 a register could not be read (which is said), 3 usage or failure.",
	.common = OPT_ROOT | OPT_JSON,
	.run = run,
};
