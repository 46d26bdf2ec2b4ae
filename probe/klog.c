/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * klog.c - a kernel log into events: finds the message within each line, whoever wrote the line.
 *
 * Sources: the record form of /dev/kmsg is Linux Documentation/ABI/testing/dev-kmsg; "[    1.234567][    T1] " is
 * kernel/printk/printk.c print_prefix() with CONFIG_PRINTK_CALLER; the others are what dmesg(1), syslog daemons and
 * journalctl(1) print.
 */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>

#include "klog_int.h"

/* Memory that a hostile log can make us take stays below a gigabyte. */
#define MAX_EVENTS 4000000

/* One of the words, each len bytes long, concatenated. */
static bool lit_of(struct scan *s, const char *words, size_t len)
{
	if (scan_left(s) < len)
		return false;
	for (; *words; words += len) {
		if (!memcmp(s->p, words, len)) {
			s->p += len;
			return true;
		}
	}
	return false;
}

static bool month(struct scan *s)
{
	return lit_of(s, "JanFebMarAprMayJunJulAugSepOctNovDec", 3);
}

static bool weekday(struct scan *s)
{
	return lit_of(s, "MonTueWedThuFriSatSun", 3);
}

/* "6,123,4567890,-;" and, before the semicolon, whatever later kernels add. */
static bool kmsg_header(struct scan *s, struct klog_line *out)
{
	struct scan t = *s;
	uint64_t prio, seq, usec;
	const char *semi;

	if (!scan_dec(&t, UINT32_MAX, &prio) || !scan_char(&t, ',') || !scan_dec(&t, UINT64_MAX, &seq) ||
	    !scan_char(&t, ',') || !scan_dec(&t, UINT64_MAX, &usec) || !scan_char(&t, ','))
		return false;
	semi = memchr(t.p, ';', scan_left(&t));
	if (!semi)
		return false;
	s->p = semi + 1;
	out->kmsg = true;
	out->seq = seq;
	out->usec = usec;
	out->foreign = prio >> 3;	/* facility 0 is the kernel; it does not let programs write as 0 */
	return true;
}

/* "<6>" */
static bool priority(struct scan *s, struct klog_line *out)
{
	struct scan t = *s;
	uint64_t prio;

	if (!scan_char(&t, '<') || !scan_dec(&t, 191, &prio) || !scan_char(&t, '>'))
		return false;
	out->foreign = out->foreign || prio >> 3;
	*s = t;
	return true;
}

/* "kern  :info  : " of dmesg -x */
static bool decoded_priority(struct scan *s, struct klog_line *out)
{
	static const char *const level[] = { "emerg", "alert", "crit", "err", "warn", "notice", "info", "debug" };
	struct scan t = *s;
	size_t i, len = 0;

	while (len < scan_left(&t) && ((t.p[len] >= 'a' && t.p[len] <= 'z') || (t.p[len] >= '0' && t.p[len] <= '9')))
		len++;
	t.p += len;
	scan_blanks(&t);
	if (!len || !scan_char(&t, ':'))
		return false;
	for (i = 0; i < sizeof(level) / sizeof(level[0]); i++)
		if (scan_lit(&t, level[i]))
			break;
	if (i == sizeof(level) / sizeof(level[0]))
		return false;
	scan_blanks(&t);
	if (!scan_char(&t, ':') || !scan_char(&t, ' '))
		return false;
	out->foreign = out->foreign || len != 4 || memcmp(s->p, "kern", 4);
	*s = t;
	return true;
}

/* "1.234567": up to six digits behind the point count. */
static bool seconds(struct scan *s, uint64_t *usec)
{
	struct scan t = *s;
	uint64_t sec, frac = 0, scale = 1000000;

	if (!scan_dec(&t, UINT64_MAX / 1000000 - 1, &sec) || !scan_char(&t, '.'))
		return false;
	for (; !scan_done(&t) && *t.p >= '0' && *t.p <= '9'; t.p++)
		if (scale >= 10)
			frac += (uint64_t)(*t.p - '0') * (scale /= 10);
	*usec = sec * 1000000 + frac;
	*s = t;
	return true;
}

/*
 * One "[...]" that is a time or a caller: "[    1.234567]", "[    1.234567 <    0.000001>]", "[  +0.000001]",
 * "[    T1]", "[   C12]", "[Mon Nov 22 14:44:01 2025]", "[Nov22 14:44]". "[drm]" and the like belong to the message.
 */
static bool bracket(struct scan *s, struct klog_line *out)
{
	struct scan t = *s;
	uint64_t n, usec = 0;
	const char *close;

	if (!scan_char(&t, '['))
		return false;
	close = memchr(t.p, ']', scan_left(&t) < 64 ? scan_left(&t) : 64);
	if (!close)
		return false;
	t.end = close;
	scan_blanks(&t);
	if (seconds(&t, &usec)) {
		scan_blanks(&t);
		if (!scan_done(&t) && *t.p != '<')
			return false;
		out->usec = usec;
	} else if (scan_char(&t, 'T') || scan_char(&t, 'C')) {
		/* "Tue" begins with T as well: back to the start of it */
		if (!scan_dec(&t, UINT32_MAX, &n) || !scan_done(&t)) {
			t.p--;
			if (!weekday(&t))
				return false;
		}
	} else if (scan_char(&t, '+')) {
		if (!seconds(&t, &usec))
			return false;
	} else if (!weekday(&t) && !(month(&t) && scan_dec(&t, 31, &n))) {
		return false;
	}
	s->p = close + 1;
	return true;
}

