/* SPDX-License-Identifier: GPL-2.0-or-later */
/* bpf_lib.h - libbpf, taken in only where the kernel is asked through BPF: see late_lib.h. */
#ifndef WCDIAG_BPF_LIB_H
#define WCDIAG_BPF_LIB_H

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>

#include "late_lib.h"

#define BPF_FUNCTIONS(X) \
	X(bpf_map__fd) \
	X(bpf_map_lookup_elem) \
	X(bpf_obj_get_info_by_fd) \
	X(bpf_object__attach_skeleton) \
	X(bpf_object__destroy_skeleton) \
	X(bpf_object__load_skeleton) \
	X(bpf_object__next_program) \
	X(bpf_object__open_skeleton) \
	X(bpf_program__fd) \
	X(bpf_program__section_name) \
	X(bpf_program__set_autoload) \
	X(btf__find_by_name_kind) \
	X(btf__free) \
	X(btf__load_vmlinux_btf) \
	X(btf__type_by_id) \
	X(libbpf_set_print) \
	X(ring_buffer__consume) \
	X(ring_buffer__epoll_fd) \
	X(ring_buffer__free) \
	X(ring_buffer__new)

struct bpf_lib {
	BPF_FUNCTIONS(LATE_MEMBER)
};

/* The one there is; NULL when it cannot be had, with a sentence. Stays loaded. Not for several threads at once. */
const struct bpf_lib *bpf_lib(const char **why);

#endif
