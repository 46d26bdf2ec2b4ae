/* SPDX-License-Identifier: GPL-2.0-or-later */
/* buffers_place.h - the CPUs that buffers can be measured on: of which kind each is, and who shares its core. */
#ifndef WCDIAG_BUFFERS_PLACE_H
#define WCDIAG_BUFFERS_PLACE_H

#include "buffers_record.h"

struct src;

struct buffers_place {
	unsigned int cpu;
	enum buffers_kind kind;
	enum buffers_sibling sibling;
	int beside; /* another thread of the core that this system sees; -1: none */
};

/*
 * The online CPUs, ascending; free() *out. guest: below a hypervisor nobody knows who shares a core. 0; -ENOMEM; other
 * negative errno: /sys/devices/system/cpu/online could not be read.
 */
int buffers_places(const struct src *s, bool guest, struct buffers_place **out, size_t *n);

/* Keep one of each kind, the first; but cpu for its own kind. Returns how many are left. */
size_t buffers_places_one_each(struct buffers_place *p, size_t n, unsigned int cpu);

#endif
