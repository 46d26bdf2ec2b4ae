/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * tlp.h - a TLP as a value: from raw header words, and a memory write back into them. Pure.
 *
 * Source: PCI Express Base Specification, 2.2.1 (fields), 2.2.5 (byte enables), 2.2.7 (requests), 2.2.9 (completions),
 * 2.2.10 (prefixes).
 */
#ifndef WCDIAG_TLP_H
#define WCDIAG_TLP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum tlp_kind {
	TLP_OTHER, /* no row of the table: fmt_type has it raw */
	TLP_MRD,
	TLP_MRDLK,
	TLP_MWR,
	TLP_IORD,
	TLP_IOWR,
	TLP_CFGRD,
	TLP_CFGWR,
	TLP_MSG,
	TLP_CPL,
	TLP_ATOMIC,
	TLP_DMWR, /* deferrable memory write */
	TLP_KINDS
};

struct tlp {
	uint64_t addr;	  /* requests: of the first doubleword, a multiple of 4; others: 0 */
	uint16_t ndw;	  /* the field Length: 1..1024 */
	uint8_t fbe, lbe; /* memory, I/O and configuration requests: byte enables */
	uint8_t kind;	  /* enum tlp_kind */
	uint8_t fmt_type; /* byte 0 */
	uint8_t header;	  /* 3 or 4 DW; 0: not known, the source has no headers */
	uint8_t tag;
	uint16_t requester; /* of a completion: the completer */
	bool has_data, poisoned, digest;
};

#define TLP_HEADER_MAX	 16u
#define TLP_PREFIXES_MAX 8u /* doublewords of prefixes that are skipped */

/*
 * From its first bytes, as they go over the link (byte 0 first). 0 and *at, how many bytes prefixes and header have; or
 * -EBADMSG: it cannot be one; -ENODATA: have bytes are too few to tell. *what is then a phrase.
 */
int tlp_decode(const uint8_t *bytes, size_t have, struct tlp *out, size_t *at, const char **what);
/* A memory write's header into buf, 12 or 16 bytes, which it returns. header 0: 4 DW from 4 GiB up. */
size_t tlp_encode_write(const struct tlp *t, uint8_t buf[TLP_HEADER_MAX]);

/* Enabled bytes of a memory write. */
unsigned int tlp_bytes(const struct tlp *t);
/* Of one of its doublewords, 0..ndw - 1: the byte enables. */
static inline unsigned int tlp_enables(const struct tlp *t, unsigned int dw)
{
	return !dw ? t->fbe : dw + 1u == t->ndw ? t->lbe : 15;
}

const char *tlp_kind_name(enum tlp_kind k); /* "MWr", "MRd", ... */

#endif
