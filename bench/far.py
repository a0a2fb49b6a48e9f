"""Keeps what passes for a while, as a long way does.

    python bench/far.py PORT MILLISECONDS

Forwards TCP connections to PORT on loopback, and holds each piece for so long on its way, in both directions. Prints
the port on which it listens.
"""

import asyncio
import subprocess
import sys
import time


async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, delay: float) -> None:
    """In order, without waiting for one piece before the next is taken."""
    pieces: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()

    async def deliver() -> None:
        while True:
            due, piece = await pieces.get()
            await asyncio.sleep(due - time.monotonic())
            if not piece:
                writer.close()
                return
            writer.write(piece)
            await writer.drain()

    delivering = asyncio.create_task(deliver())
    piece = b"-"
    while piece:
        try:
            piece = await reader.read(65536)
        except ConnectionError:
            piece = b""
        pieces.put_nowait((time.monotonic() + delay, piece))
    await asyncio.gather(delivering, return_exceptions=True)


async def main(port: int, delay: float) -> None:
    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection("127.0.0.1", port)
        await asyncio.gather(carry(reader, back, delay), carry(there, writer, delay))

    server = await asyncio.start_server(connected, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


class FarServer:
    """A server seen from far away: what BareClient and Usage need to know of it."""

    def __init__(self, near, round_trip: float):
        self._near, self.auth = near, near.auth
        self._process = subprocess.Popen([sys.executable, __file__, str(near.port), str(round_trip / 2 * 1000)],
                                         stdout=subprocess.PIPE, text=True)
        self.port = int(self._process.stdout.readline())
        self.url = f"http://127.0.0.1:{self.port}/v1"

    def close(self) -> None:
        self._process.kill()
        self._process.wait()
        self._process.stdout.close()
        self._near.close()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), float(sys.argv[2]) / 1000))
