#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
#
# Makes the pictures of README.md: the page, its lanes, and where npm is
# installed the timeline in the Perfetto UI, of the demo's convoy.
#
#   tests/pictures/make.sh [RECORD]    as root, or with a record from before

set -e
cd "$(dirname "$0")/../.."
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
record=${1:-$folder/convoy.gwr}
[ -n "$1" ] || ./gilwatch record -q -o "$record" -- build/workloads/gilvm \
	workloads/programs/convoy.py 2 4 >/dev/null

# shot PICTURE WIDTH,HEIGHT PAGE
shot()
{
	"$(command -v chromium || command -v chromium-browser)" --headless \
		--no-sandbox --disable-gpu --disable-background-networking \
		--hide-scrollbars --user-data-dir="$folder/browser" \
		--window-size="$2" --screenshot="$1" "file://$3" 2>/dev/null
}

./gilwatch report --html "$folder/page.html" "$record" >/dev/null
# Verdicts are as many as there are: the picture shows the first.
sed 's|</head>|<style>.verdicts li:nth-child(n+3) { display: none; }</style>&|' \
	"$folder/page.html" >"$folder/first.html"
only='body { padding: 0; max-width: none } .card { margin: 0; border: 0 }'
only="$only body > :not(#timeline), .overview, .tools, #timeline .note,"
only="$only #timeline details { display: none }"
only="$only .script #detail { border: 0; margin: 0; padding: 0 }"
sed "s|</head>|<style>$only</style>&|" "$folder/page.html" >"$folder/lanes.html"
shot tests/pictures/page.png 920,1130 "$folder/first.html"
shot tests/pictures/lanes.png 920,262 "$folder/lanes.html"
if command -v npm >/dev/null; then
	./gilwatch report --from 2 --to 2.08 --trace "$folder/part.pftrace" \
		"$record" >/dev/null
	tests/pictures/perfetto.py "$folder/part.pftrace" \
		tests/pictures/timeline.png 1300,600
fi
ls -l tests/pictures/*.png
