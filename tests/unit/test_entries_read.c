/* SPDX-License-Identifier: GPL-2.0-or-later */
/* test_entries_read.c - this machine's processes, with a module that answers for some of them. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "km/wcdiag_km.h"
#include "probe/entries.h"
#include "probe/km.h"
#include "probe/km_int.h"
#include "probe/maps.h"
#include "probe/msr.h"
#include "probe/src.h"

static struct {
	int err;			/* of every walk of a process */
	int kernel_err;
	pid_t ends, gone, refused, thread;	/* ends: in the middle of its walk */
	uint64_t vvar;
	unsigned int device_walks, processes;
	int msr_err;
} fake;

static int fake_open(const char *path)
{
	(void)path;
	return open("/dev/null", O_RDONLY | O_CLOEXEC);
}

static int answer(struct wcdiag_km_walk *w)
{
	struct wcdiag_km_run *r = (void *)(uintptr_t)w->runs;
	const struct wcdiag_km_run bar = { .start = w->start, .end = w->start + 4096, .entry = 0xfe00026f, .phys = 0xfe000000,
					   .level = 1, .kind = WCDIAG_KM_PRESENT, .rights = WCDIAG_KM_WRITE,
					   .vma = WCDIAG_KM_VMA | WCDIAG_KM_VMA_PFNMAP };

	w->next = w->end;
	fake.device_walks += (w->flags & WCDIAG_KM_DEVICE) != 0;
	if (w->target == WCDIAG_KM_KERNEL) {
		r[0] = bar;
		r[0].vma = 0;
		w->nruns = 1;
		return fake.kernel_err;
	}
	fake.processes++;
	if (w->pid == fake.ends) {
		siginfo_t info;

		kill(w->pid, SIGKILL);
		waitid(P_PID, (id_t)w->pid, &info, WEXITED | WNOWAIT);
		return -ESRCH;
	}
	if (w->pid == fake.gone)
		return -ESRCH;
	if (w->pid == fake.refused)
		return -EPERM;
	if (w->pid != getpid() && w->pid != fake.thread)
		return fake.err;
	r[0] = bar;
	r[1] = bar;
	r[1].start = fake.vvar;
	r[1].end = fake.vvar + 4096;
	w->nruns = fake.vvar && w->pid == getpid() ? 2 : 1;
	return 0;
}

static int fake_ioctl(int fd, unsigned long request, void *arg)
{
	static const struct wcdiag_km_info info = { .abi = WCDIAG_KM_ABI, .caps = WCDIAG_KM_CAP_WALK | WCDIAG_KM_CAP_MSR,
						    .levels = 4, .user_end = 0x7ffffffff000ULL,
						    .kernel_start = 0xffff800000000000ULL,
						    .vmalloc_start = 0xffffc90000000000ULL,
						    .vmalloc_end = 0xffffe90000000000ULL, .max_runs = 100,
						    .version = "0.1.0" };

	(void)fd;
	switch (request) {
	case WCDIAG_KM_INFO:
		memcpy(arg, &info, sizeof(info));
		return 0;
	case WCDIAG_KM_WALK:
		return answer(arg);
	case WCDIAG_KM_MSR:
		((struct wcdiag_km_msr *)arg)->value = ((struct wcdiag_km_msr *)arg)->msr;
		return fake.msr_err;
	default:
		return -ENOTTY;
	}
}
static const struct km_ops fake_ops = { fake_open, fake_ioctl };

static uint64_t own_vvar(void)
{
	FILE *f = fopen("/proc/self/maps", "r");
	unsigned long long start = 0;
	char line[512];

	while (f && fgets(line, sizeof(line), f))
		if (strstr(line, "[vvar]"))
			sscanf(line, "%llx", &start);
	if (f)
		fclose(f);
	return start;
}

static pid_t sleeper(void)
{
	pid_t pid = fork();

	if (!pid) {
		for (;;)
			pause();
	}
	assert_true(pid > 0);
	return pid;
}

