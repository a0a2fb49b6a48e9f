#!/usr/bin/env bash
# Runs every test, under the ordinary build and under ASan+UBSan, the unit tests as clang builds them, and each fuzzer for a
# moment. The last line is the sum.
set -euo pipefail
. "$(dirname "$0")/lib/common.sh"

usage() {
  cat <<'HELP'
usage: deploy/test.sh [--quick] [--docker] [--matrix] [--no-install]
  --quick        the ordinary build only
  --docker       the image and the compose files too, on a Docker engine; skipped where there is none. About ten minutes more
  --matrix       each Kinto, plugin and front end of tests/matrix, with a minute of writes behind each front end. About
                 a quarter of an hour more; without it, the ordinary build is tried with two old Kintos and one front end
  --no-install   does not look whether something must be installed
HELP
}

presets=(dev asan)
clang=yes
install=yes
docker=
matrix=
for option in "$@"; do
  case $option in
    --quick) presets=(dev); clang= ;;
    --docker) docker=yes ;;
    --matrix) matrix=yes ;;
    --no-install) install= ;;
    -h | --help) usage; exit 0 ;;
    *) usage >&2; exit 64 ;;
  esac
done

RESULTS=$BUILD/test-results
export PYTHONDONTWRITEBYTECODE=1
# A sanitizer's report must not be taken for one of our own exit codes.
export ASAN_OPTIONS=exitcode=99 UBSAN_OPTIONS=exitcode=99:print_stacktrace=1

# suite NAME COMMAND...: runs it, and keeps its exit code beside the result that it writes to NAME.xml.
suite() {
  local name=$1 code=0
  shift
  step "$name"
  "$@" || code=$?
  echo "$code" >"$RESULTS/$name.rc"
}

unit_tests() {
  cd "$ROOT"
  ctest --preset "$1" --no-tests=error --output-junit "$RESULTS/$1-unit.xml" \
    --test-output-size-passed 1000000 --test-output-size-failed 1000000
}

# --foreground: Ctrl-C reaches the tests, which then stop their servers.
functional_tests() {
  local which=(-n 4)
  # Sanitizers take what time the fourth would have.
  [ "$1" = dev ] || which=(-n 3 -m "not any_build" --one-backend)
  cd "$ROOT"
  KINTO_MIRROR_BIN=$BUILD/$1/kinto-mirror timeout --foreground -s INT -k 30 2400 \
    "$VENV/bin/python" -m pytest -q -p no:cacheprovider tests --ignore tests/matrix \
    "${which[@]}" --junitxml "$RESULTS/$1-functional.xml"
}

# matrix_tests PRESET OPTION...: what stands between and around does not depend on the build, so one build is enough.
matrix_tests() {
  local preset=$1
  shift
  cd "$ROOT"
  KINTO_MIRROR_BIN=$BUILD/$preset/kinto-mirror timeout --foreground -s INT -k 30 5400 \
    "$VENV/bin/python" -m pytest -q -p no:cacheprovider tests/matrix -n 3 "$@" --junitxml "$RESULTS/$preset-matrix.xml"
}

selftest() {
  cd "$ROOT/tests"
  timeout --foreground -k 30 600 "$VENV/bin/python" -m harness.with_servers "$2" \
    "$BUILD/$1/kinto-mirror" selftest --junit "$RESULTS/$1-selftest-$2.xml"
}

# What was found before is in the corpus; to find more takes longer (tests/fuzz/run.py --seconds).
fuzzers() {
  "$VENV/bin/python" "$ROOT/tests/fuzz/run.py" --seconds 10 --jobs 2 --junit "$RESULTS/fuzz.xml"
}

docker_tests() {
  cd "$ROOT"
  timeout --foreground -s INT -k 30 2400 \
    "$VENV/bin/python" -m pytest -v -p no:cacheprovider tests/docker --junitxml "$RESULTS/docker.xml"
}

# built PRESET [TARGET]: a build that failed counts as a suite that did.
built() {
  step "$1 build"
  build "$@" || { echo "the build failed" >"$RESULTS/$1-build.rc"; false; }
}

# Says why there is nothing to test on.
no_docker() { (cd "$ROOT/tests" && "$VENV/bin/python" -c 'from harness import engine; print(engine.what_is_missing() or "")'); }

[ -z "$install" ] || "$ROOT/deploy/install-deps.sh" --build --test ${clang:+--clang --fuzz} ${matrix:+--matrix}
rm -rf "$RESULTS"
mkdir -p "$RESULTS"
for preset in "${presets[@]}"; do
  built "$preset" || continue
  suite "$preset-unit" unit_tests "$preset"
  suite "$preset-functional" functional_tests "$preset"
  for backend in memory postgresql; do
    suite "$preset-selftest-$backend" selftest "$preset" "$backend"
  done
done
[ -f "$RESULTS/dev-build.rc" ] || suite dev-matrix matrix_tests dev ${matrix:+--matrix --front-seconds 60}
if [ -n "$clang" ] && built clang unit_tests; then suite clang-unit unit_tests clang; fi
if [ -n "$clang" ] && built fuzz fuzzers; then suite fuzz fuzzers; fi
if [ -n "$docker" ]; then
  reason=$(no_docker)
  if [ -n "$reason" ]; then
    step "docker: SKIPPED, $reason"
    echo "$reason" >"$RESULTS/docker.skip"
  else
    suite docker docker_tests
  fi
fi
exec "$VENV/bin/python" "$ROOT/deploy/lib/tally.py" "$RESULTS"
