#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# metrics.sh - check --format openmetrics: promtool accepts it, a node-exporter serves it, the names are those of the manual,
# hostile names stay text; and what contrib/ makes of it. promtool and node-exporter are skipped where they are not installed.
set -u
cd "$(dirname "$0")/.." || exit 1
. tests/tap.sh
: "${WCDIAG:=./wcdiag}"
WCDIAG=$(realpath "$WCDIAG")
export WCDIAG LC_ALL=C
tmp=$(mktemp -d) || exit 1
tap_shows="$tmp/out $tmp/err"
exporter=
trap '[ -z "$exporter" ] || kill "$exporter"; rm -rf "$tmp"' EXIT
R=tests/machines/founding/root X=tests/machines/xrt-alias/root M=man/wcdiag-check.1

# metrics CODE ARGS...: run check, keep its output, compare the exit status
metrics() {
  want=$1
  shift
  "$WCDIAG" check --format openmetrics "$@" > "$tmp/out" 2> "$tmp/err"
  rc=$?
  cp "$tmp/out" "$tmp/last"
  [ "$rc" = "$want" ]
}
has() { grep -qF -- "$1" "$tmp/last"; }
lint() {
  if command -v promtool > /dev/null; then
    promtool check metrics < "$tmp/last" > "$tmp/out" 2> "$tmp/err" && [ ! -s "$tmp/out" ] && [ ! -s "$tmp/err" ]; ok $? "promtool check metrics: $1"
  else
    skip "promtool check metrics: $1" "promtool is not installed (Debian: prometheus)"
  fi
}
# promtool knows the older format: OpenMetrics is read by the parser of Prometheus' own client library, which is strict.
strict=
for p in /usr/bin/python3 python3; do	# Debian's first: its packages are for that one
  [ -n "$strict" ] || ! "$p" -c 'import prometheus_client.openmetrics.parser' 2> /dev/null || strict=$p
