# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# `make help` lists the targets. A plain `make` needs no root, no network and
# nothing from the running kernel, and never installs anything.

CC ?= cc
CLANG ?= clang
CLANG_TIDY ?= clang-tidy
CFLAGS ?= -std=gnu11 -O2 -g -Wall -Wextra -Werror
BPF_CFLAGS ?= -O2 -g -Wall -Wextra -Wno-unused-parameter -Werror
LDFLAGS ?=
BUILD ?= build

# Where bpftool is, differs: not every PATH has /usr/sbin, and some
# distributions keep one for each kernel version.
ifndef BPFTOOL
BPFTOOL := $(or $(shell .ci/deps find bpftool),bpftool)
endif

bpf_arch = $(patsubst aarch64,arm64,$(patsubst x86_64,x86,$(1)))
HOST_ARCH := $(call bpf_arch,$(shell uname -m))
ARCH ?= $(HOST_ARCH)

# What `make demo` shows.
DEMO_SECONDS ?= 10
DEMO_COMMAND ?= $(BUILD)/workloads/gilvm workloads/programs/convoy.py 2 \
	$(DEMO_SECONDS)

V ?= 0
ifeq ($(V),1)
Q :=
say = @:
else
Q := @
say = @printf '  %-8s %s\n' $(1) $(2)
MAKEFLAGS += --no-print-directory
endif

INCLUDES := -I. -Ibpf -Iuser
compile = $(CC) $(CFLAGS) $(INCLUDES) $(EXTRA_CFLAGS) -MMD -MP -c -o $@ $<
link = $(CC) $(CFLAGS) $(LDFLAGS) -o $@ $(filter %.o,$^) $(filter %.a,$^) \
	$(LIBS)
objects = $(patsubst %.c,$(BUILD)/%.o,$(1))

LIBS_GILWATCH := -lbpf -lelf -lz -lzstd -lcap-ng -lseccomp -lncursesw -lprotobuf-c -lm
# Of an archive, what is not needed is not taken: ncurses has its libtinfo apart
# or not.
have_archive = $(if $(filter /%,$(shell $(CC) -print-file-name=lib$(1).a)),-l$(1))
LIBS_STATIC = $(LIBS_GILWATCH) $(call have_archive,tinfo)
LIBS_TEST := -lcmocka $(LIBS_GILWATCH) -pthread

# Under sudo the build itself runs as the owner of the tree, so that nothing is
# left in it that the owner cannot replace.
OWNER := $(shell stat -c %u .)
ifeq ($(shell id -u)$(if $(filter 0,$(OWNER)),owner),0)
AS_OWNER := setpriv --reuid=$(OWNER) --regid=$(shell stat -c %g .) --clear-groups
endif
JOBS = $(if $(findstring -j,$(MAKEFLAGS)),,-j$(shell nproc))
build_as_owner = +$(Q)$(AS_OWNER) $(MAKE) $(JOBS)
# built: what a target needs, nothing where another make builds it as the owner.
built = $(if $(AS_OWNER),,$(1))

.PHONY: all bpf workloads tests test test-unit test-live test-long accuracy tidy \
	demo deps \
	deps-build deps-unit deps-test vmlinux-header clean format help
.DELETE_ON_ERROR:
.SECONDARY:
.SUFFIXES:

## all: ./gilwatch and the workloads (default); STATIC=1: needing no library
all: $(call built,gilwatch workloads)

ifdef AS_OWNER
all bpf workloads tests:
	$(build_as_owner) $@
endif

# ---- what must be here before anything compiles ----------------------------

DEPS := CC='$(CC)' CLANG='$(CLANG)' CFLAGS='$(CFLAGS)' LDFLAGS='$(LDFLAGS)' \
	.ci/deps
DEPS_OK := $(BUILD)/.deps-build
DEPS_STATIC := CC='$(CC)' CFLAGS='$(CFLAGS)' LDFLAGS='$(LDFLAGS) -static' .ci/deps

$(DEPS_OK): .ci/deps
	$(Q)$(DEPS) check build
	$(Q)mkdir -p $(@D) && touch $@

$(BUILD)/.deps-unit: .ci/deps
	$(Q)$(DEPS) check build unit
	$(Q)mkdir -p $(@D) && touch $@

## deps: install what building and testing need (as root)
deps:
	$(Q)$(DEPS) install build unit test kernels
	$(Q)$(DEPS_STATIC) install static

