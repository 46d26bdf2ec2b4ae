/* SPDX-License-Identifier: GPL-2.0-or-later */
/* observed_cells.c - a TLP from the cells of a line. */
#include "observed_csv.h"

#include <string.h>

static int digit(char c)
{
	return c >= '0' && c <= '9'   ? c - '0'
	       : c >= 'a' && c <= 'f' ? c - 'a' + 10
	       : c >= 'A' && c <= 'F' ? c - 'A' + 10
				      : 99;
}

static const char *cell_of(const struct csv *v, char *const cell[], int n, unsigned int c)
{
	return v->at[c] >= 0 && v->at[c] < n ? cell[v->at[c]] : "";
}

/* 0x12, 32'h12, 12h, or digits in the column's radix; _ between digits. Nothing behind it. */
static bool number(const struct csv *v, unsigned int c, const char *s, bool hex, uint64_t *out)
{
	unsigned int base = v->radix[c] ? (unsigned int)v->radix[c] : v->o->radix == OR_HEX || hex ? 16 : 10;
	const char *tick = strchr(s, '\''), *end = s + strlen(s);
	bool any = false;
	uint64_t x = 0;

	if (s[0] == '0' && (s[1] == 'x' || s[1] == 'X')) {
		base = 16;
		s += 2;
	} else if (tick && (tick[1] == 'h' || tick[1] == 'H')) {
		base = 16;
		s = tick + 2;
	} else if (end > s && (end[-1] == 'h' || end[-1] == 'H')) {
		base = 16;
		end--;
	}
	for (; s < end; s++) {
		unsigned int d = (unsigned int)digit(*s);

		if (*s == '_')
			continue;
		if (d >= base || x > (UINT64_MAX - d) / base)
			return false;
		x = x * base + d;
		any = true;
	}
	*out = x;
	return any;
}

/* Words into the bytes of the link: as they stand, or the rightmost first. */
static int raw(const uint32_t *w, unsigned int n, bool right_first, struct tlp *out, const char **what)
{
	uint8_t bytes[16];
	size_t at;

	for (unsigned int i = 0; i < n; i++)
		for (unsigned int k = 0; k < 4; k++)
			bytes[4 * i + k] = (uint8_t)(w[right_first ? n - 1 - i : i] >> (24 - 8 * k));
	/* With prefixes the header would not be whole here: 4 words are all there are. */
	return tlp_decode(bytes, 4 * n, out, &at, what) ? -1 : 1;
}

static int header_cell(const struct csv *v, const char *s, struct tlp *out, const char **what)
{
	uint32_t w[4] = { 0 };
	unsigned int n = 0;
	const char *tick = strchr(s, '\'');

	*what = "the header is not 24 or 32 hexadecimal digits";
	if (tick)
		s = tick + 2;
	if (!strncmp(s, "0x", 2) || !strncmp(s, "0X", 2))
		s += 2;
	for (; *s; s++) {
		int d = digit(*s);

		if (*s == '_' || *s == ' ')
			continue;
		if (d > 15 || n == 32)
			return -1;
		w[n / 8] = w[n / 8] << 4 | (uint32_t)d;
		n++;
	}
	return n == 24 || n == 32 ? raw(w, n / 8, v->o->right_first, out, what) : -1;
}

static int words(const struct csv *v, char *const cell[], int n, struct tlp *out, const char **what)
{
	uint32_t w[4] = { 0 };
	unsigned int have = 0;

	for (unsigned int i = 0; i < 4; i++) {
		const char *s = cell_of(v, cell, n, OC_W0 + i);
		uint64_t x;

		if (i == 3 && !*s)
			break;
		if (!number(v, OC_W0 + i, s, true, &x) || x > UINT32_MAX) {
			*what = "a word of the header is not a number of 32 bits";
			return -1;
		}
		w[i] = (uint32_t)x;
		have++;
	}
	return raw(w, have, false, out, what);
}

/* "MWr", "MWr(64)", "Memory Write", 0x60. Something else that has a name is another kind. */
static int type_cell(const struct csv *v, const char *s, uint8_t *kind)
{
	char folded[32];
	uint64_t x;

	observed_fold(s, folded, sizeof(folded));
	if (!strncmp(folded, "mwr", 3) || !strncmp(folded, "memwr", 5) || !strncmp(folded, "memorywr", 8) ||
	    !strcmp(folded, "write") || !strcmp(folded, "wr") || !strcmp(folded, "w"))
		*kind = TLP_MWR;
	else if (number(v, OC_TYPE, s, false, &x))
		*kind = (x & ~0x20ULL) == 0x40 ? TLP_MWR : TLP_OTHER;
	else
		*kind = TLP_OTHER;
	return *folded ? 1 : -1;
}

