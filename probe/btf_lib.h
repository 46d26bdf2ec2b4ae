/* SPDX-License-Identifier: GPL-2.0-or-later */
/* btf_lib.h - the part of libbpf that understands type information, taken in when it is needed (late_lib.h). */
#ifndef WCDIAG_BTF_LIB_H
#define WCDIAG_BTF_LIB_H

#include <bpf/btf.h>
#include <bpf/libbpf.h>

#include "late_lib.h"

#define BTF_FUNCTIONS(X)                                                                                               \
	X(btf__new)                                                                                                    \
	X(btf__free)                                                                                                   \
	X(btf__find_by_name_kind)                                                                                      \
	X(btf__type_by_id)                                                                                             \
	X(btf__name_by_offset)                                                                                         \
	X(btf__resolve_size)                                                                                           \
	X(btf__resolve_type)                                                                                           \
	X(libbpf_get_error)                                                                                            \
	X(libbpf_set_print)                                                                                            \
	X(libbpf_version_string)

struct btf_lib {
	BTF_FUNCTIONS(LATE_MEMBER)
};

/* NULL: it cannot be had, and why. */
const struct btf_lib *btf_lib(const char **why);

#endif
