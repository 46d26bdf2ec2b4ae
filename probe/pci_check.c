/* SPDX-License-Identifier: GPL-2.0-or-later */
/* pci_check.c - looks at a snapshot's PCI directories the way libpci will walk them, before it does. */
#include "pci_int.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "src.h"

#define DEVICES "/sys/bus/pci/devices"

/* Far more than a machine has. */
enum { MAX_DEVICES = 16384, MAX_RESOURCE = 4096 };

/* Every file that libpci 3.9 opens for the fields asked for, and what it must look like. */
enum shape { SHAPE_ANY, SHAPE_HEX, SHAPE_RESOURCE };
static const struct {
	const char *name;
	bool needed;
	enum shape shape;
} files[] = {
	{ "vendor", true, SHAPE_HEX },
	{ "device", true, SHAPE_HEX },
	{ "class", true, SHAPE_HEX },
	{ "resource", true, SHAPE_RESOURCE },
	{ "revision", false, SHAPE_ANY },
	{ "subsystem_vendor", false, SHAPE_ANY },
	{ "subsystem_device", false, SHAPE_ANY },
	{ "numa_node", false, SHAPE_ANY },
};

/* "0x1af4\n"; strtol(), which libpci uses, would take "1af4" for 1. */
static bool is_hex(const char *text, size_t len)
{
	size_t n = 2;

	if (len < 3 || text[0] != '0' || text[1] != 'x')
		return false;
	while (n < len && isxdigit((unsigned char)text[n]))
		n++;
	return n > 2 && n <= 10 && (n == len || text[n] == '\n');
}

static int check_text(int fd, const char *where, enum shape shape, struct fact *f)
{
	char text[MAX_RESOURCE];
	ssize_t n = pread(fd, text, sizeof(text), 0);
	unsigned int line;
	const char *what;

	if (n < 0) {
		fact_missing(f, NULL, where, errno, NULL);
		return -EBADMSG;
	}
	if (shape == SHAPE_HEX && !is_hex(text, (size_t)n)) {
		fact_garbled(f, where, "not a number as the kernel writes it (0x...)");
		return -EBADMSG;
	}
	if (shape == SHAPE_RESOURCE && pci_resource_check(text, (size_t)n, &line, &what)) {
		fact_garbled(f, where, "line %u: %s", line, what);
		return -EBADMSG;
	}
	return 0;
}

static int check_file(const struct src *s, int dirfd, const char *slot, size_t i, struct fact *f)
{
	char where[128];
	struct stat st;
	int fd, rc;

	snprintf(where, sizeof(where), DEVICES "/%.20s/%s", slot, files[i].name);
	if (fstatat(dirfd, files[i].name, &st, AT_SYMLINK_NOFOLLOW) < 0) {
		if (errno == ENOENT && !files[i].needed)
			return 0;
		fact_missing(f, s, where, errno == ENOENT ? ENODATA : errno, NULL);
		return -f->err;
	}
	if (!S_ISREG(st.st_mode)) {
		fact_garbled(f, where, "not a regular file");
		return -EBADMSG;
	}
	if (files[i].shape == SHAPE_ANY)
		return 0;
	fd = openat(dirfd, files[i].name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0) {
		fact_missing(f, s, where, errno, NULL);
		return -f->err;
	}
	rc = check_text(fd, where, files[i].shape, f);
	close(fd);
	return rc;
}

/*
 * Open what libpci will find under this path, if it is the same that is found inside the root: a link that leads
 * outside, or that means another thing to whoever does not know the root, gives two.
 */
static int open_inside(const struct src *s, const char *where, struct fact *f)
{
	char path[PATH_MAX];
	struct stat outer, inner;
	int fd, in, err;

	if (snprintf(path, sizeof(path), "%s%s", src_root(s), where) >= (int)sizeof(path)) {
		fact_missing(f, s, where, ENAMETOOLONG, NULL);
		return -ENAMETOOLONG;
	}
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0) {
		fact_missing(f, s, where, errno == ENOENT ? ENODATA : errno, NULL);
		return -f->err;
	}
	in = src_open(s, where);
	err = in < 0 || fstat(fd, &outer) < 0 || fstat(in, &inner) < 0 || outer.st_dev != inner.st_dev ||
	      outer.st_ino != inner.st_ino;
	if (in >= 0)
		close(in);
	if (err) {
		close(fd);
		fact_garbled(f, where, "points outside the snapshot");
		return -EPERM;
	}
	return fd;
}

static int check_device(const struct src *s, const char *slot, struct fact *f)
{
	struct pci_device d;
	char where[160];
	int fd, rc = 0;

	snprintf(where, sizeof(where), DEVICES "/%.20s", slot);
	if (pci_slot_parse(slot, &d)) {
		fact_garbled(f, DEVICES, "an entry that is no PCI slot");
		return -EBADMSG;
	}
	fd = open_inside(s, where, f);
	if (fd < 0)
		return fd;
	for (size_t i = 0; !rc && i < sizeof(files) / sizeof(files[0]); i++)
		rc = check_file(s, fd, slot, i, f);
	close(fd);
	return rc;
}

int pci_check_snapshot(const struct src *s, struct fact *f)
{
	struct dirent *e;
	unsigned int n = 0;
	int rc, fd;
	DIR *dir;

	rc = src_exists(s, DEVICES);
	if (rc == -ENOENT)	/* recorded: the machine itself had none */
		fact_absent(f, DEVICES);
	else if (rc)
		fact_missing(f, s, DEVICES, -rc, NULL);
	if (rc)
		return rc;
	fd = open_inside(s, DEVICES, f);
	if (fd < 0)
		return fd;
	dir = fdopendir(fd);
	if (!dir) {
		close(fd);
		fact_missing(f, s, DEVICES, ENOMEM, NULL);
		return -ENOMEM;
	}
	while (!rc && (e = readdir(dir))) {
		if (e->d_name[0] == '.')	/* libpci passes them over, too */
			continue;
		if (++n > MAX_DEVICES) {
			fact_garbled(f, DEVICES, "more than %d devices", MAX_DEVICES);
			rc = -E2BIG;
		} else {
			rc = check_device(s, e->d_name, f);
		}
	}
	closedir(dir);
	return rc;
}
