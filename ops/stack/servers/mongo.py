"""MongoDB: the catalogue, on a replica set of one, which is what transactions take."""

import sysconfig
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pymongo import MongoClient
from pymongo.errors import OperationFailure, PyMongoError
from pymongo.uri_parser import parse_uri

from ops.errors import Problem
from ops.stack import programs
from ops.stack.child import Command
from ops.stack.secrets import write_private
from ops.stack.server import Server

REPLICA_SET = "rs0"
UNAUTHORIZED = 13
# A pip package with a mongod inside, for Debian has none.
WHEEL = Path(sysconfig.get_path("purelib"), "fiftyone/db/bin/mongod")
# What it is linked with and a small Debian may lack.
PACKAGES = {
    "libcurl.so.4": "libcurl4",
    "liblzma.so.5": "liblzma5",
    "libssl.so.3": "libssl3",
    "libcrypto.so.3": "libssl3",
}
PARAMETERS = {
    # By default a primary lingers for 15 s for clients that find another one.
    "shutdownTimeoutMillisForSignaledShutdown": 100,
    "diagnosticDataCollectionEnabled": "false",
    # The locks of a service that was killed would outlive it for a minute.
    "transactionLifetimeLimitSeconds": 6,
    # For so long a list may be paged through as of the moment of its first page.
    "minSnapshotHistoryWindowInSeconds": 300,
}


class Mongo(Server):
    name = "mongo"
    uris = ("PRODUCT_MONGO_URI",)
    port_names = ("mongo",)

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.port}"

    def uri(self, user: str) -> str:
        login = f"mongodb://{user}:{self.secrets[f'mongo.{user}']}@{self.host}"
        tls = f"&tls=true&tlsCAFile={self.tls}/ca.pem" if self.tls else ""
        return f"{login}/{user}?authSource={user}&replicaSet={REPLICA_SET}{tls}"

    @property
    def binary(self) -> Path | None:
        return programs.find("mongod") or (WHEEL if WHEEL.exists() else None)

    def missing_packages(self) -> list[str]:
        if self.binary is None:
            raise Problem("there is no mongod on this machine and no wheel for it")
        linked = programs.run(["ldd", self.binary]).splitlines()
        lost = [line.split()[0] for line in linked if "not found" in line]
        return sorted({PACKAGES.get(library, library) for library in lost})

    def prepare(self) -> None:
        (self.home / "data").mkdir(parents=True, exist_ok=True)
        write_private(self.home / "key", self.secrets["mongo.replica_set"])

    def commands(self) -> list[Command]:
        if self.binary is None:
            raise Problem("there is no mongod on this machine")
        flags = {
            "dbpath": self.home / "data",
            "keyFile": self.home / "key",
            "replSet": REPLICA_SET,
            "bind_ip": "127.0.0.1",
            "port": self.port,
            "wiredTigerCacheSizeGB": 0.5,
            # What a slow operation was about may be a person.
            "slowOpSampleRate": "0.0",
        }
        words = [f"--{flag}={value}" for flag, value in flags.items()]
        tuning = [f"--setParameter={name}={PARAMETERS[name]}" for name in PARAMETERS]
        words += ["--nounixsocket", *self.encryption, *tuning]
        return [self.command([self.binary, *words])]

    @property
    def encryption(self) -> list[str]:
        if not self.tls:
            return []
        return [
            "--tlsMode=requireTLS",
            f"--tlsCertificateKeyFile={self.tls}/server.pem",
            f"--tlsCAFile={self.tls}/ca.pem",
            "--tlsAllowConnectionsWithoutCertificates",
        ]

    def is_ready(self) -> bool:
        try:
            with self.client() as client:
                hello = client.admin.command("hello")
                if "setName" not in hello:
                    self.join(client)
                return bool(hello["isWritablePrimary"])
        except PyMongoError:
            return False

    def client(self, **login: Any) -> MongoClient[Any]:
        if self.tls:
            login |= {"tls": True, "tlsCAFile": f"{self.tls}/ca.pem"}
        return MongoClient(
            self.host, directConnection=True, serverSelectionTimeoutMS=1000, **login
        )

    def admin(self) -> MongoClient[Any]:
        password = self.secrets["mongo.admin"]
        return self.client(username="admin", password=password)

    def join(self, client: MongoClient[Any]) -> None:
        """Form the replica set, or take our place in it at a port that has changed."""
        members = [{"_id": 0, "host": self.host}]
        config = {"_id": REPLICA_SET, "members": members}
        try:
            client.admin.command("replSetInitiate", config)
        except OperationFailure as refusal:
            if refusal.code != UNAUTHORIZED:
                raise
            self.move(members)

    def move(self, members: list[dict[str, Any]]) -> None:
        with self.admin() as admin:
            config = admin.admin.command("replSetGetConfig")["config"]
            config |= {"members": members, "version": config["version"] + 1}
            admin.admin.command("replSetReconfig", config, force=True)

    def provision(self, variables: Mapping[str, str]) -> None:
        self.ensure_admin()
        with self.admin() as admin:
            ensure_user(admin, variables["PRODUCT_MONGO_URI"])

    def ensure_admin(self) -> None:
        password = self.secrets["mongo.admin"]
        try:
            with self.client() as client:
                client.admin.command(
                    "createUser", "admin", pwd=password, roles=["root"]
                )
        except OperationFailure as refusal:
            # Whoever comes from this machine may make the first user, and only that.
            if refusal.code != UNAUTHORIZED:
                raise


def provision(admin_uri: str, uri: str) -> None:
    admin: MongoClient[Any]
    with MongoClient(admin_uri, serverSelectionTimeoutMS=5000) as admin:
        ensure_user(admin, uri)


def ensure_user(admin: MongoClient[Any], uri: str) -> None:
    """Make the user of ``uri``, who may change all of its database and no other."""
    login = parse_uri(uri)
    database = admin[login["options"].get("authsource") or login["database"]]
    known = database.command("usersInfo", login["username"])["users"]
    database.command(
        "updateUser" if known else "createUser",
        login["username"],
        pwd=login["password"],
        roles=[{"role": r, "db": login["database"]} for r in ("readWrite", "dbAdmin")],
    )
