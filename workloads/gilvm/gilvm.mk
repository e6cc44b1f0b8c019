# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# gilvm, its tests, its sanitizer builds and its fuzz target. Included by the
# top-level Makefile; also stands alone:
#
#   make -f workloads/gilvm/gilvm.mk build/workloads/gilvm

BUILD ?= build
CLANG ?= clang
CFLAGS ?= -std=gnu11 -O2 -g -Wall -Wextra -Werror
ifndef say
V ?= 0
Q := $(if $(filter 1,$(V)),,@)
say = $(if $(Q),@printf '  %-8s %s\n' $(1) $(2),@:)
endif

GILVM_DIR := workloads/gilvm
GILVM_SRC := $(wildcard $(GILVM_DIR)/*.c)
GILVM_CFLAGS := -D_GNU_SOURCE -fPIE -fvisibility=hidden -I$(GILVM_DIR)
# -rdynamic: gilvm_gil stands in .dynsym, also of a stripped program.
GILVM_LDFLAGS := -pie -rdynamic
GILVM_LIBS := -lpthread -lm

.PHONY: gilvm gilvm-fuzz gilvm-test
gilvm: $(BUILD)/workloads/gilvm

# gilvm_build VARIANT,COMPILER,EXTRA FLAGS: objects in obj/gilvmVARIANT, the
# program workloads/gilvmVARIANT.
define gilvm_build
GILVM_OBJ$(1) := $$(GILVM_SRC:$$(GILVM_DIR)/%.c=$$(BUILD)/obj/gilvm$(1)/%.o)

$$(BUILD)/obj/gilvm$(1)/%.o: $$(GILVM_DIR)/%.c $$(GILVM_DIR)/gilvm.mk
	$$(call say,CC$(1),$$<)
	$$(Q)mkdir -p $$(@D)
	$$(Q)$(2) $$(CFLAGS) $$(GILVM_CFLAGS) $(3) -MMD -MP -c -o $$@ $$<

$$(BUILD)/workloads/gilvm$(1): $$(GILVM_OBJ$(1))
	$$(call say,LINK,$$@)
	$$(Q)mkdir -p $$(@D)
	$$(Q)$(2) $$(CFLAGS) $$(LDFLAGS) $$(GILVM_LDFLAGS) $(3) -o $$@ $$^ \
		$$(GILVM_LIBS)

-include $$(GILVM_OBJ$(1):.o=.d)
endef

GILVM_ASAN := -O1 -fno-omit-frame-pointer -fsanitize=address,undefined \
	-fno-sanitize-recover=undefined
GILVM_TSAN := -O1 -fno-omit-frame-pointer -fsanitize=thread

$(eval $(call gilvm_build,,$$(CC),))
$(eval $(call gilvm_build,-asan,$$(CC),$$(GILVM_ASAN)))
$(eval $(call gilvm_build,-tsan,$$(CC),$$(GILVM_TSAN)))

# The fuzz target: lexer, parser and compiler, with clang's runtime.
GILVM_FUZZ := $(BUILD)/tests/gilvm/fuzz_compile
GILVM_FUZZ_SRC := tests/fuzz/gilvm_compile.c \
	$(filter-out $(GILVM_DIR)/main.c,$(GILVM_SRC))
GILVM_FUZZ_FLAGS := -std=gnu11 -O1 -g -Wall -Wextra -Werror \
	-fno-omit-frame-pointer -fsanitize=fuzzer,address,undefined \
	-fno-sanitize-recover=undefined

$(GILVM_FUZZ): $(GILVM_FUZZ_SRC) $(wildcard $(GILVM_DIR)/*.h)
	$(call say,FUZZ,$@)
	$(Q)mkdir -p $(@D)
	$(Q)echo 'int LLVMFuzzerTestOneInput(const char *d, long n);' \
		'int LLVMFuzzerTestOneInput(const char *d, long n)' \
		'{ return !d && n; }' | \
		$(CLANG) -fsanitize=fuzzer,address -x c -o /dev/null - || { \
		echo "clang's fuzzer runtime is missing: install" \
		"libclang-rt-14-dev (Debian 12), libclang-rt-19-dev" \
		"(Debian 13), libclang-rt-dev (Ubuntu) or compiler-rt" \
		"(Fedora)" >&2; exit 1; }
	$(Q)$(CLANG) $(GILVM_FUZZ_FLAGS) -D_GNU_SOURCE -I$(GILVM_DIR) \
		-o $@ $(GILVM_FUZZ_SRC) $(GILVM_LIBS)

## gilvm-fuzz: fuzz gilvm's parser (FUZZ_SECONDS=600)
FUZZ_SECONDS ?= 600
gilvm-fuzz: $(GILVM_FUZZ)
	$(Q)mkdir -p $(BUILD)/fuzz-corpus
	$(Q)$(GILVM_FUZZ) -max_total_time=$(FUZZ_SECONDS) -max_len=4096 \
		-timeout=10 -rss_limit_mb=0 $(BUILD)/fuzz-corpus tests/fuzz/gilvm_corpus

# ---- tests ----------------------------------------------------------------

GILVM_TEST_SRC := $(wildcard tests/gilvm/test_*.c)
GILVM_TESTS := $(GILVM_TEST_SRC:tests/gilvm/%.c=$(BUILD)/tests/gilvm/%)
GILVM_TEST_HELPERS := tests/gilvm/run.c tests/gilvm/table.c tests/gilvm/view.c
# These run gilwatch, as root.
GILVM_LIVE := $(BUILD)/tests/gilvm/test_watched $(BUILD)/tests/gilvm/test_lab
# These drive the lock itself, without the interpreter.
GILVM_LOCK_OBJ := $(addprefix $(BUILD)/obj/gilvm/,gil.o gil_ticks.o \
	gil_interval.o gil_fair.o gil_none.o gilstats.o gilstats_json.o usdt.o)

$(GILVM_TESTS): $(BUILD)/tests/gilvm/%: tests/gilvm/%.c $(GILVM_TEST_HELPERS) \
		$(wildcard tests/gilvm/*.h) $(GILVM_LOCK_OBJ)
	$(call say,TEST,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -D_GNU_SOURCE -I$(GILVM_DIR) \
		-Itests/gilvm -o $@ $< $(GILVM_TEST_HELPERS) \
		$(GILVM_LOCK_OBJ) -lcmocka $(GILVM_LIBS)

# What a test runs is built before it.
$(GILVM_TESTS): | $(BUILD)/workloads/gilvm
$(BUILD)/tests/gilvm/test_sanitizers: | $(BUILD)/workloads/gilvm-asan \
	$(BUILD)/workloads/gilvm-tsan
$(BUILD)/tests/gilvm/test_fuzz: | $(GILVM_FUZZ)

gilvm-test: $(GILVM_TESTS)
	$(Q)BUILD=$(BUILD) tests/run.sh $(GILVM_TESTS)

WORKLOADS += $(BUILD)/workloads/gilvm
UNIT_TESTS += $(filter-out $(GILVM_LIVE),$(GILVM_TESTS))
LIVE_TESTS += $(GILVM_LIVE)
