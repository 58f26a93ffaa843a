#!/usr/bin/env bash
# Opens the console of small servers in headless Chromium: `make console-check`.
#
# Servers of a tiny run are started without and with traffic; the page is opened on a phone and on a desk, light and dark.
# It fails where a figure, the layout or a text's contrast is wrong, where markup in a name is more than text, and where
# something else than the server is asked. Pictures of the page stay in .build/console.
set -euo pipefail
cd "$(dirname "$0")/.."

command -v chromium >/dev/null 2>&1 && command -v chromedriver >/dev/null 2>&1 || {
    echo "console-check: chromium and chromedriver are missing; scripts/setup.sh installs them on Debian" >&2
    exit 1
}
pictures=$PWD/.build/console
rm -rf "$pictures"
MOTET_SCREENSHOTS=$pictures scripts/test.sh --filter ConsolePageTests
printf '\nPictures of the console:\n'
ls "$pictures"/*.png
