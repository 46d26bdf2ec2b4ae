// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * busy.c - a program that is attached to and left again, many times: threads that store, wait, sleep and take signals,
 * each of which checks that nothing of it was lost, doubled, cut short or changed. What it prints is the same each time.
 *
 *   busy FILE      until SIGUSR2; then what went wrong, 0 each
 *
 * FILE: 32 KiB. A page for each thread; the word at 0x7000 + 64 * thread counts its turns, so that others see it go on.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#define SIZE	0x8000
#define WORKERS 3
#define QUEUED	(SIGRTMIN + 2)
#define TICK	(SIGRTMIN + 3)
#define EVERY	2000000 /* ns, of the timer */

enum { STORER, DEAF, GUARDED, SLEEPER, READER, WAITER, MAIN, THREADS };

static unsigned char *p, *guard;
static volatile bool done;
static int ends[2];
static __thread int me;
static __thread volatile int expected; /* the next queued value */
static volatile unsigned long disorder, received, sent, changed, flag_seen, wrong_mask, wrong_store;
static volatile unsigned long interrupted, early, faults, stray;
static pthread_t id[THREADS];
static volatile pid_t tid[THREADS];
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t ping = PTHREAD_COND_INITIALIZER;
static unsigned long pings;

static uint64_t now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static void turn(void)
{
	++*(volatile uint64_t *)(p + 0x7000 + 64 * me);
}

/* A message of eight stores into its page; then that it is there. */
static void store(uint64_t v)
{
	volatile uint64_t *line = (uint64_t *)(p + 0x1000 * me + v % 32 * 64);

	for (int i = 0; i < 8; i++)
		line[i] = v + (uint64_t)i;
	__asm__ volatile("sfence" ::: "memory");
	for (int i = 0; i < 8; i++)
		wrong_store += line[i] != v + (uint64_t)i;
}

static void check_mask(const sigset_t *want)
{
	sigset_t is;

	pthread_sigmask(SIG_SETMASK, NULL, &is);
	for (int s = 1; s < 64; s++)
		if (sigismember(&is, s) != sigismember(want, s) && s != SIGKILL && s != SIGSTOP)
			wrong_mask++;
}

static void *storer(void *arg)
{
	sigset_t mask;

	(void)arg;
	pthread_sigmask(SIG_SETMASK, NULL, &mask);
	for (uint64_t i = 0; !done; i++) {
		store(i);
		if (i % 16 == 0)
			syscall(SYS_getppid);
		if (i % 64 == 0)
			check_mask(&mask);
		turn();
	}
	return NULL;
}

static void *deaf(void *arg)
{
	sigset_t all;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, NULL);
	return storer(arg);
}

/* Its own guard page, closed and run into again and again. */
static void *guarded(void *arg)
{
	unsigned long ran = 0;

	(void)arg;
	while (!done) {
		mprotect(guard, 4096, PROT_NONE);
		*(volatile int *)(guard + 8 * (ran % 100)) = 1;
		ran++;
		if (faults != ran)
			stray++;
		faults = ran;
		store(ran);
		turn();
	}
	return NULL;
}

static void on_segv(int sig, siginfo_t *si, void *uc)
{
	(void)sig;
	(void)uc;
	if (si->si_code != SEGV_ACCERR || (unsigned char *)si->si_addr < guard || (unsigned char *)si->si_addr >= guard + 4096) {
		char text[160];
		ssize_t n = snprintf(text, sizeof(text), "thread %d: a SIGSEGV that is not its own: code %d address %p (region %p)\n", me,
				     si->si_code, si->si_addr, (void *)p);

		n = write(2, text, (size_t)n);
		_exit(99);
	}
	faults++;
	mprotect(guard, 4096, PROT_READ | PROT_WRITE);
}

