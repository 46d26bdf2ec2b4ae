#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# hardware.sh - what can only be tested on hardware that may not be here: done where it is, else skipped by name.
set -u
cd "$(dirname "$0")/.." || exit 1
. tests/tap.sh

raw=$(od -An -tx8 -j 631 -N 8 /dev/cpu/0/msr 2> /dev/null | tr -d ' \n')
if [ -n "$raw" ]; then
  ./wcdiag pat | grep -q "$(printf '0x%x' "0x$raw")"; ok $? "the PAT of this machine is the one that od reads from MSR 0x277"
elif [ -e /dev/cpu/0/msr ]; then
  skip "the PAT of this machine against od" "/dev/cpu/0/msr is there, but this user or kernel does not let it be read (the lab does it on a real kernel)"
else
  skip "the PAT of this machine against od" "no /dev/cpu/0/msr here (the lab does it on a real kernel)"
fi
if [ -r /sys/kernel/debug/x86/pat_memtype_list ]; then
  want=$(grep -c '@\|PAT: \[' /sys/kernel/debug/x86/pat_memtype_list)
  ./wcdiag memtype --all | grep -q "^$want reservations"; ok $? "all reservations of this machine are read"
else
  skip "the reservations of this machine against grep" "no pat_memtype_list here (the lab does it on a real kernel)"
fi
if ls /sys/bus/pci/devices/*/resource*_wc > /dev/null 2>&1; then
  [ "$(./wcdiag bars --json | grep -c '"wc_file": true')" = "$(ls /sys/bus/pci/devices/*/resource[0-5]_wc | wc -l)" ]; ok $? "bars finds every resourceN_wc of this machine"
else
  skip "bars finds every resourceN_wc of this machine" "no prefetchable BAR here (the lab has some)"
fi
