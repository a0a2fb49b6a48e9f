"""What a server says of itself, and what its settings change."""

from conformance.steps import COLLECTION, RECORDS, Step, batch, delete, get, head, patch, post, put, records, world

SCENARIOS = {
    "hello": [
        get("/"), get("/", who=None), get("/__heartbeat__", who=None), get("/__lbheartbeat__", who=None),
        get("/nothing"), get("/buckets/"), Step("POST", "/", {}), put("/buckets"), get("/batch"),
        Step("POST", "/buckets/b", {}), Step("HEAD", "/"),
    ],
    "flush": [
        *world(), *records("a", "b"), post("/__flush__"), get(RECORDS), *world(), get(RECORDS), get(RECORDS + "/a"),
    ],
    "no credentials": [
        get("/buckets", who=None), put("/buckets/b", who=None), get("/buckets/b", who=None),
        get("/buckets", headers={"Authorization": "Bearer abc"}, who=None),
        get("/buckets", headers={"Authorization": "Basic !!"}, who=None),
        post("/batch", {"requests": [{"path": "/buckets"}]}, who=None),
    ],
}

_FIVE = [*world(), *records("a", "b", "c", "d", "e")]

WITH_SETTINGS = {
    "paged": {
        "pages of three": [
            *_FIVE, get(RECORDS, save="p"), get("{p.next}", save="q"), get(RECORDS + "?_limit=2", save="r"),
            get("{r.next}"), get(RECORDS + "?_limit=50"), get(RECORDS + "?_limit=0"), head(RECORDS),
            delete(RECORDS, save="d"), get(RECORDS + "?_since=0"), head(RECORDS), delete("{d.next}"), head(RECORDS),
        ],
    },
    "small": {
        "the fetch size is a page": [
            *_FIVE, get("/"), get(RECORDS, save="p"), get("{p.next}", save="q"), get("{q.next}"),
            get(RECORDS + "?_limit=3"), delete(RECORDS), head(RECORDS), delete(RECORDS), head(RECORDS),
            batch(*[("GET", RECORDS)] * 4), batch(*[("HEAD", RECORDS)] * 3),
        ],
        "orphans of a deleted collection come back": [
            *_FIVE, delete(COLLECTION), put(COLLECTION), head(RECORDS), get(RECORDS + "?_limit=1&_fields=id"),
        ],
    },
    "readonly": {
        "a cold read-only server": [
            get("/"), get("/buckets"), put("/buckets/b"), batch(("GET", "/buckets")), post("/__flush__"),
            delete("/buckets/b"), get("/buckets/b"), patch("/buckets/b"), head("/buckets"), get("/__heartbeat__"),
        ],
    },
    "backoff": {
        "every answer asks for patience": [
            get("/"), *world(), get(RECORDS), get(RECORDS + "/a"), put(RECORDS + "/a!"), get("/nothing"),
            batch(("GET", RECORDS), ("GET", "/nothing"), ("GET", RECORDS + "/none"), ("PUT", RECORDS + "/a!", {}),
                  ("GET", "/buckets/none")),
        ],
    },
    "ending": {"a soft end of life": [get("/"), *world(), get(RECORDS), get("/nothing"), batch(("GET", RECORDS))]},
}
