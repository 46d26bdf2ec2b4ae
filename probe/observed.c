/* SPDX-License-Identifier: GPL-2.0-or-later */
/* observed.c - which form a file has; lines; the text form. */
#include "observed_int.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const char *const forms[] = {
	[OF_ANY] = "any", [OF_TEXT] = "text", [OF_CSV] = "csv", [OF_PCAP] = "NetTLP pcap"
};

const char *observed_form_name(enum observed_form f)
{
	return forms[f];
}

int observed_wrong(struct observed_in *in, uint64_t at, const char *what)
{
	in->out->at = at;
	in->out->what = what;
	return -EBADMSG;
}

int observed_take(struct observed_in *in, const struct tlp *t, uint64_t at)
{
	in->out->tlps++;
	in->out->kinds[t->kind]++;
	return in->fn(t, at, in->ctx);
}

int observed_line(struct observed_in *in, char buf[OBSERVED_LINE], uint64_t *at, bool *whole)
{
	size_t n = 0;
	int c;

	while ((c = getc_unlocked(in->f)) != EOF && c != '\n') {
		if (n + 1 == OBSERVED_LINE)
			return observed_wrong(in, *at + 1, "the line is too long");
		/* Beyond ASCII there may be units and marks of order: they are part of no number. */
		if (c == 0x7f || (c < 0x20 && c != '\t' && c != '\r'))
			return observed_wrong(in, *at + 1, "a control character: this is no text");
		buf[n++] = (char)c;
	}
	if (c == EOF && ferror(in->f))
		return -EIO;
	*whole = c == '\n';
	if (c == EOF && !n)
		return 0;
	if (n && buf[n - 1] == '\r')
		n--;
	buf[n] = '\0';
	++*at;
	return 1;
}

/* Blanks, then a number that ends at a blank or the end; behind it to *s. */
static bool number(const char **s, int base, uint64_t max, uint64_t *out)
{
	const char *p = *s + strspn(*s, " \t");
	char *end;

	if (!strchr("0123456789abcdefABCDEF", *p) || !*p)
		return false;
	errno = 0;
	*out = strtoull(p, &end, base ? base : !strncmp(p, "0x", 2) ? 16 : 10);
	if (end == p || errno || (*end && *end != ' ' && *end != '\t') || *out > max)
		return false;
	*s = end;
	return true;
}

/* "tlp 0xd4000000 16 f f". NULL, or what is wrong. */
static const char *tlp_words(const char *s, struct tlp *t)
{
	uint64_t addr, ndw, fbe, lbe;

	if (!number(&s, 0, UINT64_MAX, &addr) || addr & 3)
		return "the address is not a number, or no multiple of 4";
	if (!number(&s, 10, 1024, &ndw) || !ndw)
		return "the length is not 1 to 1024 doublewords";
	if (!number(&s, 16, 15, &fbe) || !number(&s, 16, 15, &lbe))
		return "byte enables are one hexadecimal digit each";
	if (s[strspn(s, " \t")])
		return "there is more behind the byte enables";
	*t = (struct tlp){ .kind = TLP_MWR,
			   .addr = addr,
			   .ndw = (uint16_t)ndw,
			   .fbe = (uint8_t)fbe,
			   .lbe = (uint8_t)lbe,
			   .has_data = true };
	return NULL;
}

int observed_end(struct observed_in *in, const char *s, uint64_t at)
{
	bool end = !strncmp(s, "end ", 4);
	uint64_t n;

	in->out->records++;
	if (in->out->ended || in->out->cut)
		return observed_wrong(in, at, "there is more behind the end");
	if (!end && strncmp(s, "cut ", 4))
		return 0;
	s += 4;
	if (!number(&s, 10, UINT64_MAX, &n) || s[strspn(s, " \t")])
		return observed_wrong(in, at, "how many there were is not a number");
	if (end && n != in->out->tlps)
		return observed_wrong(in, at, "the list has not as many TLPs as its end says");
	in->out->ended = end;
	in->out->cut = !end;
	return 1;
}

int observed_text(struct observed_in *in)
{
	char buf[OBSERVED_LINE];
	struct observed *o = in->out;
	const char *what;
	struct tlp t;
	uint64_t at = 0;
	bool whole;
	int rc;

	while ((rc = observed_line(in, buf, &at, &whole)) == 1) {
		const char *s = buf + strspn(buf, " \t");

		if (!*s || *s == '#')
			continue;
		rc = observed_end(in, s, at);
		if (rc < 0)
			return rc;
		if (rc)
			continue;
		if (strncmp(s, "tlp ", 4))
			return observed_wrong(in, at, "no line of such a list (tlp ADDRESS DWS FBE LBE)");
		what = tlp_words(s + 4, &t);
		if (what && whole)
			return observed_wrong(in, at, what);
		/* Without its newline even a line that reads well may have lost its last digit: of these it cannot. */
		o->cut = what != NULL;
		rc = what ? 0 : observed_take(in, &t, at);
		if (rc)
			return rc;
	}
	return rc;
}

/* By the first bytes: the magic numbers of pcap in both orders, of pcapng; else the first word of a line. */
static int guess(FILE *f, enum observed_form *form)
{
	static const uint8_t magic[][4] = {
		{ 0xa1, 0xb2, 0xc3, 0xd4 }, { 0xd4, 0xc3, 0xb2, 0xa1 }, { 0xa1, 0xb2, 0x3c, 0x4d },
		{ 0x4d, 0x3c, 0xb2, 0xa1 }, { 0x0a, 0x0d, 0x0d, 0x0a },
	};
	uint8_t head[512];
	size_t n = fread(head, 1, sizeof(head), f), at = 0;

	if (ferror(f))
		return -EIO;
	if (fseek(f, 0, SEEK_SET))
		return -ESPIPE;
	*form = OF_CSV;
	for (size_t i = 0; i < sizeof(magic) / sizeof(magic[0]) && n >= 4; i++)
		if (!memcmp(head, magic[i], 4))
			*form = OF_PCAP;
	/* Blank lines and comments may stand before the first word. */
	while (at < n && strchr(" \t\r\n#", head[at])) {
		if (head[at] == '#')
			while (at < n && head[at] != '\n')
				at++;
		at += at < n;
	}
	if (*form == OF_CSV && n - at >= 4 &&
	    (!memcmp(head + at, "tlp ", 4) || !memcmp(head + at, "end ", 4) || !memcmp(head + at, "cut ", 4)))
		*form = OF_TEXT;
	return 0;
}

int observed_read(FILE *f, const struct observed_opts *o, observed_fn fn, void *ctx, struct observed *out)
{
	static int (*const readers[])(struct observed_in *) = {
		[OF_TEXT] = observed_text,
		[OF_CSV] = observed_csv,
		[OF_PCAP] = observed_pcap,
	};
	struct observed_in in = { .f = f, .o = o, .fn = fn, .ctx = ctx, .out = out };
	int rc = 0;

	*out = (struct observed){ .form = o->form };
	if (o->form == OF_ANY)
		rc = guess(f, &out->form);
	return rc ? rc : readers[out->form](&in);
}
