"""Who may do what, and what the others see."""

from conformance.steps import COLLECTION, RECORDS, Step, batch, delete, get, head, patch, post, put, records, world


def grant(path: str, user: str = "bob", **permissions: list[str]) -> Step:
    names = {key.replace("_", ":", 1): value for key, value in permissions.items()}
    return Step("PUT", path, {"permissions": names})


_BOB = {"who": "bob"}

SCENARIOS = {
    "a stranger": [
        *world(), *records("a"), get("/buckets", **_BOB), get("/buckets/b", **_BOB),
        get("/buckets/b/collections", **_BOB), get(COLLECTION, **_BOB),
        get(RECORDS, **_BOB), get(RECORDS + "/a", **_BOB), get(RECORDS + "/none", **_BOB),
        put(RECORDS + "/a", **_BOB), put(RECORDS + "/n", **_BOB),
        delete(RECORDS + "/a", **_BOB), delete(RECORDS + "/none", **_BOB),
        patch(RECORDS + "/none", {"x": 1}, **_BOB), delete(RECORDS, **_BOB),
        post(RECORDS, {"data": {}}, **_BOB), head(RECORDS, **_BOB), put(COLLECTION, **_BOB),
        put("/buckets/b", **_BOB), delete("/buckets/b", **_BOB),
        get(RECORDS, who=None), put(RECORDS + "/a", who=None), get("/buckets/none", **_BOB),
        put("/buckets/b/collections/none", **_BOB),
        batch(("GET", RECORDS), ("PUT", RECORDS + "/a", {}), **_BOB), put(RECORDS + "/a!", **_BOB),
    ],
    "a reader of the bucket": [
        *world(), *records("a", "b"), delete(RECORDS + "/b"), grant("/buckets/b", read=["{bob}"]),
        get("/buckets", **_BOB), get("/buckets/b", **_BOB),
        get("/buckets/b/collections", **_BOB), get(COLLECTION, **_BOB), get(RECORDS + "?_since=0", **_BOB),
        get(RECORDS + "/a", **_BOB),
        get(RECORDS + "/none", **_BOB), put(RECORDS + "/a", **_BOB), put(RECORDS + "/n", **_BOB),
        delete(RECORDS + "/a", **_BOB),
        delete(RECORDS + "/none", **_BOB), delete(RECORDS, **_BOB), get("/buckets/b/groups", **_BOB),
        patch(RECORDS + "/none", {"x": 1}, **_BOB),
    ],
    "a reader of the collection": [
        *world(), *records("a"), grant(COLLECTION, read=["{bob}"]), get("/buckets", **_BOB), get("/buckets/b", **_BOB),
        get("/buckets/b/collections", **_BOB), get(COLLECTION, **_BOB), get(RECORDS, **_BOB),
        get(RECORDS + "/a", **_BOB), get(RECORDS + "/none", **_BOB),
        put("/buckets/b/collections/d"), get("/buckets/b/collections", **_BOB), grant(COLLECTION, read=[]),
        get(RECORDS, **_BOB),
    ],
    "a reader of some records": [
        *world(), *records("a", "b", "c"), grant(RECORDS + "/a", read=["{bob}"]),
        grant(RECORDS + "/c", write=["{bob}"]), get(RECORDS, **_BOB), head(RECORDS, **_BOB),
        get(RECORDS + "/a", **_BOB), get(RECORDS + "/b", **_BOB), get(RECORDS + "/c", **_BOB),
        get(COLLECTION, **_BOB), delete(RECORDS + "/a"),
        get(RECORDS + "?_since=0", **_BOB), get(RECORDS + "?in_id=a,b,c", **_BOB),
        get(RECORDS + "?_sort=id&gt_id=%22a%22&_fields=deleted", **_BOB),
        put(RECORDS + "/c", {"x": 1}, **_BOB), delete(RECORDS, **_BOB), get(RECORDS + "?_since=0"),
    ],
    "one who may create": [
        *world(), *records("a"), grant(COLLECTION, record_create=["{bob}"]), put(RECORDS + "/n", {"x": 1}, **_BOB),
        put(RECORDS + "/n", {"x": 2}, **_BOB),
        put(RECORDS + "/a", {"x": 1}, **_BOB), put(RECORDS + "/a", {"x": 1}, headers={"If-None-Match": "*"}, **_BOB),
        get(RECORDS, **_BOB), get(COLLECTION, **_BOB),
        get(RECORDS + "/n", **_BOB), get(RECORDS + "/a", **_BOB), post(RECORDS, {"data": {"id": "p"}}, **_BOB),
        post(RECORDS, {"data": {"id": "a"}}, **_BOB),
        delete(RECORDS + "/n", **_BOB), delete(RECORDS + "/a", **_BOB), get("/buckets/b/collections", **_BOB),
    ],
    "one who may create collections": [
        put("/buckets/b"), grant("/buckets/b", collection_create=["{bob}"]), put("/buckets/b/collections/n", **_BOB),
        get("/buckets/b", **_BOB),
        get("/buckets/b/collections", **_BOB), put("/buckets/b/collections/n/records/r", **_BOB),
        delete("/buckets/b/collections/n", **_BOB), put(COLLECTION),
        put(COLLECTION, **_BOB), get("/buckets/b/groups", **_BOB), put("/buckets/b/groups/g", **_BOB),
    ],
    "a writer of the bucket": [
        *world(), *records("a"), grant("/buckets/b", write=["{bob}"]), put(RECORDS + "/a", {"x": 1}, **_BOB),
        put(RECORDS + "/n", **_BOB), get(RECORDS + "/a", **_BOB),
        get(RECORDS + "/n"), delete(RECORDS + "/a", **_BOB), put(COLLECTION, {"t": 1}, **_BOB), get(COLLECTION),
        get("/buckets", **_BOB), delete("/buckets/b", **_BOB),
    ],
    "what permissions become": [
        *world(), Step("PUT", COLLECTION, {"data": {}, "permissions": {"read": ["{bob}"], "write": ["{carol}"]}}),
        get(COLLECTION), get(COLLECTION, **_BOB),
        get(COLLECTION, who="carol"), put(COLLECTION, {"t": 1}), get(COLLECTION),
        Step("PUT", COLLECTION, {"permissions": {}}), get(COLLECTION),
        grant(COLLECTION, write=[]), get(COLLECTION), grant(COLLECTION, odd=["x"]),
        Step("PUT", COLLECTION, {"permissions": 5}),
        Step("PATCH", COLLECTION, {"permissions": {"read": ["{alice}"]}}),
        Step("PATCH", COLLECTION, {"permissions": {"read": []}}), get(COLLECTION),
        Step("PUT", RECORDS + "/a", {"data": {}, "permissions": {"read": ["system.Everyone"]}}),
        get(RECORDS + "/a", who=None), get(RECORDS, who=None),
        delete(COLLECTION), put(COLLECTION), get(COLLECTION), get(RECORDS, who=None),
        Step("PUT", COLLECTION, {"permissions": {"read": "text"}}),
    ],
    "members of a group": [
        *world(), *records("a"), put("/buckets/b/groups/g", {"members": ["{bob}"]}),
        grant(COLLECTION, read=["/buckets/b/groups/g"]), get(RECORDS, **_BOB),
        get(RECORDS, who="carol"), get("/", **_BOB), put("/buckets/b/groups/g", {"members": ["{carol}"]}),
        get(RECORDS, **_BOB), get(RECORDS, who="carol"),
        delete("/buckets/b/groups/g"), get(RECORDS, who="carol"), get(COLLECTION),
    ],
    "rights for all": [
        *world(), *records("a"), grant("/buckets/b", read=["system.Everyone"]), get(RECORDS, who=None),
        get("/buckets", who=None), put(RECORDS + "/a", who=None),
        grant("/buckets/b", read=["system.Authenticated"]), get(RECORDS, who=None), get(RECORDS, **_BOB),
        get(RECORDS + "/a", who=None),
        batch(("GET", RECORDS), who=None),
    ],
    "rights in a batch that fails": [
        *world(), get(RECORDS), put(RECORDS + "/t", {"last_modified": 1000}),
        Step("POST", "/batch", {"requests": [{"method": "PUT", "path": COLLECTION,
            "body": {"permissions": {"read": ["{bob}"]}}},
                                             {"method": "PUT", "path": RECORDS + "/x",
                                                 "body": {"data": {"last_modified": 1000}}}]}), get(COLLECTION),
    ],
}

