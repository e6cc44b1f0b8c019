# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause

.PHONY: pictures
## pictures: make the pictures of the README from a run (as root)
pictures: deps-test
	$(build_as_owner) all
	$(Q)tests/pictures/make.sh
