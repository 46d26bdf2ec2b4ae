# SPDX-License-Identifier: GPL-2.0-or-later
# wcdiag: one Makefile for everything. "make help" lists the targets.
#
#   V=1        show the commands          WERROR=1   warnings are errors (CI)
#   SAN=1      address + undefined        COV=1      count the lines that run
#   DESTDIR, PREFIX as usual

VERSION  := 0.2.0
# What was built: 0.2.0 is the tag v0.2.0, or sources outside of git; 0.2.0+12-g0a1b2c3 is twelve commits later. A tarball of
# make dist knows it by .version.
GITVER   := $(if $(wildcard .git),$(shell GIT_OPTIONAL_LOCKS=0 git -c safe.directory='$(CURDIR)' describe --dirty --always \
	      --match 'v*' 2>/dev/null || echo unknown))
GITVER   := $(patsubst v$(VERSION)%,%,$(GITVER))
FULLVER  := $(or $(if $(wildcard .git),,$(file <.version)),$(VERSION)$(if $(GITVER),+$(patsubst -%,%,$(GITVER))))

PREFIX   ?= /usr/local
BINDIR   ?= $(PREFIX)/bin
MANDIR   ?= $(PREFIX)/share/man
DOCDIR   ?= $(PREFIX)/share/doc/wcdiag
BASHDIR  ?= $(PREFIX)/share/bash-completion/completions
ZSHDIR   ?= $(PREFIX)/share/zsh/site-functions
LIBEXECDIR ?= $(PREFIX)/libexec/wcdiag
UNITDIR  ?= $(PREFIX)/lib/systemd/system
CC       ?= cc
PKGCONF  ?= pkg-config
INSTALL  ?= install

comma    := ,
PKGS     := libpci libcpuid smartcols json-c libarchive libpcap libdw libbpf
MISSING  := $(strip $(foreach p,$(PKGS),$(if $(shell $(PKGCONF) --exists $(p) 2>/dev/null && echo y),,$(p))))
# Debian's libzydis-dev has no file for pkg-config.
HAVE_ZYDIS := $(shell echo '\#include <Zydis/Zydis.h>' | $(CC) -E -x c - >/dev/null 2>&1 && echo y)
MISSING  := $(strip $(MISSING) $(if $(HAVE_ZYDIS),,zydis))
# NCURSES=no builds without: wcdiag live then has --once only, and says so.
NCURSES  ?= yes
CURSES   := $(if $(filter-out no,$(NCURSES)),ncursesw)
MISSING  := $(strip $(MISSING) $(if $(CURSES),$(if $(shell $(PKGCONF) --exists $(CURSES) 2>/dev/null && echo y),,$(CURSES))))
# BPF=no builds without: wcdiag watch then has perf's way only, and says so.
BPF      ?= yes
CLANG    ?= clang
BPFTOOL  ?= $(firstword $(wildcard /usr/sbin/bpftool /sbin/bpftool) bpftool)
HAVE_BPF := $(if $(filter-out no,$(BPF)),$(shell $(PKGCONF) --exists 'libbpf >= 1' 2>/dev/null && $(BPFTOOL) version >/dev/null 2>&1 && \
	echo 'int x;' | $(CLANG) -target bpf -x c -c -o /dev/null - 2>/dev/null && echo y))
HAVE_CMOCKA := $(shell $(PKGCONF) --exists cmocka 2>/dev/null && echo y)

# Sanitizers, counters of what ran, and the ordinary build never share an object.
B        := build/$(if $(SAN),san,$(if $(COV),cov,rel))
PROG     := $(if $(SAN)$(COV),$(B)/wcdiag,wcdiag)

