"""`shopnow certificates`: lets servers prove who they are, to whoever trusts ours."""

import ipaddress
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import click
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from cryptography.x509.oid import NameOID

from ops.stack.secrets import write_private

LIFE = timedelta(days=3650)
# By its start: the clocks of two machines are not quite the same.
EARLY = timedelta(hours=1)
AUTHORITY = "ca"


@click.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.argument("hosts", nargs=-1, required=True, metavar="HOST...")
def certificates(folder: Path, hosts: tuple[str, ...]) -> None:
    """Make FOLDER/HOST/server.pem for each HOST, and FOLDER/ca/ca.pem to check them.

    What is there is left as it is.
    """
    ensure(folder, {host: host for host in hosts})


def ensure(folder: Path, hosts: dict[str, str]) -> None:
    """One certificate and key for each server; ``hosts`` are what they are called.

    The authority's own key is never written: whoever wants another server makes
    all anew.
    """
    places = [folder / name / "server.pem" for name in hosts]
    trusted = folder / AUTHORITY / "ca.pem"
    if all(place.exists() for place in [*places, trusted]):
        return
    key = ec.generate_private_key(ec.SECP256R1())
    authority = certificate("ShopNow", key, key, is_authority=True)
    for place, host in zip(places, hosts.values(), strict=True):
        write_public(place.with_name("ca.pem"), authority)
        write_private(place, signed(host, authority, key))
    # Last, as the sign that all of them are there.
    write_public(trusted, authority)


def signed(
    host: str, authority: x509.Certificate, key: ec.EllipticCurvePrivateKey
) -> str:
    """Its certificate and its key, as PEM in one file, which all servers take."""
    own = ec.generate_private_key(ec.SECP256R1())
    secret = own.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return pem(certificate(host, own, key, issuer=authority)) + secret.decode()


def certificate(
    host: str,
    own: ec.EllipticCurvePrivateKey,
    key: ec.EllipticCurvePrivateKey,
    issuer: x509.Certificate | None = None,
    is_authority: bool = False,
) -> x509.Certificate:
    """Of ``own``, signed with ``key``."""
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    now = datetime.now(UTC)
    draft = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.subject if issuer else subject)
        .public_key(own.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - EARLY)
        .not_valid_after(now + LIFE)
    )
    for extension, critical in extensions(host, own, key, is_authority):
        draft = draft.add_extension(extension, critical)
    return draft.sign(key, SHA256())


def extensions(
    host: str,
    own: ec.EllipticCurvePrivateKey,
    key: ec.EllipticCurvePrivateKey,
    is_authority: bool,
) -> Iterable[tuple[x509.ExtensionType, bool]]:
    depth = 0 if is_authority else None
    yield x509.BasicConstraints(is_authority, depth), True
    yield usage(is_authority), True
    yield x509.SubjectKeyIdentifier.from_public_key(own.public_key()), False
    yield x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key()), False
    if not is_authority:
        yield x509.SubjectAlternativeName([named(host)]), False


def usage(is_authority: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not is_authority,
        key_cert_sign=is_authority,
        crl_sign=is_authority,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def named(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def pem(of: x509.Certificate) -> str:
    return of.public_bytes(Encoding.PEM).decode()


def write_public(file: Path, of: x509.Certificate) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(pem(of))
