#!/usr/bin/env bash
# Fails if clang-format would change a tracked C++ file. With --fix it changes them.
set -euo pipefail
. "$(dirname "$0")/lib/common.sh"
cd "$ROOT"
command -v clang-format >/dev/null || deploy/install-deps.sh --lint
[ "$(clang-format --version | sed 's/.*version \([0-9]*\).*/\1/')" = 14 ] ||
  die "needs clang-format 14, since other versions format differently"
mapfile -t files < <(git ls-files '*.cpp' '*.hpp')
[ ${#files[@]} -gt 0 ] || die "no C++ file is tracked: nothing was checked"
if [ "${1:-}" = --fix ]; then
  clang-format -i "${files[@]}"
else
  clang-format --dry-run --Werror "${files[@]}"
  say "formatting: ${#files[@]} files are fine"
fi
