"""Letters through a real mail server: TLS, a password, and its refusals."""

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from ipaddress import ip_address
from pathlib import Path

import eventlet
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from nameko import config

from common.ids import new_id
from common.mail import Mail, MailAway

SERVER = Path(__file__).with_name("smtp_server.py")
SENDER = "ShopNow <shop@shopnow.example>"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """Files of a certificate for 127.0.0.1, which signs itself, and of its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    place = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), 1)
        .not_valid_before(now - timedelta(minutes=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(place, critical=False)
        .sign(key, hashes.SHA256())
    )
    folder = tmp_path_factory.mktemp("tls")
    (folder / "cert.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return folder / "cert.pem", folder / "key.pem"


@pytest.fixture
def folder(tmp_path):
    return tmp_path


@pytest.fixture
def port(folder, certificate):
    words = [sys.executable, str(SERVER), str(folder), *map(str, certificate)]
    with subprocess.Popen(
        words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as server:
        yield int(server.stdout.readline())
        server.stdin.close()


@pytest.fixture
def mail_by(certificate, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))

    def make(uri):
        provider = Mail()
        with config.patch({"MAIL_URI": uri, "MAIL_FROM": SENDER}):
            provider.setup()
        return provider

    return make


@pytest.fixture
def mail(mail_by, port):
    return mail_by(f"smtp://shop:p%40ss%20word@127.0.0.1:{port}?starttls=true")


def letters(folder):
    files = sorted(folder.glob("*.eml"))
    return [message_from_bytes(f.read_bytes(), policy=policy.default) for f in files]


def test_a_letter_arrives_as_it_was_written(mail, folder):
    cause = new_id()
    text = "Hello,\n\n2 x Tea, £4.50 each\n.\n" + "x" * 2000 + "\n"

    mail.send("ada@example.com", "Your order", text, cause)

    [letter] = letters(folder)
    assert (letter["From"], letter["To"]) == (SENDER, "ada@example.com")
    assert letter["X-Envelope"] == "['ada@example.com']"
    assert letter["Message-ID"] == f"<{cause}@shopnow.example>"
    assert letter.get_content().replace("\r\n", "\n") == text


def test_others_go_on_while_a_letter_is_sent(mail, folder):
    steps = []
    ticking = eventlet.spawn_after(0, lambda: steps.append("other"))

    mail.send("ada@example.com", "Hello", "Hello")

    assert steps == ["other"]
    ticking.wait()


def test_an_address_that_is_none_is_given_up(mail, folder, caplog):
    mail.send("unknown@example.com", "Hello", "Hello", "cause-1")

    assert letters(folder) == []
    assert [record.cause for record in caplog.records] == ["cause-1"]
    assert "example.com" not in caplog.text


@pytest.mark.parametrize(
    ("uri", "why"),
    [
        ("smtp://shop:wrong@127.0.0.1:{port}?starttls=true", "Authentication"),
        ("smtp://127.0.0.1:{port}", "SenderRefused"),
        ("smtp://shop:p%40ss%20word@localhost:{port}?starttls=true", "SSL"),
        ("smtps://shop:p%40ss%20word@127.0.0.1:{port}", "SSL"),
    ],
)
def test_whoever_the_server_is_not_for_tries_again_later(mail_by, port, uri, why):
    with pytest.raises(MailAway, match=why):
        mail_by(uri.format(port=port)).send("ada@example.com", "Hello", "Hello")


def test_a_full_mailbox_is_tried_again_later(mail, folder):
    with pytest.raises(MailAway, match="452") as refusal:
        mail.send("full@example.com", "Hello", "Hello")

    assert "example.com" not in repr(refusal.value)
    assert refusal.value.__cause__ is None


def test_a_certificate_that_nobody_vouches_for_is_refused(mail, monkeypatch):
    monkeypatch.delenv("SSL_CERT_FILE")

    with pytest.raises(MailAway, match="SSL"):
        mail.send("ada@example.com", "Hello", "Hello")
