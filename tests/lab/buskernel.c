/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * buskernel.c - known stores by the kernel, through the helper module.
 *
 *   buskernel SLOT BAR wc|uc- OFFSET LENGTH PATTERN MESSAGES [LINES [BATCH]]
 *
 * The patterns are the module's own (km/wcdiag_stores.h): what they should store the scenario says. RESTLESS in the
 * environment: restless.h.
 */
#include "kmtest.h"

#include "km/wcdiag_stores.h"
#include "restless.h"

int main(int argc, char **argv)
{
	struct wcdiag_km_store s = { 0 };
	unsigned int domain, bus, dev, fn;
	int fd, err;

	if (argc < 8 || argc > 10 || sscanf(argv[1], "%x:%x:%x.%x", &domain, &bus, &dev, &fn) != 4) {
		fprintf(stderr, "usage: buskernel SLOT BAR wc|uc- OFFSET LENGTH PATTERN MESSAGES [LINES [BATCH]]\n");
		return 2;
	}
	s.domain = domain;
	s.bus = (uint8_t)bus;
	s.devfn = (uint8_t)(dev << 3 | fn);
	s.bar = (uint8_t)atoi(argv[2]);
	s.type = strcmp(argv[3], "wc") ? WCDIAG_KM_UCMINUS : WCDIAG_KM_WC;
	s.offset = strtoull(argv[4], NULL, 0);
	s.length = strtoull(argv[5], NULL, 0);
	s.messages = strtoull(argv[7], NULL, 0);
	s.lines = argc > 8 ? (uint32_t)atoi(argv[8]) : 0;
	s.batch = argc > 9 ? (uint32_t)atoi(argv[9]) : 0;
	memset(s.data, 0x5a, sizeof(s.data));
	while (s.pattern < WCDIAG_STORE_COUNT && (!wcdiag_store_patterns[s.pattern].name ||
						   strcmp(wcdiag_store_patterns[s.pattern].name, argv[6])))
		s.pattern++;
	fd = km_device();
	restless_begin();
	err = try(fd, WCDIAG_KM_STORE, &s);
	restless_end();
	if (err || s.done != s.messages) {
		fprintf(stderr, "buskernel: %s: %s, %llu messages\n", argv[6], strerror(err), (unsigned long long)s.done);
		return 1;
	}
	return 0;
}
