"""What clients of the status pages may do to them: replication goes on, and the next client is served."""

import socket
import time

import pytest

from harness import mirror, records
from harness.status import StatusPages, read_all
from harness.waiting import wait_until

CONNECTIONS = 64


@pytest.fixture
def pages(pair, name, rng, daemon):
    records.load(pair.master, name, records.random_records(rng, 3))
    running = daemon(*pair.args, "--collections", name, "--listen", "127.0.0.1:0", "--interval", "200ms")
    pages = StatusPages(running)
    wait_until(lambda: pages.status()["in_sync"], "the pair is in sync")
    return pages


@pytest.fixture
def works(pages, pair, name, rng):
    """Called at a test's worst moment: changes still arrive."""

    def check() -> None:
        expected = records.count(pair.master, name) + 3
        records.put(pair.master, name, records.random_records(rng, 3))
        wait_until(lambda: records.count(pair.replica, name) == expected, "changes still arrive")

    return check


def ask(pages: StatusPages, data: bytes) -> bytes:
    with pages.connect() as connection:
        try:
            connection.sendall(data)
        except OSError:
            pass  # refused before it was all sent; the answer may be there all the same
        return read_all(connection)


@pytest.mark.parametrize("data, status", [
    (b"GET /status HTTP/1.1\r\nX: " + b"y" * 1_000_000 + b"\r\n\r\n", 431),
    (b"GET /" + b"y" * 1_000_000 + b" HTTP/1.1\r\n\r\n", 431),
    (b"GET /status HTTP/1.1\r\n" + b"X: y\r\n" * 100_000 + b"\r\n", 431),
    (b"GET /status HTTP/1.1\r\nContent-Length: 1000000\r\n\r\n" + b"z" * 1_000_000, 413),
    (b"GET /status HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n" + b"5\r\nabcde\r\n" * 100 + b"0\r\n\r\n", 413),
    (b"POST /status HTTP/1.1\r\nContent-Length: 99999999999\r\n\r\n" + b"z" * 1_000_000, 405),
    (b"\x16\x03\x01\x00\xa5\x01\x00\x00\xa1\x03\x03" + bytes(range(256)), 400),
    (b"\r\n\r\n\r\n\r\nhello\r\n\r\n", 400),
    (b"GET /status HTTP/1.1\r\nContent-Length: -1\r\n\r\n", 400),
    (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400),
], ids=["giant-header", "giant-path", "many-headers", "body", "chunks", "huge-post", "tls", "garbage", "length", "http2"])
def test_what_is_too_much_or_no_http_is_refused(pages, works, data, status):
    assert ask(pages, data).startswith(f"HTTP/1.1 {status} ".encode())
    assert pages.get("/status").ok
    works()


def test_slow_clients_are_cut(pages, works):
    """One sends a byte now and then, one nothing at all, one half a request."""
    slow, silent, half = (pages.connect() for _ in range(3))
    half.sendall(b"GET /status HT")
    slow.settimeout(0.2)
    begin = time.monotonic()
    works()
    while time.monotonic() - begin < 20:
        try:
            slow.sendall(b"X")
            if slow.recv(1) == b"":
                break
        except TimeoutError:
            continue
        except OSError:
            break
    assert 5 < time.monotonic() - begin < 15
    assert read_all(silent) == b"" and read_all(half) == b""
    assert time.monotonic() - begin < 15
    for connection in (slow, silent, half):
        connection.close()


def test_a_probe_gets_in_however_many_clients_are_silent(pages, works):
    """Those that were answered and then fell silent, and those that never said a word."""
    held = [pages.connect() for _ in range(CONNECTIONS)]
    for connection in held[::2]:
        connection.sendall(b"GET /__lbheartbeat__ HTTP/1.1\r\n\r\n")
        assert connection.recv(4096).startswith(b"HTTP/1.1 200 ")
    for _ in range(10):
        assert pages.get("/__lbheartbeat__").ok
    works()
    # Those that had said nothing for longest went, and nobody else.
    assert read_all(held[1]) == b""
    held[0].sendall(b"GET /__lbheartbeat__ HTTP/1.1\r\n\r\n")
    assert held[0].recv(4096).startswith(b"HTTP/1.1 200 ")
    for connection in held:
        connection.close()


def test_a_crowd_that_says_nothing_is_in_nobodys_way(pages, works):
    held = [pages.connect() for _ in range(100)]
    assert pages.get("/status").ok
    works()
    for connection in held:
        connection.close()


def test_pipelined_requests_are_answered_in_order_and_leave_time_for_the_work(pages, works):
    paths = ["/metrics", "/status", "/__version__", "/nothing"] * 250
    requests = "".join(f"GET {path} HTTP/1.1\r\n\r\n" for path in paths)
    clients = [pages.connect() for _ in range(4)]
    for client in clients:
        client.settimeout(30)
        client.sendall(requests.encode() + b"GET /__lbheartbeat__ HTTP/1.1\r\nConnection: close\r\n\r\n")
    for client in clients:
        got = read_all(client)
        assert got.count(b"HTTP/1.1 200 ") == 751 and got.count(b"HTTP/1.1 404 ") == 250
        assert got.endswith(b'{"status": "ok"}\n')
        client.close()
    works()


def test_a_client_that_never_reads_is_cut(pages, works):
    with socket.socket() as deaf:
        deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        deaf.connect(("127.0.0.1", pages.port))
        deaf.sendall(b"GET /metrics HTTP/1.1\r\n\r\n" * 2000)
        works()
        time.sleep(12)  # longer than an answer may take
        with pytest.raises(OSError):
            for _ in range(1000):
                deaf.sendall(b"GET /metrics HTTP/1.1\r\n\r\n" * 100)


def test_it_ends_at_once_in_spite_of_its_clients(pair, name, daemon):
    running = daemon(*pair.args, "--collections", name, "--listen", "127.0.0.1:0")
    pages = StatusPages(running)
    held = [pages.connect() for _ in range(10)]
    held[0].sendall(b"GET /__heartbeat__ HTTP/1.1\r\n\r\n")
    assert running.stop(within=5) == 0
    for connection in held:
        connection.close()


def test_the_memory_does_not_grow_with_the_clients(pages, works):
    if mirror.is_sanitized():
        pytest.skip("sanitizers need far more")
    for _ in range(20):
        ask(pages, b"GET /" + b"y" * 1_000_000 + b" HTTP/1.1\r\n\r\n")
    held = [pages.connect() for _ in range(CONNECTIONS - 1)]
    for connection in held:
        connection.sendall(b"GET /metrics HTTP/1.1\r\nX: " + b"y" * 7000)
    works()
    assert mirror.peak_memory(pages.pid) < 20
    for connection in held:
        connection.close()
