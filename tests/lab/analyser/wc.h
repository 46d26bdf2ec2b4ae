/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * wc.h - the analyser's reference model: what leaves a CPU for a device when it stores to it.
 *
 * A second, small writing of the rules, from the manuals (Intel SDM vol 3, 11.3 and 11.3.1; PCIe base specification,
 * 2.2.2 and 2.2.5). It shares nothing with probe/: two writings that must agree.
 *
 *   write-combining  A store opens the buffer of its line of 64 bytes, or adds its bytes to the one that is open. With
 *                    its last byte the line leaves, as one TLP. When all buffers are open and another line is touched,
 *                    the one that was opened first leaves. A flush makes all leave, in the order in which they were
 *                    opened. What is not full leaves in chunks of 8 aligned bytes, one TLP for each that has a byte.
 *                    A CPU may also give up a line at any time (vol 3, 11.3.1): this one does when it is told to.
 *   uncached         All buffers are flushed, then each store is its own TLP; over the end of a line it is two.
 *   a TLP            has only the double words that it needs; a byte that was not stored is not enabled.
 */
#ifndef ANALYSER_WC_H
#define ANALYSER_WC_H

#include <stdbool.h>
#include <stdint.h>

#define WC_LINE	       64
#define WC_BUFFERS_MAX 64

enum wc_reason {
	WC_FULL,
	WC_CAPACITY,
	WC_EVICT,	/* the CPU gave it up, for no reason of the program's */
	WC_SFENCE,
	WC_MFENCE,
	WC_LOCK,
	WC_SERIAL,	/* a serialising instruction */
	WC_IO,		/* port I/O */
	WC_UC,		/* an access to uncached memory flushed it */
	WC_UC_STORE,	/* it is itself an uncached store */
	WC_READ,	/* the line was read */
	WC_DIRECT,	/* it is itself a direct store, or in the way of one */
	WC_SYSCALL,
	WC_INTERRUPT,	/* an interrupt or an exception */
	WC_END,		/* nobody flushed it: the measurement ended */
	WC_REASONS
};

struct wc_tlp {
	uint64_t address;	/* of the first double word */
	unsigned int dws;
	unsigned int first, last;	/* byte enables; last is 0 when dws is 1 */
	enum wc_reason reason;
	uint64_t ip;		/* of the last store that put a byte into it */
	uint64_t flush;		/* TLPs of the same number left together: no order is promised among them */
};

struct wc_line {
	uint64_t address, mask, ip;
	unsigned int lasts;	/* it is given up after so many more stores; 0: never */
};

struct wc_model {
	unsigned int buffers;	/* 1 to WC_BUFFERS_MAX */
	/*
	 * Every so many-th line that is opened (0: none) is given up after its evict_after-th store (1 or more), if it is
	 * still open then: wc_stored(). The rest of that line, when it is opened next, is not counted as a line.
	 */
	unsigned int evict, evict_after;
	void (*emit)(const struct wc_tlp *t, void *data);
	void *data;
	unsigned int open;
	struct wc_line line[WC_BUFFERS_MAX];	/* the oldest first */
	uint64_t flushes;
	uint64_t opened;	/* lines, counted as above */
	uint64_t evicted;	/* address of the one that was given up last, plus 1 */
};

struct wc_pending {
	uint64_t tlps, full, dws, bytes;
};

extern const char *const wc_reason_name[WC_REASONS];

/* Bit n of mask: byte n is stored. No bit, no store: but an uncached one flushes all the same. */
#define WC_ALL (~UINT64_C(0))
void wc_store(struct wc_model *m, uint64_t address, unsigned int size, uint64_t mask, uint64_t ip);
/*
 * A piece of a store that may come in several, ascending: a line that is full with it leaves when the store is whole, since
 * another piece may store to it what is there already.
 */
void wc_piece(struct wc_model *m, uint64_t address, unsigned int size, uint64_t mask, uint64_t ip);
/* The end of a store that came in pieces: full lines leave, and a CPU that gives lines up may do so now. */
void wc_stored(struct wc_model *m, uint64_t address, unsigned int size);
void wc_store_uc(struct wc_model *m, uint64_t address, unsigned int size, uint64_t mask, uint64_t ip);
void wc_direct(struct wc_model *m, uint64_t address, unsigned int size, uint64_t mask, uint64_t ip);
void wc_read(struct wc_model *m, uint64_t address, unsigned int size);
void wc_flush(struct wc_model *m, enum wc_reason why);
/* What a flush would send. */
struct wc_pending wc_pending(const struct wc_model *m);
unsigned int wc_bytes(const struct wc_tlp *t);	/* that are enabled */

#endif
