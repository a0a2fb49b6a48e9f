"""JSON that does not come back as it went."""

from conformance.steps import RECORDS, Step, get, put, world

_MERGED = get(RECORDS + "?_sort=id")


def raw(id_: str, text: str | bytes) -> Step:
    return Step("PUT", f"{RECORDS}/{id_}", raw=text)


SCENARIOS = {
    "numbers": [
        *world(), raw("a", '{"data":{"v":1.0}}'), raw("b", '{"data":{"v":9007199254740993}}'),
        raw("c", '{"data":{"v":1e22}}'),
        raw("d", '{"data":{"v":-0.0}}'), raw("e", '{"data":{"v":1.10}}'),
        raw("f", '{"data":{"v":9223372036854775807}}'), raw("g", '{"data":{"v":1e2}}'),
        raw("h", '{"data":{"v":0.1}}'), raw("i", '{"data":{"v":-7}}'), get(RECORDS + "?_sort=id"),
        get(RECORDS + "/c"), get(RECORDS + "/d"),
    ],
    "no JSON": [
        *world(), raw("a", '{"data":{"v":NaN}}'), raw("b", '{"data":{"v":Infinity}}'),
        raw("c", '{"data":{"v":1e400}}'), raw("d", b'{"data":{"v":"\xff"}}'),
        raw("e", '{"data":{"v":"\\ud800"}}'), raw("f", b'\xef\xbb\xbf{"data":{}}'), raw("g", '{"data":{"v":1,}}'),
        raw("h", ""), _MERGED,
    ],
    "deep values": [*world(), raw("a", '{"data":{"v":' + "[" * 100 + "]" * 100 + "}}"),
        raw("b", '{"data":{"v":' + "[" * 3000 + "]" * 3000 + "}}")],
    "texts": [
        *world(), put(RECORDS + "/a", {"v": "é€😀", "w": "\"\\/\b\f\n\r\t"}), raw("b", '{"data":{"v":"\\u0000"}}'),
        raw("c", '{"data":{"a":1,"a":2}}'),
        put(RECORDS + "/d", {"": 1, "a b": {"c": [1, {"d": None}]}}), _MERGED, get(RECORDS + "/b"),
        put(RECORDS + "/e", {"k\0": 1}),
    ],
    "fields of ours": [
        *world(), put(RECORDS + "/a", {"__permissions__": 1}), put(RECORDS + "/b", {"schema": 5}),
        put(RECORDS + "/c", {"deleted": "x", "permissions": {}}), _MERGED,
    ],
}
