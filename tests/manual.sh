#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# manual.sh - the manual pages: clean, complete, and the generated one as its table is.
set -u
cd "$(dirname "$0")/.." || exit 1
. tests/tap.sh

${WCDIAG:-./wcdiag} explain --man > build/rules.7
cmp -s build/rules.7 man/wcdiag-rules.7; ok $? "man/wcdiag-rules.7 is what the table of rules says" "run: make man"
${WCDIAG:-./wcdiag} explain sources --man > build/sources.7
cmp -s build/sources.7 man/wcdiag-sources.7; ok $? "man/wcdiag-sources.7 is what the table of sources says" "run: make man"
for f in man/*.[1-9]; do
  if command -v mandoc > /dev/null; then
    out=$(mandoc -Tlint -Wwarning "$f" 2>&1); ok $? "mandoc -Tlint $f" "$out"
  else
    n=$((n + 1)); echo "ok $n - mandoc -Tlint $f # SKIP mandoc is not installed"
  fi
done
# Each command has a page, and wcdiag(1) leads to it.
for c in $(./wcdiag --help | sed -n 's/^  \([a-z]*\)  .*/\1/p'); do
  [ -f man/wcdiag-$c.1 ] && [ "$(grep -c "^\.Xr wcdiag-$c 1" man/wcdiag.1)" -ge 2 ]; ok $? "$c has a page, and stands in wcdiag.1 under Commands and SEE ALSO"
done
# What every page must have: how it ends, how it is used, and what it cannot tell. The rules' page is made from a table.
for f in man/*.[1-9]; do
  case $f in
    *.1) wanted='EXIT STATUS|EXAMPLES|WHAT IT CANNOT KNOW' ;;
    *.4) wanted='EXAMPLES|ERRORS|WHAT IT CANNOT KNOW' ;;
    man/wcdiag-rules.7) continue ;;
    *) wanted='EXAMPLES|WHAT IT CANNOT (KNOW|TELL)' ;;
  esac
  # a heading alone is not enough: there is text below it
  has=$(awk '/^\.Sh / { sh = substr($0, 5); next } !/^\.\\"/ && sh { print sh; sh = "" }' "$f" | grep -cxE "$wanted")
  [ "$has" = "$(echo "$wanted" | sed 's/([^)]*)//' | tr '|' '\n' | grep -c .)" ]; ok $? "$f has $(echo "$wanted" | sed "s/(.*)/.../; s/|/, /g")"
  missing=$(sed -n 's/^\.Xr \(wcdiag[^ ]*\) \([0-9]\).*/\1.\2/p' "$f" | sort -u | while read -r p; do [ -f "man/$p" ] || echo "$p"; done)
  [ -z "$missing" ]; ok $? "... and refers to pages that are there" "$missing"
done
# wcdiag_km(4) has every call and every parameter of the module.
for w in $(sed -n 's/^#define \(WCDIAG_KM_[A-Z]*\)[[:space:]]*_IO[WR]*(.*/\1/p' km/wcdiag_km.h) $(sed -n 's/^module_param(\([a-z_]*\),.*/\1/p' km/*.c); do
  grep -q "^\.It \(Dv\|Cm\) $w\( \|$\)" man/wcdiag_km.4; ok $? "wcdiag_km(4) describes $w"
done
# what the pages and README.md show is what the program prints
tests/examples.sh || exit 1
