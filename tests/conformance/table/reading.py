"""Lists: filters, order, pages, fields."""

from conformance.steps import COLLECTION, RECORDS, delete, get, head, put, records, world

_FIVE = [*world(), *records("a", "b", "c", "d", "e")]
_MIXED = [
    *world(), put(RECORDS + "/r1", {"v": 1, "deep": {"x": 1}, "tags": ["p", "q"]}),
    put(RECORDS + "/r2", {"v": "1", "deep": {"x": 2}}), put(RECORDS + "/r3", {"v": None}),
    put(RECORDS + "/r4", {"v": True}), put(RECORDS + "/r5", {"w": 2.5}), put(RECORDS + "/r6", {"v": 10, "w": 1}),
    put(RECORDS + "/r7", {"v": [1, 2]}), put(RECORDS + "/r8", {"v": {"k": 1}}),
]


def _queries(*queries: str) -> list:
    return [get(f"{RECORDS}?{query}") for query in queries]


SCENARIOS = {
    "lists": [
        *world(), get(RECORDS), head(RECORDS), *records("a", "b", "c"), get(RECORDS), head(RECORDS),
        get(RECORDS + "/a"), head(RECORDS + "/a"), get(RECORDS + "/none"), get("/buckets"),
        get("/buckets/b/collections"),
        get("/buckets/b/groups"), head("/buckets"), get(RECORDS + "/a?_fields=n"), get(RECORDS + "/a!"),
        get("/buckets/b/collections/none/records"), get("/buckets/none/collections/none/records"),
    ],
    "by stamp": [
        *_FIVE, delete(RECORDS + "/b", save="x"),
        *_queries("_since={c}", "_since=0", "_since={x}", "_before={c}", "gt_last_modified={c}", "lt_last_modified={c}",
                  "min_last_modified={c}", "max_last_modified={c}", "not_last_modified={c}", "last_modified={c}",
                  "_since=%22{c}%22", "_since={a}&_before={d}", "_to={c}", "in_last_modified={c},{d}",
                  "exclude_last_modified={c},{d}", "gt_last_modified=%22{c}%22", "_since={x}&_sort=last_modified"),
        head(RECORDS + "?_since=0"), head(RECORDS + "?_since={c}"), head(RECORDS + "?_before={c}"),
    ],
    "bad stamps": [
        *_FIVE, *_queries("_since=-1", "_since=abc", "_since=", "_before=-5", "_since={now+90000000}",
                          "_since={now+3600000}", "_before={now+90000000}", "gt_last_modified=-1",
                          "gt_last_modified=abc",
                          "gt_last_modified={now+90000000}", "last_modified=-1", "last_modified=abc",
                          "in_last_modified=a,b", "_since=1.5", "_since=true", "lt_last_modified=null",
                          "_since=99999999999999999999", "min_last_modified=", "in_last_modified=",
                          "has_last_modified=true"),
    ],
    "by id": [
        *_FIVE, *_queries("in_id=a,c", "in_id=%22a%22,%22c%22", "in_id=1,2", "in_id=%221%22,%222%22", "exclude_id=a,b",
                          "in_id=none", "in_id=", "id=a", "id=%22a%22", "not_id=a", "gt_id=b", "lt_id=c",
                          "gt_id=%22b%22&_sort=id&_fields=deleted", "gt_id=%22b%22&in_id=a,c,d&_sort=id",
                          "min_id=b&max_id=d",
                          "in_id=a,b&_since=0", "like_id=a"),
        delete(RECORDS + "/a"), get(RECORDS + "?in_id=a,b"), get(RECORDS + "?in_id=a,b&_since=0"),
        get(RECORDS + "?in_id=%22a%22,%22b%22&_since=0&_fields=deleted"),
    ],
    "by field": [
        *_MIXED, *(_queries("v=1&_sort=id", "v=%221%22&_sort=id", "v=true&_sort=id", "w=2.5&_sort=id",
                            "has_v=true&_sort=id", "has_v=false&_sort=id", "deep.x=2&_sort=id", "in_v=1,10&_sort=id",
                            "exclude_v=1&_sort=id", "none=1&_sort=id", "has_none=true", "v=abc",
                            "deleted=true", "has_deleted=true", "has_deleted=false&_sort=id&_fields=id")),
    ],
    "order": [
        *_FIVE, *_queries("_sort=last_modified", "_sort=-last_modified", "_sort=id", "_sort=-id",
            "_sort=last_modified,id",
                          "_sort=-last_modified,id", "_sort=n", "_sort=-n,id", "_sort=", "_sort=none,id"),
    ],
    "order by what not all have": [*_MIXED, *_queries("_sort=id&_fields=v", "_sort=-id&_fields=v")],
    "pages": [
        *_FIVE, get(RECORDS + "?_limit=2", save="p"), get("{p.next}", save="q"), get("{q.next}"),
        get(RECORDS + "?_limit=2&_sort=last_modified,id&_since=0", save="p"), delete(RECORDS + "/d"),
        get("{p.next}", save="q"), get("{q.next}"), get(RECORDS + "?_limit=5"), get(RECORDS + "?_limit=4"),
        get(RECORDS + "?_limit=2&_sort=-last_modified,id&_fields=deleted&_since=0", save="p"),
        get("{p.next}", save="q"),
        get("{q.next}"), get(RECORDS + "?_limit=1&_sort=id&in_id=a,c", save="p"), get("{p.next}"),
        head(RECORDS + "?_limit=2"), get(RECORDS + "?_limit=2&_sort=n", save="p"), get("{p.next}"),
    ],
    "Next-Page follows the Host header only": [
        *_FIVE, get(RECORDS + "?_limit=2", headers={"Host": "elsewhere.test:81"}),
        get(RECORDS + "?_limit=2", headers={"X-Forwarded-Host": "forwarded.test", "X-Forwarded-Proto": "https"}),
    ],
    "bad pages": [
        *_FIVE, *_queries("_limit=-1", "_limit=abc", "_limit=0", "_limit=", "_limit=1.5", "_limit=999999999999",
                          "_token=abc", "_token=", "_token=e30=",
                          # last_modified -5; of the year 2286; a text; missing; with a negative offset
                          "_token=eyJsYXN0X29iamVjdCI6eyJsYXN0X21vZGlmaWVkIjotNX0sIm9mZnNldCI6Miwibm9uY2UiOiJ4In0=",
                          "_token=eyJsYXN0X29iamVjdCI6eyJsYXN0X21vZGlmaWVkIjo5OTk5OTk5OTk5OTk5fSwib2Zmc2V0Ijoy"
                          "LCJub25jZSI6IngifQ==",
                          "_token=eyJsYXN0X29iamVjdCI6eyJsYXN0X21vZGlmaWVkIjoiYWJjIn0sIm9mZnNldCI6Miwibm9uY2UiOiJ4In0=",
                          "_token=eyJsYXN0X29iamVjdCI6e30sIm9mZnNldCI6Miwibm9uY2UiOiJ4In0=",
                          "_token=eyJsYXN0X29iamVjdCI6eyJsYXN0X21vZGlmaWVkIjo1fSwib2Zmc2V0IjotMiwibm9uY2UiOiJ4In0=",
                          # last_modified 5 and 0, which are good
                          "_sort=last_modified&_token="
                          "eyJsYXN0X29iamVjdCI6eyJsYXN0X21vZGlmaWVkIjo1fSwib2Zmc2V0IjoyLCJub25jZSI6IngifQ==",
                          "_sort=last_modified&_token="
                          "eyJsYXN0X29iamVjdCI6eyJsYXN0X21vZGlmaWVkIjowfSwib2Zmc2V0IjoyLCJub25jZSI6IngifQ=="),
    ],
    "fields": [
        *_FIVE, delete(RECORDS + "/b"),
        *_queries("_fields=n", "_fields=n&_since=0", "_fields=deleted&_since=0", "_fields=deleted,n&_since=0",
                  "_fields=none", "_fields=", "_fields=id", "_fields=deleted"),
        get(RECORDS + "/a?_fields=s,n"), get(RECORDS + "/a?_fields=deleted"),
        put(RECORDS + "/z", {"o": {"p": 1, "q": 2}}),
        get(RECORDS + "/z?_fields=o.p"), get(RECORDS + "?_fields=o.q,o.p&id=z"),
    ],
    "a live record with a field deleted": [
        *world(), put(RECORDS + "/x", {"deleted": True}), put(RECORDS + "/y", {"deleted": False}), head(RECORDS),
        head(RECORDS + "?_since=0"), get(RECORDS + "?_since=0"), get(RECORDS + "?deleted=true"), get(RECORDS),
        get(RECORDS + "?_fields=deleted"), get(RECORDS + "/x"), delete(RECORDS + "/y"),
        get(RECORDS + "?_since=0&deleted=true"),
        head(RECORDS + "?_since=0&deleted=true"),
    ],
    "tombstones of collections": [
        *world(), put("/buckets/b/collections/d"), delete("/buckets/b/collections/d"),
        get("/buckets/b/collections?_since=0"),
        get("/buckets/b/collections"), get("/buckets/b/collections?deleted=true"), get(COLLECTION),
        head("/buckets/b/collections"),
    ],
}