/*
 * "2025-11-22T14:44:01,123456+00:00 " of dmesg --time-format iso, with a comma; with a point or without a fraction it
 * is a log daemon's, and then a host and a tag follow.
 */
static bool iso_date(struct scan *s, bool *daemon)
{
	struct scan t = *s;
	bool comma = false;
	uint64_t n;

	if (!scan_dec(&t, 9999, &n) || !scan_char(&t, '-') || !scan_dec(&t, 12, &n) || !scan_char(&t, '-') ||
	    !scan_dec(&t, 31, &n) || !scan_char(&t, 'T'))
		return false;
	while (!scan_done(&t) && *t.p != ' ')
		comma = *t.p++ == ',' || comma;
	*daemon = !comma;
	*s = t;
	return true;
}

/*
 * A log daemon's "DATE HOST kernel: ". No ": " stands before it: the one in "Nov 22 14:44:01" is followed by a digit,
 * and what is behind the first ": " is the message.
 */
static bool kernel_tag(struct scan *s)
{
	static const char tag[] = "kernel: ";
	size_t left = scan_left(s);
	const char *colon = memmem(s->p, left < 160 ? left : 160, ": ", 2);

	if (!colon || (size_t)(colon - s->p) < sizeof(tag) - 3)
		return false;
	colon -= sizeof(tag) - 3;
	if (memcmp(colon, tag, sizeof(tag) - 1) || (colon > s->p && colon[-1] != ' '))
		return false;
	s->p = colon + sizeof(tag) - 1;
	return true;
}

/* "Nov 22 14:44:01 host prog[12]: ": a log daemon's line that is not tagged as the kernel's. */
static bool syslog_date(struct scan s)
{
	uint64_t n;

	return month(&s) && scan_blanks(&s) && scan_dec(&s, 31, &n) && scan_blanks(&s) && scan_dec(&s, 23, &n) &&
	       scan_char(&s, ':');
}

bool klog_strip(struct scan raw, struct klog_line *out)
{
	struct scan s = raw;
	bool tag = false, daemon = false;
	int i;

	*out = (struct klog_line){0};
	while (!scan_done(&s) && s.end[-1] == '\r')
		s.end--;
	if (kmsg_header(&s, out)) {
		out->msg = s;
		return true;
	}
	/* " SUBSYSTEM=pci", " DEVICE=+pci:0000:01:00.0": the rest of a /dev/kmsg record */
	if (scan_left(&s) > 1 && s.p[0] == ' ' && s.p[1] >= 'A' && s.p[1] <= 'Z') {
		const char *p = s.p + 1;

		while (p != s.end && ((*p >= 'A' && *p <= 'Z') || *p == '_'))
			p++;
		if (p != s.end && *p == '=')
			return false;
	}
	/* Each writer puts its own in front of what it got: eight are more than were ever seen one behind the other. */
	for (i = 0; i < 8; i++) {
		scan_blanks(&s);
		if (priority(&s, out) || bracket(&s, out) || decoded_priority(&s, out) || iso_date(&s, &daemon))
			continue;
		if (tag || !kernel_tag(&s))
			break;
		tag = true;
	}
	if (!tag && (daemon || syslog_date(s)))
		out->foreign = true;
	out->msg = s;
	return !scan_done(&s);
}

int klog_parse(struct blob text, struct klog *out)
{
	struct scan t = scan_of(text.data, text.len), l;
	size_t cap = 0;
	uint32_t line = 0;
	bool whole, first = true;

	*out = (struct klog){ .text = text };
	while (scan_line(&t, &l, &whole)) {
		struct klog_line kl;
		struct klog_event ev;

		line++;
		if (!klog_strip(l, &kl))
			continue;
		if (kl.kmsg && first) {
			out->start_lost = kl.seq != 0;
			first = false;
		}
		if (kl.foreign || !klog_match(&kl, &ev))
			continue;
		if (out->n == cap) {
			struct klog_event *e = NULL;

			if (cap < MAX_EVENTS)
				e = reallocarray(out->ev, cap ? cap * 2 : 64, sizeof(*e));
			if (!e)
				return -ENOMEM;
			out->ev = e;
			cap = cap ? cap * 2 : 64;
		}
		ev.line = line;
		out->ev[out->n++] = ev;
	}
	return 0;
}

bool klog_relevant(const char *line, size_t len)
{
	struct klog_line kl;
	struct klog_event ev;

	if (!klog_strip(scan_of(line, len), &kl) || kl.foreign)
		return false;
	/* Record 0 tells the reader of a recorded log that its beginning was not lost. */
	return (kl.kmsg && kl.seq == 0) || klog_match(&kl, &ev);
}

void klog_free(struct klog *k)
{
	free(k->ev);
	blob_free(&k->text);
	*k = (struct klog){0};
}
