#!/usr/bin/env bash
# Shows kinto-mirror at work between two real Kinto servers on this machine, and ends by itself.
set -euo pipefail
. "$(dirname "$0")/lib/common.sh"
. "$ROOT/deploy/lib/kinto.sh"

usage() {
  cat <<'HELP'
usage: deploy/demo.sh [--keep] [--master-port N] [--replica-port N]
  --keep   leaves the servers and the daemon running, and prints lines to play with
Default ports: 8888 for the master, 8889 for the replica.
HELP
}

keep= master_port=8888 replica_port=8889
while [ $# -gt 0 ]; do
  case $1 in
    --keep) keep=yes ;;
    --master-port | --replica-port)
      [[ ${2:-} =~ ^[0-9]+$ ]] && [ "$2" -ge 1 ] && [ "$2" -le 65535 ] || die "$1 needs a port number, not '${2:-}'"
      name=${1#--}
      printf -v "${name//-/_}" %s "$2"
      shift
      ;;
    -h | --help) usage; exit 0 ;;
    *) usage >&2; exit 64 ;;
  esac
  shift
done

AUTH=demo:demo
NAME=library/books
SEEDED=200
MIRROR=$BUILD/release/kinto-mirror
LOGS=$BUILD/demo
master=http://127.0.0.1:$master_port/v1
replica=http://127.0.0.1:$replica_port/v1
shelf=/buckets/library/collections/books
drafts=/buckets/library/collections/drafts
books=$shelf/records
servers=(--master "$master" --master-auth "$AUTH" --replica "$replica" --replica-auth "$AUTH")

# The last one that was started, the daemon, is stopped first. Asking the shell leaves no moment in which a
# process runs and is not known yet.
running() { jobs -p | tac | xargs; }
# shellcheck disable=SC2046  # a list of numbers
clean_up() { stop_all $(running); }
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

now_ms() { echo $((${EPOCHREALTIME/[.,]/} / 1000)); }

# arrives WHAT COMMAND...: waits until the command succeeds on the replica, and says how long that took.
arrives() {
  local what=$1 begin
  begin=$(now_ms)
  shift
  wait_for 30 "$@" || die "$what did not arrive within 30 s; the daemon's log is $LOGS/kinto-mirror.log"
  say "  $what arrived on the replica after $(($(now_ms) - begin)) ms$(counts "$@")"
}

# Behind what concerns records.
counts() {
  [[ $1 == replica_* ]] || { echo .; return; }
  echo ": the master has $(record_count "$master$books") records, the replica $(record_count "$replica$books")."
}

replica_has_count() { [ "$(record_count "$replica$books")" = "$1" ]; }
replica_shows() { api GET "$replica$books/$1" | grep -qF "$2"; }
replica_lacks() { [ "$(status -u "$AUTH" "$replica$books/$1")" = 404 ]; }
status() { curl -s -m 30 -o /dev/null -w '%{http_code}' "$@"; }
collection_shows() { api GET "$replica$shelf" | grep -qF "$1"; }
drafts_answer() { [ "$(status -u "$AUTH" "$replica$drafts")" = "$1" ]; }
anybody_may_read() { [ "$(status "$replica$books")" = 200 ]; }

free_port --master-port "$master_port"
free_port --replica-port "$replica_port"

step "Installing what is missing"
"$ROOT/deploy/install-deps.sh" --build --kinto
step "Building kinto-mirror"
mkdir -p "$LOGS"
build release >"$LOGS/build.log" 2>&1 || { tail -n 30 "$LOGS/build.log" >&2; die "the build failed, see $LOGS/build.log"; }
say "  $("$MIRROR" --version)"

step "Starting two real Kinto servers that keep everything in memory"
start_kinto "$master_port" "$LOGS/master.log"
start_kinto "$replica_port" "$LOGS/replica.log"
say "  the master is $master, the replica $replica"
"$VENV/bin/python" "$ROOT/deploy/lib/seed.py" "$master" "$AUTH" "$NAME" "$SEEDED"
say "  the master has $SEEDED random records in $NAME, the replica none"

step "Starting kinto-mirror: it looks at the master once a second"
setsid "$MIRROR" run "${servers[@]}" --interval 1s --permissions read --listen off \
  >"$LOGS/kinto-mirror.out" 2>"$LOGS/kinto-mirror.log" </dev/null &
arrives "what the master had" replica_has_count "$SEEDED"

step "A record is created, updated and deleted on the master"
api PUT "$master$books/demo" '{"data": {"title": "A first edition"}}' >/dev/null
arrives "the new record" replica_shows demo "A first edition"
api PUT "$master$books/demo" '{"data": {"title": "A second edition"}}' >/dev/null
arrives "the update" replica_shows demo "A second edition"
api DELETE "$master$books/demo" >/dev/null
arrives "the delete" replica_lacks demo

step "On the master a collection gets metadata, everybody may read it, and another one comes and goes"
api PUT "$master$drafts" '{}' >/dev/null
api PATCH "$master$shelf" '{"data": {"title": "Old and rare"}}' >/dev/null
arrives "the metadata" collection_shows "Old and rare"
arrives "the new collection" drafts_answer 200
api DELETE "$master$drafts" >/dev/null
api PATCH "$master$shelf" '{"permissions": {"read": ["system.Everyone"]}}' >/dev/null
arrives "the right" anybody_may_read
arrives "the deletion of a collection" drafts_answer 404

step "kinto-mirror --selftest, against the same two servers"
"$MIRROR" --selftest "${servers[@]}"

if [ -n "$keep" ]; then
  trap - EXIT
  step "Still running"
  cat <<LINES
  Create a record on the master, and read it from the replica:
    curl -u $AUTH -X PUT $master$books/mine -H 'Content-Type: application/json' -d '{"data": {"title": "Mine"}}'
    curl -u $AUTH $replica$books/mine
  Compare the two, and read the log:
    $MIRROR check ${servers[*]} --permissions read
    tail -f $LOGS/kinto-mirror.log
  Stop it all:
    kill $(running)
LINES
  exit 0
fi
clean_up
trap - EXIT
step "Done: everything is stopped again. Run it with --keep to play with it."