static void end(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

static struct src *live(void)
{
	struct src *s;

	memset(&fake, 0, sizeof(fake));
	km_ops = &fake_ops;
	assert_int_equal(src_open_live(&s), 0);
	return s;
}

static bool all_seen(const struct src *s)
{
	char ns[64];

	return !src_readlink(s, "/proc/self/ns/pid", ns, sizeof(ns)) && !strcmp(ns, "pid:[4026531836]") &&
	       !access("/proc/1", F_OK);
}

static void every_process_and_the_kernel_are_walked(void **state)
{
	struct src *s = live();
	const struct pte_run *r;
	struct entries e;
	int rc;

	(void)state;
	fake.vvar = own_vvar();
	rc = entries_read(s, &e);
	/* In a container nobody can know of the others, and that is said. */
	assert_int_equal(rc, all_seen(s) ? 0 : -EPERM);
	assert_int_equal(e.fact.state, all_seen(s) ? FACT_KNOWN : FACT_MISSING);
	assert_string_equal(e.reader, "wcdiag_km 0.1.0");
	assert_int_equal(e.levels, 4);
	assert_true(fake.processes >= 1 && fake.device_walks == fake.processes + 1);
	assert_int_equal(entries_of(&e, 0, 0, UINT64_MAX, &r), 1);
	/* its own BAR page, and not the kernel's vvar page */
	assert_int_equal(entries_of(&e, getpid(), 0, UINT64_MAX, &r), 1);
	assert_true(r->phys == 0xfe000000 && r->pid == getpid());
	assert_int_equal(e.ngone, 0);
	entries_free(&e);
	src_close(s);
}

static void a_process_that_ends_is_gone_and_a_kernel_thread_is_not(void **state)
{
	struct src *s = live();
	pid_t pid = sleeper(), zombie = fork();
	struct entries e;

	(void)state;
	if (!zombie)
		_exit(0);
	fake.ends = pid;
	usleep(20000);
	entries_read(s, &e);
	fake.ends = 0;
	assert_true(entries_gone(&e, pid) && !entries_gone(&e, zombie) && e.ngone == 1);
	entries_free(&e);
	/* of a zombie (and a kernel thread) the module says the same, and there was nothing to lose */
	fake.gone = zombie;
	entries_read(s, &e);
	assert_int_equal(e.ngone, 0);
	entries_free(&e);
	end(pid);
	waitpid(zombie, NULL, 0);
	src_close(s);
}

/* It says that it is gone, and its memory is still there: then nobody knows what it maps. */
static void a_process_that_lives_is_not_gone(void **state)
{
	struct src *s = live();
	pid_t pid = sleeper();
	struct entries e;

	(void)state;
	fake.gone = pid;
	assert_int_equal(entries_read(s, &e), -EAGAIN);
	assert_int_equal(e.ngone, 0);
	assert_int_equal(e.fact.state, FACT_MISSING);
	entries_free(&e);
	fake.gone = 0;
	end(pid);
	src_close(s);
}

static void a_process_that_is_refused_makes_the_fact_missing(void **state)
{
	struct src *s = live();
	pid_t pid = sleeper();
	const struct pte_run *r;
	char who[40];
	struct entries e;

	(void)state;
	fake.refused = pid;
	assert_int_equal(entries_read(s, &e), -EPERM);
	assert_int_equal(e.fact.state, FACT_MISSING);
	snprintf(who, sizeof(who), "process %d: not permitted", pid);
	assert_non_null(strstr(e.fact.why, who));
	assert_non_null(e.fact.remedy);
	assert_int_equal(entries_of(&e, getpid(), 0, UINT64_MAX, &r), 1);	/* the others stay */
	entries_free(&e);

	fake.refused = 0;
	fake.kernel_err = -EPERM;
	assert_int_equal(entries_read(s, &e), -EPERM);
	assert_non_null(strstr(e.fact.why, "kernel"));
	entries_free(&e);
	end(pid);
	src_close(s);
}

static void *other_thread(void *arg)
{
	char tid[16];

	snprintf(tid, sizeof(tid), "%d\n", gettid());
	if (write(*(int *)arg, tid, strlen(tid)) < 0)
		_exit(1);
	for (;;)
		pause();
}

static void a_process_lives_on_in_its_threads(void **state)
{
	struct src *s = live();
	const struct pte_run *r;
	struct entries e;
	char text[16] = "";
	int pipefd[2];
	pid_t pid;

	(void)state;
	assert_int_equal(pipe(pipefd), 0);
	pid = fork();
	if (!pid) {
		pthread_t t;

		pthread_create(&t, NULL, other_thread, &pipefd[1]);
		pthread_exit(NULL);
	}
	assert_true(read(pipefd[0], text, sizeof(text) - 1) > 0);
	usleep(20000);
	/* Of the main thread the kernel says that it has no memory. */
	fake.gone = pid;
	fake.thread = atoi(text);
	entries_read(s, &e);
	assert_true(!entries_gone(&e, pid) && entries_of(&e, pid, 0, UINT64_MAX, &r) == 1 && r->pid == pid);
	assert_int_equal(maps_living_thread(s, pid), fake.thread);
	assert_int_equal(maps_living_thread(s, getpid()), getpid());
	assert_int_equal(maps_living_thread(s, 0x7ffffffe), 0);
	entries_free(&e);
	end(pid);
	close(pipefd[0]);
	close(pipefd[1]);
	src_close(s);
}

static void the_module_reads_registers_where_there_is_no_msr_device(void **state)
{
	struct src *s = live();
	struct msrs m;
	uint64_t v;

	(void)state;
	if (!access("/dev/cpu/0/msr", F_OK)) {
		src_close(s);
		skip();
	}
	assert_int_equal(msrs_read(s, false, &m), 0);
	assert_string_equal(m.fact.where, "/dev/wcdiag");
	for (size_t i = 0; i < m.ncpu; i++)
		assert_true(msrs_get(&m, m.cpu[i], MSR_PAT, &v) && v == MSR_PAT);
	msrs_free(&m);
	/* one that refuses every register is no help: the device's own error stays */
	fake.msr_err = -EPERM;
	assert_int_equal(msrs_read(s, false, &m), -ENOENT);
	assert_string_equal(m.fact.where, "/dev/cpu/0/msr");
	assert_non_null(strstr(m.fact.remedy, "modprobe msr"));
	msrs_free(&m);
	src_close(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_process_and_the_kernel_are_walked),
		cmocka_unit_test(a_process_that_ends_is_gone_and_a_kernel_thread_is_not),
		cmocka_unit_test(a_process_that_lives_is_not_gone),
		cmocka_unit_test(a_process_that_is_refused_makes_the_fact_missing),
		cmocka_unit_test(a_process_lives_on_in_its_threads),
		cmocka_unit_test(the_module_reads_registers_where_there_is_no_msr_device),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