/* No signal is meant for it: each sleep is as long as it was asked for. */
static void *sleeper(void *arg)
{
	sigset_t all;

	(void)arg;
	sigfillset(&all);
	sigdelset(&all, SIGSEGV);
	pthread_sigmask(SIG_SETMASK, &all, NULL);
	while (!done) {
		struct timespec t = { 0, 3000000 };
		uint64_t begin = now();

		if (nanosleep(&t, NULL))
			interrupted++;
		else if (now() - begin < 3000000)
			early++;
		store(begin);
		turn();
	}
	return NULL;
}

/* Reads what main writes: each byte, in order, with handlers that restart it. */
static void *reader(void *arg)
{
	unsigned char want = 0, c;

	(void)arg;
	for (;;) {
		ssize_t n = read(ends[0], &c, 1);

		if (n == 0)
			return NULL;
		if (n < 0) {
			interrupted++;
			continue;
		}
		disorder += c != want++;
		if (want % 8 == 0)
			store(want);
		turn();
	}
}

static void *waiter(void *arg)
{
	unsigned long seen = 0;

	(void)arg;
	pthread_mutex_lock(&lock);
	while (!done) {
		while (seen == pings && !done)
			pthread_cond_wait(&ping, &lock);
		seen = pings;
		turn();
	}
	pthread_mutex_unlock(&lock);
	return NULL;
}

static void on_queued(int sig, siginfo_t *si, void *uc)
{
	(void)sig;
	(void)uc;
	changed += si->si_code != SI_QUEUE || si->si_pid != getpid();
	if (si->si_value.sival_int != expected++)
		disorder++;
	__atomic_fetch_add(&received, 1, __ATOMIC_RELAXED);
	if (expected % 4 == 0)
		*(volatile uint32_t *)(p + 0x1000 * me + 0xf00) = (uint32_t)expected;
}

static volatile unsigned long ticks;
static volatile uint64_t last_tick;

static void on_tick(int sig, siginfo_t *si, void *uc)
{
	(void)sig;
	(void)uc;
	changed += si->si_code != SI_TIMER || si->si_value.sival_int != 77;
	ticks += 1 + (unsigned long)si->si_overrun;
	last_tick = now();
}

static void on_usr2(int sig)
{
	(void)sig;
	done = true;
}

static void on_alarm(int sig)
{
	(void)sig;
	*(volatile uint32_t *)(p + 0x1000 * me + 0xf40) = (uint32_t)sig;
}

static void handle(int sig, void (*fn)(int, siginfo_t *, void *))
{
	struct sigaction sa = { .sa_sigaction = fn, .sa_flags = SA_SIGINFO | SA_RESTART };

	if (sigaction(sig, &sa, NULL))
		abort();
}

static void *enter(void *arg)
{
	static void *(*const fns[])(void *) = { storer, deaf, guarded, sleeper, reader, waiter };
	unsigned long flags;
	void *rc;

	me = (int)(intptr_t)arg;
	tid[me] = (pid_t)syscall(SYS_gettid);
	rc = fns[me](NULL);
	__asm__ volatile("pushfq; pop %0" : "=r"(flags)::"memory");
	flag_seen += !!(flags & 0x100);
	return rc;
}

