"""Letters to people: by SMTP, or as files in a folder.

``MAIL_URI`` says where they go: ``smtp://user:password@host:587?starttls=true``,
``smtps://user:password@host:465`` or ``file:///a/folder``.  A letter is sent at
least once; the same ``cause`` gives it the same Message-ID, by which a mailbox
knows the second of two.
"""

import logging
import os
import smtplib
import ssl
from email import policy
from email.errors import HeaderParseError
from email.headerregistry import Address, HeaderRegistry
from email.message import EmailMessage
from email.utils import localtime, parseaddr
from functools import lru_cache
from pathlib import Path
from typing import Protocol
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from nameko import config
from nameko.containers import WorkerContext
from nameko.extensions import DependencyProvider

from common.chaos import fault
from common.ids import new_id
from common.outages import count_as_outage

log = logging.getLogger(__name__)

SECONDS = 10.0
# The first status of RFC 5321 that would be no other another time.
FIRST_FINAL = 500


class KnownHeaders(HeaderRegistry):
    """A class for each name of a header, not for each header."""

    def __init__(self) -> None:
        super().__init__()
        self.known: dict[str, type] = {}

    def __getitem__(self, name: str) -> type:
        if name not in self.known:
            self.known[name] = super().__getitem__(name)
        return self.known[name]


# Seven bits pass every server.
PLAIN = policy.default.clone(cte_type="7bit", header_factory=KnownHeaders())
# What all letters have in common is read once.
header = lru_cache(64)(PLAIN.header_factory)


class MailAway(Exception):
    """The mail server does not take letters at this moment."""


class Undeliverable(Exception):
    """Nobody can be reached at this address, however often we try."""


count_as_outage(MailAway)


class Post(Protocol):
    def deliver(self, letter: EmailMessage) -> None:
        """Raises ``MailAway`` or ``Undeliverable``; delivering twice is no harm."""


class Mail(DependencyProvider):
    """``self.mail.send(to=..., subject=..., text=..., cause=event["id"])``."""

    def setup(self) -> None:
        self.sender: str = config["MAIL_FROM"]
        self.post = post_at(config["MAIL_URI"])

    def get_dependency(self, worker_ctx: WorkerContext) -> "Mail":
        return self

    def send(self, to: str, subject: str, text: str, cause: str | None = None) -> None:
        """Send plain ``text``; raises ``MailAway``.

        What has no address that a server takes is given up, with a line in the log.
        """
        try:
            letter = written(self.sender, mailbox(to), subject, text, cause or new_id())
            fault("mail", MailAway, SECONDS)
            self.post.deliver(letter)
        except Undeliverable:
            log.warning("a letter cannot be delivered", extra={"cause": cause})


def mailbox(to: str) -> Address:
    """The one address that ``to`` is; raises ``Undeliverable``."""
    local, _, domain = to.rpartition("@")
    try:
        return Address(addr_spec=f"{local}@{domain.encode('idna').decode()}")
    except (ValueError, HeaderParseError):
        raise Undeliverable from None


def written(
    sender: str, to: Address, subject: str, text: str, name: str
) -> EmailMessage:
    """Raises ``ValueError`` for a subject of two lines."""
    letter = EmailMessage(policy=PLAIN)
    letter["From"] = header("From", sender)
    letter["To"] = to
    letter["Subject"] = subject
    letter["Date"] = localtime()
    letter["Message-ID"] = f"<{name}@{parseaddr(sender)[1].rpartition('@')[2]}>"
    letter["Auto-Submitted"] = header("Auto-Submitted", "auto-generated")
    letter.set_content(text)
    return letter


def post_at(uri: str) -> Post:
    """Raises ``ValueError`` for a URI that leads nowhere, and never shows it."""
    address = urlsplit(uri)
    if address.scheme == "file" and address.path:
        return Folder(Path(unquote(address.path)))
    if address.scheme in ("smtp", "smtps") and address.hostname:
        return SmtpServer(address)
    raise ValueError("MAIL_URI is neither smtp://host, smtps://host nor file:///folder")


class Folder:
    """One ``.eml`` a letter, for its owner only."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def deliver(self, letter: EmailMessage) -> None:
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        name = letter["Message-ID"].strip("<>").partition("@")[0]
        draft = self.folder / f".{name}.{os.getpid()}"
        draft.unlink(missing_ok=True)
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with open(handle, "wb") as stream:
            stream.write(letter.as_bytes())
        draft.rename(self.folder / f"{name}.eml")


class SmtpServer:
    def __init__(self, address: SplitResult) -> None:
        self.host, self.at_once = address.hostname or "", address.scheme == "smtps"
        self.port = address.port or (465 if self.at_once else 25)
        self.user = unquote(address.username or "")
        self.password = unquote(address.password or "")
        self.starttls = parse_qs(address.query).get("starttls") == ["true"]
        if self.user and not (self.starttls or self.at_once):
            raise ValueError("MAIL_URI: a password needs smtps:// or ?starttls=true")

    def deliver(self, letter: EmailMessage) -> None:
        # What smtplib raises tells the address, which no log may hold.
        try:
            with self.connected() as server:
                server.send_message(letter)
        except smtplib.SMTPRecipientsRefused as refused:
            raise verdict(refused) from None
        except OSError as trouble:
            raise MailAway(type(trouble).__name__) from None

    def connected(self) -> smtplib.SMTP:
        server = self.greeted()
        if self.starttls:
            server.starttls(context=ssl.create_default_context())
        if self.user:
            server.login(self.user, self.password)
        return server

    def greeted(self) -> smtplib.SMTP:
        if not self.at_once:
            return smtplib.SMTP(self.host, self.port, timeout=SECONDS)
        tls = ssl.create_default_context()
        return smtplib.SMTP_SSL(self.host, self.port, timeout=SECONDS, context=tls)


def verdict(refused: smtplib.SMTPRecipientsRefused) -> Exception:
    [(code, _)] = refused.recipients.values()
    return Undeliverable() if code >= FIRST_FINAL else MailAway(f"status {code}")
