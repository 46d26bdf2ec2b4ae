/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * observed.h - TLPs that an analyser or a device saw, from a file in one of these forms:
 *
 *   text	lines "tlp ADDRESS DWS FBE LBE"
 *   csv	a line of column names (what stands before it is passed over, 64 lines at most), then a TLP a line:
 *address, length and byte enables, or the header's raw words. Between the cells , ; or tabs. A second line that begins
 *with "Radix", as FPGA logic analysers write it, says which columns are hexadecimal.
 *		The last line of a list in one of these two forms may be "end N" (so many TLPs, all of them) or "cut N"
 *		(there were more).
 *   pcap	NetTLP: Ethernet (802.1Q or not), IPv4, UDP ports 12288 to 12544, 2 bytes sequence, 4 bytes time stamp,
 *the TLP; pcap or pcapng, by libpcap
 *
 * One TLP at a time is held. What is not understood is counted, or ends the reading with the line: nothing is passed
 *over in silence.
 */
#ifndef WCDIAG_OBSERVED_H
#define WCDIAG_OBSERVED_H

#include <stdio.h>

#include "tlp.h"

enum observed_form { OF_ANY, OF_TEXT, OF_CSV, OF_PCAP }; /* ANY: told by the first bytes */

/* What a column of a CSV can hold. */
enum observed_column {
	OC_ADDR,
	OC_DWS,	  /* length in doublewords */
	OC_BYTES, /* length in bytes, the address being that of the first byte: byte enables follow from both */
	OC_FBE,
	OC_LBE,
	OC_BE,	   /* both: the last in the upper four bits, as in the header */
	OC_HEADER, /* 3 or 4 words in one cell, hexadecimal */
	OC_W0,	   /* the header's first word, ... */
	OC_W1,
	OC_W2,
	OC_W3,
	OC_TYPE,  /* "MWr", "Memory Write", or the byte Fmt and Type; without it all are memory writes */
	OC_VALID, /* 0: no TLP in this line */
	OC_COUNT
};

enum observed_radix { OR_ANY, OR_HEX, OR_DEC }; /* ANY: by "0x", 'h or the line of radixes, else decimal */

#define OBSERVED_NAME 64 /* of a column, at most */

struct observed_opts {
	enum observed_form form;
	/* The user's own names of columns; "": the usual ones. Capitals, blanks, _, and [31:0] at the end do not count.
	 */
	char column[OC_COUNT][OBSERVED_NAME];
	enum observed_radix radix;
	bool right_first; /* OC_HEADER: the header's first word is the rightmost, as on a bus */
};

struct observed {
	enum observed_form form;
	uint64_t records; /* lines with something in them, or packets */
	uint64_t tlps;	  /* handed over */
	uint64_t kinds[TLP_KINDS];
	uint64_t idle;	    /* csv: lines that their column "valid" says hold no TLP */
	uint64_t foreign;   /* pcap: packets that are no NetTLP */
	uint64_t shortened; /* pcap: packets captured in part, the header is there: they count as TLPs, too */
	uint64_t lost;	    /* pcap: NetTLP packets of which not even the header was captured */
	uint64_t bad;	    /* pcap: NetTLP packets in which no TLP can be */
	bool cut;	    /* the list ends before its end: it says so, or its last record is not whole */
	bool ended;	    /* the list says that it is whole */
	bool no_enables;    /* csv without byte enables: all bytes are taken to be enabled */
	/* After -EBADMSG: where, from 1, and what is wrong there. */
	uint64_t at;
	const char *what;
	char text[160]; /* what may point to it */
};

/* at: its line or packet, from 1. 0 to go on; anything else ends the reading, which then returns it. */
typedef int (*observed_fn)(const struct tlp *t, uint64_t at, void *ctx);

/*
 * All of f, from its first byte (pcap reads ahead); it stays open. 0, -EBADMSG (at, what), -ENOTSUP (what: no libpcap,
 * or packets of another link), -EIO, or what fn returned. The TLPs before an error were handed over.
 */
int observed_read(FILE *f, const struct observed_opts *o, observed_fn fn, void *ctx, struct observed *out);

/* "address", "dws", ...: for --columns; NULL from OC_COUNT on. */
const char *observed_column_name(unsigned int column);
const char *observed_form_name(enum observed_form f); /* "text", "csv", "NetTLP pcap" */

/* The Ethernet frame of a NetTLP packet. 0, or -ENOENT foreign, -ENODATA lost, -EBADMSG bad. *part: captured in part.
 */
int observed_packet(const uint8_t *p, size_t have, size_t whole, struct tlp *out, bool *part, const char **what);

/*
 * Memory writes as a NetTLP capture; what they wrote is not known and stands there as zeroes. -ENOTSUP: no libpcap,
 * *what is set. end closes the file, too: 0 or -errno of writing.
 */
struct observed_writer;
int observed_write_begin(FILE *f, struct observed_writer **out, const char **what);
void observed_write(struct observed_writer *w, const struct tlp *t);
int observed_write_end(struct observed_writer *w);

#endif
