"""mozlog 2.0, the log format of Mozilla's services: one JSON object on a line."""

from collections.abc import Iterator

import jsonschema

# After mozilla-services/Dockerflow, docs/mozlog.md. Fields are flat, so that nothing has to be taken apart to be searched.
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
            "additionalProperties": {"type": ["string", "number", "boolean", "null"]},
        },
    },
}
_VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)


def problems(line: object) -> Iterator[str]:
    for error in _VALIDATOR.iter_errors(line):
        yield f"{error.json_path}: {error.message}"
