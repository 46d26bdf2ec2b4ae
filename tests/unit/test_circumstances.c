// SPDX-License-Identifier: GPL-2.0-or-later
/* test_circumstances.c - interrupts, ticks and the sentence, from texts as the kernel writes them, and from others. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <inttypes.h>
#include <sched.h>
#include <stdlib.h>

#include "probe/circumstances.h"
#include "probe/circumstances_int.h"
#include "probe/pci.h"
#include "temproot.h"

static struct irq_row *row;
static size_t n;
static unsigned int line;
static const char *what;

/* In memory of just its size. */
static int parse(const char *text, size_t len, unsigned int cpu)
{
	char *exact = exact_copy(text, len);
	int err;

	what = NULL;
	err = irq_parse(exact, len, cpu, &row, &n, &line, &what);
	free(exact);
	if (err && (row || n))
		fail_msg("rows in spite of %d", err);
	return err;
}

static const struct irq_row *find(const char *label)
{
	for (size_t i = 0; i < n; i++)
		if (!strcmp(row[i].label, label))
			return &row[i];
	fail_msg("no row %s", label);
	return NULL;
}

/* Linux 6.1, a virtual machine with two CPUs. */
static const char two[] = "           CPU0       CPU1       \n"
			  " 24:          1          0  IO-APIC   5-edge      ACPI:Ged\n"
			  " 26:          0         14  IO-APIC   4-edge      ttyS0\n"
			  " 30:          0          0 PCI-MSIX-0000:00:01.0   2-edge      \n"
			  " 36:          0    3641512 PCI-MSIX-0000:00:02.0   1-edge      virtio1-req.0\n"
			  " 37:          3          4 PCI-MSIX-0000:00:02.0   2-edge      i801_smbus, ehci_hcd:usb1\n"
			  "NMI:          0          0   Non-maskable interrupts\n"
			  "LOC:    6119098    6263964   Local timer interrupts\n"
			  "ERR:         77\n"
			  "MIS:         88\n"
			  "PIN:          0          5   Posted-interrupt notification event\n";

static void a_cpus_column_is_taken_by_its_name(void **state)
{
	static const char one[] = "           CPU0       \n"
				  "LOC:    6119098   Local timer interrupts\n"
				  "ERR:         77\n"
				  "MIS:         88\n";

	(void)state;
	assert_int_equal(parse(two, sizeof(two) - 1, 1), 0);
	assert_int_equal(n, 8);
	assert_int_equal(find("36")->n, 3641512);
	assert_string_equal(find("36")->name, "virtio1-req.0");
	assert_string_equal(find("37")->name, "i801_smbus, ehci_hcd:us");
	assert_int_equal(find("37")->n, 4);
	assert_string_equal(find("30")->name, "");
	assert_int_equal(find("LOC")->n, 6263964);
	assert_string_equal(find("LOC")->name, "");
	assert_int_equal(find("PIN")->n, 5);
	free(row);
	assert_int_equal(parse(two, sizeof(two) - 1, 0), 0);
	assert_int_equal(find("24")->n, 1);
	free(row);
	/* Not of this machine, or offline. */
	assert_int_equal(parse(two, sizeof(two) - 1, 2), -ENODEV);
	/* Errors of the whole machine are no interrupts of its only CPU. */
	assert_int_equal(parse(one, sizeof(one) - 1, 0), 0);
	assert_int_equal(n, 1);
	free(row);
}

/* 96 CPUs of which 7 and 40 to 47 are offline; CPU c has base + c of each row. */
static char *ninety_six(uint64_t base, size_t *len)
{
	char *text = NULL;
	FILE *f = open_memstream(&text, len);

	fprintf(f, "            ");
	for (unsigned int c = 0; c < 96; c++)
		if (c != 7 && (c < 40 || c > 47))
			fprintf(f, "CPU%-8u", c);
	fprintf(f, "\n");
	for (unsigned int r = 0; r < 700; r++) {
		if (r < 690)
			fprintf(f, "%4u: ", 24 + r);
		else
			fprintf(f, "%4s: ",
				(const char *[]){ "NMI", "LOC", "SPU", "PMI", "IWI", "RTR", "RES", "CAL", "TLB",
						  "TRM" }[r - 690]);
		for (unsigned int c = 0; c < 96; c++)
			if (c != 7 && (c < 40 || c > 47))
				fprintf(f, "%10" PRIu64 " ", base + c + (r == 300 ? base : 0));
		if (r < 690)
			fprintf(f, " IR-PCI-MSIX-0000:c1:00.0 %4u-edge      mlx5_comp%u@pci:0000:c1:00.0\n", r, r);
		else
			fprintf(f, "  %s\n", "Some interrupts");
	}
	fprintf(f, " ERR:          0\n MIS:          0\n");
	fclose(f);
	return text;
}

