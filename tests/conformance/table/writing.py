"""Writes of one object, and of many."""

from conformance.steps import COLLECTION, RECORDS, Step, delete, get, head, patch, post, put, records, world

_MERGE = {"Content-Type": "application/merge-patch+json"}

SCENARIOS = {
    "put": [
        *world(), put(RECORDS + "/a", {"x": 1}), get(RECORDS + "/a"), put(RECORDS + "/a", {"y": 2}),
        get(RECORDS + "/a"),
        put(RECORDS + "/a", {"id": "a", "z": 1}), put(RECORDS + "/a", {"id": "other"}),
        put(RECORDS + "/b", {"id": "other"}),
        Step("PUT", RECORDS + "/n", {}), Step("PUT", RECORDS + "/n"), Step("PUT", RECORDS + "/a", {}),
        get(RECORDS + "/a"),
        get(RECORDS),
    ],
    "bad puts": [
        *world(), put(RECORDS + "/a!"), put(RECORDS + "/-a"), put(RECORDS + "/a%0A"), get(RECORDS + "/a%0A"),
        get(RECORDS),
        delete(RECORDS + "/a%0A"), Step("PUT", RECORDS + "/a", {"data": 5}), Step("PUT", RECORDS + "/a", {"data": []}),
        Step("PUT", RECORDS + "/a", {"data": None}), Step("PUT", RECORDS + "/a", {"nothing": 1}),
        Step("PUT", RECORDS + "/a", raw="{"), Step("PUT", RECORDS + "/a", raw="[]"),
        Step("PUT", RECORDS + "/a", raw="5"),
        Step("PUT", RECORDS + "/a", raw='{"data":{}}', headers={"Content-Type": "text/plain"}),
        put("/buckets/b/collections/none/records/a"), put("/buckets/none/collections/none/records/a"),
        delete("/buckets/none/collections/none/records/a"), delete("/buckets/b/collections/none/records/a"),
        get(RECORDS), put(RECORDS + "/%20"), put(RECORDS + "/%C3%A9"),
    ],
    "post": [
        *world(), post(RECORDS, {"data": {"x": 1}}), post(RECORDS, {"data": {"id": "a", "x": 1}}),
        post(RECORDS, {"data": {"id": "a", "x": 2}}), post(RECORDS, {"data": {"id": "a!"}}),
        post(RECORDS, {"data": {"id": 5}}),
        post(RECORDS, {}), post(RECORDS), get(RECORDS + "/a"), head(RECORDS), delete(RECORDS + "/a"),
        post(RECORDS, {"data": {"id": "a", "x": 3}}), get(RECORDS + "?_since=0&id=a"),
        post("/buckets", {"data": {"id": "b"}}), post("/buckets", {"data": {"id": "b2", "t": 1}}),
        post("/buckets/b/collections", {"data": {"id": "c2"}}),
    ],
    "patch": [
        *world(), *records("a"), patch(RECORDS + "/a", {"x": 1}), get(RECORDS + "/a"),
        patch(RECORDS + "/a", {"n": None}),
        patch(RECORDS + "/a", {}), patch(RECORDS + "/none", {"x": 1}), patch(RECORDS + "/a", {"id": "other"}),
        patch(RECORDS + "/a", {"o": {"p": 1, "q": 2}}), patch(RECORDS + "/a", {"o": {"r": 1}}, headers=_MERGE),
        patch(RECORDS + "/a", {"o": {"p": None}, "s": None}, headers=_MERGE), get(RECORDS + "/a"),
        patch(RECORDS + "/a", {"y": 1}, headers={"Response-Behavior": "light"}),
        patch(RECORDS + "/a", {"y": 2}, headers={"Response-Behavior": "diff"}), Step("PATCH", RECORDS + "/a", {}),
        patch(RECORDS + "/a", {"y": 3}, headers={"Response-Behavior": "odd"}),
        patch(COLLECTION, {"t": 1}), patch("/buckets/b", {"t": 1}), get(COLLECTION),
        patch(RECORDS + "/a", {"last_modified": 1000}), patch(RECORDS + "/a", {"last_modified": "{now+3600000}"}),
        Step("PATCH", RECORDS + "/a", {"permissions": {"read": ["{bob}"]}}), get(RECORDS + "/a"),
    ],
    "delete": [
        *world(), *records("a", "b", "c"), delete(RECORDS + "/a", save="x"), delete(RECORDS + "/a"),
        get(RECORDS + "/a"),
        get(RECORDS + "?_since=0"), get(RECORDS), delete(RECORDS + "/none"), delete(RECORDS + "/a!"),
        put(RECORDS + "/a", {"back": 1}), get(RECORDS + "?_since=0"), delete(RECORDS + "/a"), delete(RECORDS + "/b"),
        head(RECORDS), get(RECORDS + "?_since={x}"),
    ],
    "delete many": [
        *world(), *records("a", "b", "c", "d", "e", "f"), delete(RECORDS + "?in_id=a,b"),
        get(RECORDS + "?_since=0&_sort=id"),
        delete(RECORDS + "?n=2"), delete(RECORDS + "?_before={e}&_sort=id"), head(RECORDS),
        delete(RECORDS + "?_limit=1", save="p"),
        delete("{p.next}"), delete(RECORDS), delete(RECORDS), get(RECORDS + "?_since=0&_fields=deleted&_sort=id"),
        head(RECORDS),
        delete(RECORDS + "?_since=-1"), delete("/buckets/b/collections/none/records"), delete("/buckets/b/groups"),
    ],
    "a used token deletes once": [
        *world(), *records("a", "b", "c", "d"), delete(RECORDS + "?_limit=1", save="p"), delete("{p.next}"),
        delete("{p.next}"),
        head(RECORDS), get(RECORDS + "?_limit=1", save="q"), delete("{q.next}"), head(RECORDS),
    ],
}
