"""Pages and totals of Kinto up to 11: an ascending list with tombstones ends early."""

from conformance.steps import COLLECTION, RECORDS, batch, delete, get, head, put, records, world

_ASCENDING = RECORDS + "?_sort=last_modified,id&_since=0"
_SEVEN = [*world(), *records("a", "b", "c", "d", "e", "f", "g")]
_OLD_TOMBSTONES = [*_SEVEN, delete(RECORDS + "/a"), delete(RECORDS + "/b"), put(RECORDS + "/h"), put(RECORDS + "/i")]
_TOTALS = [head(RECORDS), get(RECORDS + "?_limit=1"), head(RECORDS + "?_since=0"), head(RECORDS + "?_since={d}"),
           get(RECORDS + "?_since={d}&_limit=2"), head(RECORDS + "?_before={d}"), get(RECORDS + "?in_id=a,b,c"),
           get(RECORDS + "?gt_id=%22b%22&_sort=id&_fields=deleted"), get(RECORDS + "?gt_id=%22b%22&_sort=id&_limit=1"),
           get(RECORDS + "?in_id=a,b,c&_since=0"), get(RECORDS + "?n=3"), get(RECORDS + "?_since={i}"),
           head(RECORDS + "?_limit=2"), get(RECORDS + "?_fields=deleted&_since=0&_limit=2")]


def _walk(target: str, pages: int) -> list:
    steps = [get(target, save="p0")]
    return steps + [get(f"{{p{n}.next}}", save=f"p{n + 1}") for n in range(pages)]


SCENARIOS = {
    "totals": [*_OLD_TOMBSTONES, put(RECORDS + "/i", save="i"), *_TOTALS],
    **{f"an ascending list in pages of {limit}": [*_OLD_TOMBSTONES, *_walk(f"{_ASCENDING}&_limit={limit}", 4)]
       for limit in (1, 2, 3, 4, 9)},
    **{f"a descending list in pages of {limit}": [*_OLD_TOMBSTONES, *_walk(f"{RECORDS}?_since=0&_limit={limit}", 4)]
       for limit in (2, 3)},
    "tombstones among the records": [
        *_SEVEN, delete(RECORDS + "/c"), put(RECORDS + "/h"), delete(RECORDS + "/f"), put(RECORDS + "/i"),
        *_walk(f"{_ASCENDING}&_limit=2", 5), *_walk(f"{_ASCENDING}&_limit=3&_fields=deleted", 5),
    ],
    "nothing but tombstones": [*_SEVEN, delete(RECORDS), *_walk(f"{_ASCENDING}&_limit=3", 2), head(RECORDS)],
    "a live record with a field deleted, in pages": [
        *_SEVEN, put(RECORDS + "/h", {"deleted": True}), delete(RECORDS + "/a"), head(RECORDS),
        *_walk(f"{_ASCENDING}&_limit=3", 3), *_walk(f"{RECORDS}?_limit=3", 3),
    ],
    "pages of deletions": [
        *_SEVEN, delete(RECORDS + "/b"), delete(RECORDS + "?_limit=2&_sort=id", save="d"), get(_ASCENDING),
        delete("{d.next}"), get(_ASCENDING), head(RECORDS), delete(RECORDS + "?n=6"), get(_ASCENDING),
    ],
    "totals in a batch": [*_OLD_TOMBSTONES, batch(("HEAD", RECORDS), ("GET", RECORDS + "?_limit=1"))],
    "a collection that comes back": [
        *_SEVEN, delete(COLLECTION), put(COLLECTION), head(RECORDS), put(RECORDS + "/a", {"last_modified": "{d}"}),
        get(_ASCENDING), head(RECORDS),
    ],
}
