"""What records may say that one server could read, keep or print in another way than the next."""

BODIES = {
    "numbers": {"n": [0, -1, 2**31, 2**53 + 1, -(2**63), 1.5, 0.1, 1e22, 1e-7, 3.141592653589793]},
    "texts": {"n": ["", "a/b", "<b>&amp;</b>", "\u20ac\u4e16\u754c", "\U0001f98a", "tab\tline\nend", "\"quoted\" \\"]},
    "constants": {"n": [None, True, False], "null": None},
    "nested": {"n": {"a": {"b": [{"c": []}, {}]}}, "key with blank": {"": 1}},
    "long": {"text": "0123456789" * 5000},
    "like-ours": {"deleted": False, "schema": 3, "id_": "x", "sort": "-last_modified"},
}


def records() -> list[dict]:
    return [{"id": f"body-{name}"} | body for name, body in BODIES.items()]
