"""Numbers that a JSON library alters: what arrives must be what the replica makes of the master's own bytes."""

import re

import pytest
import requests

from harness import records

NUMBERS = {
    "big": "1e22", "minus_zero": "-0.0", "largest": "1.7976931348623157e308", "past_2_53": "9007199254740993",
    "trailing": "1.10", "long": "949.3012028926441", "whole": "1.0", "tiny": "5e-324", "int64": "9223372036854775807",
}
BODY = "{" + ", ".join(f'"{key}": {text}' for key, text in NUMBERS.items()) + "}"
# Magnitudes that survive every copy on both backends; the others may be rewritten on entry.
ORDINARY = ("past_2_53", "trailing", "long", "whole", "int64")


def put_raw(server, url: str, data: str) -> None:
    answer = records.session(server).put(url, data=f'{{"data": {data}}}'.encode(), timeout=30,
                                         headers={"Content-Type": "application/json"})
    assert answer.status_code in (200, 201), answer.text


def raw_numbers(server, url: str) -> dict[str, str]:
    """The numbers as the server spells them."""
    answer: requests.Response = records.session(server).get(url, timeout=30)
    assert answer.ok, answer.text
    return {key: re.search(rf'"{key}":\s*([^,}}\s]+)', answer.text)[1] for key in NUMBERS}


@pytest.mark.parametrize("path", ["load", "update"])
def test_numbers_arrive_byte_for_byte(each_pair, name, path):
    master, replica = each_pair.master, each_pair.replica
    records.load(master, name, [{"id": "numbers", "big": 0}] if path == "update" else [])
    if path == "update":
        each_pair.once().expect(0)
    put_raw(master, f"{records.records_url(master, name)}/numbers", BODY)
    sent = raw_numbers(master, f"{records.records_url(master, name)}/numbers")

    each_pair.once().expect(0)

    got = raw_numbers(replica, f"{records.records_url(replica, name)}/numbers")
    # The oracle: the master's bytes, put by hand into the same replica.
    records.load(replica, "by-hand/articles", [])
    by_hand = f"{records.records_url(replica, 'by-hand/articles')}/numbers"
    put_raw(replica, by_hand, "{" + ", ".join(f'"{key}": {text}' for key, text in sent.items()) + "}")
    assert got == raw_numbers(replica, by_hand)
    assert {key: got[key] for key in ORDINARY} == {key: sent[key] for key in ORDINARY}
