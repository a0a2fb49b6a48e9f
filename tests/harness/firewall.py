"""What refuses requests in front of a Kinto, in words of its own."""

from collections.abc import Callable

from .proxy import Proxy, Request, Response

Minds = Callable[[Request], bool]


class Firewall(Proxy):
    """Answers what it minds with a page of HTML."""

    def __init__(self, upstream: str, minds: Minds, status: int = 403):
        super().__init__(upstream)
        self._minds, self._status = minds, status
        self.refused = 0
        self.active = True

    def handle(self, request: Request) -> Response:
        if not self.active or not self._minds(request):
            return self.forward(request)
        self.refused += 1
        page = b"<html><head><title>Request blocked</title></head></html>"
        return Response(self._status, [("Content-Type", "text/html")], page if request.method != "HEAD" else b"")


def word(text: str) -> Minds:
    """Writes with this text in their body or address."""
    return lambda request: request.is_write and (text.encode() in request.body or text in request.path)


def writes(request: Request) -> bool:
    return request.is_write


def lists_of_ids(request: Request) -> bool:
    return "in_id=" in request.path
