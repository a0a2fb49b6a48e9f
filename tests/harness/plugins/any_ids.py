"""For kinto.record_id_generator: ids of whatever is not a slash."""

import uuid

from kinto.core.storage.generators import Generator


class AnyId(Generator):
    regexp = r"^[^/]+$"

    def __call__(self) -> str:
        return str(uuid.uuid4())
