"""Buckets, collections and groups."""

from conformance.steps import COLLECTION, RECORDS, Step, delete, get, head, patch, put, records, world

SCENARIOS = {
    "buckets and collections": [
        put("/buckets/b", {"t": 1}), get("/buckets/b"), put("/buckets/b", {"t": 2}), put(COLLECTION, {"t": 1}),
        get(COLLECTION), put(COLLECTION),
        get("/buckets"), get("/buckets/b/collections"), put("/buckets/b!"), put("/buckets/none/collections/c"),
        get("/buckets/none"),
        get("/buckets/none/collections"), put("/buckets/b/collections/c!"), delete("/buckets/none"),
        delete("/buckets/b/collections/none"),
        patch("/buckets/none", {"x": 1}), put("/buckets/b!/collections/c"), get("/buckets/b!/collections"),
    ],
    "a deleted collection": [
        *world(), *records("a", "b"), delete(RECORDS + "/a"), delete(COLLECTION), get(COLLECTION), get(RECORDS),
        put(RECORDS + "/a"), put(COLLECTION),
        get(RECORDS), get(RECORDS + "?_since=0"), get("/buckets/b/collections?_since=0"),
        delete("/buckets/b/collections"), get(COLLECTION),
        get("/buckets/b/collections?_since=0"),
    ],
    "a deleted bucket": [
        *world(), *records("a"), put("/buckets/b/groups/g", {"members": ["x"]}), delete("/buckets/b"),
        get("/buckets/b"), get(COLLECTION), get(RECORDS),
        put("/buckets/b"), get("/buckets/b/collections?_since=0"), get("/buckets/b/groups?_since=0"),
        put(COLLECTION), get(RECORDS + "?_since=0"),
        get("/buckets?_since=0"),
    ],
    "an underscore in a bucket's name": [
        put("/buckets/a_b"), put("/buckets/aXb"), put("/buckets/aXb/collections/c"),
        put("/buckets/aXb/collections/c/records/r"),
        put("/buckets/aXXb"), put("/buckets/aXXb/collections/c"), delete("/buckets/a_b"), get("/buckets/aXb"),
        get("/buckets/aXb/collections/c"),
        get("/buckets/aXb/collections/c/records"), get("/buckets/aXb/collections"), get("/buckets/aXXb/collections"),
    ],
    "names that begin alike": [
        *world(), put("/buckets/b/collections/c2"), put("/buckets/b/collections/c2/records/r"),
        delete("/buckets/b/collections/c2/records/r"),
        put("/buckets/b2"), put("/buckets/b2/collections/d"), delete("/buckets/b2/collections/d"), delete(COLLECTION),
        get("/buckets/b/collections/c2/records?_since=0"), get("/buckets/b/collections?_since=0&_sort=id"),
        delete("/buckets/b"),
        get("/buckets/b2/collections?_since=0"),
    ],
    "names with an underscore and their rights": [
        *world(), put(RECORDS + "/a_b"), put(RECORDS + "/aXb"), delete(RECORDS + "/a_b"), get(RECORDS + "/aXb"),
        delete(RECORDS + "?in_id=aXb"),
    ],
    "groups": [
        put("/buckets/b"), put("/buckets/b/groups/g", {"members": ["{bob}"]}), get("/buckets/b/groups/g"),
        put("/buckets/b/groups/h"),
        get("/buckets/b/groups"), delete("/buckets/b/groups/g"), get("/buckets/b/groups?_since=0"),
        Step("PUT", "/buckets/b/groups/i"),
        put("/buckets/b/groups/j", {"members": 5}), get("/buckets/none/groups"),
        put("/buckets/b/groups/h", {"members": ["a", "a"], "x": 1}),
        patch("/buckets/b/groups/h", {"members": ["c"]}),
    ],
    "fields with a meaning": [
        put("/buckets/b"), put(COLLECTION, {"cache_expires": "12"}), get(COLLECTION),
        put(COLLECTION, {"cache_expires": "x"}),
        put(COLLECTION, {"schema": {"type": "object"}}), put(COLLECTION, {"schema": 5}),
        put(COLLECTION, {"cache_expires": 5.7}),
    ],
    "records do not move their collection": [
        *world(), get(COLLECTION, save="c"), *records("a"), get(COLLECTION, headers={"If-None-Match": '"{c}"'}),
        get(RECORDS, save="e"),
        put(COLLECTION, {"t": 1}), get(RECORDS, headers={"If-None-Match": '"{e}"'}), head("/buckets/b/collections"),
    ],
    "many buckets at once": [
        # One at a time: of two, PostgreSQL stamps either first.
        put("/buckets/x"), put("/buckets/y"), put("/buckets/y/collections/c"), delete("/buckets?in_id=x,z"),
        delete("/buckets?in_id=y,z"), get("/buckets?_since=0&_sort=id"),
        put("/buckets/y"), get("/buckets/y/collections?_since=0"), delete("/buckets"), get("/buckets"),
    ],
}
