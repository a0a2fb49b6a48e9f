"""Something that is done again and again in a thread of its own, beside a test."""

import threading
from abc import abstractmethod


class Repeating(threading.Thread):
    """Calls once() with a pause of some seconds after each, until it is stopped. What went wrong is raised by stop()."""

    def __init__(self, pause: float):
        super().__init__(daemon=True)
        self._pause = pause
        self._ended = threading.Event()
        self._failure: Exception | None = None

    @abstractmethod
    def once(self) -> None: ...

    def run(self) -> None:
        try:
            while not self._ended.is_set():
                self.once()
                self._ended.wait(self._pause)
        except Exception as error:
            self._failure = error

    def stop(self) -> None:
        self._ended.set()
        self.join(60)
        assert not self.is_alive(), f"the {type(self).__name__.lower()} hangs"
        if self._failure:
            raise self._failure
