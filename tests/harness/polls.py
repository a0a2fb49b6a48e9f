"""What a daemon asked a server of a collection, as the proxy in front of it saw it."""

import re

from .proxy import Proxy
from .waiting import wait_until

# What lists stamps without being the first page of a whole listing: some ids, a later page, the oldest record alone, the
# daemon's own checkpoints.
OTHERS = re.compile(r"[?&](in_)?id=|_token=|_limit=1$|/buckets/kinto-mirror/")


def polls(front: Proxy) -> int:
    """Each counts this server's records, or lists those that changed; many travel in batches."""
    parts = [part for request in list(front.requests) for part in request.parts()]
    return sum(part.path.split("?")[0].endswith("articles/records") for part in parts)


def wait_for_polls(front: Proxy, number: int = 10) -> None:
    begun = polls(front)
    wait_until(lambda: polls(front) > begun + number, "it polls on")


def whole_listings(front: Proxy) -> int:
    """Walks over a whole collection that were begun: each lists stamps, from the oldest on."""
    return sum("/records?" in request.path and "_fields=deleted" in request.path and not OTHERS.search(request.path)
               for request in list(front.requests))
