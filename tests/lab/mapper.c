/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * mapper.c - the lab's device user: maps what it is told, says what it got, and keeps it until told to go.
 *
 *   mapper [-f] [-n NAME] FILE:OFFSET:LENGTH[:OPTION,...] ...
 *
 * OPTION: ro (open and map read-only), private (MAP_PRIVATE), sync (O_SYNC), touch (one access to each page),
 *         none (mprotect of the whole mapping to PROT_NONE, afterwards),
 *         split (unmap one page in the middle: on kernels up to 6.12 this leaks the reservation).
 * One line for each mapping: "ok N ADDRESS" or "errno N NAME"; then it waits for a signal or the end of its input, and
 * has its page tables walked when it is told to (stay.h).
 * -f forks afterwards: the child inherits the mappings and stays as long. -n sets the process name that /proc/PID/comm shows.
 *
 * It never changes the protection of a part of a mapping: that splits it, and a split reservation is never freed.
 * Only "split" does so, on purpose. Static, so that it runs in an initramfs with nothing beside it.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "stay.h"

struct spec {
	char *file;
	uint64_t offset, length;
	bool ro, private, sync, touch, none, split;
};

static bool number(const char *s, uint64_t *out)
{
	char *end;

	errno = 0;
	*out = strtoull(s, &end, 0);
	return !errno && *s >= '0' && *s <= '9' && !*end;
}

/* Cuts the last ":FIELD" off s. A slot holds colons itself, so fields are counted from the right. */
static char *last_field(char *s)
{
	char *colon = strrchr(s, ':');

	if (colon)
		*colon++ = '\0';
	return colon;
}

static bool option_set(struct spec *sp, const char *o)
{
	const struct {
		const char *name;
		bool *flag;
	} known[] = {
		{ "ro", &sp->ro }, { "private", &sp->private }, { "sync", &sp->sync },
		{ "touch", &sp->touch }, { "none", &sp->none }, { "split", &sp->split },
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (!strcmp(o, known[i].name)) {
			*known[i].flag = true;
			return true;
		}
	return false;
}

static bool spec_parse(char *arg, struct spec *sp)
{
	char *field = last_field(arg), *save = NULL;

	*sp = (struct spec){ 0 };
	if (field && (*field < '0' || *field > '9')) {
		for (char *o = strtok_r(field, ",", &save); o; o = strtok_r(NULL, ",", &save))
			if (!option_set(sp, o))
				return false;
		field = last_field(arg);
	}
	if (!field || !number(field, &sp->length) || !sp->length)
		return false;
	field = last_field(arg);
	if (!field || !number(field, &sp->offset))
		return false;
	sp->file = arg;
	return *arg != '\0';
}

static void touch(const struct spec *sp, volatile uint8_t *p, size_t page)
{
	for (uint64_t at = 0; at < sp->length; at += page) {
		if (sp->ro)
			(void)p[at];
		else
			p[at] = 0x5a;
	}
}

static int map_one(const struct spec *sp, int index)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	int fd = open(sp->file, (sp->ro ? O_RDONLY : O_RDWR) | (sp->sync ? O_SYNC : 0) | O_CLOEXEC);
	uint8_t *p = MAP_FAILED;
	int err;

	if (fd >= 0)
		p = mmap(NULL, sp->length, PROT_READ | (sp->ro ? 0 : PROT_WRITE),
			 sp->private ? MAP_PRIVATE : MAP_SHARED, fd, (off_t)sp->offset);
	err = errno;
	if (fd >= 0)
		close(fd);
	if (p == MAP_FAILED) {
		printf("errno %d %s\n", index, strerrorname_np(err));
		return 1;
	}
	if (sp->touch)
		touch(sp, p, page);
	if (sp->none && mprotect(p, sp->length, PROT_NONE) < 0) {
		printf("errno %d %s\n", index, strerrorname_np(errno));
		return 1;
	}
	if (sp->split && munmap(p + sp->length / 2 / page * page, page) < 0) {
		printf("errno %d %s\n", index, strerrorname_np(errno));
		return 1;
	}
	printf("ok %d %p\n", index, (void *)p);
	return 0;
}

int main(int argc, char **argv)
{
	bool forks = false;
	int opt;

	while ((opt = getopt(argc, argv, "fn:")) != -1) {
		if (opt == 'f')
			forks = true;
		else if (opt == 'n')
			prctl(PR_SET_NAME, optarg);
		else
			return 2;
	}
	if (optind == argc) {
		fprintf(stderr, "usage: mapper [-f] [-n NAME] FILE:OFFSET:LENGTH[:OPTION,...] ...\n");
		return 2;
	}
	for (int i = optind; i < argc; i++) {
		struct spec sp;

		if (!spec_parse(argv[i], &sp)) {
			fprintf(stderr, "mapper: %s: not FILE:OFFSET:LENGTH[:OPTION,...]\n", argv[i]);
			return 2;
		}
		map_one(&sp, i - optind);
	}
	fflush(stdout);
	if (forks && fork() == 0) {
		prctl(PR_SET_PDEATHSIG, SIGTERM);
		pause();
		_exit(0);
	}
	stay();
	return 0;
}
