/* SPDX-License-Identifier: GPL-2.0-or-later */
/* observed_csv.c - columns by name: from a bench analyser's sheet, an FPGA's logic analyser, the lab's own analyser. */
#include "observed_csv.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

#define HEAD_LINES 64 /* within so many the names of the columns have to come */
#define MAX_ALIAS  8

/* As folded by observed_fold(). The first is what --columns and the manual call it. */
static const char *const aliases[OC_COUNT][MAX_ALIAS] = {
	[OC_ADDR] = { "address", "addr", "tlpaddress", "tlpaddr", "hdraddr", "headeraddress", "dwaddress" },
	[OC_DWS] = { "dws", "dw", "length", "len", "lengthdw", "lengthdws", "tlplength", "dwcount" },
	[OC_BYTES] = { "bytes", "size", "lengthbytes", "bytecount", "payloadbytes" },
	[OC_FBE] = { "firstbe", "fbe", "1stbe", "firstdwbe", "1stdwbe", "befirst" },
	[OC_LBE] = { "lastbe", "lbe", "lastdwbe", "belast" },
	[OC_BE] = { "be", "byteenables", "byteenable", "byteen" },
	[OC_HEADER] = { "header", "hdr", "tlpheader", "tlphdr", "rawheader", "rawtlp", "tlp" },
	[OC_W0] = { "dw0", "h0", "hdr0", "header0", "hdrdw0", "headerdw0", "tlpdw0", "word0" },
	[OC_W1] = { "dw1", "h1", "hdr1", "header1", "hdrdw1", "headerdw1", "tlpdw1", "word1" },
	[OC_W2] = { "dw2", "h2", "hdr2", "header2", "hdrdw2", "headerdw2", "tlpdw2", "word2" },
	[OC_W3] = { "dw3", "h3", "hdr3", "header3", "hdrdw3", "headerdw3", "tlpdw3", "word3" },
	[OC_TYPE] = { "type", "tlptype", "fmttype", "packettype", "kind" },
	[OC_VALID] = { "valid", "tvalid", "hdrvalid", "headervalid", "tlpvalid" },
};

const char *observed_column_name(unsigned int column)
{
	static const char *const names[OC_COUNT] = {
		[OC_ADDR] = "address", [OC_DWS] = "dws", [OC_BYTES] = "bytes",	 [OC_FBE] = "first_be",
		[OC_LBE] = "last_be",  [OC_BE] = "be",	 [OC_HEADER] = "header", [OC_W0] = "dw0",
		[OC_W1] = "dw1",       [OC_W2] = "dw2",	 [OC_W3] = "dw3",	 [OC_TYPE] = "type",
		[OC_VALID] = "valid",
	};

	return column < OC_COUNT ? names[column] : NULL;
}

/* "u_ila/Hdr_Addr[63:0]" to "hdraddr": the last part of a path, letters and digits, without the bits of a bus. */
void observed_fold(const char *name, char *buf, size_t len)
{
	const char *slash = strrchr(name, '/');
	size_t n = 0;

	for (const char *p = slash ? slash + 1 : name; *p && *p != '[' && n + 1 < len; p++) {
		char c = *p;

		if (c >= 'A' && c <= 'Z')
			c = (char)(c - 'A' + 'a');
		if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))
			buf[n++] = c;
	}
	buf[n] = '\0';
}

/* Splits the line in place; -1: more cells than there is room for. Quotes as in RFC 4180, within a line. */
static int split(char *s, char sep, char *cell[CSV_CELLS])
{
	int n = 0;

	for (;;) {
		char *to = s;
		bool quoted = *s == '"';

		if (n == CSV_CELLS)
			return -1;
		cell[n++] = s;
		s += quoted;
		while (*s && (quoted || *s != sep)) {
			if (quoted && *s == '"' && s[1] != '"')
				quoted = false, s++;
			else
				s += quoted && *s == '"', *to++ = *s++;
		}
		if (!*s) {
			*to = '\0';
			return n;
		}
		s++;
		*to = '\0';
	}
}

static char *trim(char *s)
{
	size_t n;

	s += strspn(s, " \t");
	for (n = strlen(s); n && (s[n - 1] == ' ' || s[n - 1] == '\t'); n--)
		;
	s[n] = '\0';
	return s;
}

static bool names_column(const struct observed_opts *o, unsigned int c, const char *folded)
{
	char own[OBSERVED_NAME];

	if (*o->column[c]) {
		observed_fold(o->column[c], own, sizeof(own));
		return !strcmp(own, folded);
	}
	for (size_t i = 0; i < MAX_ALIAS && aliases[c][i]; i++)
		if (!strcmp(aliases[c][i], folded))
			return true;
	return false;
}

