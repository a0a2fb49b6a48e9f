"""A daemon that follows, with something between it and its replica."""

from collections.abc import Callable

import pytest

from harness import mirror
from harness.firewall import Firewall, Minds
from harness.waiting import wait_until


@pytest.fixture
def firewalled(pair, name, proxied, daemon) -> Callable[..., tuple[Firewall, mirror.Daemon]]:
    """Starts both: the firewall lets everything pass until the daemon follows, and then minds what it is to mind."""
    def start(minds: Minds, status: int = 403) -> tuple[Firewall, mirror.Daemon]:
        front = proxied(Firewall(pair.replica.url, minds, status))
        front.active = False
        running = daemon(*mirror.servers(pair.master.url, front.url), "--collections", name, "--interval", "200ms")
        wait_until(lambda: "following the master" in running.log(), "it follows")
        front.active = True
        return front, running

    return start
