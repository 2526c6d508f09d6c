"""PostgreSQL: accounts, profiles and orders, one role and one database each."""

import os
import shutil
import signal
from collections.abc import Iterable, Mapping
from contextlib import closing, suppress
from pathlib import Path
from tempfile import mkdtemp
from typing import Any
from urllib.parse import unquote, urlsplit

import psycopg2
from psycopg2.sql import SQL, Identifier

from ops.errors import Problem
from ops.stack import programs
from ops.stack.child import Command
from ops.stack.secrets import write_private
from ops.stack.server import Server

DEBIAN = Path("/usr/lib/postgresql")
# The server refuses to be root; Debian's package brings a user for it.
USER = "postgres"
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": 200,
    "shared_buffers": "128MB",
    # A year of months looks dear to the planner; compiling a query takes seconds.
    "jit": "off",
    # What a statement that fails was about may be a person.
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
}
# Who does not speak TLS is not asked for a password.
HBA = "hostssl all all all scram-sha-256\n"


class Postgres(Server):
    name = "postgres"
    uris = ("AUTH_DB_URI", "USER_DB_URI", "ORDER_DB_URI")
    port_names = ("postgres",)

    def uri(self, role: str) -> str:
        password = self.secrets[f"postgres.{role}"]
        database = "postgres" if role == "admin" else role
        tls = f"?sslmode=verify-full&sslrootcert={self.tls}/ca.pem" if self.tls else ""
        return f"postgresql://{role}:{password}@127.0.0.1:{self.port}/{database}{tls}"

    @property
    def place(self) -> Path:
        """Where it really is: the link's own folder may be closed to the user."""
        return self.home.resolve()

    @property
    def data(self) -> Path:
        return self.place / "data"

    @property
    def user(self) -> str | None:
        return USER if os.geteuid() == 0 else None

    def missing_packages(self) -> list[str]:
        return [] if self.find("postgres") else ["postgresql"]

    def find(self, name: str) -> Path | None:
        """The program of the version that wrote the data, else of the newest."""
        file = self.data / "PG_VERSION"
        version = file.read_text().strip() if file.exists() else "*"
        found = DEBIAN.glob(f"{version}/bin/{name}")
        newest = max(found, key=lambda path: int(path.parts[-3]), default=None)
        return newest or programs.find(name)

    def demand(self, name: str) -> Path:
        if (found := self.find(name)) is None:
            raise Problem(f"there is no {name} on this machine")
        return found

    def prepare(self) -> None:
        if not self.home.exists():
            self.make_home()
        if not self.data.exists():
            self.initdb()
        if self.tls:
            self.encrypt(self.tls)

    def encrypt(self, tls: Path) -> None:
        """Hand over what may be where the server's user cannot read it."""
        certificate = (tls / "server.pem").read_text()
        for name, text in {"server.pem": certificate, "pg_hba.conf": HBA}.items():
            write_private(self.place / name, text)
            self.hand_over(self.place / name)

    def make_home(self) -> None:
        self.home.unlink(missing_ok=True)  # It may be a link to what is gone.
        self.home.mkdir()
        self.hand_over(self.home)
        if not self.is_open_to_user():
            # The checkout is in a private folder, which the server's user cannot enter.
            self.home.rmdir()
            # A name of its own, which only its owner may enter.
            place = mkdtemp(prefix="shopnow-", dir="/var/tmp")
            self.home.symlink_to(place)
            self.hand_over(self.home)

    def is_open_to_user(self) -> bool:
        with suppress(Problem):
            programs.run(["test", "-x", self.home], user=self.user)
            return True
        return False

    def initdb(self) -> None:
        draft, password = self.place / "data.new", self.place / "password"
        shutil.rmtree(draft, ignore_errors=True)
        write_private(password, self.secrets["postgres.admin"])
        self.hand_over(password)
        access = ["--username=admin", "--auth=scram-sha-256", f"--pwfile={password}"]
        form = ["--encoding=UTF8", "--locale=C.UTF-8", f"--pgdata={draft}"]
        words: list[str | Path] = [self.demand("initdb"), *access, *form]
        programs.run(words, cwd=self.home, user=self.user)
        password.unlink()
        draft.rename(self.data)

    def hand_over(self, path: Path) -> None:
        if self.user:
            shutil.chown(path, self.user, self.user)

    def commands(self) -> list[Command]:
        settings = SETTINGS | {"port": self.port} | self.encryption
        words = [f"--{name}={value}" for name, value in settings.items()]
        return [
            self.command(
                [self.demand("postgres"), "-D", self.data, *words],
                user=self.user,
                # Fast shutdown: SIGTERM would wait for every client to leave.
                stop_signal=signal.SIGINT,
            )
        ]

    @property
    def encryption(self) -> dict[str, object]:
        if not self.tls:
            return {}
        certificate = self.place / "server.pem"
        return {
            "ssl": "on",
            "ssl_cert_file": certificate,
            "ssl_key_file": certificate,
            "hba_file": self.place / "pg_hba.conf",
        }

    def is_ready(self) -> bool:
        try:
            with closing(connect(self.uri("admin"))):
                return True
        except psycopg2.OperationalError:
            return False

    def provision(self, variables: Mapping[str, str]) -> None:
        ours = [variables[name] for name in self.uris if name not in self.given]
        provision(self.uri("admin"), ours)


def wipe(home: Path) -> None:
    """Remove the data, also from outside the run directory."""
    if home.is_symlink():
        shutil.rmtree(home.readlink(), ignore_errors=True)
        home.unlink()


def provision(admin_uri: str, uris: Iterable[str]) -> None:
    """Make the role and the database of each URI; nobody else may connect to it."""
    with closing(connect(admin_uri)) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute("REVOKE CONNECT ON DATABASE postgres FROM PUBLIC")
            for uri in uris:
                ensure_database(cursor, uri)


def connect(uri: str) -> Any:
    return psycopg2.connect(uri, connect_timeout=2)


def ensure_database(cursor: Any, uri: str) -> None:
    address = urlsplit(uri)
    role, database = address.username or "", address.path.lstrip("/")
    cursor.execute("SELECT FROM pg_roles WHERE rolname = %s", [role])
    verb = SQL("ALTER" if cursor.rowcount else "CREATE")
    cursor.execute(
        SQL("{} ROLE {} LOGIN PASSWORD %s").format(verb, Identifier(role)),
        [unquote(address.password or "")],
    )
    cursor.execute("SELECT FROM pg_database WHERE datname = %s", [database])
    if not cursor.rowcount:
        make = SQL("CREATE DATABASE {} OWNER {}")
        cursor.execute(make.format(Identifier(database), Identifier(role)))
    close = SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC")
    cursor.execute(close.format(Identifier(database)))
