# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# This build under other kernels: each is booted in qemu and runs the tests that
# count. One program a kernel, so that tests/run.sh shows a line for each.

KERNELS := $(BUILD)/kernels
KERNEL_TESTS := $(addprefix $(KERNELS)/linux_,old bookworm trixie newest newest_rt)

FOLLOW := $(BUILD)/tests/live/test_follow
PRIVILEGES := $(BUILD)/tests/live/test_privileges

# Debian's suite and flavour, and what is run.
KERNEL_old := bullseye cloud tests/kernels/test_refused.sh
KERNEL_bookworm := bookworm cloud $(KERNELS)/test_guest $(FOLLOW)
KERNEL_trixie := trixie cloud $(KERNELS)/test_guest $(PRIVILEGES)
KERNEL_newest := trixie-backports cloud $(KERNELS)/test_guest
KERNEL_newest_rt := trixie-backports rt $(KERNELS)/test_guest $(FOLLOW)

GUEST_WORKLOADS := $(addprefix $(BUILD)/workloads/,handoff deadlock gilvm load)
GUEST_FILES := gilwatch $(FOLLOW) $(PRIVILEGES) $(GUEST_WORKLOADS) tests/kernels/turns.py \
	tests/kernels/test_refused.sh $(KERNELS)/test_guest

$(KERNELS)/test_guest.o: tests/kernels/test_guest.c | $(DEPS_OK) \
		$(BUILD)/.deps-unit
	$(call say,CC,$<)
	$(Q)mkdir -p $(@D)
	$(Q)$(compile)

$(KERNELS)/test_guest.o: EXTRA_CFLAGS := -Itests/live -pthread
$(KERNELS)/test_guest: LIBS = $(LIBS_TEST)
$(KERNELS)/test_guest: $(KERNELS)/test_guest.o $(LIVE_HELPERS) $(LIBRARY)
	$(call say,LINK,$@)
	$(Q)$(link)

$(KERNELS)/image.cpio: tests/kernels/image.sh tests/kernels/init.sh $(GUEST_FILES)
	$(call say,IMAGE,$@)
	$(Q)tests/kernels/image.sh $@ $(GUEST_FILES)

$(KERNELS)/linux_%: tests/kernels/kernels.mk
	$(Q)mkdir -p $(@D)
	$(Q)printf '#!/bin/sh\nexec tests/kernels/boot.sh $(KERNELS) %s\n' \
		'$(KERNEL_$*)' >$@ && chmod +x $@

$(KERNEL_TESTS): tests/kernels/boot.sh tests/kernels/fetch.sh | \
	$(KERNELS)/image.cpio

.PHONY: test-kernels
## test-kernels: boot other kernels in qemu and run the tests that count in each
test-kernels: deps-test
	$(build_as_owner) all $(KERNEL_TESTS)
	$(Q)$(RUN_TESTS) $(KERNEL_TESTS)

LIVE_TESTS += $(KERNEL_TESTS)
