#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Boots a Debian kernel in qemu and passes on what the tests in it say, as a
# test program would (TAP on stdout, the rest on stderr):
#
#   tests/kernels/boot.sh FOLDER SUITE FLAVOUR PROGRAM...
#
# FOLDER has image.cpio, and keeps the kernels. With no kernel to be had or no
# qemu the test is skipped. GILWATCH_KVM=1: with KVM, where that works. Else the CPUs are emulated by one thread: with one each,
# qemu 7.2 takes interrupts from code that the kernel is changing ("Oops: int3").

folder=$1
suite=$2
flavour=$3
shift 3
here=$(dirname "$0")
limit=${GILWATCH_BOOT_SECONDS:-400}

skip()
{
	echo "1..1"
	echo "not ok 1 # SKIP Linux of $suite ($flavour)"
	echo "SKIP-REASON: $*" >&2
	exit 0
}

# Not by /dev/kvm being there: on machines that are guests themselves it may be,
# and boot nothing.
accelerator()
{
	[ "$GILWATCH_KVM" = 1 ] && echo kvm || echo tcg,thread=single
}

boot()
{
	timeout -k 5 "$limit" qemu-system-x86_64 -accel "$(accelerator)" \
		-cpu max -smp 2 -m 1024 -nodefaults -no-user-config \
		-display none -no-reboot -kernel "$kernel" \
		-initrd "$folder/image.cpio" \
		-append "console=ttyS0 quiet panic=-1 -- $*" \
		-serial "file:$work/console" -serial "file:$work/results"
}

# Each program's own results, then one for how all ended.
report='
/^linux / { print "# " $0 }
/^begin / { program = $2; begun++ }
/^out / { print substr($0, 5) }
/^err / { print substr($0, 5) > "/dev/stderr" }
/^end / {
	ended++
	if ($2 > 0)
		printf "%s: exit status %d\n", program, $2 > "/dev/stderr"
	printf "# %s took %d s\n", program, $3
}
/^done$/ { done = 1 }
END {
	print "1..1"
	ok = done && ended == programs && begun == programs
	printf "%sok 1 - Linux ran all programs to their end\n", ok ? "" : "not "
	exit !ok
}'

kernel=$("$here/fetch.sh" "$folder" "$suite" "$flavour") || skip "$kernel"
[ -e "$folder/image.cpio" ] || skip "no image: cpio or busybox is missing"
command -v qemu-system-x86_64 >/dev/null || skip "no qemu-system-x86_64"
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
boot "$@" >"$work/qemu" 2>&1
touch "$work/results"
tr -d '\r' <"$work/results" | awk -v programs=$# "$report" || {
	echo "---- qemu and the last lines of the console"
	cat "$work/qemu"
	tail -n 40 "$work/console"
} >&2
