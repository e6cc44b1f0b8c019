# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause

BENCH := $(BUILD)/tests/bench
BENCH_PROGRAMS := $(BENCH)/work $(BENCH)/floor

$(BENCH)/floor.bpf.tmp.o: tests/bench/floor.bpf.c | $(DEPS_OK)
	$(call say,BPF,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(CLANG) -target bpf -mcpu=v3 $(BPF_CFLAGS) \
		-D__TARGET_ARCH_$(HOST_ARCH) -Ivmlinux -Ibpf -MMD -MP -c -o $@ $<

$(BENCH)/floor.bpf.o: $(BENCH)/floor.bpf.tmp.o
	$(call say,BPFLINK,$@)
	$(Q)$(BPFTOOL) gen object $@ $<

$(BENCH)/floor.skel.h: $(BENCH)/floor.bpf.o
	$(call say,SKEL,$@)
	$(Q)$(BPFTOOL) gen skeleton $< name floor_bpf > $@

$(BENCH)/floor.o: $(BENCH)/floor.skel.h
$(BENCH)/floor.o: EXTRA_CFLAGS := -I$(BENCH)

$(BENCH)/floor: LIBS = $(LIBS_GILWATCH)
$(BENCH)/floor: $(BENCH)/floor.o $(LIBRARY)
	$(call say,LINK,$@)
	$(Q)$(link)

$(BENCH)/work: LIBS = -pthread
$(BENCH)/work: $(patsubst %,$(BENCH)/%.o,work work_turns work_calls work_processes)
	$(call say,LINK,$@)
	$(Q)$(link)

bench-programs: $(call built,$(BENCH_PROGRAMS))

## bench: what gilwatch costs, against the floor and other tools (as root)
.PHONY: bench bench-programs
bench: deps-build
	$(build_as_owner) all bench-programs
	$(Q)BUILD='$(BUILD)' python3 tests/bench/bench.py $(BENCH_ARGS)
