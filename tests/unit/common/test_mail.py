"""Letters: what is in them, and what may not get into them."""

from email import message_from_bytes, policy

import pytest
from nameko import config

from common.ids import new_id
from common.mail import Folder, Mail, MailAway, SmtpServer, post_at
from common.outages import OUTAGES

SENDER = "ShopNow <shop@shopnow.example>"


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "mail"


@pytest.fixture
def mail(folder):
    provider = Mail()
    with config.patch({"MAIL_URI": folder.as_uri(), "MAIL_FROM": SENDER}):
        provider.setup()
    return provider


def letters(folder):
    files = sorted(folder.glob("*"))
    return [message_from_bytes(f.read_bytes(), policy=policy.default) for f in files]


def test_a_letter_says_who_writes_to_whom_and_what(mail, folder):
    mail.send("ada@example.com", "Welcome", "Hello Ada,\n\n£4.50 is a fair price.\n")

    [letter] = letters(folder)
    assert (letter["From"], letter["To"]) == (SENDER, "ada@example.com")
    assert letter["Subject"] == "Welcome"
    assert letter["Auto-Submitted"] == "auto-generated"
    assert letter.get_content_type() == "text/plain"
    assert letter.get_content() == "Hello Ada,\n\n£4.50 is a fair price.\n"


def test_only_the_owner_reads_it(mail, folder):
    mail.send("ada@example.com", "Welcome", "Hello")

    [file] = folder.iterdir()
    assert (file.suffix, file.stat().st_mode & 0o777) == (".eml", 0o600)
    assert folder.stat().st_mode & 0o777 == 0o700


def test_the_same_cause_makes_the_same_letter(mail, folder):
    cause = new_id()
    for _ in range(2):
        mail.send("ada@example.com", "Welcome", "Hello", cause)
    mail.send("ada@example.com", "Welcome", "Hello", new_id())

    first, second = letters(folder)
    assert first["Message-ID"] == f"<{cause}@shopnow.example>"
    assert second["Message-ID"] != first["Message-ID"]


@pytest.mark.parametrize(
    "address",
    [
        "ada@example.com\r\nBcc: eve@example.com",
        "ada@example.com\nBcc: eve@example.com",
        "ada@example.com, eve@example.com",
        "ada@example.com\r\n\r\nA text of Eve's",
        "Ada <ada@example.com>",
        "ada",
        "",
        "ädä@example.com",
        f"ada@{'a' * 64}.example",
    ],
)
def test_what_is_not_one_address_is_given_up_and_not_logged(
    mail, folder, caplog, address
):
    mail.send(address, "Welcome", "Hello")

    assert not folder.exists()
    assert [record.getMessage() for record in caplog.records] == [
        "a letter cannot be delivered"
    ]
    assert "ada" not in repr([vars(record) for record in caplog.records])


def test_a_domain_of_other_letters_is_written_in_ascii(mail, folder):
    mail.send("ada@bücher.example", "Welcome", "Hello")

    assert letters(folder)[0]["To"] == "ada@xn--bcher-kva.example"


def test_a_subject_cannot_begin_another_header(mail, folder):
    with pytest.raises(ValueError, match="linefeed"):
        mail.send("ada@example.com", "Welcome\r\nBcc: eve@example.com", "Hello")

    assert not folder.exists()


@pytest.mark.parametrize(
    ("uri", "port"),
    [
        ("smtp://mail.example", 25),
        ("smtp://mail.example:2525", 2525),
        ("smtp://ada:a%40b@mail.example:587?starttls=true", 587),
        ("smtps://ada:a%40b@mail.example", 465),
    ],
)
def test_a_mail_server_is_found_by_its_uri(uri, port):
    server = post_at(uri)

    assert isinstance(server, SmtpServer)
    assert (server.host, server.port) == ("mail.example", port)
    assert (server.user, server.password) in [("ada", "a@b"), ("", "")]


def test_a_folder_is_found_by_its_uri(tmp_path):
    post = post_at((tmp_path / "a folder").as_uri())

    assert isinstance(post, Folder)
    assert post.folder == tmp_path / "a folder"


@pytest.mark.parametrize(
    "uri", ["", "mail.example", "http://mail.example", "smtp://", "file://"]
)
def test_a_uri_that_leads_nowhere_is_refused(uri):
    with pytest.raises(ValueError, match="MAIL_URI is neither"):
        post_at(uri)


def test_a_password_is_not_sent_in_the_clear():
    with pytest.raises(ValueError, match="a password needs") as refusal:
        post_at("smtp://ada:secret@mail.example")

    assert "secret" not in str(refusal.value)


def test_who_handles_events_waits_for_a_mail_server_that_is_away():
    server = post_at("smtp://127.0.0.1:1")

    with pytest.raises(MailAway, match="ConnectionRefusedError"):
        server.deliver(None)

    assert MailAway in OUTAGES
