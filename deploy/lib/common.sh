# Shared by the scripts of deploy/: where things are, and how to say things. To be sourced.

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
BUILD=$ROOT/build
VENV=$BUILD/venv

say() { printf '%s\n' "$*"; }
step() { printf '\n== %s\n' "$*"; }
warn() { printf '%s: %s\n' "$(basename "$0")" "$*" >&2; }
die() { warn "$@"; exit 1; }

# build PRESET [TARGET]: configures once, then builds incrementally. CMake re-configures by itself when its files change.
build() {
  cd "$ROOT" || return
  [ -f "$BUILD/$1/build.ninja" ] || cmake --preset "$1" || return
  cmake --build --preset "$1" ${2:+--target "$2"}
}

# wait_for SECONDS COMMAND...: polls the command until it succeeds or the time is up.
wait_for() {
  local deadline=$((SECONDS + $1))
  shift
  until "$@" >/dev/null 2>&1; do
    [ "$SECONDS" -lt "$deadline" ] || return 1
    sleep 0.1
  done
}
