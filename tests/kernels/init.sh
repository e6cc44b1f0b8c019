#!/bin/busybox sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# The first process of a booted kernel: runs the programs named after "--" on
# the kernel's command line, and tells what they wrote on the second serial line:
#
#   linux RELEASE
#   begin PROGRAM
#   out LINE / err LINE
#   end STATUS SECONDS
#   done

/bin/busybox --install -s /bin
export PATH=/bin HOME=/root CMOCKA_MESSAGE_OUTPUT=TAP BUILD=build GILWATCH_GUEST=1
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
mount -t tmpfs tmp /tmp
mkdir -p /dev/pts /dev/shm
mount -t devpts pts /dev/pts
mount -t tmpfs shm /dev/shm
exec 3>/dev/ttyS1
stty raw <&3

# As root of a machine is: the kernel runs the first process with few limits.
cd /gilwatch
echo "linux $(uname -r)" >&3
for program in "$@"; do
	echo "begin $program" >&3
	start=$(date +%s)
	"./$program" >/tmp/out 2>/tmp/err </dev/null 3>&-
	status=$?
	sed 's/^/out /' /tmp/out >&3
	sed 's/^/err /' /tmp/err >&3
	echo "end $status $(($(date +%s) - start))" >&3
done
echo "done" >&3
poweroff -f
