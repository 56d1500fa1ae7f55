# sipauth. GNU make.
#   make demo      sets up, builds, and diagnoses captures, healthy and faulty ones
#   make check     sets up, builds, and runs all tests; make check-long the slow ones, too
#   make           ./sipauth;  make CC=clang;  make SAN=1 (build/san/sipauth, by clang);  V=1 shows the commands
#   make install   PREFIX=/usr/local DESTDIR=

VERSION  := 0.1.0
PREFIX   ?= /usr/local
BINDIR   ?= $(PREFIX)/bin
MANDIR   ?= $(PREFIX)/share/man
CFLAGS   ?= -O2 -g
# zstd captures are read if the library is there
ZSTD     := $(shell pkg-config --exists libzstd && echo libzstd)
PKGS     := openssl libosip2 libcares zlib ncursesw $(ZSTD)
# taken into the program where their archives are there: each library that is loaded makes the start longer, and a
# softswitch seldom has these. make STATIC= links all as shared ones
STATIC   := osip2 osipparser2 cares ncursesw tinfo unistring z zstd

WARN     := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla \
	    -Wno-missing-field-initializers -Werror
BUILD    := build/$(if $(SAN),san,normal)
PROGRAM  := $(if $(SAN),$(BUILD)/sipauth,sipauth)
, := ,
SANFLAGS := $(if $(SAN),-fsanitize=address$(,)undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)
Q        := $(if $(V),,@)
# where the checks cost less; and its warnings are seen, too
ifdef SAN
CC       := clang
endif

SOURCES  := $(wildcard src/*.c src/*/*.c)
OBJECTS  := $(SOURCES:src/%.c=$(BUILD)/%.o)
LIBRARY  := $(BUILD)/libsipauth.a
TESTS    := $(patsubst tests/unit/%.c,$(BUILD)/unit/%,$(wildcard tests/unit/test_*.c))
MANPAGES := $(wildcard man/*.[1-8])

# asked once, but not before it is installed
once       = $(eval $(1) := $(2))$($(1))
PKG_CFLAGS = $(call once,PKG_CFLAGS,$(shell pkg-config --cflags $(PKGS)))
PKG_LIBS   = $(call once,PKG_LIBS,$(shell pkg-config --libs $(PKGS)) -lunistring)
archive    = $(filter /%,$(shell $(CC) -print-file-name=lib$(1).a))
linked     = $(or $(if $(filter $(STATIC:%=-l%),$(1)),$(call archive,$(1:-l%=%))),$(1))
LIBS       = $(call once,LIBS,-Wl$(,)--start-group $(foreach name,$(PKG_LIBS),$(call linked,$(name))) -Wl$(,)--end-group)
ALLCFLAGS  = -std=c11 -D_GNU_SOURCE -DSIPAUTH_VERSION='"$(VERSION)"' -Isrc -MMD -MP \
	     $(if $(ZSTD),-DHAVE_ZSTD) $(WARN) $(SANFLAGS) $(PKG_CFLAGS) $(CFLAGS) $(CPPFLAGS)

all: $(PROGRAM)

# a line of progress, without a process for it
say        = $(info $()  $1 $@)

$(PROGRAM): $(OBJECTS)
	$(call say,LINK)
	$(Q)$(CC) $(SANFLAGS) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS)

$(BUILD)/%.o: src/%.c Makefile
	$(call say,CC  )
	$(Q)$(CC) $(ALLCFLAGS) -c -o $@ $<

# All but the commands, for tests: each is linked with what it needs.
$(LIBRARY): $(filter-out $(BUILD)/main.o $(BUILD)/cmd_%.o,$(OBJECTS))
	$(Q)$(RM) $@ && $(AR) rcs $@ $^

$(BUILD)/unit/%: tests/unit/%.c $(LIBRARY)
	$(call say,TEST)
	$(Q)$(CC) $(ALLCFLAGS) $(LDFLAGS) -o $@ $< $(LIBRARY) $(LIBS) -lcmocka

unit: $(TESTS)

# What tests/bench measures with: a maker of captures, the bare loop of libpcap, a clock, a sender.
BENCH      := $(BUILD)/bench/generate $(BUILD)/bench/loop $(BUILD)/bench/timed $(BUILD)/bench/replay
BENCHFLAGS  = -std=c11 -D_GNU_SOURCE $(WARN) $(SANFLAGS) $(CFLAGS) $(CPPFLAGS) $(LDFLAGS)

$(BUILD)/bench/generate: $(wildcard tests/bench/generate/*.[ch])
	$(call say,LINK)
	$(Q)$(CC) $(BENCHFLAGS) -o $@ $(filter %.c,$^) $(shell pkg-config --cflags --libs openssl)

$(BUILD)/bench/%: tests/bench/%.c
	$(call say,LINK)
	$(Q)$(CC) $(BENCHFLAGS) -o $@ $^ $(shell pkg-config --cflags --libs libpcap)

benchtools: $(BENCH)

FOLDERS    := $(sort $(dir $(OBJECTS) $(TESTS) $(BENCH)))
$(OBJECTS) $(TESTS) $(BENCH): | $(FOLDERS)
$(FOLDERS):
	@mkdir -p $@

# Everything a fresh Debian 12 lacks; a message where it cannot be had.
setup:
	@tests/setup build test

demo:
	@tests/setup build
	@$(MAKE) --no-print-directory -j2 all
	@tests/demo

check: setup
	@tests/run

check-long: setup
	@tests/setup lab
	@tests/run --long

# Times and memory beside other programs, as a table; captures of 2.5 GB are made in build/bench.
bench:
	@tests/setup build test bench
	@$(MAKE) --no-print-directory all benchtools
	@tests/bench/run

# The captures anew, from real clients and servers: then their truth has to be looked at, too.
captures:
	@tests/setup build test lab
	tests/lab/run

# The manual page of the findings is written by the program, from its table.
man/sipauth-findings.7: src/auth/catalogue.def src/cmd_explain.c | $(PROGRAM)
	$(Q)./$(PROGRAM) explain --man >$@.new && mv $@.new $@

install: all
	install -d $(DESTDIR)$(BINDIR)
	install -m 755 sipauth $(DESTDIR)$(BINDIR)/sipauth
	for page in $(MANPAGES); do \
		install -D -m 644 $$page $(DESTDIR)$(MANDIR)/man$${page##*.}/$${page##*/} || exit 1; \
	done

uninstall:
	rm -f $(DESTDIR)$(BINDIR)/sipauth
	for page in $(MANPAGES); do rm -f $(DESTDIR)$(MANDIR)/man$${page##*.}/$${page##*/}; done

clean:
	rm -rf build sipauth

-include $(OBJECTS:.o=.d) $(TESTS:=.d)

.PHONY: all unit benchtools setup demo check check-long bench captures install uninstall clean