WARN     := -Wall -Wextra -Wshadow -Wvla -Wstrict-prototypes -Wmissing-prototypes -Wformat=2 -Wundef -Wwrite-strings
CFLAGS   ?= -O2 -g
override CFLAGS += -std=gnu17 $(WARN) $(if $(WERROR),-Werror) -fno-strict-aliasing
override CPPFLAGS += -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 -I. $(shell $(PKGCONF) --cflags $(filter-out $(MISSING),$(PKGS)) 2>/dev/null)
ifneq ($(SAN),)
override CFLAGS  += -O1 -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=all
override LDFLAGS += -fsanitize=address,undefined
else ifneq ($(COV),)
override CFLAGS  += -O1 --coverage -fprofile-update=atomic
override LDFLAGS += --coverage
else
override CPPFLAGS += -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2
override CFLAGS  += -fPIE -fstack-protector-strong -ffile-prefix-map=$(CURDIR)=.
override LDFLAGS += -pie -Wl,-z,relro,-z,now
endif
LDLIBS   := $(shell $(PKGCONF) --libs $(filter-out $(MISSING),$(PKGS)) 2>/dev/null) $(if $(HAVE_ZYDIS),-lZydis)
# The program takes these in only when they are needed (probe/late_lib.h); tests make archives of their own.
PROG_LIBS := $(shell $(PKGCONF) --libs $(filter-out $(MISSING) libarchive libpcap libdw libbpf,$(PKGS)) 2>/dev/null)
PROG_LIBS += $(if $(CURSES),$(shell $(PKGCONF) --libs $(CURSES) 2>/dev/null))
PROG_LIBS += $(if $(HAVE_ZYDIS),-Wl$(comma)--as-needed -lZydis)

Q        := $(if $(V),,@)
say       = $(if $(V),,@printf '  %-5s %s\n' '$(1)' '$(2)')

