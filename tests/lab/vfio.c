/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * vfio.c - the lab's driver in user space: maps a piece of a BAR through vfio-pci and keeps it.
 *
 *   vfio NAME SLOT BAR OFFSET LENGTH
 *
 * Says what it got as mapper does, touches the first byte (6.12 inserts entries on the first fault only), then waits for
 * a signal or the end of its input (stay.h). The device must be bound to vfio-pci.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/vfio.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "stay.h"

static int group_open(const char *slot)
{
	char link[128], target[256], path[64];
	const char *number;
	ssize_t n;

	snprintf(link, sizeof(link), "/sys/bus/pci/devices/%s/iommu_group", slot);
	n = readlink(link, target, sizeof(target) - 1);
	if (n < 0)
		return -1;
	target[n] = '\0';
	number = strrchr(target, '/');
	snprintf(path, sizeof(path), "/dev/vfio/%d", number ? atoi(number + 1) : -1);
	return open(path, O_RDWR | O_CLOEXEC);
}

/* The steps of the kernel's Documentation/driver-api/vfio.rst; a negative number when one of them fails. */
static int device_open(const char *slot)
{
	int container = open("/dev/vfio/vfio", O_RDWR | O_CLOEXEC), group = group_open(slot);

	if (container < 0 || group < 0 || ioctl(group, VFIO_GROUP_SET_CONTAINER, &container) < 0 ||
	    ioctl(container, VFIO_SET_IOMMU, VFIO_TYPE1_IOMMU) < 0)
		return -1;
	return ioctl(group, VFIO_GROUP_GET_DEVICE_FD, slot);
}

int main(int argc, char **argv)
{
	struct vfio_region_info info = { .argsz = sizeof(info) };
	volatile uint8_t *p = MAP_FAILED;
	int device;

	if (argc != 6) {
		fprintf(stderr, "usage: vfio NAME SLOT BAR OFFSET LENGTH\n");
		return 2;
	}
	prctl(PR_SET_NAME, argv[1]);
	device = device_open(argv[2]);
	info.index = VFIO_PCI_BAR0_REGION_INDEX + (uint32_t)atoi(argv[3]);
	if (device >= 0 && ioctl(device, VFIO_DEVICE_GET_REGION_INFO, &info) == 0)
		p = mmap(NULL, strtoull(argv[5], NULL, 0), PROT_READ | PROT_WRITE, MAP_SHARED, device,
			 (off_t)(info.offset + strtoull(argv[4], NULL, 0)));
	if (p == MAP_FAILED) {
		printf("errno 0 %s\n", strerrorname_np(errno));
	} else {
		p[0] = 0x5a;
		printf("ok 0 %p\n", (void *)p);
	}
	stay();
	return 0;
}
