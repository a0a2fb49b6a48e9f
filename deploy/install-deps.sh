#!/usr/bin/env bash
# Installs what is missing, and only that: Debian packages, the real Kinto from PyPI in build/venv, and kinto.js in
# build/readers. A run that finds everything in place calls neither apt-get nor pip nor npm.
set -euo pipefail
. "$(dirname "$0")/lib/common.sh"

usage() {
  cat <<'HELP'
usage: deploy/install-deps.sh [--build] [--clang] [--fuzz] [--kinto] [--test] [--lint] [--matrix]
  --build   what compiles kinto-mirror
  --clang   clang, for the preset of that name
  --fuzz    --clang, and libFuzzer, for the preset of that name
  --kinto   real Kinto servers and client, in build/venv
  --test    --kinto, and what the functional tests need besides (PostgreSQL, openssl, systemd-analyze, chromium, groff, zsh,
            fish, in build/bin promtool and nginx, and in build/readers Node.js and kinto.js)
  --lint    clang-tidy, clang-format
  --matrix  --test, and what the whole matrix needs besides (in build/bin haproxy, redis-server and pgbouncer)
  --package what deploy/package.sh needs besides --build: to make a package for Debian, and to judge it
Without options: all of them but --matrix and --package.
HELP
}

BUILD_PACKAGES="python3 libboost1.81-dev libboost-json1.81-dev libboost-url1.81-dev libspdlog-dev libfmt-dev doctest-dev
  libcli11-dev libtomlplusplus-dev prometheus-cpp-dev libssl-dev zlib1g-dev libyaml-dev libutfcpp-dev libjemalloc-dev libbenchmark-dev
  cmake ninja-build g++ ccache git ca-certificates"
KINTO_PACKAGES="python3-venv ca-certificates curl"
TEST_PACKAGES="postgresql openssl systemd libpcre2-8-0 chromium chromium-driver groff-base zsh fish"
# The libraries of haproxy, redis-server and pgbouncer.
MATRIX_PACKAGES="liblua5.3-0 libopentracing-c-wrapper0 libjemalloc2 liblzf1 libatomic1 libc-ares2 libevent-2.1-7 libpam0g"
CLANG_PACKAGES="clang-16"
FUZZ_PACKAGES="libclang-rt-16-dev"
LINT_PACKAGES="clang-tidy clang-format"
PACKAGE_PACKAGES="dpkg-dev file gzip lintian"

packages=
want_venv=
want_unpacked=
want_readers=
want_matrix=

add() {
  case $1 in
    --build) packages+=" $BUILD_PACKAGES" ;;
    --clang) packages+=" $CLANG_PACKAGES" ;;
    --fuzz) add --clang; packages+=" $FUZZ_PACKAGES" ;;
    --kinto) packages+=" $KINTO_PACKAGES"; want_venv=yes ;;
    --test) add --kinto; packages+=" $TEST_PACKAGES"; want_unpacked=yes; want_readers=yes ;;
    --matrix) add --test; packages+=" $MATRIX_PACKAGES"; want_matrix=yes ;;
    --lint) packages+=" $LINT_PACKAGES" ;;
    --package) packages+=" $PACKAGE_PACKAGES" ;;
    -h | --help) usage; exit 0 ;;
    *) usage >&2; exit 64 ;;
  esac
}

# Prints the packages among "$@" that are not installed.
missing_packages() {
  local installed
  installed=$(dpkg-query -W -f '${db:Status-Abbrev}${Package}\n' "$@" 2>/dev/null | sed -n 's/^ii //p' || true)
  printf '%s\n' "$@" | sort -u | grep -vxF -e "$installed" || true
}

install_packages() {
  local missing sudo=
  command -v dpkg-query >/dev/null || die "this is not a Debian system: install the counterparts of:" "$@"
  missing=$(missing_packages "$@" | xargs)
  [ -n "$missing" ] || return 0
  if [ "$(id -u)" != 0 ]; then
    # Without a terminal nobody could type the password.
    { command -v sudo && { [ -t 0 ] || sudo -n true; }; } >/dev/null 2>&1 ||
      die "missing packages, and neither root nor sudo to install them: apt-get install --no-install-recommends $missing"
    sudo=sudo
  fi
  say "installing: $missing"
  $sudo apt-get -q update >"$log" 2>&1 || die "apt-get update failed (no network?): $(tail -n 1 "$log")"
  # shellcheck disable=SC2086  # a list of words
  $sudo env DEBIAN_FRONTEND=noninteractive apt-get -qy install --no-install-recommends $missing >"$log" 2>&1 ||
    die "apt-get install failed: $(grep -m 1 '^E:' "$log" || tail -n 1 "$log")"
}

