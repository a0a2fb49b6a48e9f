"""Who chooses last_modified, and what becomes of it."""

from conformance.steps import COLLECTION, RECORDS, Step, batch, delete, get, head, patch, post, put, records, world


def at(id_: str, stamp: object, **more: object) -> Step:
    return put(f"{RECORDS}/{id_}", {"last_modified": stamp, "v": 1}, **more)


_ALL = get(RECORDS + "?_since=0&_sort=last_modified,id")

SCENARIOS = {
    "chosen stamps": [
        *world(), get(RECORDS, save="e"), at("past", 1000), get(RECORDS), at("future", "{now+3600000}"), get(RECORDS),
        at("equal", "{now+3600000}"), get(RECORDS), at("next", "{now+3600005}"), put(RECORDS + "/plain", {"v": 1}),
        _ALL,
        at("past2", 1001), head(RECORDS), at("epoch", 0), at("negative", -5), _ALL,
    ],
    "replays": [
        *world(), at("a", 5000), at("a", 5000), get(RECORDS + "/a"), at("b", 6000), at("b", 5999), at("c", 7000),
        at("c", 8000),
        at("c", 8000), post(RECORDS, {"data": {"id": "d", "last_modified": 9000}}),
        post(RECORDS, {"data": {"id": "d", "last_modified": 9000}}),
        _ALL,
    ],
    "odd stamps": [
        *world(), at("f", 5000.5), at("s", "text"), at("n", None), at("l", []), at("x", 10**14), get(RECORDS), _ALL,
        at("whole", 5000.0), Step("PUT", RECORDS + "/quoted", {"data": {"last_modified": "5000"}}),
    ],
    "a stamp that is true": [*world(), at("t", True), get(RECORDS)],
    "an impossible stamp": [*world(), at("y", 10**15), get(RECORDS), get(RECORDS + "/y"), head(RECORDS), at("y", 5000)],
    "deletes with a stamp": [
        *world(), *records("a", "b", "c", "d", "e"), delete(RECORDS + "/a?last_modified={now+3600000}"),
        delete(RECORDS + "/b?last_modified=1000"),
        delete(RECORDS + "/c?last_modified=%22{now+7200000}%22"), delete(RECORDS + "/d?last_modified={d}"),
        delete(RECORDS + "/d?last_modified=abc"), delete(RECORDS + "/e?last_modified={e+1}"),
        get(RECORDS + "?_since=0&_sort=id"),
        at("past", 1000), delete(RECORDS + "/past?last_modified=2000"), _ALL, delete(RECORDS + "/c?last_modified=-5"),
    ],
    "below a tombstone": [
        *world(), *records("a", "b"), delete(RECORDS + "/b"), get(RECORDS, save="e"), at("b", 2000), get(RECORDS), _ALL,
        at("future", "{now+3600000}"), get(RECORDS), delete(RECORDS + "/future?last_modified={now+3600001}"),
        get(RECORDS),
        at("future", 3000), get(RECORDS), _ALL,
    ],
    "equal stamps": [
        *world(), at("a", 1000), at("b", 1000), at("c", 1000), at("d", 2000),
        get(RECORDS + "?_limit=2&_sort=last_modified,id", save="p"),
        get("{p.next}"), delete(RECORDS + "/a?last_modified=5000"), at("f", 5000), at("g", 5001), at("g", 5000), _ALL,
        post(RECORDS, {"data": {"id": "h", "last_modified": 2000}}), patch(RECORDS + "/g", {"last_modified": 2000}),
        at("d", 5001), delete(RECORDS + "/d?last_modified=5001"), _ALL,
    ],
    # At the newest of all it moves on by one. At another it clashes on PostgreSQL, with a tombstone's too.
    "a deletion at a taken stamp": [
        *world(), *records("a", "b", "c"), at("x", "{now+3600000}"), delete(RECORDS + "/a?last_modified={now+3600000}"),
        get(RECORDS + "/a"), delete(RECORDS + "/b?last_modified={now+3600001}"),
        delete(RECORDS + "/c?last_modified={now+3600001}"), get(RECORDS + "/c"), _ALL,
        batch(("PUT", RECORDS + "/p", {}), ("DELETE", RECORDS + "/c?last_modified={now+3600001}"), ("PUT", RECORDS + "/q", {})),
        get(RECORDS + "/p"), get(RECORDS + "/q"), _ALL,
        put("/buckets/b/collections/d", {"last_modified": "{now+3600000}"}), put("/buckets/b/collections/e"),
        delete("/buckets/b/collections/e?last_modified={now+3600000}"), put("/buckets/b/collections/f", {"last_modified": 1000}),
        delete("/buckets/b/collections/f?last_modified={now+3600000}"), get("/buckets/b/collections?_since=0&_sort=id"),
        put("/buckets/b/groups/g", {"last_modified": "{now+3600000}"}), put("/buckets/b/groups/h"),
        delete("/buckets/b/groups/h?last_modified={now+3600000}"), put("/buckets/b/groups/i", {"last_modified": 1000}),
        delete("/buckets/b/groups/i?last_modified={now+3600000}"), get("/buckets/b/groups?_since=0&_sort=id"),
    ],
    "equal new stamps": [
        *world(), at("a", "{now+3600000}"), at("b", "{now+3600000}"), at("c", "{now+3600000}"), get(RECORDS),
        delete(RECORDS + "/b"),
        at("b", "{now+3600000}"), at("c", "{now+3600000}"), _ALL,
    ],
    "bulk delete hands out consecutive stamps": [
        *world(), at("a", "{now+3600000}"), *records("b", "c"), delete(RECORDS + "?_sort=id"), get(RECORDS), _ALL,
    ],
    "stamps of containers": [
        put("/buckets/b", {"last_modified": 1000}), put("/buckets/b2", {"last_modified": 1000}),
        put(COLLECTION, {"last_modified": 1000}),
        put(COLLECTION, {"last_modified": 2000}), put("/buckets/b/collections/d", {"last_modified": 2000}),
        get("/buckets/b/collections"),
        get("/buckets"), put(COLLECTION, {"last_modified": 1500}, save="c"), put(RECORDS + "/a"), get(COLLECTION),
        get("/buckets/b"),
        delete("/buckets/b/collections/d?last_modified={now+3600000}"), get("/buckets/b/collections?_since=0"),
    ],
    "the first access": [
        *world(), get(RECORDS, save="e"), get(RECORDS, headers={"If-None-Match": '"{e}"'}), at("a", 1000),
        get(RECORDS, headers={"If-None-Match": '"{e}"'}), get(RECORDS + "?_since={e}"),
        delete(RECORDS + "/a?last_modified=2000"),
        get(RECORDS), _ALL,
    ],
    "a collection that was never read": [*world(), at("a", "{now+3600000}"), get(RECORDS), at("b", "{now+3600000}"),
        _ALL],
    "a stamp equal to the collection's": [*world(), *records("a"), at("b", "{a}"), at("c", "{b}"), _ALL],
}
