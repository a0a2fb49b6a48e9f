"""The conformance table: by settings of the server, then by scenario, a list of steps on an empty server."""

from conformance.steps import Step, principal

from . import batches, containers, guards, odd_values, reading, rights, servers, stamps, writing

PLAIN = (servers, reading, writing, guards, stamps, batches, containers, rights, odd_values)

Scenarios = dict[str, list[Step]]

# What the real server is told in its ini file, and the model by its flags.
SETTINGS: dict[str, dict[str, str]] = {
    "plain": {},
    "paged": {"kinto.paginate_by": "3", "kinto.storage_max_fetch_size": "4"},
    "small": {"kinto.storage_max_fetch_size": "2", "kinto.batch_max_requests": "3"},
    "readonly": {"kinto.readonly": "true"},
    "backoff": {"kinto.backoff": "10", "kinto.retry_after_seconds": "7"},
    "all buckets": {"kinto.bucket_read_principals": principal("bob")},
    "ending": {"kinto.eos": "2099-01-01", "kinto.eos_message": "it will end", "kinto.eos_url": "http://end.test"},
}


# On memory this one leaves a collection whose ETag is "True".
ONLY_ON_POSTGRESQL = {"a stamp that is true"}


def scenarios(settings: str) -> Scenarios:
    if settings == "plain":
        return {name: steps for module in PLAIN for name, steps in module.SCENARIOS.items()}
    return (servers.WITH_SETTINGS | rights.WITH_SETTINGS)[settings]
