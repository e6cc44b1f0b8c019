# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# The experiments with gilvm under gilwatch; included by the top-level Makefile.

.PHONY: lab

## lab: run the experiments with the GIL (as root; LAB="countdown convoy")
LAB ?=
lab: deps-build
	$(build_as_owner) all
	$(Q)workloads/lab $(LAB)
