#!/usr/bin/env bash
# Makes a package for the Debian on which it runs, of a release build: build/release/kinto-mirror_VERSION_ARCH.deb, and beside it the list
# of what is in it, kinto-mirror_VERSION_ARCH.cdx.json (CycloneDX 1.5). The last lines are their paths.
#   deploy/package.sh [--no-install]    --no-install: does not look whether something must be installed
set -euo pipefail
. "$(dirname "$0")/lib/common.sh"

case ${1:-} in
  "") "$ROOT/deploy/install-deps.sh" --build --package ;;
  --no-install) ;;
  *) sed -n '2,4s/^# //p' "$0" >&2; exit 64 ;;
esac

build release kinto-mirror
build release manual
cd "$BUILD/release"
rm -f ./*.deb ./*.cdx.json
step "package"
cpack -G DEB >cpack.log 2>&1 || { cat cpack.log >&2; die "cpack failed"; }
package=$(ls ./*.deb)
bill=${package%.deb}.cdx.json
dpkg-deb --fsys-tarfile "$package" | tar -xO ./usr/share/doc/kinto-mirror/kinto-mirror.cdx.json >"$bill"
echo "$PWD/${package#./}"
echo "$PWD/${bill#./}"
