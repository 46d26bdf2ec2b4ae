# SPDX-License-Identifier: GPL-2.0-or-later
# Builds build/json_contract when it is missing or old. Sourced, from the repository's root; needs $tmp.

contract=build/json_contract
build_contract() {
	for f in tests/json_contract.c tests/json_must.c tests/json_contract.h; do
		[ ! -x $contract ] || [ "$f" -nt $contract ] || continue
		mkdir -p build
		# To a name of its own first: another run may be using the old one.
		${CC:-cc} -std=gnu17 -O1 -g -o "$tmp/contract" tests/json_contract.c tests/json_must.c \
			$(${PKGCONF:-pkg-config} --cflags --libs json-c) && mv "$tmp/contract" $contract
		return
	done
}
