# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Small programs for looking at single parts by hand: make build/tests/tools/NAME

TOOLS := $(patsubst %.c,$(BUILD)/%,$(wildcard tests/tools/*.c))

$(TOOLS): LIBS = $(LIBS_GILWATCH)
$(TOOLS): $(BUILD)/%: $(BUILD)/%.o $(LIBRARY)
	$(call say,LINK,$@)
	$(Q)$(link)