/* Bytes from an address on: the doublewords that they touch, and the enables of the first and the last. */
static const char *by_bytes(uint64_t bytes, struct tlp *t)
{
	unsigned int from = (unsigned int)(t->addr & 3), to, ndw;

	if (!bytes || bytes > 4096 || from + bytes > 4096)
		return "the length is not 1 to 4096 bytes";
	ndw = (unsigned int)(from + bytes + 3) / 4;
	to = (unsigned int)(from + bytes - 1) % 4;
	t->addr &= ~3ULL;
	t->ndw = (uint16_t)ndw;
	t->fbe = (uint8_t)(15u << from & 15);
	t->lbe = (uint8_t)(15u >> (3 - to));
	if (ndw == 1) {
		t->fbe &= t->lbe;
		t->lbe = 0;
	}
	return NULL;
}

static const char *enables(const struct csv *v, char *const cell[], int n, struct tlp *t)
{
	uint64_t fbe = 15, lbe = t->ndw > 1 ? 15 : 0, both;

	if (v->at[OC_BE] >= 0 && v->at[OC_FBE] < 0) {
		if (!number(v, OC_BE, cell_of(v, cell, n, OC_BE), false, &both) || both > 255)
			return "the byte enables are not a number to 255 (hexadecimal: 0x, or --radix hex)";
		fbe = both & 15;
		lbe = both >> 4;
	} else if (v->at[OC_FBE] >= 0) {
		if (!number(v, OC_FBE, cell_of(v, cell, n, OC_FBE), false, &fbe) || fbe > 15)
			return "the first byte enables are not a number to 15 (hexadecimal: 0x, or --radix hex)";
		if (v->at[OC_LBE] >= 0 && (!number(v, OC_LBE, cell_of(v, cell, n, OC_LBE), false, &lbe) || lbe > 15))
			return "the last byte enables are not a number to 15 (hexadecimal: 0x, or --radix hex)";
	}
	t->fbe = (uint8_t)fbe;
	t->lbe = (uint8_t)lbe;
	return NULL;
}

static const char *named(const struct csv *v, char *const cell[], int n, struct tlp *t)
{
	uint64_t x;

	if (!number(v, OC_ADDR, cell_of(v, cell, n, OC_ADDR), false, &t->addr))
		return "the address is not a number (hexadecimal: 0x, or --radix hex)";
	if (v->at[OC_DWS] < 0) {
		if (!number(v, OC_BYTES, cell_of(v, cell, n, OC_BYTES), false, &x))
			return "the length is not a number";
		return by_bytes(x, t);
	}
	if (!number(v, OC_DWS, cell_of(v, cell, n, OC_DWS), false, &x) || !x || x > 1024)
		return "the length is not 1 to 1024 doublewords";
	if (t->addr & 3)
		return "the address is no multiple of 4";
	t->ndw = (uint16_t)x;
	return enables(v, cell, n, t);
}

int csv_tlp(const struct csv *v, char *const cell[], int n, struct tlp *out, const char **what)
{
	struct tlp t = { .kind = TLP_MWR, .has_data = true };
	uint64_t valid;
	int rc = 1;

	if (v->at[OC_VALID] >= 0) {
		*what = "the column that says whether there is a TLP is not a number";
		if (!number(v, OC_VALID, cell_of(v, cell, n, OC_VALID), false, &valid))
			return -1;
		if (!valid)
			return 0;
	}
	if (v->at[OC_HEADER] >= 0) {
		rc = header_cell(v, cell_of(v, cell, n, OC_HEADER), &t, what);
	} else if (v->at[OC_W0] >= 0) {
		rc = words(v, cell, n, &t, what);
	} else {
		*what = "the type is empty";
		if (v->at[OC_TYPE] >= 0 && type_cell(v, cell_of(v, cell, n, OC_TYPE), &t.kind) < 0)
			return -1;
		/* Of other kinds than writes the cells may hold anything. */
		*what = t.kind == TLP_MWR ? named(v, cell, n, &t) : NULL;
		if (*what)
			return -1;
	}
	if (rc > 0)
		*out = t;
	return rc;
}
