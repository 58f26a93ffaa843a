#!/usr/bin/env bash
# Builds the benchmark program in release and prints its path.
set -euo pipefail
cd "$(dirname "$0")/../Benchmarks"
# SwiftPM looks for new files of a package it depends on by path only when a manifest has changed.
touch Package.swift
swift build -c release --product motet-bench >&2
printf '%s/motet-bench\n' "$(swift build -c release --show-bin-path)"
