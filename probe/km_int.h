/* SPDX-License-Identifier: GPL-2.0-or-later */
/* km_int.h - the two calls by which the client reaches the module, so that a test can stand in for it. */
#ifndef WCDIAG_KM_INT_H
#define WCDIAG_KM_INT_H

/* Both: a result that is not negative, or a negative errno. */
struct km_ops {
	int (*open)(const char *path);
	int (*ioctl)(int fd, unsigned long request, void *arg);
};
extern const struct km_ops *km_ops;

#endif