LIB_SRC  := $(sort $(wildcard probe/*.c))
CMD_SRC  := $(sort $(wildcard cmd/*.c))
LIB_OBJ  := $(LIB_SRC:%.c=$(B)/%.o)
CMD_OBJ  := $(CMD_SRC:%.c=$(B)/%.o)
LIB      := $(B)/libprobe.a
UNIT_SRC := $(sort $(wildcard tests/unit/test_*.c))
UNIT     := $(UNIT_SRC:%.c=$(B)/%)
FUZZ_SRC := $(sort $(wildcard tests/fuzz/fuzz_*.c))
BENCH_SRC := $(sort $(wildcard tests/bench/bench_*.c))
BENCH    := $(BENCH_SRC:%.c=$(B)/%)

.PHONY: all help deps demo check check-san check-fast lab smoke fuzz bench golden dist package-check install uninstall clean units man FORCE
.PHONY: coverage static valgrind
.PHONY: km km-maybe install-km uninstall-km
.DELETE_ON_ERROR:
.SECONDARY:

all: $(if $(MISSING),missing) $(PROG) $(if $(SAN)$(COV),,km-maybe)

.PHONY: missing
missing:
	@echo "wcdiag: missing libraries: $(MISSING)" >&2
	@echo "wcdiag: 'sudo make deps' installs them (Debian: $$(tests/deps.sh --list build))" >&2
	@false

help:
	@sed -n 's/^## //p' Makefile

## all          build ./wcdiag, and km/wcdiag_km.ko where kernel headers are at hand
## km           the helper module: KDIR=HEADERS, KM_CC=COMPILER when the headers' own is not there
## deps         install what building and testing need (Debian packages, needs root)
## demo         build, judge this machine, then a device in a VM: right, broken, and driven
## check        every test: unit, recorded machines, bad input, command line, lab VM
## check-fast   the same without the VM
## check-san    the same corpus under address and undefined sanitizers, without the VM
## coverage     which lines of probe/ the tests run, without the VM: build/coverage/index.html (needs gcovr)
## static       what cppcheck, clang-tidy and sparse say of the sources (minutes);   valgrind   the program under it
## lab          only the VM, on both kernels
## smoke        build, recorded machines and one VM run, in under two minutes
## fuzz         each decoder for SECONDS=60
## bench        what it costs beside what people use: store loops, lspci, wc -l, one page a call; build/bench.json
## golden       rewrite the expected output of the recorded machines, then review the diff
## man          regenerate the generated manual page
## install      DESTDIR, PREFIX;   uninstall   the reverse;   clean
## package-check  Debian packages, built twice, installed into fresh roots, used, purged (needs root and debootstrap)
## dist         a tarball of what is committed, in build/
## install-km   the module, through dkms where it is installed;   uninstall-km

# The version lives in one generated header, rewritten only when it changes.
$(B)/version.h: FORCE
	@mkdir -p $(@D)
	@printf '#define WCDIAG_VERSION "%s"\n#define WCDIAG_FULL_VERSION "%s"\n' '$(VERSION)' '$(FULLVER)' > $@.new; \
	 if cmp -s $@.new $@; then rm -f $@.new; else mv $@.new $@; fi
$(CMD_OBJ): override CPPFLAGS += -include $(B)/version.h
$(CMD_OBJ): | $(B)/version.h
$(B)/cmd/live_term.o $(B)/cmd/version.o: override CPPFLAGS += $(if $(CURSES),-DWCDIAG_NCURSES $(shell $(PKGCONF) --cflags-only-I $(CURSES) 2>/dev/null))
$(B)/cmd/version.o $(B)/cmd/capture.o: $(B)/version.h

# The program that runs in the kernel, and around it the header through which it is loaded; no header of the kernel's is needed.
$(B)/bpf/watch.bpf.o: probe/bpf/watch.bpf.c probe/watch_record.h Makefile
	$(call say,BPF,$<)
	@mkdir -p $(@D)
	$(Q)$(CLANG) -target bpf -O2 -g -ffile-prefix-map=$(CURDIR)=. -Wall -Wextra $(if $(WERROR),-Werror) -I/usr/include/$(shell $(CC) -print-multiarch) -c -o $@ $<
$(B)/bpf/watch.skel.h: $(B)/bpf/watch.bpf.o
	$(Q)$(BPFTOOL) gen skeleton $< name watch_bpf > $@
ifneq ($(HAVE_BPF),)
$(B)/probe/watch_bpf.o $(B)/probe/bpf_lib.o: override CPPFLAGS += -DWCDIAG_BPF -isystem $(B)/bpf
$(B)/probe/watch_bpf.o: $(B)/bpf/watch.skel.h
endif

# Other flags or libraries (NCURSES=no), another build: nothing is left of the old one.
FLAGS    := $(CC) $(if $(HAVE_BPF),bpf) $(filter-out -Werror,$(CPPFLAGS) $(CFLAGS)) $(LDFLAGS) $(LDLIBS) $(PROG_LIBS)
$(B)/flags: FORCE
	@mkdir -p $(@D)
	@echo '$(subst ','\'',$(FLAGS))' > $@.new; if cmp -s $@.new $@; then rm -f $@.new; else mv $@.new $@; fi

$(B)/%.o: %.c $(B)/flags
	$(call say,CC,$<)
	@mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

$(LIB): $(LIB_OBJ)
	$(call say,AR,$@)
	$(Q)rm -f $@ && $(AR) rcsD $@ $^

$(PROG): $(CMD_OBJ) $(LIB)
	$(call say,LD,$@)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(PROG_LIBS)

$(B)/tests/unit/%: $(B)/tests/unit/%.o $(LIB)
	$(call say,LD,$@)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LDLIBS) $(shell $(PKGCONF) --libs cmocka 2>/dev/null)

$(B)/tests/bench/%: $(B)/tests/bench/%.o $(LIB)
	$(call say,LD,$@)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LDLIBS)

# What wcdiag live draws is looked at without a terminal, with what it is drawn from.
LIVE_OBJ := $(patsubst %.c,$(B)/%.o,$(filter-out cmd/live.c cmd/live_term.c,$(wildcard cmd/live_*.c)))
LIVE_OBJ += $(patsubst %,$(B)/cmd/%.o,text common device drive_opts drive_json drive_out drive_witness drive_timing json stored table view)
LIVE_UNIT := $(patsubst %,$(B)/tests/unit/test_%,live live_rates live_store)
$(LIVE_UNIT): $(B)/tests/unit/%: $(B)/tests/unit/%.o $(LIVE_OBJ) $(LIB)
	$(call say,LD,$@)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LDLIBS) $(shell $(PKGCONF) --libs cmocka 2>/dev/null)

# The helper module, by the kernel's own build system, which is asked nothing while neither a source nor the headers changed.
# Variables given to this make (CC, ...) are not for it.
KM       := km/wcdiag_km.ko
KM_SRC   := $(filter-out %.mod.c km/conftest.h,$(wildcard km/*.c km/*.h km/*.sh)) km/Kbuild km/Makefile
KM_ENV   := env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL KDIR='$(KDIR)' KM_CC='$(KM_CC)'

build/km/with: FORCE
	@mkdir -p $(@D)
	@$(KM_ENV) km/kdir.sh > $@.new || { rm -f $@.new; exit 1; }; \
	 echo '$(KM_CC) $(WERROR)' >> $@.new; if cmp -s $@.new $@; then rm -f $@.new; else mv $@.new $@; fi

$(KM): build/km/with $(KM_SRC)
	@grep -q 'VERSION "$(VERSION)"' km/main.c && grep -q 'VERSION="$(VERSION)"' km/dkms.conf || \
	 { echo 'km: main.c and dkms.conf are of another version than $(VERSION)' >&2; false; }
	@printf '  %-5s %s (%s)\n' KM $@ "$$(head -n 1 $<)"
	$(Q)rm -f $@; $(KM_ENV) $(MAKE) $(if $(V),,-s) -C km KDIR="$$(head -n 1 $<)" $(if $(KM_CC),CC='$(KM_CC)') \
	  $(if $(WERROR),KCFLAGS=-Werror) modules > build/km/log 2>&1 || { cat build/km/log >&2; rm -f build/km/with; exit 1; }; \
	 grep -v -e ' BTF ' -e '^make' build/km/log >&2; test -f $@

km: $(KM)

km-maybe:
	@mkdir -p build/km
	+@if $(KM_ENV) km/kdir.sh >/dev/null 2>build/km/why; then \
	  $(MAKE) --no-print-directory km || { [ -z '$(WERROR)' ] && \
	   echo 'wcdiag: the helper module $(KM) is not built: these headers do not build it' >&2; }; \
	 else echo "wcdiag: the helper module $(KM) is not built: $$(cat build/km/why)" >&2; fi

# For the running kernel, or KDIR's; dkms builds by itself.
install-km:
	+@if [ -n '$(DESTDIR)' ] || ! command -v dkms >/dev/null; then \
	  dir=$$($(KM_ENV) km/kdir.sh --running) && $(MAKE) --no-print-directory km KDIR="$$dir"; fi
	@$(KM_ENV) DESTDIR='$(DESTDIR)' km/install.sh

uninstall-km:
	@DESTDIR='$(DESTDIR)' km/install.sh --remove

units: $(if $(HAVE_CMOCKA),$(UNIT))

deps:
	tests/deps.sh all
	$(headers)

# Where nothing else offers kernel headers the lab's serve, so that km/wcdiag_km.ko is built: fetched, not installed. Without
# a network the module is not built, and that is said.
headers = @km/kdir.sh >/dev/null 2>&1 || { tests/lab/kernel.sh 6.1 && tests/lab/headers.sh 6.1; } >/dev/null 2>&1 || true

# As root, what is missing is installed first; without root the packages must be there.
demo:
	tests/deps.sh demo
	$(headers)
	+$(MAKE) --no-print-directory all
	tests/demo.sh

check:
	tests/deps.sh all
	$(headers)
	+$(MAKE) --no-print-directory all units
	tests/run.sh

check-fast:
	+$(MAKE) --no-print-directory all units
	tests/run.sh --no-lab

check-san:
	+$(MAKE) --no-print-directory SAN=1 all units
	tests/run.sh --san

coverage:
	+$(MAKE) --no-print-directory COV=1 all units
	tests/coverage.sh

static:
	tests/static.sh

valgrind: all
	tests/valgrind.sh

lab:
	tests/deps.sh lab
	+$(MAKE) --no-print-directory all
	tests/run.sh --only-lab

smoke:
	tests/deps.sh all
	+$(MAKE) --no-print-directory all units
	tests/run.sh --smoke

package-check:
	tests/package.sh

fuzz:
	tests/fuzz/run.sh $(or $(SECONDS),60)

bench: all $(BENCH)
	tests/bench/run.sh

golden: all
	tests/machines.sh --golden
	[ ! -x tests/examples.sh ] || tests/examples.sh --write

man: all
	./$(PROG) explain --man > man/wcdiag-rules.7
	./$(PROG) explain sources --man > man/wcdiag-sources.7

# What make install installs, and uninstall takes away again: SOURCE:PLACE, the modes of the sources.
MAN      := $(sort $(wildcard man/*.[1-9]))
CONTRIB  := $(sort $(wildcard contrib/*))
UNITS_IN := $(filter %.service %.timer,$(CONTRIB))
EXAMPLES := $(filter %.json,$(CONTRIB))
SCRIPTS  := $(filter-out $(UNITS_IN) $(EXAMPLES),$(CONTRIB))
place     = $(foreach f,$(1),$(f):$(2)/$(notdir $(f)))
INSTALLED = $(PROG):$(BINDIR)/wcdiag completion/wcdiag.bash:$(BASHDIR)/wcdiag completion/_wcdiag:$(ZSHDIR)/_wcdiag \
	    $(foreach f,$(MAN),$(f):$(MANDIR)/man$(subst .,,$(suffix $(f)))/$(notdir $(f)))
INSTALLED_CONTRIB = $(call place,$(UNITS_IN),$(UNITDIR)) $(call place,$(SCRIPTS),$(LIBEXECDIR)) \
	    $(call place,$(EXAMPLES),$(DOCDIR)/examples)

# Those of contrib/ name the places of others, which are filled in: never with DESTDIR.
install: $(if $(MISSING),missing) $(PROG) install-contrib
	@for f in $(INSTALLED); do mode=644; [ ! -x "$${f%%:*}" ] || mode=755; \
	  $(INSTALL) -D -m $$mode "$${f%%:*}" "$(DESTDIR)$${f#*:}" || exit 1; done

# For monitoring: a service and its timer, not enabled.
.PHONY: install-contrib
install-contrib:
	@for f in $(INSTALLED_CONTRIB); do mode=644; [ ! -x "$${f%%:*}" ] || mode=755; to="$(DESTDIR)$${f#*:}"; \
	  $(INSTALL) -D -m $$mode /dev/null "$$to" && sed -e 's|@LIBEXECDIR@|$(LIBEXECDIR)|' -e 's|@BINDIR@|$(BINDIR)|' \
	  "$${f%%:*}" > "$$to" || exit 1; done

# Folders that are wcdiag's own go too, once they are empty.
uninstall:
	@for f in $(INSTALLED) $(INSTALLED_CONTRIB); do rm -f "$(DESTDIR)$${f#*:}" || exit 1; done
	@for d in $(DOCDIR)/examples $(DOCDIR) $(LIBEXECDIR); do rmdir "$(DESTDIR)$$d" 2>/dev/null || true; done

# The same commit makes the same bytes.
dist:
	@[ -z "$$(git status --porcelain)" ] || { echo 'dist: what is not committed would be missing: see git status' >&2; false; }
	@mkdir -p build
	git archive --format=tar --prefix=wcdiag-$(FULLVER)/ --add-virtual-file=wcdiag-$(FULLVER)/.version:$(FULLVER) HEAD | \
	  gzip -9n > build/wcdiag-$(FULLVER).tar.gz
	@sha256sum build/wcdiag-$(FULLVER).tar.gz

clean:
	rm -rf build wcdiag
	rm -f km/*.o km/.*.o km/*.ko km/*.mod km/*.mod.c km/.*.cmd km/.*.d km/Module.symvers km/modules.order km/conftest.h*

-include $(LIB_OBJ:.o=.d) $(CMD_OBJ:.o=.d) $(UNIT:=.d) $(BENCH:=.d)
