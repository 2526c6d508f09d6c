"""Which traces of this process go where, as its configuration says."""

import logging
import os
import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from common.tracing.tracer import NS, SHARE, SLOW_SECONDS, TRACER, nobody

Resource = dict[str, str]


@dataclass(frozen=True)
class Settings:
    """``TRACES`` of a ``config.yml``; ``file`` and ``endpoint`` may be empty."""

    disabled: bool = False
    share: float = SHARE
    slow_seconds: float = SLOW_SECONDS
    endpoint: str | None = None
    file: str | None = None


def set_up(service: str, config: Mapping[str, Any]) -> Callable[[], None]:
    """Begin to tell of traces; returns what ends that, and tells what is left.

    Raises ``ValueError`` or ``TypeError`` if the configuration makes no sense.
    """
    settings = Settings(**config.get("TRACES", {}))
    TRACER.off = settings.disabled
    TRACER.set_share(float(settings.share))
    TRACER.slow_ns = int(float(settings.slow_seconds) * NS)
    if settings.disabled or not (settings.endpoint or settings.file):
        return nothing_left
    return begin_to_tell(settings, identity(service, config))


def begin_to_tell(settings: Settings, identity: Resource) -> Callable[[], None]:
    # The SDK is loaded where it is needed, and not by every test and command.
    from opentelemetry.sdk.resources import Resource  # noqa: PLC0415

    from common.tracing import exporting, trace_file  # noqa: PLC0415

    # An exporter that is away is told of once, by ourselves.
    logging.getLogger("opentelemetry").setLevel(logging.CRITICAL)
    exporters = []
    if settings.endpoint:
        exporters.append(exporting.otlp(settings.endpoint))
    if settings.file:
        file = trace_file.TraceFile(settings.file)
        exporters.append(exporting.Away(file, settings.file))
    processors = list(map(exporting.batches, exporters))
    TRACER.export = exporting.to_all(processors, Resource(dict(identity)))

    def end() -> None:
        TRACER.export = nobody
        for processor in processors:
            processor.shutdown()

    return end


def nothing_left() -> None:
    """Nobody was told anything."""


def identity(service: str, config: Mapping[str, Any]) -> Resource:
    """Which process this is, in OpenTelemetry's words."""
    return {
        "service.name": service,
        "service.namespace": "shopnow",
        "service.version": own_version(),
        "service.instance.id": f"{socket.gethostname()}:{os.getpid()}",
        "deployment.environment.name": config.get("ENVIRONMENT", "production"),
        "cloud.region": config.get("REGION", "local"),
    }


def own_version() -> str:
    try:
        return version("shopnow")
    except PackageNotFoundError:
        return "unknown"
