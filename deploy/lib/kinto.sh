# Starting real Kintos and talking to them with curl. To be sourced, after common.sh.
# The caller sets AUTH (user:password).

# free_port OPTION PORT: refuses a port that somebody listens on.
free_port() {
  ! (: <"/dev/tcp/127.0.0.1/$2") 2>/dev/null || die "port $2 is taken: choose another one with $1"
}

# start_kinto PORT LOG: the ordinary `kinto start`, in the background and out of reach of Ctrl-C, so that the
# caller decides in which order things end.
start_kinto() {
  setsid "$VENV/bin/kinto" start --ini "$ROOT/deploy/lib/kinto.ini" --port "$1" >"$2" 2>&1 </dev/null &
  wait_for 30 curl -sf "http://127.0.0.1:$1/v1/__lbheartbeat__" ||
    die "Kinto does not answer on port $1: $(tail -n 1 "$2")"
}

# api METHOD URL [JSON]
api() { curl -sSf -m 30 -u "$AUTH" -X "$1" "$2" -H 'Content-Type: application/json' ${3:+-d "$3"}; }

# record_count RECORDS_URL: how many live records; 0 while the collection does not exist.
record_count() {
  curl -s -m 30 -u "$AUTH" -I "$1" | tr -d '\r' | sed -n 's/^Total-Records: //Ip' | grep . || echo 0
}

# is_alive PID, stop_all PID...: ends the processes in order, and insists after 15 seconds.
is_alive() { kill -0 "$1" 2>/dev/null; }
is_gone() { ! is_alive "$1"; }
stop_all() {
  local pid
  for pid in "$@"; do
    is_alive "$pid" || continue
    kill "$pid" 2>/dev/null || true
    wait_for 15 is_gone "$pid" || kill -9 "$pid" 2>/dev/null || true
    wait "$pid" 2>/dev/null || true
  done
}
