# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause

$(BUILD)/tests/bench/replay: LIBS = $(LIBS_GILWATCH) -lcmocka
$(BUILD)/tests/bench/replay: $(BUILD)/tests/bench/replay.o \
		$(BUILD)/tests/unit/recording.o $(LIBRARY)
	$(call say,LINK,$@)
	$(Q)$(link)
$(BUILD)/tests/bench/replay.o: EXTRA_CFLAGS += -Itests/unit

## bench-replay: time and memory of playing a record of 10 million events
.PHONY: bench-replay
bench-replay: $(BUILD)/tests/bench/replay
	$(Q)$<

## bench-record: what recording a futex ping-pong costs beside counting it (root)
.PHONY: bench-record
bench-record: gilwatch $(BUILD)/workloads/handoff
	$(Q)BUILD='$(BUILD)' tests/bench/record.sh
