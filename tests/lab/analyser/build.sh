#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# build.sh OUT.so - the analyser, a plugin for QEMU. Needs a compiler and nothing else.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck disable=SC2086
exec ${CC:-cc} -std=gnu17 -D_GNU_SOURCE -O2 -Wall -Wextra -Wmissing-prototypes -Wstrict-prototypes -Wshadow \
	-fPIC -fvisibility=hidden -shared -o "${1:?usage: build.sh OUT.so}" "$here"/*.c
