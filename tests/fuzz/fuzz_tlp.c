/* SPDX-License-Identifier: GPL-2.0-or-later */
/* fuzz_tlp.c - headers of TLPs, and packets that hold them: a write that is decoded is encoded as what it was. */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>

#include "probe/observed.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t buf[TLP_HEADER_MAX];
	struct tlp t, again;
	const char *what;
	size_t at, n;
	bool part;
	int rc = tlp_decode(data, size, &t, &at, &what);

	if (!rc && (at > size || t.kind >= TLP_KINDS || !t.ndw || t.ndw > 1024 || t.addr & 3 || what))
		abort();
	if (rc && (!what || (rc != -ENODATA && rc != -EBADMSG)))
		abort();
	if (!rc && t.kind == TLP_MWR) {
		n = tlp_encode_write(&t, buf);
		if (tlp_decode(buf, n, &again, &at, &what) || at != n || again.addr != t.addr || again.ndw != t.ndw ||
		    again.fbe != t.fbe || again.lbe != t.lbe || again.tag != t.tag || again.requester != t.requester)
			abort();
	}
	for (size_t whole = size; whole <= size + 64; whole += 64) {
		rc = observed_packet(data, size, whole, &t, &part, &what);
		if (!rc && t.kind >= TLP_KINDS)
			abort();
		if (rc && rc != -ENOENT && rc != -ENODATA && rc != -EBADMSG)
			abort();
		if (rc == -ENODATA && !part)
			abort();
	}
	return 0;
}
