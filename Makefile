# sipauth: GNU make.   make demo | make check | make | make SAN=1 | make install PREFIX=... DESTDIR=...

VERSION  := 0.1.0
PREFIX   ?= /usr/local
BINDIR   ?= $(PREFIX)/bin
MANDIR   ?= $(PREFIX)/share/man
CC       ?= cc
CFLAGS   ?= -O2 -g
PKGS     := libpcap openssl libosip2

WARN     := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla -Werror
BUILD    := build/$(if $(SAN),san,normal)
PROGRAM  := $(if $(SAN),$(BUILD)/sipauth,sipauth)
SANFLAGS := $(if $(SAN),-fsanitize=address$(,)undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)
, := ,

SOURCES  := $(wildcard src/*.c src/*/*.c)
OBJECTS  := $(SOURCES:src/%.c=$(BUILD)/%.o)
LIBRARY  := $(filter-out $(BUILD)/main.o $(BUILD)/cmd_%.o,$(OBJECTS))
TESTS    := $(patsubst tests/unit/%.c,$(BUILD)/unit/%,$(wildcard tests/unit/test_*.c))

PKG_CFLAGS = $(shell pkg-config --cflags $(PKGS))
PKG_LIBS   = $(shell pkg-config --libs $(PKGS))
ALLCFLAGS  = -std=c11 -D_GNU_SOURCE -DSIPAUTH_VERSION='"$(VERSION)"' -Isrc -MMD -MP \
	     $(WARN) $(SANFLAGS) $(PKG_CFLAGS) $(CFLAGS) $(CPPFLAGS)

all: $(PROGRAM)

$(PROGRAM): $(OBJECTS)
	$(CC) $(SANFLAGS) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(PKG_LIBS)

$(BUILD)/%.o: src/%.c Makefile
	@mkdir -p $(@D)
	$(CC) $(ALLCFLAGS) -c -o $@ $<

$(BUILD)/unit/%: tests/unit/%.c $(LIBRARY)
	@mkdir -p $(@D)
	$(CC) $(ALLCFLAGS) $(LDFLAGS) -o $@ $< $(LIBRARY) $(PKG_LIBS) -lcmocka

unit: $(TESTS)

clean:
	rm -rf build sipauth

-include $(OBJECTS:.o=.d) $(TESTS:=.d)

.PHONY: all unit clean