static void offline_cpus_have_no_column(void **state)
{
	static const unsigned int cpu[] = { 0, 6, 8, 39, 48, 95 };
	struct irq_row *before;
	size_t len, nbefore;
	char *text = ninety_six(1000, &len), busiest[48];
	uint64_t most;

	(void)state;
	assert_int_equal(parse(text, len, 7), -ENODEV);
	assert_int_equal(parse(text, len, 44), -ENODEV);
	assert_int_equal(parse(text, len, 96), -ENODEV);
	for (size_t i = 0; i < sizeof(cpu) / sizeof(cpu[0]); i++) {
		assert_int_equal(parse(text, len, cpu[i]), 0);
		assert_int_equal(n, 700);
		assert_int_equal(find("24")->n, 1000 + cpu[i]);
		assert_int_equal(find("TRM")->n, 1000 + cpu[i]);
		assert_int_equal(find("324")->n, 2000 + cpu[i]);
		free(row);
	}
	assert_int_equal(parse(text, len, 95), 0);
	before = row;
	nbefore = n;
	free(text);
	text = ninety_six(1010, &len);
	assert_int_equal(parse(text, len, 95), 0);
	assert_int_equal(irq_between(before, nbefore, row, n, busiest, sizeof(busiest), &most), 699 * 10 + 20);
	assert_int_equal(most, 20);
	assert_string_equal(busiest, "324 mlx5_comp300@pci:0000:c");
	free(before);
	free(row);
	free(text);
}

static void what_is_no_such_text_is_refused(void **state)
{
	static const struct {
		const char *text;
		int err;
		unsigned int line;
	} bad[] = {
		{ "", -EBADMSG, 1 },
		{ "\n", -EBADMSG, 1 },
		{ "   CPU0 CPU1", -EBADMSG, 1 },
		{ "   CPU0 1\n", -EBADMSG, 1 },
		{ "   CPU0 CPUx\n", -EBADMSG, 1 },
		{ "   CPU99999999999 CPU1\n", -EBADMSG, 1 },
		{ "  CPU0 CPU1\n  1 2 3\n", -EBADMSG, 2 },
		{ "  CPU0 CPU1\n : 2 3\n", -EBADMSG, 2 },
		{ "  CPU0 CPU1\n1: 2 3\n2: 3 4", -EBADMSG, 3 },
		{ "  CPU0 CPU1\n1: 2 99999999999999999999\n", -EBADMSG, 2 },
		{ "  CPU2 CPU3\n1: 2 3\n", -ENODEV, 0 },
	};
	static const char few[] = "CPU0 CPU1\n1: 2 x\n2: 5\n3: 5 5-edge\n4:\nLONG-LABEL-OF-MORE-THAN-24-BYTES: 3 4\n";

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		int err = parse(bad[i].text, strlen(bad[i].text), 1);

		if (err != bad[i].err || (err == -EBADMSG && (line != bad[i].line || !what)))
			fail_msg("row %zu: %d, line %u", i, err, line);
	}
	/* A row without enough columns is nobody's; no rows at all are none. */
	assert_int_equal(parse(few, sizeof(few) - 1, 1), 0);
	assert_int_equal(n, 1);
	assert_int_equal(row[0].n, 4);
	assert_int_equal(strlen(row[0].label), sizeof(row[0].label) - 1);
	free(row);
	assert_int_equal(parse("CPU1\n", 5, 1), 0);
	assert_int_equal(n, 0);
	free(row);
}

static void what_came_between(void **state)
{
	static const struct irq_row before[] = { { "24", "gone", 5 },
						 { "25", "old", 5 },
						 { "26", "again", 900 },
						 { "LOC", "", UINT32_MAX - 1 },
						 { "TLB", "", 7 } };
	static const struct irq_row after[] = {
		{ "25", "old", 5 }, { "26", "again", 3 }, { "27", "new", 4 }, { "LOC", "", 9 }, { "TLB", "", 7 }
	};
	char busiest[48] = "x";
	uint64_t most = 1;

	(void)state;
	/* 3 of one that began anew, 4 of a new one, 11 over the end of 32 bits. */
	assert_int_equal(irq_between(before, 5, after, 5, busiest, sizeof(busiest), &most), 3 + 4 + 11);
	assert_string_equal(busiest, "LOC");
	assert_int_equal(most, 11);
	assert_int_equal(irq_between(before, 4, after, 3, busiest, sizeof(busiest), &most), 7);
	assert_string_equal(busiest, "27 new");
	assert_int_equal(irq_between(before, 5, before, 5, busiest, sizeof(busiest), &most), 0);
	assert_string_equal(busiest, "");
	assert_int_equal(most, 0);
	assert_int_equal(irq_between(NULL, 0, NULL, 0, busiest, sizeof(busiest), &most), 0);
}

