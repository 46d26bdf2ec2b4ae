/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * fuzz_archive.c - an archive is read into memory: nothing appears on the disk, what appears in the tree is files,
 * directories and links that stay inside, and what claims to be a snapshot can be opened and its PCI devices read.
 */
#include <dirent.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "probe/memtree.h"
#include "probe/pci.h"
#include "probe/src.h"
#include "probe/unpack.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char outer[64];	/* stays empty */
static int outer_fd;

static void remove_outer(void)
{
	rmdir(outer);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	/* In memory where possible. */
	snprintf(outer, sizeof(outer), "%s/wcdiag-fuzz-XXXXXX", access("/dev/shm", W_OK) ? "/tmp" : "/dev/shm");
	if (!mkdtemp(outer))
		abort();
	outer_fd = open(outer, O_RDONLY | O_DIRECTORY);
	setenv("TMPDIR", outer, 1);
	atexit(remove_outer);
	return 0;
}

static unsigned int look(const struct memtree *t, const struct memnode *dir, unsigned int depth)
{
	unsigned int n = 0;

	if (depth > UNPACK_MAX_DEPTH)
		abort();
	for (const struct memnode *c = dir->child; c; c = c->sibling) {
		if (++n > UNPACK_MAX_ENTRIES || c->parent != dir || memtree_child(t, dir, c->name) != c || !*c->name ||
		    strchr(c->name, '/') || !strcmp(c->name, ".") || !strcmp(c->name, ".."))
			abort();
		if (c->kind == MEM_DIR)
			n += look(t, c, depth + 1);
		else if (c->kind == MEM_LINK && (!c->len || c->len > UNPACK_MAX_NAME || *c->data == '/'))
			abort();
		else if (c->kind == MEM_FILE && (c->len > SRC_MAX_FILE || c->have > c->len))
			abort();
	}
	return n;
}

static unsigned int entries_of_outer(void)
{
	int fd = openat(outer_fd, ".", O_RDONLY | O_DIRECTORY);
	DIR *d = fdopendir(fd);
	unsigned int n = 0;

	while (readdir(d))
		n++;
	closedir(d);
	return n - 2;
}

static void read_it(int fd)
{
	struct src *s;
	struct pci p;
	char name[40], why[200];

	snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
	if (src_open_root(&s, name, why, sizeof(why)))
		return;
	pci_read(s, &p);
	pci_free(&p);
	src_close(s);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int fd = memfd_create("archive", MFD_CLOEXEC), rc;
	struct memtree *t = memtree_new();
	char why[160];

	if (!t || fd < 0 || write(fd, data, size) != (ssize_t)size || lseek(fd, 0, SEEK_SET))
		abort();
	rc = unpack(fd, t, why, sizeof(why));
	if (rc > 0 || (rc < 0) != (*why != '\0') || !memchr(why, 0, sizeof(why)) || entries_of_outer())
		abort();
	look(t, memtree_top(t), 0);
	memtree_free(t);
	if (!rc)
		read_it(fd);
	close(fd);
	return 0;
}
