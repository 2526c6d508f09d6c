"""A mail server of the tests' own: TLS and a password, one address that is full.

    python smtp_server.py FOLDER CERTIFICATE KEY

It tells its port, keeps what it takes as ``.eml`` files, and ends with its input.
"""

import asyncio
import ssl
import sys
from itertools import count
from pathlib import Path

from aiosmtpd.smtp import SMTP, AuthResult

FOLDER, CERTIFICATE, KEY = map(Path, sys.argv[1:])
NUMBERS = count()


class Handler:
    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802
        if address.startswith("unknown"):
            return f"550 there is no {address}"
        if address.startswith("full"):
            return f"452 the mailbox {address} is full"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        letter = f"X-Envelope: {envelope.rcpt_tos}\r\n".encode() + envelope.content
        (FOLDER / f"{next(NUMBERS)}.eml").write_bytes(letter)
        return "250 taken"


def check(server, session, envelope, mechanism, given):
    right = (given.login, given.password) == (b"shop", b"p@ss word")
    return AuthResult(success=right, handled=right)


def protocol():
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(CERTIFICATE, KEY)
    return SMTP(
        Handler(),
        hostname="localhost",
        tls_context=tls,
        require_starttls=True,
        authenticator=check,
        auth_required=True,
    )


async def main():
    loop = asyncio.get_running_loop()
    server = await loop.create_server(protocol, "127.0.0.1", 0)
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await loop.run_in_executor(None, sys.stdin.read)


asyncio.run(main())