WITH_SETTINGS = {
    "all buckets": {
        "one who may see all buckets": [
            *world(), *records("a"), put("/buckets/b/groups/g", {"members": ["{carol}"]}), put("/buckets/d"), put("/buckets/e"),
            get("/buckets", save="n", **_BOB), head("/buckets", **_BOB), get("/buckets/b", **_BOB),
            get("/buckets/none", **_BOB), get("/buckets?_limit=1&_sort=id", save="p", **_BOB), get("{p.next}", **_BOB),
            delete("/buckets/d"), get("/buckets?_since=0&_sort=last_modified", **_BOB), get("/buckets/d", **_BOB),
            delete("/buckets/e?last_modified={now+3600000}"), get("/buckets?_since={n}", **_BOB), head("/buckets", **_BOB),
            get("/buckets?_since=0"), get("/buckets", who="carol"), get("/buckets?_since=0", who="carol"),
        ],
        "what he may not": [
            *world(), *records("a"), put("/buckets/b/groups/g", {"members": ["{carol}"]}),
            get("/buckets/b/collections", **_BOB), get("/buckets/b/groups", **_BOB), get("/buckets/b/groups/g", **_BOB),
            get(COLLECTION, **_BOB), get(RECORDS, **_BOB), get(RECORDS + "/a", **_BOB), put("/buckets/b", {"x": 1}, **_BOB),
            patch("/buckets/b", {"x": 1}, **_BOB), put("/buckets/b", headers={"If-None-Match": "*"}, **_BOB),
            delete("/buckets/b", **_BOB), delete("/buckets", **_BOB), delete("/buckets/none", **_BOB), get("/buckets/b"),
            batch(("GET", "/buckets"), ("GET", "/buckets/b"), ("GET", "/buckets/none"), ("GET", COLLECTION), **_BOB),
        ],
        "a bucket that was deleted and made anew": [
            *world(), delete("/buckets/b"), get("/buckets?_since=0", **_BOB), put("/buckets/b"),
            get("/buckets?_since=0", **_BOB), get("/buckets/b/collections?_since=0", **_BOB),
        ],
    },
}