/* Does this line name the columns that are needed? *what says why not, for the case that none does. */
static bool columns(struct csv *v, const struct observed_opts *o, char *cell[CSV_CELLS], int n, const char **what)
{
	memset(v->at, -1, sizeof(v->at));
	for (int i = 0; i < n; i++) {
		char folded[OBSERVED_NAME];

		observed_fold(cell[i], folded, sizeof(folded));
		for (unsigned int c = 0; c < OC_COUNT; c++)
			if (v->at[c] < 0 && names_column(o, c, folded))
				v->at[c] = i;
	}
	v->cells = n;
	*what = "no column for one that --columns names";
	for (unsigned int c = 0; c < OC_COUNT; c++)
		if (*o->column[c] && v->at[c] < 0)
			return false;
	*what = "no columns of TLPs: address and dws, or header, or dw0 to dw3 (--columns)";
	if (v->at[OC_HEADER] >= 0)
		return true;
	if (v->at[OC_W0] >= 0)
		return v->at[OC_W1] >= 0 && v->at[OC_W2] >= 0;
	return v->at[OC_ADDR] >= 0 && (v->at[OC_DWS] >= 0 || v->at[OC_BYTES] >= 0);
}

/* "Radix - HEX": which columns are without 0x all the same. */
static void radixes(struct csv *v, char *cell[CSV_CELLS], int n)
{
	for (unsigned int c = 0; c < OC_COUNT; c++) {
		const char *r = v->at[c] >= 0 && v->at[c] < n ? cell[v->at[c]] : "";
		const char *dash = strstr(r, "- ");

		r = dash ? dash + 2 : r;
		v->radix[c] = !strcasecmp(r, "hex") || !strcasecmp(r, "hexadecimal")				    ? 16
			      : !strcasecmp(r, "binary")							    ? 2
			      : !strcasecmp(r, "octal")								    ? 8
			      : !strcasecmp(r, "unsigned") || !strcasecmp(r, "decimal") || !strcasecmp(r, "signed") ? 10
														    : 0;
	}
}

/* The line that names the columns: 1, v is set; 0 none came. Lines before it are no records. */
static int head(struct observed_in *in, struct csv *v, uint64_t *at)
{
	static const char seps[] = ",;\t";
	char line[OBSERVED_LINE], copy[OBSERVED_LINE], *cell[CSV_CELLS];
	const char *what = "the file is empty";
	uint64_t first = 0;
	bool whole;
	int rc = 0;

	while (*at < HEAD_LINES && (rc = observed_line(in, line, at, &whole)) == 1) {
		/* The order of the bytes of UTF-8, which some spreadsheets begin with. */
		char *from = *at == 1 && !strncmp(line, "\xef\xbb\xbf", 3) ? line + 3 : line;

		first = first ? first : *at;
		for (const char *sep = seps; *sep; sep++) {
			int n;

			strcpy(copy, from);
			n = split(copy, *sep, cell);
			v->sep = *sep;
			for (int i = 0; i < n; i++)
				cell[i] = trim(cell[i]);
			if (n > 0 && columns(v, in->o, cell, n, &what))
				return 1;
		}
	}
	return rc < 0 ? rc : observed_wrong(in, first ? first : 1, what);
}

int observed_csv(struct observed_in *in)
{
	char line[OBSERVED_LINE], *cell[CSV_CELLS];
	struct csv v = { .o = in->o };
	uint64_t at = 0;
	bool whole, first = true;
	int rc = head(in, &v, &at);

	if (rc != 1)
		return rc;
	in->out->no_enables =
		v.at[OC_HEADER] < 0 && v.at[OC_W0] < 0 && v.at[OC_FBE] < 0 && v.at[OC_BE] < 0 && v.at[OC_BYTES] < 0;
	while ((rc = observed_line(in, line, &at, &whole)) == 1) {
		const char *what = NULL;
		struct tlp t;
		int n = split(line, v.sep, cell), has;

		for (int i = 0; i < n; i++)
			cell[i] = trim(cell[i]);
		if (n == 1 && !*cell[0])
			continue;
		if (first && n > 0 && !strncasecmp(cell[0], "radix", 5)) {
			radixes(&v, cell, n);
			first = false;
			continue;
		}
		first = false;
		rc = observed_end(in, n == 1 ? cell[0] : "", at);
		if (rc < 0)
			return rc;
		if (rc)
			continue;
		if (n < v.cells && !whole) {
			in->out->cut = true;
			continue;
		}
		has = n < 0 ? -1 : csv_tlp(&v, cell, n, &t, &what);
		if (has < 0)
			return observed_wrong(in, at, what ? what : "too many cells");
		if (!has) {
			in->out->idle++;
			continue;
		}
		rc = observed_take(in, &t, at);
		if (rc)
			return rc;
	}
	return rc;
}
