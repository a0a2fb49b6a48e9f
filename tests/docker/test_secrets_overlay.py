"""deploy/compose.secrets.yml: every secret is a file, and none has a default."""

import secrets
import subprocess

import pytest

from harness import engine, records
from harness.engine import Stack

FILES = ("docker-compose.yml", "deploy/compose.secrets.yml")
NAME = "library/books"


def recipe() -> str:
    """The lines with which the file itself says that the secrets are made."""
    text = (engine.ROOT / FILES[1]).read_text()
    begin, end = text.index("#   install -d"), text.index("# The folder is closed")
    return "\n".join(line.lstrip("# ") for line in text[begin:end].splitlines())


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("secrets") / "made"
    subprocess.run(["sh", "-euc", recipe()], check=True, env={"PATH": "/usr/bin:/bin", "SECRETS_DIR": str(folder)})
    return folder


@pytest.fixture(scope="module")
def site(stacks, folder) -> Stack:
    return stacks(*FILES, SECRETS_DIR=str(folder))


def test_there_are_no_defaults(site):
    without = site.compose("config", check=False, SECRETS_DIR="")
    assert without.returncode != 0 and "SECRETS_DIR" in without.stdout + without.stderr
    assert "development" not in site.compose("--profile", "selftest", "config").stdout


def test_it_works_and_no_environment_holds_a_secret(site, folder, rng):
    site.up()
    auth = (folder / "master-auth").read_text().strip()
    master = site.node("MASTER_PORT", auth)
    reader = site.node("READ_ONLY_PORT", (folder / "replica-auth").read_text().strip())
    site.wait_healthy("master")
    records.load(master, NAME, records.random_records(rng, 20))
    records.wait_same(master, reader, NAME, "the records have arrived", 90)

    values = [file.read_text().strip().split(":")[-1] for file in folder.iterdir()]
    assert len(values) == 6 and all(len(value) == 64 for value in values)
    for service in ("master-db", "replica-db", "master", "replica", "read-only", "mirror"):
        container = site.container(service)
        told = engine.docker("inspect", container).stdout + engine.logs(container)
        assert not [value for value in values if value in told], service


def test_a_database_is_closed_to_another_password(site):
    wrong = f"postgresql://kinto:{secrets.token_hex(32)}@master-db/kinto"
    script = f"import psycopg2; psycopg2.connect('{wrong}')"
    done = site.compose("exec", "-T", "master", "python", "-c", script, check=False)
    assert done.returncode != 0 and "password authentication failed" in done.stdout + done.stderr
