#!/usr/bin/env bash
# Installs what Motet needs on a bare Debian or Ubuntu machine with Swift: Debian packages through
# apt, Arrow C++ and data packages through pip, both into places git ignores. Running it again does
# nothing; `make` calls it before every build, so its fast path is a few file checks.
set -euo pipefail
cd "$(dirname "$0")/.."

deps=.deps
arrow_version=26.0.1

say() { printf 'setup: %s\n' "$1"; }
fail() { printf 'setup: %s\n' "$1" >&2; exit 1; }

need_tool() { # command, what to do
    command -v "$1" >/dev/null 2>&1 || fail "'$1' was not found; $2"
}

# Runs a command quietly, and shows its output with one sentence if it fails.
step() { # sentence, command...
    local what=$1 log
    shift
    log=$(mktemp)
    say "$what"
    if ! "$@" >"$log" 2>&1; then
        cat "$log" >&2
        rm -f "$log"
        fail "this step failed: $what. Its output is above; mend what it names and run scripts/setup.sh again."
    fi
    rm -f "$log"
}

as_root() {
    if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo "$@"; fi
}

debian_packages() {
    command -v dpkg-query >/dev/null 2>&1 || return 0
    local missing=() name
    for name in libdnnl-dev liblapacke-dev libhnswlib-dev libpng-dev libjpeg-dev zlib1g-dev libsqlite3-dev libhiredis-dev redis-server pkg-config g++ python3 python3-pip python3-venv chromium chromium-driver; do
        case $name in
            # Any python with pip and venv will do; it need not be Debian's.
            python3) command -v python3 >/dev/null 2>&1 && continue ;;
            python3-pip) python3 -m pip --version >/dev/null 2>&1 && continue ;;
            python3-venv) python3 -c 'import venv, ensurepip' >/dev/null 2>&1 && continue ;;
            g++) command -v g++ >/dev/null 2>&1 && continue ;;
            # Tests open the reports in a browser. Ubuntu has it as a snap only: there those tests are skipped.
            chromium | chromium-driver)
                command -v chromedriver >/dev/null 2>&1 && command -v chromium >/dev/null 2>&1 && continue
                grep -q '^ID=debian' /etc/os-release 2>/dev/null || continue
                ;;
            # Tests start one of their own; any will do.
            redis-server) command -v redis-server >/dev/null 2>&1 && continue ;;
            pkg-config) command -v pkg-config >/dev/null 2>&1 && continue ;;
        esac
        if ! dpkg-query -W -f='${Status}' "$name" 2>/dev/null | grep -q 'ok installed'; then
            missing+=("$name")
        fi
    done
    [ ${#missing[@]} -eq 0 ] && return 0
    step "updating the list of Debian packages" as_root apt-get update -qq
    step "installing Debian packages: ${missing[*]}" \
        as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}"
}

# Places headers and libraries of Arrow C++ under .deps/arrow, with the plain names the linker wants.
arrow() {
    [ -f "$deps/arrow/.complete" ] && return 0
    rm -rf "$deps/arrow" "$deps/arrow.partial"
    mkdir -p "$deps/arrow.partial/lib"
    if pkg-config --exists arrow arrow-dataset arrow-compute parquet 2>/dev/null; then
        local include library
        include=$(pkg-config --variable=includedir arrow)
        library=$(pkg-config --variable=libdir arrow)
        say "using the system's Arrow C++ $(pkg-config --modversion arrow)"
        mkdir -p "$deps/arrow.partial/include"
        ln -s "$include/arrow" "$deps/arrow.partial/include/arrow"
        ln -s "$include/parquet" "$deps/arrow.partial/include/parquet"
        local file
        for file in "$library"/libarrow*.so* "$library"/libparquet*.so*; do
            ln -s "$file" "$deps/arrow.partial/lib/$(basename "$file")"
        done
    else
        local wheel=$deps/pyarrow.partial
        rm -rf "$wheel"
        step "fetching Arrow C++ $arrow_version (the pyarrow wheel, about 50 MB)" \
            python3 -m pip install --quiet --disable-pip-version-check --no-deps --target "$wheel" "pyarrow==$arrow_version"
        mkdir -p "$deps/arrow.partial"
        mv "$wheel/pyarrow/include" "$deps/arrow.partial/include"
        local file plain
        for file in "$wheel"/pyarrow/libarrow*.so.* "$wheel"/pyarrow/libparquet*.so.*; do
            case $file in *python*) continue ;; esac
            mv "$file" "$deps/arrow.partial/lib/"
            plain=$(basename "$file" | sed 's/\.so\..*/.so/')
            ln -sf "$(basename "$file")" "$deps/arrow.partial/lib/$plain"
        done
        rm -rf "$wheel"
    fi
    touch "$deps/arrow.partial/.complete"
    mv "$deps/arrow.partial" "$deps/arrow"
    say "Arrow C++ is ready in $deps/arrow"
}

# Python packages that tests of the server check it with, in an environment of their own. Without a network the
# tests that need them are skipped.
http_tools() {
    [ -f "$deps/http-tools/.complete-1" ] && return 0
    say "installing openapi-spec-validator, schemathesis and prometheus-client for tests of the server"
    rm -rf "$deps/http-tools"
    if python3 -m venv "$deps/http-tools" >/dev/null 2>&1 \
        && "$deps/http-tools/bin/python" -m pip install --quiet --disable-pip-version-check \
            openapi-spec-validator==0.9.0 schemathesis==4.32.5 prometheus-client==0.26.0 >/dev/null 2>&1; then
        touch "$deps/http-tools/.complete-1"
    else
        rm -rf "$deps/http-tools"
        say "they could not be installed; tests that need them are skipped"
    fi
}

need_tool swift "install Swift 6.2 or later from https://www.swift.org/install and run this again."
mkdir -p "$deps"
debian_packages
need_tool python3 "install Python 3.9 or later and run this again."
arrow
http_tools
