"""Who may sign what, and who may read which key."""

import ssl
from datetime import UTC, datetime, timedelta

import pytest
from click.testing import CliRunner
from cryptography import x509
from cryptography.x509.verification import PolicyBuilder, Store, VerificationError

from ops.certificates import certificates, ensure


@pytest.fixture
def folder(tmp_path):
    done = CliRunner().invoke(certificates, [str(tmp_path), "redis", "127.0.0.1"])
    assert done.exit_code == 0, done.output
    return tmp_path


def read(file):
    return x509.load_pem_x509_certificate(file.read_bytes())


def verified(folder, host, name):
    """Whether the certificate of ``host`` proves that it is ``name``."""
    policy = PolicyBuilder().store(Store([read(folder / "ca/ca.pem")]))
    try:
        verifier = policy.build_server_verifier(x509.DNSName(name))
        verifier.verify(read(folder / host / "server.pem"), [])
    except VerificationError:
        return False
    return True


def test_a_server_proves_its_own_name_and_no_other(folder):
    assert verified(folder, "redis", "redis")
    assert not verified(folder, "redis", "mongo")


def test_an_address_is_a_name_too(folder):
    names = read(folder / "127.0.0.1/server.pem").extensions.get_extension_for_class(
        x509.SubjectAlternativeName
    )

    assert [str(each.value) for each in names.value] == ["127.0.0.1"]


def test_only_the_authority_signs_and_its_key_is_kept_nowhere(folder):
    keys = [
        f for f in folder.rglob("*") if f.is_file() and b"PRIVATE" in f.read_bytes()
    ]

    assert {key.name for key in keys} == {"server.pem"}
    assert is_authority(folder / "ca/ca.pem")
    assert not is_authority(folder / "redis/server.pem")


def is_authority(file):
    constraints = x509.BasicConstraints
    return read(file).extensions.get_extension_for_class(constraints).value.ca


def test_a_key_is_for_its_owner_and_fits_its_certificate(folder):
    file = folder / "redis/server.pem"

    assert file.stat().st_mode & 0o777 == 0o600
    ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(file)


def test_every_server_has_the_authority_beside_its_certificate(folder):
    trusted = (folder / "ca/ca.pem").read_bytes()

    assert (folder / "redis/ca.pem").read_bytes() == trusted


def test_what_is_there_stays_and_what_is_not_is_made_with_all_others(folder):
    before = (folder / "redis/server.pem").read_bytes()
    ensure(folder, {"redis": "redis"})
    assert (folder / "redis/server.pem").read_bytes() == before

    ensure(folder, {"redis": "redis", "mongo": "mongo"})
    assert (folder / "redis/server.pem").read_bytes() != before
    assert verified(folder, "redis", "redis")


def test_it_lasts_for_years(folder):
    end = read(folder / "redis/server.pem").not_valid_after_utc

    assert end > datetime.now(UTC) + timedelta(days=3000)
