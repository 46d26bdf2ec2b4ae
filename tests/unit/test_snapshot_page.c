/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_snapshot_page.c - the manual page has every file of the table, and its example is a whole machine. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "probe/iomem.h"
#include "probe/klog.h"
#include "probe/maps.h"
#include "probe/memtype.h"
#include "probe/msr.h"
#include "probe/vmalloc.h"
#include "recording.h"

static char *read_page(void)
{
	FILE *f = fopen("man/wcdiag-snapshot.5", "r");
	static char page[100000];
	size_t n;

	if (!f)
		skip();
	n = fread(page, 1, sizeof(page) - 1, f);
	fclose(f);
	assert_true(n > 1000 && n < sizeof(page) - 1);
	page[n] = '\0';
	return page;
}

/* The commands in the page, as a reader would type them; their last line but one, back from mdoc to shell. */
static void write_script(const char *page, const char *path)
{
	const char *p = strstr(page, ".\\\" script: begin\n"), *end = strstr(page, ".\\\" script: end\n");
	FILE *f = fopen(path, "w");

	assert_non_null(p);
	assert_non_null(end);
	assert_non_null(f);
	for (p = strchr(p, '\n') + 1; p < end; p = strchr(p, '\n') + 1) {
		if (*p == '.')
			continue;
		for (const char *c = p; *c != '\n'; c++) {
			fputc(*c, f);
			c += c[0] == '\\' && c[1] == 'e';
		}
		fputc('\n', f);
	}
	fclose(f);
}

static void every_file_of_the_table_is_in_the_manual_page(void **state)
{
	const char *page = read_page();
	size_t n = 0;

	(void)state;
	for (const struct snapshot_what *w = snapshot_table(); w->path; w++, n++) {
		if (!strstr(page, w->path))
			fail_msg("%s is not in man/wcdiag-snapshot.5", w->path);
		assert_true(w->keeps && w->reason && *w->keeps && *w->reason);
	}
	assert_int_equal(n, 38);
}

static void the_example_of_the_manual_page_is_a_whole_machine(void **state)
{
	const char *page = read_page();
	char script[300], cmd[1000];
	struct memtype_list list;
	struct ioremaps io;
	struct iomem mem;
	struct klog log;
	struct msrs msr;
	struct maps maps;
	struct hyper hy;
	struct pci pci;
	struct host host;
	struct cpu cpu;
	struct src *s;

	(void)state;
	snprintf(script, sizeof(script), "%.200s/script", out.dir);
	write_script(page, script);
	put_dir(&out, "machine");
	snprintf(cmd, sizeof(cmd), "cd %.200s/machine && sh -e %s", out.dir, script);
	assert_int_equal(system(cmd), 0);
	s = open_root(at(&out, "machine"));
	host_read(s, &host);
	assert_int_equal(host.kver, KVER(6, 1));
	assert_int_equal(host.cmdline.state, FACT_KNOWN);
	assert_int_equal(host.lock.state, FACT_ABSENT);
	assert_int_equal(cpu_read(s, &cpu), 0);
	assert_true(cpu.pat && cpu.mtrr);
	hyper_read(s, &cpu, &hy);
	assert_int_equal(hy.fact.state, FACT_ABSENT);
	assert_int_equal(msrs_read(s, false, &msr), 0);
	assert_int_equal(msr.fact.state, FACT_KNOWN);
	assert_int_equal(klog_read(s, NULL, &log), 0);
	assert_false(log.start_lost);
	assert_int_equal(log.n, 1);
	assert_int_equal(memtype_read(s, &list), 0);
	assert_int_equal(list.n, 1);
	assert_int_equal(iomem_read(s, &mem), 0);
	assert_int_equal(vmalloc_read(s, &io), 0);
	assert_int_equal(pci_read(s, &pci), 0);
	assert_int_equal(pci.dev[0].command, 2);
	assert_true(pci.dev[0].bar[2].has_wc);
	assert_int_equal(pci.dev[0].bar[2].addr, 0xfe000000);
	assert_int_equal(maps_read(s, &pci, host.kver, &maps), 0);
	assert_int_equal(maps.n, 1);
	assert_int_equal(maps.m[0].phys, 0xfe000000);
	maps_free(&maps);
	pci_free(&pci);
	vmalloc_free(&io);
	iomem_free(&mem);
	memtype_free(&list);
	klog_free(&log);
	msrs_free(&msr);
	src_close(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
		T(every_file_of_the_table_is_in_the_manual_page),
		T(the_example_of_the_manual_page_is_a_whole_machine),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
