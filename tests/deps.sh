#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# deps.sh [--list] build|test|lab|demo|all - the Debian packages that a target needs.
#
# As root, what is missing is installed. As an ordinary user: quiet when nothing is missing, else one message with the
# command to type, and exit 1. Costs one dpkg-query when everything is there.
set -u

build='gcc libc6-dev make pkg-config libpci-dev libcpuid-dev libsmartcols-dev libjson-c-dev libarchive-dev libpcap-dev libzydis-dev libdw-dev libbpf-dev libncurses-dev clang bpftool'	# the last two only for wcdiag watch: it is built without them, and sees less
tests='libcmocka-dev mandoc strace tmux jq tidy libxml2-utils'
lab='qemu-system-x86 busybox-static kmod xz-utils gcc-12 libelf1'	# the last two build modules for Debian 12's kernels
optional='libclang-rt-14-dev'	# only for make fuzz: never installed unasked
monitoring='prometheus prometheus-node-exporter python3-prometheus-client'	# only for tests/metrics.sh: the first two start servers, so never installed unasked

packaging='debootstrap'	# only for make package-check, as root
browser='chromium'	# only for tests/report.sh, which looks at a page in it: large, so never installed unasked
shell='zsh'	# only for tests/completion.sh: bash is completed all the same

list=
if [ "${1:-}" = --list ]; then
	list=yes
	shift
fi
group=${1:-}
[ "${2:-}" != --list ] || list=yes
case $group in
build)	wanted=$build ;;
test)	wanted="$build $tests" ;;
lab)	wanted="$build $lab" ;;
demo)	wanted="$build $lab" ;;
all)	wanted="$build $tests $lab" ;;
*)	echo "usage: tests/deps.sh [--list] build|test|lab|demo|all" >&2; exit 2 ;;
esac
if [ -n "$list" ]; then
	echo "$wanted"
	exit 0
fi

if ! command -v dpkg-query >/dev/null; then
	echo "deps: no dpkg here; the names that Debian gives to what is needed: $wanted" >&2
	exit 0
fi

# shellcheck disable=SC2086
have=" $(dpkg-query -W -f '${db:Status-Status} ${Package}\n' $wanted $optional $monitoring $browser $packaging $shell pkgconf libelf1t64 2>/dev/null |
	sed -n 's/^installed //p' | tr '\n' ' ') "
missing=
for p in $wanted; do
	case $have in
	*" $p "*)	continue ;;
	esac
	case $p in	# what provides the same under another name
	pkg-config)	same=pkgconf ;;
	libelf1)	same=libelf1t64 ;;
	*)		same=none ;;
	esac
	case $have in
	*" $same "*)	continue ;;
	esac
	missing="$missing $p"
done
case $group in
test|all)
	for p in $optional; do
		case $have in
		*" $p "*)	;;
		*)		echo "deps: optional, only for make fuzz: $p is not installed" >&2 ;;
		esac
	done
	for p in $monitoring; do
		case $have in
		*" $p "*)	;;
		*)		echo "deps: optional, only for tests/metrics.sh: $p is not installed" >&2 ;;
		esac
	done
	for p in $browser; do
		case $have in
		*" $p "*)	;;
		*)		echo "deps: optional, only for tests/report.sh: $p is not installed" >&2 ;;
		esac
	done
	for p in $packaging; do
		case $have in
		*" $p "*)	;;
		*)		echo "deps: optional, only for make package-check: $p is not installed" >&2 ;;
		esac
	done
	for p in $shell; do
		case $have in
		*" $p "*)	;;
		*)		echo "deps: optional, only for tests/completion.sh: $p is not installed" >&2 ;;
		esac
	done ;;
esac
[ -n "$missing" ] || exit 0

if [ "$(id -u)" != 0 ]; then
	echo "deps: missing packages:$missing" >&2
	echo "deps: sudo apt-get install --no-install-recommends$missing" >&2
	exit 1
fi

log=$(mktemp)
trap 'rm -f "$log"' EXIT
echo "deps: installing$missing" >&2
install() {
	# shellcheck disable=SC2086
	DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends $missing </dev/null >"$log" 2>&1
}
# The package lists of a fresh image may be missing or old: refresh them once, and only when something is to be fetched.
apt-get update -q </dev/null >"$log" 2>&1 || true
if ! install; then
	grep '^E:' "$log" >&2 || tail -n 5 "$log" >&2
	echo "deps: could not install:$missing" >&2
	exit 1
fi
