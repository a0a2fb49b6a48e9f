"""Fills a collection with random records: seed.py URL USER:PASSWORD BUCKET/COLLECTION COUNT"""

import logging
import random
import sys

import kinto_http

WORDS = "apple birch cloud dune ember fjord grove heath island juniper kelp lagoon meadow north otter pine".split()
BATCH = 25


def main(url: str, auth: str, name: str, count: int) -> None:
    logging.getLogger("kinto_http").setLevel(logging.ERROR)  # it reports each record of a batch as a warning
    bucket, collection = name.split("/")
    client = kinto_http.Client(server_url=url, auth=tuple(auth.split(":", 1)), bucket=bucket, collection=collection)
    client.create_bucket(if_not_exists=True)
    client.create_collection(if_not_exists=True)
    for start in range(0, count, BATCH):
        with client.batch() as batch:
            for internal_id in range(start, min(start + BATCH, count)):
                batch.create_record(data={"internal_id": internal_id, "title": " ".join(random.sample(WORDS, 3))})


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4]))