done
strictly() {
  if [ -z "$strict" ]; then
    skip "parsed as OpenMetrics: $1" "no such parser (Debian: python3-prometheus-client)"
    return
  fi
  "$strict" -c '
import sys
from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse
n = 0
for f in parse(open(sys.argv[1], newline="").read()):
    assert f.type == "gauge" and f.documentation, f.name
    for s in f.samples:
        print(s.name, sorted(s.labels.items()), s.value)
        n += 1
assert n == int(sys.argv[2]), (n, sys.argv[2])' "$tmp/last" "$(grep -c '^wcdiag_' "$tmp/last")" > "$tmp/parsed" 2> "$tmp/err"; ok $? "parsed as OpenMetrics: $1"
}
# Each family once, with its two lines of head, its samples together, no series twice, and the end.
whole() {
  awk '
    /^# HELP / { if (seen[$3]++) bad = "family twice: " $3; f = $3; next }
    /^# TYPE / { if ($3 != f || $4 != "gauge") bad = "TYPE of " $3; next }
    /^# UNIT / { if ($3 != f || substr($3, length($3) - length($4)) != "_" $4) bad = "UNIT of " $3; next }
    /^# EOF$/ { eof = NR; next }
    { name = $0; sub(/[{ ].*/, "", name); if (name != f) bad = "sample of " name " below " f
      s = $0; sub(/ [^ ]*$/, "", s); if (series[s]++) bad = "series twice: " s
      if ($NF !~ /^[0-9]+([.][0-9]+)?$/) bad = "value: " $0 }
    END { if (eof != NR) bad = "no # EOF at the end"; if (bad) { print bad; exit 1 } }' "$tmp/last" > "$tmp/out"
}

metrics 2 --root $R; ok $? "the founding case: the exit status is check's own, 2"
lint "one snapshot"
strictly "one snapshot"
if [ -n "$strict" ]; then
  cp "$tmp/last" "$tmp/good"; noticed=0
  for how in '$d' '1h;$G' 's/} 1$/} one/;' 's/{verdict/{verdict="intact",verdict/'; do
    sed "$how" "$tmp/good" > "$tmp/last"
    strictly "spoilt" > "$tmp/said"
    grep -q '^not ok' "$tmp/said" && noticed=$((noticed + 1)) n=$((n - 1))
  done; [ $noticed = 4 ]; ok $? "... and it is strict: without the end, with lines behind it, a value or a label spoilt, it says no"
  cp "$tmp/good" "$tmp/last"
fi
whole; ok $? "... families whole, no series twice, # EOF"
has 'wcdiag_verdict{verdict="unknown"} 1' && has 'wcdiag_verdict{verdict="intact"} 0' && has 'wcdiag_verdict{verdict="broken"} 0'; ok $? "... its verdict, of three one is 1"
has 'wcdiag_bar_verdict{slot="0000:02:00.0",bar="2",verdict="unknown"} 1' && has 'bar="2",layer="pte",state="unknown"} 1' && has 'bar="2",layer="memtype",state="ok"} 1'; ok $? "... a BAR's verdict and layers"
has 'wcdiag_fact_missing{fact="page_table_entries"} 1' && has 'wcdiag_fact_missing{fact="memtype_list"} 0'; ok $? "... the fact that is missing"
! has 'machine='; ok $? "... one machine has no label machine"
metrics 0 --root $R --until memtype && has 'wcdiag_verdict{verdict="intact"} 1' && has 'until="memtype"'; ok $? "asked for less: intact, and until where"
metrics 1 --root $X && has 'breaks_at="memtype"' && has 'wcdiag_findings{rule="memtype-alias-wins",layer="memtype",severity="broken"} 1'; ok $? "a broken one: 1, where it breaks, and the rule that spoke"

# Every count against the JSON of the same machine.
"$WCDIAG" check --json --root tests/machines/epyc-256cpu-4000res/root > "$tmp/json" 2> /dev/null
metrics 1 --root tests/machines/epyc-256cpu-4000res/root
a=$(grep -c '"rule":' "$tmp/json") b=$(sed -n 's/^wcdiag_findings{.* //p' "$tmp/last" | awk '{ s += $1 } END { print s }')
[ "$a" = "$b" ] && [ "$a" -gt 5 ] && has "wcdiag_bars_judged $(grep -c '"judged_to":' "$tmp/json")"; ok $? "as many findings and BARs as in JSON ($a, $b)"

# Names that want to be something else: a label's end, a line's end, bytes of no character, the same name twice.
bad="$tmp/\\ \"} 1
x"
mkdir "$tmp/dir" && cp -r $R "$bad" && cp -r $R "$tmp/$(printf 'm\303\274ll')"
mkdir -p "$tmp/evil" && cp -r $R "$tmp/evil/root" && printf '6.1"} 1\\\nwcdiag_verdict{verdict="intact"} 1\n' > "$tmp/evil/root/proc/sys/kernel/osrelease"
metrics 3 --root "$bad" "$tmp"/m?*l "$tmp/evil/root" $R $R "$tmp/dir" $R
lint "seven snapshots, hostile names, one that cannot be read"
strictly "seven snapshots, hostile names, one that cannot be read"
if [ -n "$strict" ]; then
  ! grep -q "^wcdiag_verdict \[('verdict', 'intact')\]" "$tmp/parsed" && [ "$(grep -c "^wcdiag_verdict \[('machine', " "$tmp/parsed")" = 21 ]; ok $? "... nobody's name became a sample, none is missing"
fi
whole; ok $? "... families whole, no series twice"
has 'machine="'"$tmp"'/\\ \"} 1\nx"' && has 'm\\xc3\\xbcll"'; ok $? "... backslash, quote, newline and bytes are text"
has "machine=\"$R\"" && has "machine=\"$R (2)\"" && has "machine=\"$R (3)\""; ok $? "... the same snapshot three times: three names"
has "wcdiag_check_success{machine=\"$tmp/dir\"} 0" && has "wcdiag_verdict{machine=\"$tmp/dir\",verdict=\"unknown\"} 1" && has "wcdiag_verdict{machine=\"$tmp/dir\",verdict=\"intact\"} 0"; ok $? "... what could not be judged is unknown, and success 0"
! grep -q '^wcdiag_verdict{verdict="intact"} 1' "$tmp/last"; ok $? "... a kernel version cannot claim a verdict"
metrics 3 --root "$tmp/dir" && has 'wcdiag_check_success 0' && ! has 'verdict="intact"} 1'; ok $? "one snapshot that cannot be read: 3, and metrics that say so"
lint "one that cannot be read"
strictly "one that cannot be read"
"$WCDIAG" check --format openmetrics > "$tmp/last" 2> "$tmp/err"; rc=$?
[ $rc -le 2 ] && whole && has 'source="live"'; ok $? "this machine"
lint "this machine"

# The contract: the manual has each name, and no other.
metrics 3 --root tests/machines/*/root "$tmp/dir"
sed -n 's/^# TYPE \([a-z_]*\) .*/\1/p' "$tmp/last" | sort > "$tmp/out"
sed -n 's/^\.It Va \(wcdiag_[a-z_]*\).*/\1/p' $M | sort > "$tmp/page"
diff "$tmp/out" "$tmp/page" > "$tmp/err" && [ "$(wc -l < "$tmp/page")" -ge 13 ]; ok $? "the families are those of $M"

# contrib/: the file appears whole or not at all.
mkdir "$tmp/prom"
contrib/wcdiag-textfile "$tmp/prom" --root $X > "$tmp/out" 2> "$tmp/err"; rc=$?
cp "$tmp/prom/wcdiag.prom" "$tmp/last" && [ $rc = 0 ] && whole && [ "$(ls -A "$tmp/prom")" = wcdiag.prom ] && [ "$(stat -c %a "$tmp/prom/wcdiag.prom")" = 644 ]; ok $? "wcdiag-textfile: one file, readable by all, 0 whatever the verdict"
printf '#!/bin/sh\necho "wcdiag_verdict 1"\nexit 3\n' > "$tmp/dies" && chmod 755 "$tmp/dies"
WCDIAG="$tmp/dies" contrib/wcdiag-textfile "$tmp/prom" > "$tmp/out" 2> "$tmp/err"; rc=$?
[ $rc = 3 ] && cmp -s "$tmp/last" "$tmp/prom/wcdiag.prom" && [ "$(ls -A "$tmp/prom")" = wcdiag.prom ] && grep -q 'not written' "$tmp/err"; ok $? "... of an answer that was cut nothing is seen, and the file before stays"
contrib/wcdiag-textfile "$tmp/nowhere" > "$tmp/out" 2> "$tmp/err"; [ $? = 3 ] && [ -s "$tmp/err" ]; ok $? "... no such folder: 3"
contrib/wcdiag-node-problem --root $X > "$tmp/out" 2> "$tmp/err"; [ $? = 1 ] && grep -q '^WC CRITICAL .*memtype-alias-wins[^|]*$' "$tmp/out" && [ "$(wc -l < "$tmp/out")" = 1 ]; ok $? "wcdiag-node-problem: a broken machine is 1, with one line"
contrib/wcdiag-node-problem --root $R --until memtype > "$tmp/out" 2> "$tmp/err"; [ $? = 0 ]; ok $? "... an intact one 0"
contrib/wcdiag-node-problem --root $R > "$tmp/out" 2> "$tmp/err"; [ $? = 2 ]; ok $? "... one that cannot be told 2"
contrib/wcdiag-node-problem --root "$tmp/dir" > "$tmp/out" 2> "$tmp/err"; [ $? = 2 ]; ok $? "... one that cannot be read 2"
make -s install-contrib DESTDIR="$tmp/inst" PREFIX=/usr > "$tmp/out" 2> "$tmp/err"; rc=$?
D="$tmp/inst/usr" U="$tmp/inst/usr/lib/systemd/system"
[ $rc = 0 ] && [ -x "$D/libexec/wcdiag/wcdiag-textfile" ] && grep -q '^ExecStart=/usr/libexec/wcdiag/wcdiag-textfile ' "$U/wcdiag-textfile.service" && ! grep -rq '@[A-Z]*@' "$D"; ok $? "make install puts them where they belong, with their places filled in"
if command -v python3 > /dev/null; then
  python3 -m json.tool "$D/share/doc/wcdiag/examples/wcdiag-node-problem.json" > "$tmp/out" 2> "$tmp/err"; ok $? "the node-problem-detector's file is JSON"
else
  skip "the node-problem-detector's file is JSON" "python3 is not installed"
fi
if command -v systemd-analyze > /dev/null; then
  # What it names has to be there: it looks.
  for f in service timer; do sed "s|/usr/libexec/|$D/libexec/|" "$U/wcdiag-textfile.$f" > "$tmp/wcdiag-textfile.$f"; done
  systemd-analyze verify --man=no "$tmp/wcdiag-textfile.service" "$tmp/wcdiag-textfile.timer" > "$tmp/out" 2>&1; rc=$?
  [ $rc = 0 ] && ! grep -q 'wcdiag' "$tmp/out"; ok $? "systemd-analyze verify"
else
  skip "systemd-analyze verify" "systemd is not installed"
fi

# A real collector. It picks a port by itself and says which.
name="node-exporter serves them"
if command -v prometheus-node-exporter > /dev/null; then
  metrics 3 --root "$bad" $R "$tmp/dir" && cp "$tmp/last" "$tmp/prom/wcdiag.prom"
  prometheus-node-exporter --collector.disable-defaults --collector.textfile --collector.textfile.directory="$tmp/prom" \
    --web.listen-address=127.0.0.1:0 > "$tmp/exporter" 2>&1 &
  exporter=$!
  for i in 1 2 3 4 5 6 7 8 9 10; do
    port=$(sed -n 's/.*Listening on.*address=127\.0\.0\.1:\([1-9][0-9]*\).*/\1/p' "$tmp/exporter" 2> /dev/null)
    [ -z "$port" ] || break
    sleep 0.3
  done
  bash -c "exec 3<>/dev/tcp/127.0.0.1/$port; printf 'GET /metrics HTTP/1.0\r\n\r\n' >&3; cat <&3" > "$tmp/last" 2> "$tmp/err"
  cp "$tmp/exporter" "$tmp/out"
  has 'node_textfile_scrape_error 0' && has 'node_textfile_mtime_seconds{file="'; ok $? "$name, without an error"
  has "wcdiag_verdict{machine=\"$R\",verdict=\"unknown\"} 1" && has 'machine="'"$tmp"'/\\ \"} 1\nx"' && has "wcdiag_check_success{machine=\"$tmp/dir\"} 0"; ok $? "... with their values and labels"
  has '# HELP wcdiag_verdict 1 for the verdict' && has '# TYPE wcdiag_verdict gauge'; ok $? "... with help and type"
else
  skip "$name" "prometheus-node-exporter is not installed"
fi