static void ticks_of_one_cpu(void **state)
{
	static const char text[] = "cpu  2116133 73464 532977 1777562 17162 0 5641 12515 0 0\n"
				   "cpu1 1024012 36858 242594 952203 4271 3 427 6235 11 12\n"
				   "cpu12 1 2 3 4\n"
				   "cpu13 1 2 3\n"
				   "cpu14 1 2 3 4 5 6x\n"
				   "cpu15 1 2 3 99999999999999999999 5 6 7\n"
				   "intr 21691670 0 0\n"
				   "cpu16 1 2 3 4 5";
	uint64_t busy, idle;

	(void)state;
	assert_int_equal(cpu_ticks_parse(text, sizeof(text) - 1, 1, &busy, &idle), 0);
	assert_int_equal(busy, 1024012 + 36858 + 242594 + 3 + 427); /* guest time is in user; stolen time is neither */
	assert_int_equal(idle, 952203 + 4271);
	assert_int_equal(cpu_ticks_parse(text, sizeof(text) - 1, 12, &busy, &idle), 0);
	assert_int_equal(busy, 6);
	assert_int_equal(idle, 4);
	assert_int_equal(cpu_ticks_parse(text, sizeof(text) - 1, 0, &busy, &idle), -ENODEV);
	assert_int_equal(cpu_ticks_parse(text, sizeof(text) - 1, 2, &busy, &idle), -ENODEV);
	for (unsigned int c = 13; c <= 16; c++)
		assert_int_equal(cpu_ticks_parse(text, sizeof(text) - 1, c, &busy, &idle), -EBADMSG);
	assert_int_equal(cpu_ticks_parse("", 0, 1, &busy, &idle), -ENODEV);
	assert_true(cpu_ticks_busy((uint64_t[]){ 100, 100 }, (uint64_t[]){ 130, 190 }) == 0.25);
	assert_true(cpu_ticks_busy((uint64_t[]){ 100, 100 }, (uint64_t[]){ 104, 105 }) == -1);
	/* Backwards is nothing. */
	assert_true(cpu_ticks_busy((uint64_t[]){ 100, 100 }, (uint64_t[]){ 110, 90 }) == 1);
}

/* --- before and after --- */

static struct temproot r;
static struct circumstances c;

#define TOPOLOGY "sys/devices/system/cpu/cpu1/topology/thread_siblings_list"

static void put(const char *irqs, const char *stat)
{
	temproot_add(&r, "proc/interrupts", irqs);
	temproot_add(&r, "proc/stat", stat);
}

static struct circumstances_watch *begun(const char *siblings)
{
	static const struct pci_device dev = { .numa_node = 1 };
	struct circumstances_watch *w = NULL;

	temproot_make(&r);
	temproot_add(&r, "sys/devices/system/cpu/cpu1/node0/cpulist", "0-3\n");
	temproot_add(&r, "sys/devices/system/cpu/cpu1/nodes", "");
	if (siblings)
		temproot_add(&r, TOPOLOGY, siblings);
	put("  CPU0 CPU1\n24: 0 10  X  1-edge  mydev\nLOC: 3 400 Local\n", "cpu3 100 0 0 100\ncpu5 50 0 0 100\n");
	assert_int_equal(circumstances_begin(temproot_open(&r), 1, &dev, &w), 0);
	return w;
}

static const char *words(struct circumstances_watch *w, const char *irqs, const char *stat)
{
	static char buf[400];

	put(irqs, stat);
	circumstances_end(w, &c);
	temproot_drop(&r);
	assert_true(c.seconds >= 0 && c.seconds < 60);
	c.seconds = 0.83;
	circumstances_words(&c, buf, sizeof(buf));
	return buf;
}

