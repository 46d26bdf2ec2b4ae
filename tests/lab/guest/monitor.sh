# SPDX-License-Identifier: GPL-2.0-or-later
# monitor.sh - QEMU's monitor from within the guest, through the third serial port (tests/lab/boot.sh). Read by lib.sh.

# One command in QEMU's own protocol; its answer carries our number. Before it come a greeting and events, and errors: what
# the terminal echoed of the greeting before it was told not to is half a command, which the byte 0xff ends (qmp-spec).
qmp() {	# "execute": ...
	tries=0
	while [ $tries -lt 4 ]; do
		tries=$((tries + 1))
		printf '\377\n{"id": "n%d", %s}\n' $tries "$1" >&9
		while IFS= read -r -t 3 answer <&9; do
			case $answer in
			*"\"id\": \"n$tries\""*)	return 0 ;;
			esac
		done
	done
	echo "the monitor does not answer to $1: $answer"
	return 1
}

monitor() {
	exec 9<>/dev/ttyS2
	if [ ! -f /tmp/monitor.ready ]; then
		qmp '"execute": "qmp_capabilities"'
		: >/tmp/monitor.ready
	fi
	qmp "\"execute\": \"human-monitor-command\", \"arguments\": {\"command-line\": \"$*\"}"
	exec 9>&-
	# Not empty when it is a table that was asked for, or an error.
	printf '%b' "$answer" >"$OUT/monitor.out"
	echo "monitor $*: $answer"
}
