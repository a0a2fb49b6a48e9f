#!/usr/bin/env bash
# Brings up docker-compose.yml from nothing again and again, its data removed each time, and waits until the read-only node
# shows what was written to the master: cold-starts.sh [N], 10 by default. Takes half a minute for each, and the image.
set -euo pipefail
. "$(dirname "$0")/lib/common.sh"
cd "$ROOT"

count=${1:-10}
[[ $count =~ ^[1-9][0-9]*$ ]] || die "the number of starts is a whole number, not '$count'"
if docker compose version >/dev/null 2>&1; then compose=(docker compose); else compose=(docker-compose); fi
docker info >/dev/null 2>&1 || die "no Docker engine answers"

export COMPOSE_PROJECT_NAME=kinto-mirror-cold MASTER_PORT=${MASTER_PORT:-18888} READ_ONLY_PORT=${READ_ONLY_PORT:-18889} \
  MIRROR_PORT=${MIRROR_PORT:-18000}
AUTH=admin:development
books=buckets/library/collections/books
log=$(mktemp)

clean_up() { "${compose[@]}" down -v --remove-orphans >"$log" 2>&1 || { cat "$log" >&2; return 1; }; }
trap 'clean_up; rm -f "$log"' EXIT
trap 'exit 130' INT TERM

put() { curl -sSf -m 10 -o "$log" -u "$AUTH" -X PUT "http://127.0.0.1:$MASTER_PORT/v1/$1" -H 'Content-Type: application/json' -d "$2"; }
seed() {
  local number
  # Readable for everybody, on the read-only node when it is loaded there.
  put buckets/library '{}' && put "$books" '{"permissions": {"read": ["system.Everyone"]}}' || return
  for number in 1 2 3 4 5 6 7 8 9 10; do put "$books/records/book-$number" "{\"data\": {\"number\": $number}}" || return; done
}
listed() { curl -sSf -m 10 "http://127.0.0.1:$1/v1/$books/records?_sort=id" ${2:+-u "$2"}; }
arrived() { [ "$(listed "$READ_ONLY_PORT")" = "$expected" ]; }
says_in_sync() { "${compose[@]}" logs --no-color mirror | grep -F 'library/books is in sync'; }
is_healthy() { [ "$(docker inspect -f '{{.State.Health.Status}}' "$("${compose[@]}" ps -q mirror)")" = healthy ]; }

"${compose[@]}" build >"$log" 2>&1 || { tail -n 30 "$log" >&2; die "the image cannot be built"; }
for ((start = 1; start <= count; ++start)); do
  clean_up
  begin=$SECONDS
  "${compose[@]}" up -d >"$log" 2>&1 || { cat "$log" >&2; die "start $start: 'up' failed"; }
  up=$((SECONDS - begin))
  # `up` waits for what others depend on, so the master takes writes at once.
  seed || die "start $start: the master does not take writes: $(cat "$log")"
  expected=$(listed "$MASTER_PORT" "$AUTH")
  wait_for 60 arrived || die "start $start: the read-only node shows $(listed "$READ_ONLY_PORT" 2>&1), the master $expected"
  wait_for 60 says_in_sync || die "start $start: the log does not say that it is in sync"
  wait_for 60 is_healthy || die "start $start: the mirror is not healthy"
  say "start $start: up after $up s, in sync and healthy after $((SECONDS - begin)) s"
done
say "$count of $count cold starts ended in sync"
