/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * refmodel.c - the analyser's reference model as a program: events in, TLPs out, both as text.
 *
 *   refmodel [-b BUFFERS] [-l FOLDER] <EVENTS
 *
 * With -l they go to FOLDER/tlp.1 and FOLDER/tlp.1.csv, as the analyser writes its lists.
 *
 * A line is an event, as `wcdiag model` reads them too; # begins a comment:
 *   s ADDRESS SIZE [type=wc|uc|uc-|wb] [mask=HEX] [direct] [rep] [ip=HEX]   a store
 *   r ADDRESS SIZE [type=...] [ip=HEX]                                  a read
 *   f sfence|mfence|lfence   l   c [NAME]   u   p   i   y               a fence; locked, serialising, uncached access
 *                                elsewhere, port I/O, interrupt (or "i fault"), system call
 *   g N                          other instructions, which close nothing
 * A TLP is "tlp 0xADDRESS DWS FIRST LAST". With the end of the events all lines leave.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "analyser/list.h"
#include "analyser/wc.h"

static void print(const struct wc_tlp *t, void *data)
{
	(void)data;
	printf("tlp 0x%" PRIx64 " %u %x %x\n", t->address, t->dws, t->first, t->last);
}

static void bad(unsigned long n, const char *why)
{
	fprintf(stderr, "refmodel: line %lu: %s\n", n, why);
	exit(3);
}

static void access_event(struct wc_model *m, bool store, char **save, unsigned long n)
{
	char *address = strtok_r(NULL, " \t\n", save), *size = strtok_r(NULL, " \t\n", save);
	bool direct = false, uc = false, wb = false;
	uint64_t mask = WC_ALL, a, ip = 0;
	unsigned int len;

	if (!address || !size)
		bad(n, "no address or size");
	a = strtoull(address, NULL, 0);
	len = (unsigned int)strtoul(size, NULL, 0);
	for (char *w; (w = strtok_r(NULL, " \t\n", save));) {
		if (!strcmp(w, "direct"))
			direct = true;
		else if (!strncmp(w, "mask=", 5))
			mask = strtoull(w + 5, NULL, 16);
		else if (!strncmp(w, "ip=", 3))
			ip = strtoull(w + 3, NULL, 16);
		else if (!strcmp(w, "type=uc") || !strcmp(w, "type=uc-"))
			uc = true;
		else if (!strcmp(w, "type=wb"))
			wb = true;
		else if (strcmp(w, "type=wc") && strcmp(w, "rep"))
			bad(n, w);
	}
	if (store && direct)
		wc_direct(m, a, len, mask, ip);
	else if (store && uc)
		wc_store_uc(m, a, len, mask, ip);
	else if (store && !wb)
		wc_store(m, a, len, mask, ip);
	else if (!store && uc)
		wc_flush(m, WC_UC);
	else if (!store && !wb)
		wc_read(m, a, len);
}

static void other_event(struct wc_model *m, const char *what, const char *word, unsigned long n)
{
	static const struct {
		char letter;
		enum wc_reason why;
	} flushes[] = {
		{ 'l', WC_LOCK }, { 'c', WC_SERIAL }, { 'u', WC_UC }, { 'p', WC_IO }, { 'i', WC_INTERRUPT }, { 'y', WC_SYSCALL },
	};

	if (*what == 'f') {
		if (!word)
			bad(n, "which fence");
		if (strcmp(word, "lfence"))
			wc_flush(m, *word == 's' ? WC_SFENCE : WC_MFENCE);
		return;
	}
	for (size_t i = 0; i < sizeof(flushes) / sizeof(flushes[0]); i++)
		if (*what == flushes[i].letter) {
			wc_flush(m, flushes[i].why);
			return;
		}
	if (*what == 'g' && word)
		return;
	bad(n, what);
}

int main(int argc, char **argv)
{
	struct wc_model m = { .buffers = 10, .emit = print };
	struct list list;
	struct list_from from = { &list, &m };
	unsigned long n = 0;
	char line[256];
	int opt;

	while ((opt = getopt(argc, argv, "b:l:")) != -1) {
		if (opt == 'b')
			m.buffers = (unsigned int)atoi(optarg);
		if (opt == '?' || !m.buffers || m.buffers > WC_BUFFERS_MAX)
			return 2;
		if (opt != 'l')
			continue;
		if (!list_open(&list, optarg, "tlp", 1, true))
			return 1;
		m.emit = list_emit;
		m.data = &from;
	}
	while (fgets(line, sizeof(line), stdin)) {
		char *save = NULL, *what;

		n++;
		line[strcspn(line, "#")] = '\0';
		what = strtok_r(line, " \t\n", &save);
		if (!what)
			continue;
		if (what[1])
			bad(n, what);
		if (*what == 's' || *what == 'r')
			access_event(&m, *what == 's', &save, n);
		else
			other_event(&m, what, strtok_r(NULL, " \t\n", &save), n);
	}
	wc_flush(&m, WC_END);
	if (m.data)
		return list_close(&list) ? 0 : 1;
	return ferror(stdout) || fflush(stdout) ? 1 : 0;
}
