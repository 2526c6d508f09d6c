"""What every backing server has in common."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import ClassVar

from ops.stack.child import Command
from ops.stack.settings import Settings


class Server(ABC):
    """A private instance of a backing service, with its data under `.run/`.

    ``uris`` names the variables it stands behind: when all of them are given in the
    environment, it is not started.  ``port_names`` are those of `ops/local.toml`, the
    one that its clients use first.
    """

    name: ClassVar[str]
    uris: ClassVar[tuple[str, ...]]
    port_names: ClassVar[tuple[str, ...]]

    def __init__(self, settings: Settings, secrets: Mapping[str, str]) -> None:
        self.ports = settings.ports
        self.port = settings.ports[self.port_names[0]]
        self.given = settings.given
        self.home = settings.run_dir / self.name
        self.logs = settings.run_dir / "log"
        # Where its certificate is, if it is to speak nothing but TLS.
        self.tls = settings.run_dir / "tls" / self.name if settings.tls else None
        self.secrets = secrets

    @property
    def is_needed(self) -> bool:
        return any(name not in self.given for name in self.uris)

    @abstractmethod
    def missing_packages(self) -> list[str]:
        """What apt has to install before this can run."""

    def fetch(self) -> None:  # noqa: B027 - most have nothing of the kind
        """Get what apt does not install."""

    def prepare(self) -> None:
        """Lay out the data directory and the configuration."""
        self.home.mkdir(parents=True, exist_ok=True)

    @abstractmethod
    def commands(self) -> Sequence[Command]:
        """Its processes, in the order in which they are started."""

    @abstractmethod
    def is_ready(self) -> bool:
        """Whether it can be worked with now; asked again until it can."""

    def provision(self, variables: Mapping[str, str]) -> None:  # noqa: B027
        """Make the users, databases and topology that ``variables`` speak of."""

    def meet(self, variables: Mapping[str, str]) -> None:  # noqa: B027
        """Whatever has to wait until the other servers are ready too."""

    def command(self, argv: Sequence[str | Path], **more: object) -> Command:
        return Command(
            name=self.name,
            argv=argv,
            log=self.logs / f"{self.name}.log",
            cwd=self.home,
            port=self.port,
            **more,  # type: ignore[arg-type]
        )
