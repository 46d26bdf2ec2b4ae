#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# use.sh alone|together OLD NEW - what a user does with the packages in /debs: install, run, upgrade, remove, purge. Runs inside a
# root that package.sh made for it and throws away. Prints TAP.
#
#   alone      wcdiag in a root that has nothing: its Depends are enough, its Recommends give the rest
#   together   both, in a root with two kernels' headers
set -u
how=$1 old=$2 new=$3
export LC_ALL=C DEBIAN_FRONTEND=noninteractive NO_COLOR=1
R=/machines/founding/root
out=/tmp/out

ok() { if [ "$1" = 0 ]; then echo "ok - $2"; else echo "not ok - $2"; sed 's/^/# /' $out | tail -n 30; fi; }
# Without recommended packages, unless asked for: what is tested is what is necessary.
apt() { apt-get -q -y -o APT::Sandbox::User=root -o APT::Install-Recommends=false "$@" < /dev/null > $out 2>&1; }
deb() { echo "/debs/$1_$2_$3.deb"; }
wcdiag_is() { wcdiag --version > $out 2>&1; [ "$(sed -n 1p $out)" = "wcdiag $1" ]; }

# Every file, with its mode, owner and size. Not looked at: what is not of this root; logs; what apt, dpkg and man-db know of all
# packages (dpkg's list is asked instead); the cache of the loader; DKMS's own key, made for the first module that it ever builds.
files() {
	find / -xdev \( -path /proc -o -path /sys -o -path /dev -o -path /debs -o -path /machines -o -path /tmp -o -path /var/log \
		-o -path /var/cache/apt -o -path /var/lib/apt -o -path /var/lib/dpkg -o -path /var/cache/debconf -o -path /var/cache/man \
		-o -path /var/cache/ldconfig -o -path /etc/ld.so.cache -o -path '/var/lib/dkms/mok.*' \) -prune -o \
		\( -type d -printf '%p/ %m %U %G\n' -o -printf '%p %m %U %G %s %l\n' \) | sort
	dpkg -l | sed -n 's/^\([a-z][a-zA-Z]\) *\([^ ]*\) .*/dpkg: \1 \2/p'
	find /var/lib/dpkg/info -name 'wcdiag*'
}
nothing_left() { files > /tmp/after; diff /tmp/before /tmp/after > $out; ok $? "$1"; }

# What the installed program says of a recorded machine, here and, in a file beside, where it was built.
judges() { wcdiag check --root $R > /tmp/said 2>&1; [ $? = 2 ] && diff /machines/founding.said /tmp/said > $out; }

files > /tmp/before
case $how in
alone)
	apt install "$(deb wcdiag "$new" amd64)"; ok $? "wcdiag installs into an empty root; its Depends can be had"
	wcdiag_is "$new"; ok $? "... and runs: --version is the package's"
	! grep -q 'not found' $out && grep -q '^  libarchive  *libarchive is not installed (Debian: libarchive13)' $out; ok $? "... and names the packages of libraries that it does without"
	judges; ok $? "... judges a recorded machine"
	wcdiag check --root /machines/founding.tar.gz > $out 2>&1; [ $? = 3 ] && grep -q 'libarchive13' $out; ok $? "... and says what an archive needs"
	# The packages that it names are those that it recommends or suggests, and no other.
	wcdiag --version | sed -n 's/.*(Debian: \(.*\)).*/\1/p' | sort > /tmp/named
	dpkg-query -W -f '${Recommends}, ${Suggests}\n' wcdiag | tr -d ' ' | tr ',' '\n' | grep -v '^wcdiag-dkms$' | sort | diff - /tmp/named > $out && [ -s /tmp/named ]; ok $? "... it recommends or suggests each library that it loads late"
	# shellcheck disable=SC2046
	apt install $(cat /tmp/named); ok $? "those can be had"
	wcdiag --version > $out && ! grep -q 'not installed\|too old\|needed only' $out; ok $? "... and are the ones that it then loads"
	wcdiag check --root /machines/founding.tar.gz > $out 2>&1; [ $? = 2 ]; ok $? "... an archive is judged"
	# shellcheck disable=SC2046
	apt purge wcdiag $(cat /tmp/named) && apt autoremove --purge; ok $? "all that is purged"
	nothing_left "... and nothing is left"
	;;
