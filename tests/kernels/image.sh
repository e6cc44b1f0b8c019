#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Makes the initial RAM disk that a kernel is booted with: this build, as it is,
# with the libraries that it is linked to, busybox, and init.sh as the first
# process:
#
#   tests/kernels/image.sh OUT FILE...
#
# Each FILE keeps its path below /gilwatch. Without cpio or busybox nothing is
# made, which boot.sh then tells.

for tool in cpio busybox; do
	.ci/deps find $tool >/dev/null || exit 0
done
out=$1
shift
here=$(dirname "$0")
tree=$(mktemp -d) || exit 1
trap 'rm -rf "$tree"' EXIT
trap 'exit 1' HUP INT TERM

put()
{
	mkdir -p "$tree$(dirname "$2")" && cp -L "$1" "$tree$2"
}

# Also the loader, which has no arrow in ldd's list.
libraries()
{
	ldd "$@" 2>/dev/null | awk '$2 == "=>" && $3 ~ /^\// { print $3 }
		$1 ~ /^\// && NF == 2 && $1 !~ /:$/ { print $1 }' | sort -u
}

set -e
chmod 0755 "$tree"
for folder in bin dev etc proc sys tmp root gilwatch; do
	mkdir "$tree/$folder"
done
put "$(.ci/deps find busybox)" /bin/busybox
put "$here/init.sh" /init
for file in "$@"; do
	put "$file" "/gilwatch/$file"
done
libraries "$tree/bin/busybox" "$@" >"$tree/libraries"
while read -r library; do
	put "$library" "$library"
done <"$tree/libraries"
printf 'root:x:0:0::/root:/bin/sh\nnobody:x:65534:65534::/:/bin/sh\n' \
	>"$tree/etc/passwd"
printf 'root:x:0:\nnogroup:x:65534:\n' >"$tree/etc/group"
(cd "$tree" && find . | cpio --quiet -o -H newc) >"$out.new"
mv "$out.new" "$out"
