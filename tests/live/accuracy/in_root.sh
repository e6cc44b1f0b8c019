#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Runs a program of another system, which finds a folder of this one in /mnt and
# this script's own in /media; in a mount namespace that ends with it:
#
#   in_root.sh ROOT FOLDER PROGRAM ARG...

if [ "$1" != --mounted ]; then
	exec unshare --mount "$0" --mounted "$@"
fi
root=$2
folder=$3
shift 3
mount --bind "$folder" "$root/mnt" &&
	mount --bind "$(dirname "$0")" "$root/media" &&
	mount -t proc proc "$root/proc" &&
	exec chroot "$root" "$@"
