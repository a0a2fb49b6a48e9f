#!/usr/bin/env bash
# clang-tidy over the tracked C++ files, or over those that are named. Slow: minutes for all of them.
set -euo pipefail
. "$(dirname "$0")/lib/common.sh"
cd "$ROOT"
[ -f build/dev/compile_commands.json ] || cmake --preset dev
if [ $# -gt 0 ]; then files=("$@"); else mapfile -t files < <(git ls-files '*.cpp'); fi
# Options of g++ that clang does not know would be taken for errors.
printf '%s\0' "${files[@]}" |
  xargs -0 -n 1 -P "$(nproc)" clang-tidy -p build/dev --quiet --warnings-as-errors='*' \
    --extra-arg=-Wno-unknown-warning-option --extra-arg=-Wno-ignored-optimization-argument
say "clang-tidy: ${#files[@]} files are fine"
