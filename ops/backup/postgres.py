"""PostgreSQL: a base backup, and its write-ahead log from there on."""

from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit

from ops.errors import Problem
from ops.stack import programs
from ops.stack.servers.postgres import DEBIAN

BASE, LOG = "postgres", "wal"
RECOVERY = """
restore_command = 'cp "{log}/%f" "%p" 2>/dev/null || cp "{log}/%f.partial" "%p"'
recovery_target_time = '{to}'
recovery_target_action = 'promote'
"""


def base_backup(uri: str, target: Path) -> None:
    """A copy of all databases, which can be started by itself."""
    words = ["--checkpoint=fast", "--wal-method=stream", "-d", server_of(uri)]
    programs.run([program("pg_basebackup"), "-D", target / BASE, *words])


def receive_log(uri: str, target: Path) -> Sequence[str | Path]:
    """The command that writes down each change as it is made, until it is ended."""
    (target / LOG).mkdir(exist_ok=True)
    return [
        program("pg_receivewal"),
        "-D",
        target / LOG,
        "--synchronous",
        "--no-loop",
        "-d",
        server_of(uri),
    ]


def recovery(log: Path, to: str) -> str:
    """The settings by which a server that is started goes on to ``to``."""
    return RECOVERY.format(log=log, to=to)


def server_of(uri: str) -> str:
    """Replication is of a server, not of a database."""
    return urlsplit(uri)._replace(path="").geturl()


def program(name: str) -> Path:
    found = DEBIAN.glob(f"*/bin/{name}")
    newest = max(found, key=lambda path: int(path.parts[-3]), default=None)
    if (there := newest or programs.find(name)) is None:
        raise Problem(f"there is no {name} on this machine")
    return there
