/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pat.c - the PAT of each CPU, decoded; CPUs that agree share a row. */
#include <stdio.h>

#include "cmd/text.h"
#include "cmd/view.h"
#include "probe/machine.h"

static const struct col cols[] = {
	{ "CPUS", COL_TEXT, "CPUs with this value" },
	{ "MSR", COL_HEX, "MSR 0x277 as read" },
	{ "0", COL_TEXT, "slot 0: PAT=0 PCD=0 PWT=0" },
	{ "1", COL_TEXT, "slot 1: PWT" },
	{ "2", COL_TEXT, "slot 2: PCD" },
	{ "3", COL_TEXT, "slot 3: PCD PWT" },
	{ "4", COL_TEXT, "slot 4: PAT" },
	{ "5", COL_TEXT, "slot 5: PAT PWT" },
	{ "6", COL_TEXT, "slot 6: PAT PCD" },
	{ "7", COL_TEXT, "slot 7: PAT PCD PWT" },
	{ "WC", COL_TEXT, "slots that encode write-combining" },
	{ "LAYOUT", COL_TEXT, "who writes this layout" },
	{ NULL, 0, NULL },
};

/* "0-3,8": the CPUs whose value is that of CPU index first. */
static void cpus_like(const struct machine *m, size_t first, char *buf, size_t len)
{
	struct items t;

	items_begin(&t, buf, len);
	for (size_t i = first; i < m->msrs.ncpu; i++) {
		size_t a = i;

		if (m->pat[i].raw != m->pat[first].raw)
			continue;
		while (i + 1 < m->msrs.ncpu && m->pat[i + 1].raw == m->pat[first].raw &&
		       m->msrs.cpu[i + 1] == m->msrs.cpu[i] + 1)
			i++;
		items_add(&t, i - a + 1, ",", a == i ? "%u" : "%u-%u", m->msrs.cpu[a], m->msrs.cpu[i]);
	}
	items_end(&t);
}

static bool first_of_its_kind(const struct machine *m, size_t i)
{
	for (size_t k = 0; k < i; k++)
		if (m->pat[k].known && m->pat[k].raw == m->pat[i].raw)
			return false;
	return true;
}

static void show(struct view *v, void *ctx)
{
	const struct machine *m = v->m;
	struct table *t = table_new(cols);
	char cpus[4096], wc[24];

	(void)ctx;
	for (size_t i = 0; t && m->pat && i < m->msrs.ncpu; i++) {
		size_t k = 0;
		const char *layout;

		/* A register that nobody read has no row: view_fact() says which. */
		if (!m->pat[i].known || !first_of_its_kind(m, i))
			continue;
		/* A table that can still be read; a program gets more. */
		cpus_like(m, i, cpus, v->json ? sizeof(cpus) : 160);
		layout = pat_layout_name(m->pat[i].raw);
		table_row(t);
		table_text(t, "%s", cpus);
		table_num(t, m->pat[i].raw);
		wc[0] = '\0';
		for (unsigned int s = 0; s < 8; s++) {
			table_text(t, "%s", mtype_name(m->pat[i].slot[s]));
			if (m->pat[i].slot[s] == MT_WC)
				k += (size_t)snprintf(wc + k, sizeof(wc) - k, "%s%u", k ? "," : "", s);
		}
		table_text(t, "%s", wc);
		table_text(t, "%s", layout ? layout : "");
	}
	view_table(v, "pat", NULL, t);
	view_fact(v, "registers", &m->msrs.fact);
	if (m->belief_fact.state == FACT_KNOWN) {
		char slots[64];

		pat_format(&m->belief, slots, sizeof(slots));
		view_line(v, "the kernel believes in: %s (%s)", slots, m->belief_fact.where);
	}
	view_fact(v, "kernel_belief", &m->belief_fact);
	view_line(v, "PAT is %s: %s",
		  m->pat_state == PAT_STATE_ON	  ? "on"
		  : m->pat_state == PAT_STATE_OFF ? "off"
						  : "not known",
		  m->pat_why);
}

static int run(const struct cmd *c, int argc, char **argv)
{
	return view_run(c, argc, argv, READ_MSR | READ_KLOG, NULL, NULL, NULL, show);
}

const struct cmd cmd_pat = {
	.name = "pat",
	.args = "",
	.help = "the PAT of each CPU (MSR 0x277), decoded, and what the kernel believes",
	.more = "Exit status: 0 read, 2 a register could not be read (which is said), 3 usage or failure.",
	.common = OPT_ROOT | OPT_JSON,
	.run = run,
};