# As root what is missing is installed; anybody else is told what is missing.
deps-build:
	$(Q)$(DEPS) provide build
deps-test:
	$(Q)$(DEPS) provide build unit test kernels
	$(Q)$(DEPS_STATIC) provide static

# ---- kernel side -----------------------------------------------------------

BPF_DIR := $(BUILD)$(if $(filter-out $(HOST_ARCH),$(ARCH)),/$(ARCH))
BPF_OBJECT := $(BPF_DIR)/gilwatch.bpf.o
SKELETON := $(BUILD)/gilwatch.skel.h

## bpf: the BPF object only (ARCH=arm64 for another architecture)
bpf: $(call built,$(BPF_OBJECT))

$(BPF_DIR)/%.bpf.tmp.o: bpf/%.bpf.c | $(DEPS_OK)
	$(call say,BPF,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(CLANG) -target bpf -mcpu=v3 $(BPF_CFLAGS) \
		-D__TARGET_ARCH_$(ARCH) -Ivmlinux -Ibpf -MMD -MP -c -o $@ $<

# Linking drops what the kernel does not read: DWARF, not BTF.
$(BPF_DIR)/%.bpf.o: $(BPF_DIR)/%.bpf.tmp.o
	$(call say,BPFLINK,$@)
	$(Q)$(BPFTOOL) gen object $@ $<

$(BUILD)/%.skel.h: $(BUILD)/%.bpf.o
	$(call say,SKEL,$@)
	$(Q)$(BPFTOOL) gen skeleton $< name $(subst .,_,$*)_bpf > $@

## vmlinux-header: make vmlinux/vmlinux.h anew from the running kernel's BTF
vmlinux-header: $(DEPS_OK)
	$(Q)CLANG='$(CLANG)' BPFTOOL='$(BPFTOOL)' \
		BPF_CFLAGS='$(BPF_CFLAGS) -D__TARGET_ARCH_$(HOST_ARCH)' \
		vmlinux/reduce.sh bpf/gilwatch.bpf.c $(BUILD)/vmlinux-full \
		vmlinux/vmlinux.h

# ---- user side -------------------------------------------------------------

USER_OBJECTS := $(call objects,$(wildcard user/*.c))
LIBRARY := $(BUILD)/libgilwatch.a
LIBRARY_OBJECTS := $(filter-out $(BUILD)/user/main.o,$(USER_OBJECTS)) \
	$(BUILD)/pftrace.pb-c.o $(BUILD)/page.o

# The messages of a trace, as C.
$(BUILD)/%.pb-c.c $(BUILD)/%.pb-c.h &: user/%.proto | $(DEPS_OK)
	$(call say,PROTO,$<)
	$(Q)mkdir -p $(@D)
	$(Q)protoc-c --c_out=$(BUILD) -Iuser $<

PFTRACE := $(BUILD)/pftrace.pb-c
$(PFTRACE).o: $(PFTRACE).c
	$(call say,CC,$<)
	$(Q)$(compile)
$(BUILD)/user/pftrace.o: $(PFTRACE).h
$(BUILD)/user/pftrace.o: EXTRA_CFLAGS := -I$(BUILD)

# The style and the script of a page, as C strings.
$(BUILD)/page.c: user/page.css user/page.js | $(DEPS_OK)
	$(call say,PAGE,$@)
	$(Q)for f in css js; do \
		printf 'extern const char page_%s[];\nconst char page_%s[] = {\n' \
			$$f $$f; \
		od -An -v -tu1 user/page.$$f | sed 's/  */,/g; s/^,//; s/$$/,/'; \
		printf '0 };\n'; \
	done > $@
$(BUILD)/page.o: $(BUILD)/page.c
	$(call say,CC,$<)
	$(Q)$(compile)

# No conversion goes unsaid, but in what includes the skeleton that bpftool makes.
WITH_SKELETON := $(BUILD)/user/probe.o $(BUILD)/user/probe_read.o
$(filter-out $(WITH_SKELETON),$(patsubst %.c,$(BUILD)/%.o,$(wildcard user/*.c))): \
	EXTRA_CFLAGS += -Wconversion -Wsign-conversion

$(WITH_SKELETON): $(SKELETON)
$(WITH_SKELETON): EXTRA_CFLAGS := -I$(BUILD)

$(BUILD)/%.o: %.c | $(DEPS_OK)
	$(call say,CC,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(compile)

$(LIBRARY): $(LIBRARY_OBJECTS)
	$(call say,AR,$@)
	$(Q)rm -f $@ && ar rcs $@ $^

# STATIC=1 makes another file of the same objects.
LINKED := $(BUILD)/.linked
how_linked := $(if $(STATIC),static,shared)

.PHONY: always
$(LINKED): always
	$(Q)mkdir -p $(@D) && { echo $(how_linked) | cmp -s - $@ || \
		echo $(how_linked) >$@; }

ifdef STATIC
gilwatch: $(BUILD)/static/gilwatch $(LINKED)
	$(Q)cp $< $@
else
gilwatch: LIBS = $(LIBS_GILWATCH)
gilwatch: $(BUILD)/user/main.o $(LIBRARY) $(LINKED)
	$(call say,LINK,$@)
	$(Q)$(link)
endif

# The linker warns that the user database may need shared libraries: without
# them a user who is not in /etc/passwd is an error (priv.h), never root. What it
# says is shown when it fails. The library once more: see libelf_static.c.
$(BUILD)/static/gilwatch: LIBS = $(LIBS_STATIC)
$(BUILD)/static/gilwatch: $(BUILD)/user/main.o $(LIBRARY) | $(BUILD)/.deps-static
	$(call say,LINK,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(link) -static $(LIBRARY) 2>$@.said || { cat $@.said >&2; exit 1; }

$(BUILD)/.deps-static: .ci/deps
	$(Q)$(DEPS_STATIC) check static
	$(Q)mkdir -p $(@D) && touch $@

# ---- workloads: NAME.c and, where there are any, NAME/*.c ------------------

WORKLOADS := $(patsubst workloads/%.c,$(BUILD)/workloads/%,\
	$(wildcard workloads/*.c))
workload_objects = $(patsubst %.c,$(BUILD)/obj/%.o,\
	$(wildcard workloads/$(1).c workloads/$(1)/*.c))

# Apart from the programs, whose names are those of the folders.
$(BUILD)/obj/%.o: %.c | $(DEPS_OK)
	$(call say,CC,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(compile)

define workload_rule
$(BUILD)/workloads/$(1): $(call workload_objects,$(1))
	$$(call say,LINK,$$@)
	$$(Q)mkdir -p $$(@D)
	$$(Q)$$(link)
endef
$(foreach w,$(notdir $(WORKLOADS)),$(eval $(call workload_rule,$(w))))
$(WORKLOADS): LIBS = -pthread
$(BUILD)/obj/workloads/%.o: EXTRA_CFLAGS += -pthread

# ---- tests -----------------------------------------------------------------

TEST_SOURCES := $(wildcard tests/unit/test_*.c tests/live/test_*.c)
UNIT_TESTS := $(patsubst %.c,$(BUILD)/%,$(filter tests/unit/%,$(TEST_SOURCES)))
LIVE_TESTS := $(patsubst %.c,$(BUILD)/%,$(filter tests/live/%,$(TEST_SOURCES)))
# What the tests of one folder share.
UNIT_HELPERS := $(call objects,$(filter-out $(TEST_SOURCES),\
	$(wildcard tests/unit/*.c)))
# What a test has gilwatch load before the C library.
PRELOADED := $(addprefix tests/live/,jumping_clock.c slow_disk.c)
LIVE_HELPERS := $(call objects,$(filter-out $(TEST_SOURCES) $(PRELOADED),\
	$(wildcard tests/live/*.c)))

$(BUILD)/tests/%.o: EXTRA_CFLAGS += -pthread
$(BUILD)/tests/%.o: tests/%.c | $(DEPS_OK) $(BUILD)/.deps-unit
	$(call say,CC,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(compile)

$(UNIT_TESTS): $(BUILD)/%: $(BUILD)/%.o $(UNIT_HELPERS) $(LIBRARY)
	$(call say,LINK,$@)
	$(Q)$(link)

$(LIVE_TESTS): $(BUILD)/%: $(BUILD)/%.o $(LIVE_HELPERS) $(LIBRARY)
	$(call say,LINK,$@)
	$(Q)$(link)

$(BUILD)/tests/live/test_page $(BUILD)/tests/live/test_trace: $(BUILD)/tests/unit/convoy.o
$(BUILD)/tests/unit/test_pftrace.o: EXTRA_CFLAGS += -I$(BUILD)
$(BUILD)/tests/unit/test_pftrace.o: $(PFTRACE).h

$(UNIT_TESTS) $(LIVE_TESTS): LIBS = $(LIBS_TEST)
$(BUILD)/tests/live/test_static: | $(BUILD)/static/gilwatch

$(BUILD)/tests/live/test_faults_own: | $(PRELOADED:%.c=$(BUILD)/%.so)
$(PRELOADED:%.c=$(BUILD)/%.so): $(BUILD)/%.so: %.c
	$(call say,CC,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS) -fPIC -shared -o $@ $<

# Its own functions in place of these, in all that is linked.
WRAPPED := malloc calloc realloc reallocarray strdup free
$(BUILD)/tests/unit/test_no_memory: LDFLAGS += $(WRAPPED:%=-Wl,--wrap=%)

-include workloads/gilvm/gilvm.mk workloads/lab.mk
-include tests/bench/bench.mk tests/bench/tui.mk tests/bench/record.mk
-include tests/kernels/kernels.mk tests/fuzz/fuzz.mk tests/tools/tools.mk
-include tests/pictures/pictures.mk tests/tidy/tidy.mk

# Tests that are scripts, with the same output as the programs.
UNIT_TESTS += $(wildcard tests/unit/test_*.sh)
LIVE_TESTS += $(wildcard tests/live/test_*.sh) $(wildcard tests/tidy/test_*.sh)


workloads: $(call built,$(WORKLOADS))
tests: $(call built,$(UNIT_TESTS) $(LIVE_TESTS))

RUN_TESTS := BUILD='$(BUILD)' CC='$(CC)' CLANG='$(CLANG)' tests/run.sh

## test: build and run all tests (as root: installs what is missing first)
test: deps-test
	$(build_as_owner) all tests
	$(Q)$(RUN_TESTS) $(UNIT_TESTS) $(LIVE_TESTS)

## test-unit: build and run the tests that need no root
test-unit:
	$(build_as_owner) all tests
	$(Q)$(RUN_TESTS) $(UNIT_TESTS)

## test-live: build and run the tests on the running kernel (as root)
test-live:
	$(build_as_owner) all tests
	$(Q)$(RUN_TESTS) $(LIVE_TESTS)

## accuracy: the table of gilwatch's errors with every interpreter (as root)
accuracy: deps-test
	$(build_as_owner) all tests
	$(Q)BUILD='$(BUILD)' $(BUILD)/tests/live/test_accuracy --table

## test-long: the loads for longer: a minute to ten each (as root)
test-long: deps-test
	$(build_as_owner) all tests
	$(Q)GILWATCH_TEST_SECONDS=3600 GILWATCH_TEST_LONG=1 \
		$(RUN_TESTS) $(BUILD)/tests/live/test_load

## tidy: clang-tidy over user/ and workloads/ (TIDY='FILES': over these)
TIDY ?= $(wildcard user/*.c workloads/*.c workloads/*/*.c)
tidy: $(TIDY:%.c=$(BUILD)/tidy/%.ok)

# The skeleton that bpftool makes forgets a part of what it could not finish.
$(BUILD)/tidy/user/probe.ok $(BUILD)/tidy/user/probe_read.ok: TIDY_FLAGS := --checks=-clang-analyzer-unix.Malloc

$(BUILD)/tidy/%.ok: %.c .clang-tidy $(SKELETON)
	$(call say,TIDY,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(CLANG_TIDY) --quiet $(TIDY_FLAGS) $< -- -std=gnu11 $(INCLUDES) \
		-isystem $(BUILD) 2>/dev/null
	$(Q)touch $@

## demo: watch a demo workload for 10 s (as root: installs what is missing first)
demo: deps-build
	$(build_as_owner) all
	$(Q)./gilwatch --plain --csv gilwatch-report -- $(DEMO_COMMAND)

# ---- the rest --------------------------------------------------------------

## clean: remove everything that was built
clean:
	$(Q)rm -rf $(BUILD) gilwatch gilwatch-report

## format: lay out the sources with clang-format
format:
	$(Q)$(DEPS) check format
	$(Q)find bpf user workloads tests -name '*.[ch]' -exec clang-format -i {} +

## help: this list
help:
	@sed -n 's/^## \([a-z-]*\): \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | \
		expand -t 24

-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)