static void before_and_after(void **state)
{
	struct circumstances_watch *w = begun("1,3,5\n");

	(void)state;
	assert_string_equal(words(w, "  CPU0 CPU1\n24: 0 210  X  1-edge  mydev\nLOC: 3 430 Local\n",
				  "cpu3 110 0 0 190\ncpu5 90 0 0 160\n"),
			    "in 830 ms: 230 interrupts on CPU 1 (200 of them 24 mydev); its sibling CPU 5 was busy 40% "
			    "of the time; it is on node 0, the device on node 1");
	assert_int_equal(c.irq_fact.state, FACT_KNOWN);
	assert_int_equal(c.irqs, 230);
	assert_int_equal(c.busiest_irqs, 200);
	assert_int_equal(c.sibling, 5);
	assert_int_equal(c.cpu_node, 0);
	/* Nothing came, and too short for ticks. */
	w = begun("1,3\n");
	assert_string_equal(
		words(w, "  CPU0 CPU1\n24: 0 10  X  1-edge  mydev\nLOC: 3 400 Local\n", "cpu3 101 0 0 101\n"),
		"in 830 ms: 0 interrupts on CPU 1; too short to say how busy its sibling CPU 3 was; it is on "
		"node 0, the device on node 1");
	assert_string_equal(c.busiest, "");
	/* Only the timer; no other thread. */
	w = begun("1\n");
	assert_string_equal(
		words(w, "  CPU0 CPU1\n24: 0 10  X  1-edge  mydev\nLOC: 3 401 Local\n", ""),
		"in 830 ms: 1 interrupt on CPU 1 (LOC); it has no sibling thread; it is on node 0, the device "
		"on node 1");
	assert_int_equal(c.sibling_fact.state, FACT_ABSENT);
}

static void what_is_not_known_is_said(void **state)
{
	struct circumstances_watch *w = begun(NULL);

	(void)state;
	assert_string_equal(
		words(w, "", ""),
		"in 830 ms: interrupts on CPU 1 not known: /proc/interrupts: line 1: empty; its sibling threads "
		"not known: /sys/devices/system/cpu/cpu1/topology/thread_siblings_list: not in the snapshot; it "
		"is on node 0, the device on node 1");
	/* The CPU goes offline meanwhile, and the sibling. */
	w = begun("1,3\n");
	words(w, "  CPU0\n24: 0\n", "cpu0 1 2 3 4\n");
	assert_int_equal(c.irq_fact.state, FACT_MISSING);
	assert_int_equal(c.sibling_fact.state, FACT_MISSING);
	assert_true(c.sibling_busy < 0);
	w = begun("1-\n");
	words(w, "", "");
	assert_int_equal(c.sibling_fact.state, FACT_MISSING);
	circumstances_drop(NULL);
	w = begun("1,3\n");
	circumstances_drop(w);
	temproot_drop(&r);
}

static void the_sentence_is_cut_to_fit(void **state)
{
	char buf[400], small[400];

	(void)state;
	c = (struct circumstances){ .cpu = 3, .seconds = 12.34, .irqs = 2, .cpu_node = 2, .device_node = 2 };
	fact_known(&c.irq_fact, "x");
	fact_known(&c.sibling_fact, "x");
	c.busiest_irqs = 2;
	strcpy(c.busiest, "LOC");
	circumstances_words(&c, buf, sizeof(buf));
	assert_string_equal(buf,
			    "in 12.3 s: 2 interrupts on CPU 3 (LOC); its sibling CPU 0 was busy 0% of the time; it and "
			    "the device are on node 2");
	for (size_t len = 1; len <= strlen(buf) + 1; len++) {
		memset(small, 'x', sizeof(small));
		circumstances_words(&c, small, len);
		assert_int_equal(strlen(small), len - 1);
		assert_int_equal(strncmp(small, buf, len - 1), 0);
		assert_int_equal(small[len], 'x');
	}
}

static void this_machine(void **state)
{
	struct circumstances_watch *w;
	struct src *live;

	(void)state;
	assert_int_equal(src_open_live(&live), 0);
	assert_int_equal(circumstances_begin(live, (unsigned int)sched_getcpu(), NULL, &w), 0);
	circumstances_end(w, &c);
	assert_int_equal(c.irq_fact.state, access("/proc/interrupts", R_OK) ? FACT_MISSING : FACT_KNOWN);
	assert_int_equal(c.device_node, -1);
	assert_true(c.seconds < 60);
	src_close(live);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_cpus_column_is_taken_by_its_name),
		cmocka_unit_test(offline_cpus_have_no_column),
		cmocka_unit_test(what_is_no_such_text_is_refused),
		cmocka_unit_test(what_came_between),
		cmocka_unit_test(ticks_of_one_cpu),
		cmocka_unit_test(before_and_after),
		cmocka_unit_test(what_is_not_known_is_said),
		cmocka_unit_test(the_sentence_is_cut_to_fit),
		cmocka_unit_test(this_machine),
	};

	return cmocka_run_group_tests_name("circumstances", tests, NULL, NULL);
}
