"""A real Redis, for Kinto's backends of kinto-redis."""

from .programs import Program, find
from .status import free_port


class Redis(Program):
    """Keeps everything in memory."""

    def __init__(self) -> None:
        super().__init__("redis")
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}"
        self.launch([find("redis-server"), "--bind", "127.0.0.1", "--port", str(self.port), "--save", "",
                     "--dir", str(self.folder)], lambda: "Ready to accept connections" in self.log())
