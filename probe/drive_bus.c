// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * drive_bus.c - what ends a phase from outside: the user, or the mapping's being taken away.
 *
 * A driver that requests the region, or an unplug, empties the entries: the next store is a SIGBUS. The handler puts
 * private memory in the place of the whole mapping, and the batch goes on into that. (Of the whole one: kernels up to
 * 6.12 lose the reservation of a mapping that is split.)
 */
#include <errno.h>
#include <stdint.h>
#include <sys/mman.h>

#include "drive_int.h"

static volatile sig_atomic_t halt, stopped, lost;
static void *volatile bus_at;
static volatile size_t bus_size;
static struct sigaction before;

void drive_stop(void)
{
	stopped = 1;
	halt = 1;
}

bool drive_stopped(void)
{
	return stopped;
}

const volatile sig_atomic_t *drive_halt(void)
{
	return &halt;
}

bool drive_bus_lost(void)
{
	return lost;
}

static void on_bus(int sig, siginfo_t *info, void *context)
{
	uintptr_t at = (uintptr_t)info->si_addr, from = (uintptr_t)bus_at;
	int err = errno;

	(void)context;
	if (at >= from && at - from < bus_size &&
	    mmap(bus_at, bus_size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == bus_at) {
		lost = 1;
		halt = 1;
		errno = err;
		return;
	}
	/* Not ours: it comes again, and ends the program as it always would. */
	signal(sig, SIG_DFL);
	errno = err;
}

int drive_bus_take(void *at, uint64_t size)
{
	struct sigaction sa = { .sa_sigaction = on_bus, .sa_flags = SA_SIGINFO };

	bus_at = at;
	bus_size = size;
	lost = 0;
	halt = 0;
	if (stopped)
		halt = 1;
	sigemptyset(&sa.sa_mask);
	return sigaction(SIGBUS, &sa, &before) ? -errno : 0;
}

void drive_bus_give_back(void)
{
	sigaction(SIGBUS, &before, NULL);
	bus_size = 0;
}
