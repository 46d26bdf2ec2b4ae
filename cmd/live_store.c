/* SPDX-License-Identifier: GPL-2.0-or-later */
/* live_store.c - one experiment after the other: started, looked after, kept. */
#include "cmd/live_store.h"

#include <ctype.h>
#include <inttypes.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "cmd/live_model.h"
#include "cmd/text.h"
#include "probe/machine.h"

/* Options, each with an argument, and what goes around them. */
#define ARGV_MAX (2 * LIVE_STORE_OPTS + 8)

void live_store_init(struct live_store *s, const struct live_store_args *args)
{
	*s = (struct live_store){ .given = args->n > 0, .args = args };
}

static size_t build(const struct live_store *s, const char *device, const char *argv[ARGV_MAX])
{
	size_t n = 0;

	argv[n++] = "wcdiag";
	argv[n++] = "drive";
	argv[n++] = device;
	for (size_t i = 0; i < s->args->n; i++) {
		static char name[LIVE_STORE_OPTS][32];

		snprintf(name[i], sizeof(name[i]), "--%s", s->args->opt[i].name);
		argv[n++] = name[i];
		if (s->args->opt[i].arg)
			argv[n++] = s->args->opt[i].arg;
	}
	argv[n] = NULL;
	return n;
}

/* As one would type it: what a shell would take apart stands in quotes. */
static void words(const char *argv[], char *buf, size_t len)
{
	size_t n = 0;

	*buf = '\0';
	for (size_t i = 0; argv[i] && n < len; i++) {
		bool plain = *argv[i];

		for (const char *p = argv[i]; *p; p++)
			plain = plain && (isalnum((unsigned char)*p) || strchr("-_./:+=,@%", *p));
		n += (size_t)snprintf(buf + n, len - n, plain ? "%s%s" : "%s'%s'", i ? " " : "", argv[i]);
	}
}

static void device_name(const struct pci_device *d, int bar, char *buf, size_t len)
{
	snprintf(buf, len, "%s:%d", d->slot, bar);
}

/* By the facts at hand: drive reads them anew, and decides by those. */
static void would_refuse(struct live_store *s, const struct machine *m, const struct pci_device *d, int bar)
{
	struct drive_plan plan = s->args->a.plan;
	struct drive_refusal no;

	plan.m = m;
	plan.dev = d;
	plan.bar = bar;
	if (plan.file)
		plan.by = DRIVE_BY_FILE;
	if (drive_refused(&plan, &no))
		snprintf(s->refused, sizeof(s->refused), "%s%s%s%s", no.why, no.remedy ? " (" : "",
			 no.remedy ? no.remedy : "", no.remedy ? ")" : "");
}

/* A slot may hold another card by now, and a BAR may have moved. */
static void note_which(struct live_store *s, const struct pci_device *d, uint64_t start)
{
	uint64_t which = (((uint64_t)d->vendor << 16 | d->device) << 32) ^ start ^ 1;

	s->other = s->other || (s->which && s->which != which);
	s->which = which;
}

void live_store_facts(struct live_store *s, const struct live_model *v)
{
	const struct drive_plan *p = &s->args->a.plan;
	const char *argv[ARGV_MAX];
	char device[64], size[32];

	*s->refused = '\0';
	if (!s->given)
		return;
	if (v->n != 1) {
		snprintf(s->refused, sizeof(s->refused), "%s",
			 v->n ? "several devices: name one" : "the BAR is not there any more");
		return;
	}
	device_name(&v->m->pci.dev[v->row[0].dev], v->row[0].bar, device, sizeof(device));
	snprintf(s->where, sizeof(s->where), "%s at 0x%" PRIx64 " of %s", human_size(p->length, size, sizeof(size)),
		 p->offset, device);
	note_which(s, &v->m->pci.dev[v->row[0].dev], v->row[0].start);
	build(s, device, argv);
	words(argv, s->command, sizeof(s->command));
	would_refuse(s, v->m, &v->m->pci.dev[v->row[0].dev], v->row[0].bar);
}

static void remember(struct live_store *s)
{
	if (!*s->last.says)
		return;
	if (s->npast < LIVE_STORE_PAST)
		s->npast++;
	memmove(&s->past[1], &s->past[0], (s->npast - 1) * sizeof(s->past[0]));
	snprintf(s->past[0].at, sizeof(s->past[0].at), "%s", s->last.at);
	snprintf(s->past[0].says, sizeof(s->past[0].says), "%.199s", s->last.says);
	s->past[0].took = s->last.took;
	s->past[0].mood = s->last.mood;
	stored_free(&s->last);
}

/* What was seen until now stays until there is something new. */
static void finish(struct live_store *s, const char *text, const char *said, int status)
{
	remember(s);
	if (stored_read(text, said, status, &s->last))
		snprintf(s->last.says, sizeof(s->last.says), "no memory for what it said");
	snprintf(s->last.at, sizeof(s->last.at), "%s", s->at);
	s->last.took = s->now - s->began;
	s->on = s->ending = false;
}

/* This program by its name, so that it is seen by it; where something else has taken the name, the program all the
 * same. */
static const char *myself(char *path, size_t len)
{
	static const char self[] = "/proc/self/exe";
	ssize_t n = readlink(self, path, len - 1);
	struct stat named, running;

	if (n <= 0)
		return self;
	path[n] = '\0';
	return !stat(path, &named) && !stat(self, &running) && named.st_dev == running.st_dev &&
			       named.st_ino == running.st_ino
		       ? path
		       : self;
}

void live_store_begin(struct live_store *s, double now)
{
	const char *argv[ARGV_MAX];
	time_t wall = time(NULL);
	struct tm tm;
	char device[64], path[PATH_MAX];
	const char *at = strrchr(s->where, ' ');
	size_t n;
	int rc;

	if (!s->given || s->on || !at)
		return;
	snprintf(device, sizeof(device), "%s", at + 1);
	n = build(s, device, argv);
	argv[n++] = "--json";
	argv[n] = NULL;
	s->runs++;
	s->began = s->now = now;
	localtime_r(&wall, &tm);
	strftime(s->at, sizeof(s->at), "%H:%M:%S", &tm);
	rc = live_child_start(&s->child, myself(path, sizeof(path)), argv);
	s->on = !rc;
	if (rc)
		finish(s, NULL, strerror(-rc), 127 << 8);
}

bool live_store_tick(struct live_store *s, double now)
{
	int status;

	if (!s->on)
		return false;
	s->now = now;
	if (live_child_ended(&s->child, &status))
		finish(s, s->child.too_much ? NULL : s->child.text,
		       s->child.too_much ? "it said more than any answer has" : s->child.said, status);
	return true;
}

void live_store_stop(struct live_store *s)
{
	if (s->on)
		live_child_stop(&s->child);
	s->ending = s->on;
}

void live_store_free(struct live_store *s)
{
	live_child_close(&s->child);
	stored_free(&s->last);
	s->on = false;
}
