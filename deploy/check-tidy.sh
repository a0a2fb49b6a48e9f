#!/usr/bin/env bash
# clang-tidy over the tracked C++ files, or over those that are named. Slow: half an hour for all of them.
# --changed: over what the last commits changed, which is what continuous integration has time for.
set -euo pipefail
. "$(dirname "$0")/lib/common.sh"
cd "$ROOT"
commits=20
most=12

# Those that are still there, the newest change first; in place of a header, the source of its name.
changed() {
  git log -"$commits" --format= --name-only -- '*.cpp' '*.hpp' | sed 's/\.hpp$/.cpp/' | awk '!seen[$0]++' |
    while read -r file; do
      [ ! -f "$file" ] || printf '%s\n' "$file"
    done
}

deploy/install-deps.sh --build --lint
# The presets compile many sources as one; here each stands alone. What is generated is made first.
grep -qs tests/fuzz build/alone/compile_commands.json ||
  cmake --preset dev -B build/alone -D CMAKE_UNITY_BUILD=OFF -D KINTO_MIRROR_FUZZ=ON
cmake --build build/alone --target generated
case ${1:-} in
  '') mapfile -t files < <(git ls-files '*.cpp') ;;
  --changed)
    mapfile -t files < <(changed)
    say "clang-tidy: ${#files[@]} files were changed by the last $commits commits"
    [ ${#files[@]} -le "$most" ] || say "clang-tidy: the $most that were changed last are looked at"
    files=("${files[@]:0:$most}")
    ;;
  *) files=("$@") ;;
esac
[ ${#files[@]} -gt 0 ] || { say "clang-tidy: nothing to look at"; exit 0; }
# Options of g++ that clang does not know would be taken for errors.
printf '%s\0' "${files[@]}" |
  xargs -0 -n 1 -P "$(nproc)" clang-tidy -p build/alone --quiet --warnings-as-errors='*' \
    --extra-arg=-Wno-unknown-warning-option --extra-arg=-Wno-ignored-optimization-argument
say "clang-tidy: ${#files[@]} files are fine"
