# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# gilvm, its tests, its sanitizer builds and its fuzz target. Included by the
# top-level Makefile; also stands alone: make -f workloads/gilvm/gilvm.mk ...

BUILD ?= build
CLANG ?= clang
CFLAGS ?= -std=gnu11 -O2 -g -Wall -Wextra -Werror
V ?= 0
ifneq ($(V),1)
Q ?= @
endif

GILVM_DIR := workloads/gilvm
GILVM_SRC := $(wildcard $(GILVM_DIR)/*.c)
GILVM_OBJ := $(GILVM_SRC:$(GILVM_DIR)/%.c=$(BUILD)/obj/gilvm/%.o)
GILVM_CFLAGS := -D_GNU_SOURCE -fPIE -fvisibility=hidden -I$(GILVM_DIR)
GILVM_LDFLAGS := -pie -rdynamic
GILVM_LIBS := -lpthread -lm

# What a sanitizer build adds; frame pointers for readable reports.
GILVM_SAN_CFLAGS := -O1 -g -fno-omit-frame-pointer

.PHONY: gilvm
gilvm: $(BUILD)/workloads/gilvm

$(BUILD)/obj/gilvm/%.o: $(GILVM_DIR)/%.c $(GILVM_DIR)/gilvm.mk
	@mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS) $(GILVM_CFLAGS) -MMD -MP -c $< -o $@

$(BUILD)/workloads/gilvm: $(GILVM_OBJ)
	@mkdir -p $(@D)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) $(GILVM_LDFLAGS) $^ -o $@ $(GILVM_LIBS)

-include $(GILVM_OBJ:.o=.d)