together)
	kernels=$(ls /lib/modules)
	built() {	# VERSION KERNEL...: DKMS has built and installed that version for these kernels, and nothing else
		v=$1; shift
		dkms status -m wcdiag_km > $out 2> /dev/null
		[ "$(grep -c installed $out)" = $# ] && [ "$(wc -l < $out)" = $# ] || return 1
		for k; do
			ko=$(ls /lib/modules/"$k"/updates/dkms/wcdiag_km.ko*)	# compressed where that kernel's own are
			[ -f "$ko" ] || { echo "no module for $k" >> $out; return 1; }
			{ echo "$ko"; modinfo -F vermagic "$ko"; modinfo -F version "$ko"; modinfo -k "$k" -n wcdiag_km; } >> $out 2>&1
			[ "$(modinfo -F vermagic "$ko" | cut -d' ' -f1)" = "$k" ] && [ "$(modinfo -F version "$ko")" = "$v" ] &&
				[ "$(modinfo -k "$k" -n wcdiag_km)" = "$ko" ] || return 1
		done
	}
	apt install "$(deb wcdiag "$old" amd64)" "$(deb wcdiag-dkms "$old" all)"; ok $? "both packages install, of version $old"
	wcdiag_is "$old"; ok $? "... the program"
	# shellcheck disable=SC2086,SC2046,SC2116
	built "$old" $kernels; ok $? "... the module, built by DKMS for $(echo $kernels)"
	for p in 1/wcdiag 1/wcdiag-check 5/wcdiag-snapshot 7/wcdiag-rules; do
		man -w "${p%%/*}" "${p#*/}"
	done > $out 2>&1 && [ "$(grep -c '^/usr/share/man/' $out)" = 4 ]; ok $? "man finds the pages"
	[ -f /lib/systemd/system/wcdiag-textfile.timer ] && [ ! -e /etc/systemd/system/timers.target.wants/wcdiag-textfile.timer ]; ok $? "the timer is there and not enabled"
	# As systemctl enable does, which this root has not.
	DPKG_MAINTSCRIPT_PACKAGE=wcdiag deb-systemd-helper enable wcdiag-textfile.timer > $out 2>&1; [ -L /etc/systemd/system/timers.target.wants/wcdiag-textfile.timer ]; ok $? "... and can be"

	apt install "$(deb wcdiag "$new" amd64)" "$(deb wcdiag-dkms "$new" all)"; ok $? "both are upgraded to $new"
	wcdiag_is "$new" && judges; ok $? "... the program, which judges a recorded machine"
	[ -L /etc/systemd/system/timers.target.wants/wcdiag-textfile.timer ]; ok $? "... the timer that was enabled still is"
	# In a chroot the package builds for the newest kernel only; at the next start the others are built like this.
	for k in $kernels; do dkms autoinstall -k "$k"; done > $out 2>&1
	# shellcheck disable=SC2086
	built "$new" $kernels; ok $? "... the module, and nothing of the older one"
	echo /usr/src/wcdiag* > $out; [ "$(cat $out)" = "/usr/src/wcdiag_km-$new" ]; ok $? "... its sources"

	apt remove wcdiag wcdiag-dkms; ok $? "both are removed"
	find / -xdev \( -path /machines -o -path /debs -o -path /tmp -o -path /proc \) -prune -o -name '*wcdiag*' -print | grep -v -e '^/var/lib/dpkg/info/' -e '^/etc/systemd/' -e '^/var/lib/systemd/' -e '^/var/log/' > $out
	[ ! -s $out ]; ok $? "... leaving only that the timer was enabled"
	apt purge wcdiag wcdiag-dkms && apt autoremove --purge; ok $? "both are purged, with what they brought along"
	nothing_left "... and nothing is left"
	;;
esac
