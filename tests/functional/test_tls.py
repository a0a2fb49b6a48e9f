"""https with a certificate authority of one's own, and no talking to whom it did not certify."""

import pytest
import requests

from harness import mirror, records
from harness.kinto import AUTH
from harness.tls import Authority, TlsProxy


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("ca"))


@pytest.fixture
def secured(pair, authority, proxied, name, rng):
    """Both servers behind TLS; the master has records."""
    records.load(pair.master, name, records.random_records(rng, 30))
    context = authority.certify("IP:127.0.0.1")
    return [proxied(TlsProxy(server.origin, context)) for server in (pair.master, pair.replica)]


def config(tmp_path, master: str, replica: str, ca_file: object) -> str:
    path = tmp_path / "mirror.toml"
    ca = f'ca_file = "{ca_file}"\n' if ca_file else ""
    path.write_text(f'[master]\nurl = "{master}"\nauth = "{AUTH}"\n{ca}\n'
                    f'[[replica]]\nurl = "{replica}"\nauth = "{AUTH}"\n{ca}')
    return str(path)


def test_the_harness_speaks_tls(secured, authority):
    answer = requests.get(f"{secured[0].url}/", verify=str(authority.ca_file), timeout=10)
    assert answer.json()["project_name"] == "kinto"
    with pytest.raises(requests.exceptions.SSLError):
        requests.get(f"{secured[0].url}/", timeout=10)


def test_copies_over_tls(pair, name, secured, authority, tmp_path):
    file = config(tmp_path, secured[0].url, secured[1].url, authority.ca_file)
    mirror.run("run", "--once", "--config", file).expect(0)
    assert len(records.assert_same(pair.master, pair.replica, name)) == 30


def test_an_unknown_authority_is_refused(pair, name, secured, tmp_path):
    file = config(tmp_path, secured[0].url, secured[1].url, None)
    result = mirror.run("run", "--once", "--config", file).expect(69)
    assert "certificate" in result.err
    assert records.count(pair.replica, name) == 0


def test_a_certificate_of_another_host_is_refused(pair, authority, proxied, name, rng, tmp_path):
    records.load(pair.master, name, records.random_records(rng, 3))
    context = authority.certify("DNS:somewhere.example")
    other = [proxied(TlsProxy(server.origin, context)) for server in (pair.master, pair.replica)]
    file = config(tmp_path, other[0].url, other[1].url, authority.ca_file)
    result = mirror.run("run", "--once", "--config", file).expect(69)
    assert "certificate" in result.err
    assert records.count(pair.replica, name) == 0


def test_a_missing_ca_file_is_a_configuration_error(secured, tmp_path):
    file = config(tmp_path, secured[0].url, secured[1].url, tmp_path / "absent.pem")
    result = mirror.run("run", "--once", "--config", file).expect(78)
    assert "absent.pem" in result.err and "ca_file" in result.err


@pytest.mark.parametrize("command", ["config check", "run", "check", "selftest"])
def test_a_ca_file_without_certificates_is_told_at_once(secured, authority, tmp_path, command):
    broken = tmp_path / "broken.pem"
    broken.write_bytes(authority.ca_file.read_bytes()[:300])
    result = mirror.run(*command.split(), "--config", config(tmp_path, secured[0].url, secured[1].url, broken)).expect(78)
    assert f'{tmp_path / "mirror.toml"}:4: [master] ca_file: "{broken}" holds no certificates' in result.err
    assert f'{tmp_path / "mirror.toml"}:9: [[replica]] ca_file: "{broken}" holds no certificates' in result.err


def test_a_good_ca_file_can_be_used(secured, authority, tmp_path):
    file = config(tmp_path, secured[0].url, secured[1].url, authority.ca_file)
    mirror.run("config", "check", "--config", file).expect(0)
