"""PostgreSQL's data of a region that has come back, where somebody can reach them."""

import os
import shlex
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path

from ops.dr import feeding
from ops.dr.regions import Region
from ops.dr.talking import spoken
from ops.errors import Problem
from ops.stack import programs
from ops.stack.servers.postgres import DEBIAN

PATIENCE = "--timeout=300"
# pg_rewind makes all files those of the other region, these among them.
OWN = (
    *("postgresql.conf", "postgresql.auto.conf", "pg_hba.conf", "pg_ident.conf"),
    *("server.crt", "server.key", "root.crt", "postmaster.opts"),
)
# It takes data that were shut down, which those that it has made are not.
REWOUND = "rewound"


class Returned:
    """``stopping`` and ``starting`` are commands of whatever else looks after it."""

    def __init__(self, data: Path, stopping: str = "", starting: str = "") -> None:
        self.data = data.resolve()
        if not (self.data / "PG_VERSION").exists():
            raise Problem(f"{data} is not PostgreSQL's data")
        self.stopping, self.starting = shlex.split(stopping), shlex.split(starting)
        self.own = self.data.with_name(f"{self.data.name}.own")

    @property
    def user(self) -> str | None:
        """PostgreSQL's programs refuse root."""
        return self.data.owner() if os.geteuid() == 0 else None

    @property
    def identity(self) -> str:
        """Of which server they are a copy: with that the control file begins."""
        with (self.data / "global/pg_control").open("rb") as control:
            return str(int.from_bytes(control.read(8), sys.byteorder))

    def fence(self) -> None:
        """Whoever starts it, it is a replica."""
        signal = self.data / "standby.signal"
        signal.touch()
        self.hand_over(signal)

    @property
    def runs(self) -> bool:
        try:
            self.control("status")
        except Problem:
            return False
        return True

    def stop(self) -> None:
        if self.stopping:
            programs.run(self.stopping)
        elif self.runs:
            self.control("stop", "--mode=fast", PATIENCE)

    def start(self) -> None:
        """With the words that it was last started with."""
        if self.starting:
            programs.run(self.starting)
        elif not self.runs:
            log = f"--log={self.data / 'rejoined.log'}"
            self.control("restart", log, PATIENCE)

    @property
    def is_half_way(self) -> bool:
        """Whether somebody was stopped in rewinding it: it may not start as it is."""
        return self.own.exists()

    def rewind(self, leader: Region, name: str) -> None:
        """Make the data those of ``leader``, whom it follows; it is stopped."""
        if not self.is_half_way:
            self.keep_own()
        if not (self.own / REWOUND).exists():
            target, (source, password) = self.data, spoken(leader.postgres)
            words = f"--target-pgdata={target}", f"--source-server={source}"
            self.run("pg_rewind", *words, told=password)
            (self.own / REWOUND).touch()
        self.put_back_own()
        with (self.data / "postgresql.auto.conf").open("a") as settings:
            for word, value in feeding.following(leader, name).items():
                quoted = value.replace("'", "''")
                settings.write(f"{word} = '{quoted}'\n")
        self.fence()
        shutil.rmtree(self.own)

    def keep_own(self) -> None:
        """All of it or nothing, for whoever has to do this again."""
        draft = self.own.with_suffix(".own.new")
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(mode=0o700)
        for name in OWN:
            if (self.data / name).exists():
                shutil.copy2(self.data / name, draft)
        draft.rename(self.own)

    def put_back_own(self) -> None:
        for file in self.own.iterdir():
            if file.name in OWN:
                shutil.copy2(file, self.data / file.name)
                self.hand_over(self.data / file.name)

    def control(self, verb: str, *words: str) -> None:
        self.run("pg_ctl", verb, f"--pgdata={self.data}", *words)

    def run(
        self, name: str, *words: str, told: Mapping[str, str] | None = None
    ) -> None:
        version = (self.data / "PG_VERSION").read_text().strip()
        there = DEBIAN / version / "bin" / name
        program = there if there.exists() else programs.demand(name)
        programs.run([program, *words], cwd=self.data, user=self.user, told=told)

    def hand_over(self, file: Path) -> None:
        if self.user:
            shutil.chown(file, self.user, self.data.group())
