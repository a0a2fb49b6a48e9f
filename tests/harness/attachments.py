"""Files attached to records, by the plugin kinto-attachment."""

from pathlib import Path

from . import records
from .kinto import KintoServer


def settings(folder: Path) -> dict[str, str]:
    """The lines of Kinto's configuration for a server that keeps its files in a folder of its own."""
    return {"kinto.includes": "kinto.plugins.flush kinto_attachment", "kinto.attachment.base_path": str(folder),
            "kinto.attachment.base_url": "http://files.example.com/"}


def upload(server: KintoServer, name: str, record_id: str, text: str) -> None:
    """Attaches a file, or replaces the one that is there."""
    with records.session(server) as web:
        answer = web.post(f"{records.records_url(server, name)}/{record_id}/attachment", timeout=60,
                          files={"attachment": ("file.txt", text.encode(), "text/plain")})
        answer.raise_for_status()


def remove(server: KintoServer, name: str, record_id: str) -> None:
    with records.session(server) as web:
        web.delete(f"{records.records_url(server, name)}/{record_id}/attachment", timeout=60).raise_for_status()
