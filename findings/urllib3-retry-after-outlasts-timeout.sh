#!/usr/bin/env bash
# urllib3's Retry(total=1), given to requests: a 503 is tried again although no status was named, and a time-out of
# one second does not bound the wait.
#
# One would expect Retry without a status_forcelist to repeat failed connections only, and `timeout=1` to end the call
# soon. What happens: 413, 429 and 503 with Retry-After are repeated for GET and HEAD all the same, and the call
# sleeps for as long as the server says, by default up to six hours. A date in Retry-After is held against the
# client's own clock, not against the Date of the same answer: a server whose clock is ahead and that says "at once"
# makes the client wait as well.
#
# Who replicates data with a time-out on every request has calls that hang for hours on a busy server's word, unless
# `respect_retry_after_header=False` or `retry_after_max` is set.
set -euo pipefail

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_DEFAULT_TIMEOUT=15
python3 -m venv "$work/venv"
timeout 150 "$work/venv/bin/pip" install -q --no-deps certifi==2026.10.19.post1 charset-normalizer==3.5.3 idna==3.20 \
  requests==2.34.2 urllib3==2.8.0

timeout 60 "$work/venv/bin/python" - <<'PY'
import http.server
import sys
import threading
import time
from email.utils import formatdate

import requests
import urllib3


class Busy(http.server.BaseHTTPRequestHandler):
    """503 to the first request, 200 to the next; `ahead` is how far its clock runs ahead, in seconds."""

    answers, ahead, retry_after = 0, 0, ""

    def do_GET(self):
        Busy.answers += 1
        self.send_response(503 if Busy.answers == 1 else 200)
        self.send_header("Retry-After", Busy.retry_after)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def date_time_string(self, timestamp=None):
        return formatdate(time.time() + Busy.ahead, usegmt=True)

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Busy)
threading.Thread(target=server.serve_forever, daemon=True).start()


def get(retry, retry_after, ahead=0):
    """The status, how often the server was asked, and whether it lasted longer than the time-out of a second."""
    Busy.answers, Busy.ahead, Busy.retry_after = 0, ahead, retry_after
    session = requests.Session()
    session.trust_env = False
    session.mount("http://", requests.adapters.HTTPAdapter(max_retries=retry))
    began = time.monotonic()
    status = session.get(f"http://127.0.0.1:{server.server_port}/", timeout=1).status_code
    lasted = time.monotonic() - began
    print(f"  {lasted:.1f} s")
    return status, Busy.answers, lasted > 2.5


def expect(what, seen, wanted):
    print(f"{what}: {seen}")
    if seen != wanted:
        sys.exit(f"CHANGED, this was {wanted}")


print("requests", requests.__version__, "urllib3", urllib3.__version__)
once = urllib3.Retry(total=1)
expect("no retries", get(urllib3.Retry(total=0), "4"), (503, 1, False))
expect("Retry(total=1), Retry-After of 4 s", get(once, "4"), (200, 2, True))
now_there = formatdate(time.time() + 5, usegmt=True)
expect("the same, a date that is the server's present", get(once, now_there, ahead=5), (200, 2, True))
ignoring = urllib3.Retry(total=1, respect_retry_after_header=False)
expect("respect_retry_after_header=False", get(ignoring, "4"), (503, 1, False))
expect("the longest wait by default, in hours", once.retry_after_max / 3600, 6)
print("as described: the wait is the server's to choose, whatever the time-out")
PY
