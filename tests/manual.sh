#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# manual.sh - the manual pages: clean, complete, and the generated one as its table is.
set -u
cd "$(dirname "$0")/.." || exit 1
n=0
ok() { n=$((n + 1)); if [ "$1" = 0 ]; then echo "ok $n - $2"; else echo "not ok $n - $2"; [ -z "${3:-}" ] || echo "$3" | sed 's/^/# /' | head -20; fi; }

${WCDIAG:-./wcdiag} explain --man > build/rules.7
cmp -s build/rules.7 man/wcdiag-rules.7; ok $? "man/wcdiag-rules.7 is what the table of rules says" "run: make man"
for f in man/*.[1-9]; do
  if command -v mandoc > /dev/null; then
    out=$(mandoc -Tlint -Wwarning "$f" 2>&1); ok $? "mandoc -Tlint $f" "$out"
  else
    n=$((n + 1)); echo "ok $n - mandoc -Tlint $f # SKIP mandoc is not installed"
  fi
done
for c in $(./wcdiag --help | sed -n 's/^  \([a-z]*\)  .*/\1/p'); do
  [ -f man/wcdiag-$c.1 ]; ok $? "$c has a page"
  grep -q '^\.Sh EXIT STATUS' man/wcdiag-$c.1 && grep -q '^\.Sh EXAMPLES' man/wcdiag-$c.1; ok $? "... with EXIT STATUS and EXAMPLES"
done
# what the pages and README.md show is what the program prints
tests/examples.sh || exit 1
