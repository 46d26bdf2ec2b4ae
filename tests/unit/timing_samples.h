/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * timing_samples.h - what stores cost on an AMD EPYC (Zen 4), a virtual machine on a busy host, TSC cycles: movnti of 4
 * and 8 bytes over 64 and 256 lines of ordinary memory, which go through the write-combining buffers; as a reference
 * mov of the same widths, which stays in the cache. Taken as they came; in a quiet moment it was 0.8 cycles a store.
 */
#ifndef WCDIAG_TIMING_SAMPLES_H
#define WCDIAG_TIMING_SAMPLES_H

#include "probe/timing.h"

static const struct timing_sample zen4[] = {
	{ 4, 64, 2132, false }, { 4, 256, 7150, false }, { 8, 64, 1274, false }, { 8, 256, 3588, false },
	{ 4, 64, 2106, false }, { 4, 256, 7150, false }, { 8, 64, 1222, false }, { 8, 256, 3614, false },
	{ 4, 64, 1872, false }, { 4, 256, 7384, false }, { 8, 64, 1092, false }, { 8, 256, 3614, false },
	{ 4, 64, 2184, false }, { 4, 256, 6214, false }, { 8, 64, 1248, false }, { 8, 256, 3250, false },
	{ 4, 64, 2132, false }, { 4, 256, 7306, false }, { 8, 64, 1456, false }, { 8, 256, 3978, false },
	{ 4, 64, 2184, false }, { 4, 256, 7046, false }, { 8, 64, 1326, false }, { 8, 256, 3224, false },
	{ 4, 64, 2288, false }, { 4, 256, 7384, false }, { 8, 64, 1300, false }, { 8, 256, 4030, false },
	{ 4, 64, 2184, false }, { 4, 256, 7384, false }, { 8, 64, 1118, false }, { 8, 256, 3718, false },
	{ 4, 64, 2158, false }, { 4, 256, 7592, false }, { 8, 64, 1222, false }, { 8, 256, 3874, false },
	{ 4, 64, 2132, false }, { 4, 256, 7384, false }, { 8, 64, 1456, false }, { 8, 256, 3796, false },
	{ 4, 64, 2132, false }, { 4, 256, 7462, false }, { 8, 64, 1300, false }, { 8, 256, 3848, false },
	{ 4, 64, 2158, false }, { 4, 256, 7254, false }, { 8, 64, 1326, false }, { 8, 256, 4056, false },
	{ 4, 64, 2158, false }, { 4, 256, 7358, false }, { 8, 64, 1300, false }, { 8, 256, 3744, false },
	{ 4, 64, 2184, false }, { 4, 256, 7384, false }, { 8, 64, 1222, false }, { 8, 256, 3770, false },
	{ 4, 64, 2080, false }, { 4, 256, 7176, false }, { 8, 64, 1274, false }, { 8, 256, 3900, false },
	{ 4, 64, 2080, false }, { 4, 256, 7410, false }, { 8, 64, 1196, false }, { 8, 256, 3822, false },
	{ 4, 64, 1976, false }, { 4, 256, 7150, false }, { 8, 64, 1300, false }, { 8, 256, 4030, false },
	{ 4, 64, 2132, false }, { 4, 256, 6968, false }, { 8, 64, 1248, false }, { 8, 256, 3692, false },
	{ 4, 64, 2132, false }, { 4, 256, 7384, false }, { 8, 64, 1300, false }, { 8, 256, 3978, false },
	{ 4, 64, 2184, false }, { 4, 256, 7306, false }, { 8, 64, 1300, false }, { 8, 256, 3562, false },
	{ 4, 64, 1846, false }, { 4, 256, 7098, false }, { 8, 64, 1300, false }, { 8, 256, 4030, false },
	{ 4, 64, 2132, false }, { 4, 256, 7228, false }, { 8, 64, 1326, false }, { 8, 256, 3666, false },
	{ 4, 64, 2158, false }, { 4, 256, 7384, false }, { 8, 64, 1196, false }, { 8, 256, 3744, false },
	{ 4, 64, 2210, false }, { 4, 256, 7358, false }, { 8, 64, 1326, false }, { 8, 256, 3770, false },
	{ 4, 64, 2548, true },	{ 4, 256, 6760, true },	 { 8, 64, 1118, true },	 { 8, 256, 3692, true },
	{ 4, 64, 1846, true },	{ 4, 256, 6838, true },	 { 8, 64, 1066, true },	 { 8, 256, 4186, true },
	{ 4, 64, 1456, true },	{ 4, 256, 7202, true },	 { 8, 64, 1066, true },	 { 8, 256, 3796, true },
	{ 4, 64, 1872, true },	{ 4, 256, 6136, true },	 { 8, 64, 858, true },	 { 8, 256, 3952, true },
	{ 4, 64, 2054, true },	{ 4, 256, 7046, true },	 { 8, 64, 1066, true },	 { 8, 256, 4914, true },
	{ 4, 64, 1716, true },	{ 4, 256, 5798, true },	 { 8, 64, 858, true },	 { 8, 256, 3224, true },
	{ 4, 64, 1716, true },	{ 4, 256, 6058, true },	 { 8, 64, 936, true },	 { 8, 256, 3666, true },
	{ 4, 64, 2158, true },	{ 4, 256, 7592, true },	 { 8, 64, 1222, true },	 { 8, 256, 4108, true },
	{ 4, 64, 1898, true },	{ 4, 256, 7826, true },	 { 8, 64, 1534, true },	 { 8, 256, 3796, true },
	{ 4, 64, 1794, true },	{ 4, 256, 7020, true },	 { 8, 64, 988, true },	 { 8, 256, 4082, true },
	{ 4, 64, 1898, true },	{ 4, 256, 6968, true },	 { 8, 64, 1170, true },	 { 8, 256, 3718, true },
	{ 4, 64, 2002, true },	{ 4, 256, 7124, true },	 { 8, 64, 1144, true },	 { 8, 256, 3250, true },
	{ 4, 64, 1872, true },	{ 4, 256, 7202, true },	 { 8, 64, 1092, true },	 { 8, 256, 3770, true },
	{ 4, 64, 1846, true },	{ 4, 256, 6760, true },	 { 8, 64, 1092, true },	 { 8, 256, 3510, true },
	{ 4, 64, 1794, true },	{ 4, 256, 7228, true },	 { 8, 64, 1014, true },	 { 8, 256, 3770, true },
	{ 4, 64, 1898, true },	{ 4, 256, 6864, true },	 { 8, 64, 1118, true },	 { 8, 256, 3640, true },
	{ 4, 64, 1794, true },	{ 4, 256, 6578, true },	 { 8, 64, 1066, true },	 { 8, 256, 3744, true },
	{ 4, 64, 1768, true },	{ 4, 256, 7358, true },	 { 8, 64, 988, true },	 { 8, 256, 4082, true },
	{ 4, 64, 1950, true },	{ 4, 256, 7202, true },	 { 8, 64, 1066, true },	 { 8, 256, 3900, true },
	{ 4, 64, 1898, true },	{ 4, 256, 7150, true },	 { 8, 64, 1040, true },	 { 8, 256, 3822, true },
	{ 4, 64, 1898, true },	{ 4, 256, 7280, true },	 { 8, 64, 884, true },	 { 8, 256, 3822, true },
	{ 4, 64, 1820, true },	{ 4, 256, 7228, true },	 { 8, 64, 1092, true },	 { 8, 256, 3848, true },
	{ 4, 64, 1924, true },	{ 4, 256, 6370, true },	 { 8, 64, 1066, true },	 { 8, 256, 3848, true },
	{ 4, 64, 1872, true },	{ 4, 256, 7176, true },	 { 8, 64, 1066, true },	 { 8, 256, 3900, true },
};

#endif
