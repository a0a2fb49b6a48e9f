"""mozlog 2.0, the log format of Mozilla's services: one JSON object on a line."""

import json
from collections.abc import Iterator

import jsonschema

# Dockerflow's rules, and our own on top: which members there are, and that fields are flat.
SCHEMA = {
    "type": "object",
    "required": ["Timestamp", "Type", "Logger", "Hostname", "EnvVersion", "Severity", "Pid", "Fields"],
    "additionalProperties": False,
    "properties": {
        "Timestamp": {"type": "integer", "minimum": 1_700_000_000 * 10**9, "maximum": 4_000_000_000 * 10**9},
        "Type": {"type": "string", "pattern": r"^[a-z]+(\.[a-z]+)+$"},
        "Logger": {"const": "kinto-mirror"},
        "Hostname": {"type": "string", "minLength": 1},
        "EnvVersion": {"const": "2.0"},
        "Severity": {"type": "integer", "minimum": 0, "maximum": 7},
        "Pid": {"type": "integer", "minimum": 1},
        "Fields": {
            "type": "object",
            "required": ["msg"],
            "properties": {"msg": {"type": "string", "minLength": 1}},
            "additionalProperties": {"type": ["string", "number", "boolean"]},
        },
    },
}
_VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)


def problems(line: object) -> Iterator[str]:
    for error in _VALIDATOR.iter_errors(line):
        yield f"{error.json_path}: {error.message}"


def assert_valid(log: str) -> None:
    """Of what may also hold other lines, text or a complaint before logging began. A last line may be cut by a kill, and
    some thousand lines stand for those that follow."""
    whole = log[:log.rfind("\n") + 1].split("\n")
    for line in [line for line in whole if line.startswith("{")][:3000]:
        assert not list(problems(json.loads(line))), (line, list(problems(json.loads(line))))