int main(int argc, char **argv)
{
	struct sigevent ev = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = TICK, .sigev_value.sival_int = 77 };
	struct itimerspec every = { { 0, EVERY }, { 0, EVERY } }, off = { { 0, 0 }, { 0, 0 } };
	struct itimerval alarms = { { 0, 1700 }, { 0, 1700 } }, none = { { 0, 0 }, { 0, 0 } };
	struct sigaction usr2 = { .sa_handler = on_usr2, .sa_flags = SA_RESTART };
	struct sigaction alrm = { .sa_handler = on_alarm, .sa_flags = SA_RESTART };
	uint64_t begin, should;
	unsigned long values[3] = { 0, 0, 0 };
	unsigned char c = 0;
	sigset_t ticks_only;
	timer_t timer;
	int fd;

	fd = argc > 1 ? open(argv[1], O_RDWR | O_CLOEXEC) : -1;
	if (fd < 0 || pipe(ends))
		return 3;
	p = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	guard = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (p == MAP_FAILED || guard == MAP_FAILED)
		return 3;
	handle(SIGSEGV, on_segv);
	handle(QUEUED, on_queued);
	handle(TICK, on_tick);
	sigaction(SIGUSR2, &usr2, NULL);
	sigaction(SIGALRM, &alrm, NULL);
	signal(SIGTRAP, SIG_IGN);
	/* The timer is main's alone, so that what it counts is not two threads'. */
	sigemptyset(&ticks_only);
	sigaddset(&ticks_only, TICK);
	sigaddset(&ticks_only, SIGUSR2);
	pthread_sigmask(SIG_BLOCK, &ticks_only, NULL);
	me = MAIN;
	id[MAIN] = pthread_self();
	for (intptr_t i = 0; i < MAIN; i++)
		if (pthread_create(&id[i], NULL, enter, (void *)i))
			return 3;
	pthread_sigmask(SIG_UNBLOCK, &ticks_only, NULL);
	while (!tid[STORER] || !tid[GUARDED])
		sched_yield();
	/* From a moment that is known exactly: this program may not run between two lines of it. */
	begin = now() + EVERY;
	every.it_value = (struct timespec){ (time_t)(begin / 1000000000), (long)(begin % 1000000000) };
	begin -= EVERY;
	if (timer_create(CLOCK_MONOTONIC, &ev, &timer) || timer_settime(timer, TIMER_ABSTIME, &every, NULL))
		return 3;
	setitimer(ITIMER_REAL, &alarms, NULL);
	puts("busy");
	fflush(stdout);
	while (!done) {
		static const int to[3] = { STORER, GUARDED, MAIN };
		struct timespec t = { 0, 300000 };

		for (int i = 0; i < 3; i++) {
			/* No more in flight than may be queued. */
			if (sent - received > 200)
				break;
			if (!pthread_sigqueue(id[to[i]], QUEUED, (union sigval){ .sival_int = (int)values[i] })) {
				values[i]++;
				sent++;
			}
		}
		if (write(ends[1], &c, 1) == 1)
			c++;
		pthread_mutex_lock(&lock);
		pings++;
		pthread_cond_signal(&ping);
		pthread_mutex_unlock(&lock);
		nanosleep(&t, NULL);
		turn();
	}
	/* Nobody traces it any more when it is told to end: the last tick comes in time. */
	setitimer(ITIMER_REAL, &none, NULL);
	for (unsigned long was = ticks, i = 0; ticks == was && i < 2000; i++)
		usleep(1000);
	should = (last_tick - begin) / EVERY;
	timer_settime(timer, 0, &off, NULL);
	for (int i = 0; i < 2000 && sent != received; i++)
		usleep(1000);
	pthread_mutex_lock(&lock);
	pthread_cond_broadcast(&ping);
	pthread_mutex_unlock(&lock);
	close(ends[1]);
	for (int i = 0; i < MAIN; i++)
		pthread_join(id[i], NULL);
	printf("signals lost %ld disorder %lu changed %lu\n", (long)(sent - received), disorder, changed);
	printf("ticks %s\n", ticks + 2 >= should && ticks <= should + 2 ? "right" : "wrong");
	fprintf(stderr, "ticks %lu of %lu, signals %lu, faults %lu\n", ticks, should, received, faults);
	printf("stores wrong %lu masks wrong %lu single-step flag %lu\n", wrong_store, wrong_mask, flag_seen);
	printf("interrupted %lu early %lu stray faults %lu\n", interrupted, early, stray);
	for (size_t i = 0; i < SIZE / 8; i++)
		((volatile uint64_t *)p)[i] = i * 0x0101010101010101;
	puts("ended");
	return 0;
}
