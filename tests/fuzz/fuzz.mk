# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Fuzz targets of what reads other processes: tests/fuzz/fuzz_NAME.c, with
# clang's libFuzzer, address and undefined behaviour sanitizers, and known
# inputs in tests/fuzz/corpus/NAME. `make test` runs each for a short while.

# How many inputs each is given.
RUNS ?= 100000

FUZZ_NAMES := elf maps interp csv names proc cmdline memory record
FUZZERS := $(FUZZ_NAMES:%=$(BUILD)/tests/fuzz/fuzz_%)
FUZZ_FLAGS := -std=gnu11 -O1 -g -Wall -Wextra -Werror -fno-omit-frame-pointer \
	-fsanitize=fuzzer,address,undefined -fno-sanitize-recover=undefined

FUZZ_SOURCES_elf := user/elfsym.c user/elfsym_full.c user/mem.c
FUZZ_SOURCES_maps := user/maps.c
FUZZ_SOURCES_names := user/csv.c user/buf.c user/text.c
FUZZ_SOURCES_proc := user/blocked.c user/buf.c user/text.c
FUZZ_SOURCES_cmdline := user/buf.c user/text.c
FUZZ_SOURCES_memory := user/mem.c user/owner.c
FUZZ_SOURCES_csv := user/csv_read.c user/csv.c user/buf.c user/text.c
FUZZ_SOURCES_interp := tests/unit/fake.c user/behave.c user/buf.c \
	user/elfsym.c user/elfsym_full.c user/gil.c user/maps.c user/mem.c \
	user/text.c $(filter-out user/interp_find.c user/interp_guard.c,$(wildcard user/interp*.c))

FUZZ_SOURCES_record := $(wildcard user/gwr*.c user/replay*.c user/rows*.c) \
	user/buf.c user/file.c user/group.c user/model.c user/mutual.c \
	user/snapshot.c user/snapshot_order.c user/stats.c user/text.c
FUZZ_LIBS_record := -lzstd -lz -lm

define fuzz_rule
$(BUILD)/tests/fuzz/fuzz_$(1): tests/fuzz/fuzz_$(1).c $(FUZZ_SOURCES_$(1)) \
		$(wildcard user/*.h tests/unit/fake.h) user/target.c
	$$(call say,FUZZ,$$@)
	$$(Q)mkdir -p $$(@D)
	$$(Q)$(CLANG) $(FUZZ_FLAGS) $(INCLUDES) -Itests/unit -o $$@ \
		$$< $(FUZZ_SOURCES_$(1)) $(FUZZ_LIBS_$(1))
endef
$(foreach n,$(FUZZ_NAMES),$(eval $(call fuzz_rule,$(n))))

.PHONY: fuzz
## fuzz: feed RUNS=100000 made-up inputs to each reader of foreign data
fuzz: $(FUZZERS)
	$(Q)BUILD='$(BUILD)' RUNS='$(RUNS)' tests/fuzz/test_fuzz.sh

# After a change of the record's format.
.PHONY: fuzz-seeds
## fuzz-seeds: write the known records that the fuzzer begins with anew
fuzz-seeds: $(BUILD)/tests/fuzz/record_seeds
	$(Q)$< tests/fuzz/corpus/record

$(BUILD)/tests/fuzz/record_seeds: tests/fuzz/record_seeds.c \
		tests/unit/recording.c $(FUZZ_SOURCES_record)
	$(call say,LINK,$@)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS) $(INCLUDES) -o $@ $^ -lcmocka $(FUZZ_LIBS_record)

tests/fuzz/test_fuzz.sh: $(FUZZERS)

# With the tests that need the sanitizers' packages, as only `make test` does.
LIVE_TESTS += tests/fuzz/test_fuzz.sh
