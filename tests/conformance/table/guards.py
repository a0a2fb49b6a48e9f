"""If-Match and If-None-Match."""

from conformance.steps import COLLECTION, RECORDS, Step, batch, delete, get, head, patch, post, put, records, world


def match(value: str) -> dict[str, str]:
    return {"If-Match": value}


def none_match(value: str) -> dict[str, str]:
    return {"If-None-Match": value}


SCENARIOS = {
    "guarded reads": [
        *world(), *records("a", "b"), get(RECORDS, headers=none_match('"{b}"')),
        get(RECORDS, headers=none_match('"{a}"')),
        get(RECORDS, headers=match('"{b}"')), get(RECORDS, headers=match('"{a}"')),
        get(RECORDS + "/a", headers=none_match('"{a}"')),
        get(RECORDS + "/a", headers=none_match('"{b}"')), get(RECORDS + "/a", headers=match('"{b}"')),
        get(RECORDS + "/a", headers=match('"{a}"')), head(RECORDS, headers=none_match('"{b}"')),
        head(RECORDS, headers=match('"{a}"')), get(RECORDS, headers=none_match("*")), get(RECORDS, headers=match("*")),
        get(RECORDS, headers=match("*")), get(RECORDS + "/none", headers=match('"{a}"')),
        get(COLLECTION, headers=none_match('"1"')),
    ],
    "guarded puts": [
        *world(), *records("a"), put(RECORDS + "/a", {"x": 1}, headers=none_match("*")),
        put(RECORDS + "/b", {"x": 1}, headers=none_match("*"), save="b"),
        put(RECORDS + "/a", {"x": 2}, headers=match('"{a}"'), save="a2"),
        put(RECORDS + "/a", {"x": 3}, headers=match('"{a}"')), put(RECORDS + "/c", {"x": 3}, headers=match('"{a}"')),
        put(RECORDS + "/c", headers=match('"{b}"')), put(RECORDS + "/a", {"x": 5}, headers=match("*")),
        put(RECORDS + "/d", {"x": 5}, headers=match("*")), put(RECORDS + "/d", headers=none_match('"{a}"')),
        put(RECORDS + "/a", {"x": 6}, headers=none_match('"{a}"')), get(RECORDS),
    ],
    "zero and odd guards": [
        *world(), *records("a"), put(RECORDS + "/a", {"x": 1}, headers=match('"0"')),
        put(RECORDS + "/z", {"x": 1}, headers=match('"0"')),
        put(RECORDS + "/a", {"x": 1}, headers=match('"-1"')), put(RECORDS + "/a", {"x": 1}, headers=match("5")),
        put(RECORDS + "/a", {"x": 1}, headers=match('"abc"')), put(RECORDS + "/a", {"x": 1}, headers=none_match('"x"')),
        get(RECORDS, headers=none_match('"0"')), get(RECORDS, headers=match('"-1"')),
        delete(RECORDS + "/a", headers=match('"0"')),
        get(RECORDS, headers=match('W/"5"')), put(RECORDS + "/a", {"x": 1}, headers=match("")),
    ],
    "guarded deletes": [
        *world(), *records("a", "b"), delete(RECORDS + "/a", headers=match('"{b}"')),
        delete(RECORDS + "/a", headers=match('"{a}"')),
        delete(RECORDS + "/a", headers=match('"{a}"')), delete(RECORDS, headers=match('"{a}"')),
        delete(RECORDS, headers=none_match("*")),
        get(RECORDS, save="now2"), delete(RECORDS, headers=match('"{now2}"')), get(RECORDS),
    ],
    "guarded deletes of all": [
        *world(), *records("a", "b"), get(RECORDS, save="e"), put(RECORDS + "/c"), delete(RECORDS, headers=match('"{e}"')),
        delete(RECORDS + "?in_id=a", headers=match('"{e}"')), get(RECORDS + "?_since=0&_sort=id"),
        get(RECORDS, save="f"), delete(RECORDS + "?in_id=a", headers=match('"{f}"')),
        delete(RECORDS, headers=match('"{f}"')), get(RECORDS),
        get("/buckets/b/collections", save="g"), put("/buckets/b/collections/d"),
        delete("/buckets/b/collections", headers=match('"{g}"')), get("/buckets/b/collections"),
        put("/buckets/b/groups/g"), delete("/buckets/b/groups", headers=match('"5"')), get("/buckets/b/groups"),
        delete("/buckets", headers=match('"5"')), get("/buckets"),
        batch(("DELETE", RECORDS, None, match('"5"')), ("PUT", RECORDS + "/z", {})), head(RECORDS),
    ],
    "guarded posts and patches": [
        *world(), *records("a", "b"), post(RECORDS, {"data": {"id": "a"}}, headers=none_match("*")),
        post(RECORDS, {"data": {"id": "c"}}, headers=none_match("*")),
        post(RECORDS, {"data": {"x": 1}}, headers=match('"{a}"')),
        post(RECORDS, {"data": {"id": "a"}}, headers=match('"{b}"')),
        patch(RECORDS + "/a", {"x": 1}, headers=match('"{b}"')),
        patch(RECORDS + "/a", {"x": 1}, headers=match('"{a}"')),
        patch(RECORDS + "/b", {"x": 1}, headers=none_match("*")),
    ],
    "guards of containers": [
        put("/buckets/b", headers=none_match("*")), put("/buckets/b", headers=none_match("*")),
        put(COLLECTION, headers=none_match("*"), save="c"),
        put(COLLECTION, headers=none_match("*")), put(COLLECTION, {"t": 1}, headers=match('"{c}"')),
        put(COLLECTION, headers=match('"{c}"')),
        delete(COLLECTION, headers=match('"{c}"')), delete("/buckets/b", headers=match('"5"')),
        Step("PUT", COLLECTION, {"permissions": {"read": ["system.Everyone"]}}, headers=match('"5"')),
    ],
    "a guarded delete of a deleted record": [
        *world(), *records("a"), delete(RECORDS + "/a", save="x"), put(RECORDS + "/a", headers=match('"{x}"')),
        put(RECORDS + "/a", {"v": 1}, headers=none_match("*")), get(RECORDS + "?_since=0"),
    ],
}