# The stamp holds the checksum of what was installed: another requirements file rebuilds the venv.
install_venv() {
  local sum stamp=$VENV/.requirements
  sum=$(sha256sum <"$ROOT/deploy/requirements.txt")
  [ "$(cat "$stamp" 2>/dev/null)" != "$sum" ] || return 0
  say "installing Kinto and its client into ${VENV#"$ROOT"/}"
  mkdir -p "$BUILD"
  rm -rf "$VENV"
  /usr/bin/python3 -m venv "$VENV" >"$log" 2>&1 || die "cannot make a virtual environment: $(tail -n 1 "$log")"
  "$VENV/bin/pip" install -q --no-deps -r "$ROOT/deploy/requirements.txt" >"$log" 2>&1 ||
    die "pip cannot install deploy/requirements.txt (no network?): $(grep -m 1 '^ERROR' "$log" || tail -n 1 "$log")"
  "$VENV/bin/pip" check >"$log" 2>&1 || die "deploy/requirements.txt is not complete: $(head -n 1 "$log")"
  printf '%s\n' "$sum" >"$stamp"
}

# Node.js and npm come from PyPI, the rest by the lock file. No script of a package is run: one of them would fetch browsers.
install_readers() {
  local home=$BUILD/readers pins=$ROOT/deploy/readers sum stamp
  stamp=$home/.installed
  sum=$(cat "$pins/node.txt" "$pins/package-lock.json" | sha256sum)
  [ "$(cat "$stamp" 2>/dev/null)" != "$sum" ] || return 0
  say "installing kinto.js into ${home#"$ROOT"/}"
  rm -rf "$home"
  mkdir -p "$home"
  /usr/bin/python3 -m venv "$home/node" >"$log" 2>&1 || die "cannot make a virtual environment: $(tail -n 1 "$log")"
  "$home/node/bin/pip" install -q --no-deps -r "$pins/node.txt" >"$log" 2>&1 ||
    die "pip cannot install deploy/readers/node.txt (no network?): $(grep -m 1 '^ERROR' "$log" || tail -n 1 "$log")"
  cp "$pins/package.json" "$pins/package-lock.json" "$home/"
  (cd "$home" && PATH=$home/node/bin:$PATH npm ci --ignore-scripts --no-audit --no-fund) >"$log" 2>&1 ||
    die "npm cannot install deploy/readers/package-lock.json (no network?): $(grep -m 1 'npm error' "$log" || tail -n 1 "$log")"
  printf '%s\n' "$sum" >"$stamp"
}

# unpack PROGRAM PACKAGE PATH: out of its package and not by it, which would start a server on this machine.
unpack() {
  local dir PATH=$PATH:/usr/sbin
  ! command -v "$1" >/dev/null && [ ! -x "$BUILD/bin/$1" ] || return 0
  say "unpacking $1 into ${BUILD#"$ROOT"/}/bin"
  dir=$(mktemp -d)
  (cd "$dir" && apt-get -q download "$2") >"$log" 2>&1 ||
    die "apt-get download $2 failed (no network, or 'apt-get update' is due?): $(tail -n 1 "$log")"
  mkdir -p "$BUILD/bin"
  dpkg-deb --fsys-tarfile "$dir"/"$2"_*.deb | tar -xO "$3" >"$BUILD/bin/$1.new"
  chmod 755 "$BUILD/bin/$1.new"
  mv "$BUILD/bin/$1.new" "$BUILD/bin/$1"
  rm -r "$dir"
}

[ $# -gt 0 ] || set -- --build --clang --fuzz --test --lint
for option in "$@"; do add "$option"; done
log=$(mktemp)
trap 'rm -f "$log"' EXIT
# shellcheck disable=SC2086  # a list of words
install_packages $packages
[ -z "$want_venv" ] || install_venv
[ -z "$want_readers" ] || install_readers
if [ -n "$want_unpacked" ]; then
  unpack promtool prometheus ./usr/bin/promtool
  unpack nginx nginx ./usr/sbin/nginx
fi
if [ -n "$want_matrix" ]; then
  unpack haproxy haproxy ./usr/sbin/haproxy
  unpack pgbouncer pgbouncer ./usr/sbin/pgbouncer
  # One program that looks at the name by which it is called.
  unpack redis-server redis-tools ./usr/bin/redis-check-rdb
fi
