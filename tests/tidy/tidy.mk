# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# gilwatch with the address and the undefined behaviour sanitizer, and no other
# difference, for tests/tidy/test_memory.sh.

ASAN := $(BUILD)/asan
ASAN_FLAGS := -std=gnu11 -O1 -g -fno-omit-frame-pointer \
	-fsanitize=address,undefined -fno-sanitize-recover=undefined
ASAN_OBJECTS := $(patsubst $(BUILD)/%,$(ASAN)/%,$(BUILD)/user/main.o $(LIBRARY_OBJECTS))

$(ASAN)/user/%.o: user/%.c | $(SKELETON) $(PFTRACE).h $(DEPS_OK)
	$(call say,ASAN,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(ASAN_FLAGS) $(INCLUDES) -I$(BUILD) -MMD -MP -c -o $@ $<

$(ASAN)/%.o: $(BUILD)/%.c | $(DEPS_OK)
	$(call say,ASAN,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(ASAN_FLAGS) -MMD -MP -c -o $@ $<

$(ASAN)/gilwatch: $(ASAN_OBJECTS)
	$(call say,LINK,$@)
	$(Q)$(CC) $(ASAN_FLAGS) -o $@ $^ $(LIBS_GILWATCH)

-include $(ASAN_OBJECTS:.o=.d)

tests/tidy/test_memory.sh: $(ASAN)/gilwatch
