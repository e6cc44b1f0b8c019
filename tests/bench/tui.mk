# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause

$(BUILD)/tests/bench/tui_frame: LIBS = $(LIBS_GILWATCH)
$(BUILD)/tests/bench/tui_frame: $(BUILD)/tests/bench/tui_frame.o $(LIBRARY)
	$(call say,LINK,$@)
	$(Q)$(link)

## bench-tui: CPU time of the live screen's frames with many threads and locks
.PHONY: bench-tui
bench-tui: $(BUILD)/tests/bench/tui_frame
	$(Q)$<
