"""POST /batch."""

from conformance.steps import COLLECTION, RECORDS, Step, batch, get, head, post, put, records, world

_A, _Z = ("PUT", RECORDS + "/a", {"v": 1}), ("PUT", RECORDS + "/z", {"v": 1})
_CLASH = ("PUT", RECORDS + "/clash", {"last_modified": 1000})
_TAKEN = put(RECORDS + "/taken", {"last_modified": 1000})
_ALL = get(RECORDS + "?_since=0&_sort=id")

SCENARIOS = {
    "plain batches": [
        *world(), batch(_A, _Z, ("GET", RECORDS + "/a"), ("DELETE", RECORDS + "/a"), ("GET", RECORDS)), _ALL,
        batch(("PUT", "/v1" + RECORDS + "/b", {}), ("GET", RECORDS + "?_limit=1"), ("HEAD", RECORDS)), batch(),
        batch(("POST", RECORDS, {"id": "p"}), ("PATCH", RECORDS + "/p", {"x": 1}),
            ("DELETE", RECORDS + "?in_id=p,z")), _ALL,
        batch(("GET", "/"), ("GET", "/nothing"), ("GET", RECORDS + "/none"), ("PUT", RECORDS, {})),
    ],
    "defaults": [
        *world(), batch(("PUT", RECORDS + "/a"), ("PUT", RECORDS + "/b", {"v": 2}),
            defaults={"body": {"data": {"d": 1}}}),
        post("/batch", {"defaults": {"method": "PUT", "body": {"data": {"x": 1}}},
                        "requests": [{"path": RECORDS + "/c"}, {"path": RECORDS + "/d", "body": {"data": {"y": 2}}}]}),
        post("/batch", {"defaults": {"method": "DELETE", "headers": {"If-Match": '"5"'}},
            "requests": [{"path": RECORDS + "/c"}]}), _ALL,
    ],
    "bad batches": [
        *world(), post("/batch", {}), post("/batch", {"requests": 5}), post("/batch", {"requests": [{}]}),
        post("/batch", {"requests": [{"path": "x"}]}),
        post("/batch", {"requests": [{"path": "/", "method": "FOO"}]}),
        post("/batch", {"requests": [{"path": "/", "odd": 1}]}),
        Step("POST", "/batch", raw="{"), batch(*[("GET", "/")] * 26), batch(*[("HEAD", RECORDS)] * 25),
        batch(_A, ("PUT", RECORDS + "/batch-1", {})), batch(("GET", "/batch")), _ALL,
        post("/batch", {"requests": [{"path": "/", "headers": {"a": 5}}]}),
        post("/batch", {"requests": [{"path": "/", "body": 5}]}),
        post("/batch"),
    ],
    "a clash aborts what came before it": [*world(), get(RECORDS), _TAKEN, batch(_A, _CLASH, _Z), _ALL, get(RECORDS)],
    "two clashes": [
        *world(), get(RECORDS), _TAKEN,
        batch(_A, _CLASH, ("PUT", RECORDS + "/m", {}), ("PUT", RECORDS + "/clash2", {"last_modified": 1000}), _Z), _ALL,
    ],
    "a clash last": [*world(), get(RECORDS), _TAKEN, batch(_A, _Z, _CLASH), _ALL],
    "client errors undo nothing": [
        *world(), *records("x"), batch(_A, ("PUT", RECORDS + "/x", {}, {"If-None-Match": "*"}),
            ("PUT", RECORDS + "/a!", {}),
                                       ("GET", RECORDS + "/none"),
                                       ("DELETE", RECORDS + "/x", None, {"If-Match": '"5"'}),
                                       ("PUT", "/buckets/b/collections/none/records/a", {}), _Z), _ALL,
    ],
    "a server error undoes all": [
        *world(), get(RECORDS), batch(_A, ("DELETE", RECORDS + "/a?last_modified=%2299999999999999%22"), _Z), _ALL,
    ],
    "a null character": [*world(), get(RECORDS), batch(_A, ("PUT", RECORDS + "/n", {"t": "a\0b"}), _Z), _ALL],
    "not modified": [
        *world(), *records("x"), batch(_A, ("GET", RECORDS + "/x", None, {"If-None-Match": '"{x}"'}), _Z), _ALL,
        batch(("GET", RECORDS + "/x", None, {"If-None-Match": '"5"'})),
        batch(("GET", RECORDS + "/x", None, {"If-Match": '"5"'})),
    ],
    "outer headers leak": [
        *world(), *records("x"), batch(("PUT", RECORDS + "/x", {}), headers={"If-None-Match": "*"}),
        batch(("PUT", RECORDS + "/x", {}), ("PUT", RECORDS + "/y", {}), headers={"If-Match": '"5"'}), _ALL,
        batch(("PUT", RECORDS + "/w", {}, {"If-None-Match": '"7"'}), headers={"If-None-Match": "*"}),
    ],
    "a cascade at the end": [
        *world(), *records("x"), batch(("DELETE", COLLECTION), ("PUT", COLLECTION, {}),
            ("PUT", RECORDS + "/new", {})), _ALL, get(COLLECTION),
        batch(("DELETE", "/buckets/b"), ("PUT", "/buckets/b", {}), ("PUT", COLLECTION, {}),
            ("PUT", RECORDS + "/new", {})), get("/buckets/b"),
        get(COLLECTION), get(RECORDS),
    ],
    "creation in one batch": [
        batch(("PUT", "/buckets/b", {}), ("PUT", COLLECTION, {}), ("PUT", RECORDS + "/a", {"v": 1}),
            ("GET", RECORDS)), _ALL,
        batch(("PUT", RECORDS + "/a%0A", {}), ("GET", RECORDS + "/%C3%A9")),
        batch(("DELETE", COLLECTION), ("GET", RECORDS)), get(RECORDS),
    ],
    "stamps in a batch": [
        *world(), batch(("PUT", RECORDS + "/a", {"last_modified": 1000}),
            ("PUT", RECORDS + "/b", {"last_modified": "{now+3600000}"}),
                        ("PUT", RECORDS + "/c", {}), ("GET", RECORDS),
                        ("PUT", RECORDS + "/a", {"last_modified": 1000})),
        _ALL, head(RECORDS), batch(("DELETE", RECORDS + "/a?last_modified={now+7200000}"), ("GET", RECORDS)), _ALL,
    ],
}
