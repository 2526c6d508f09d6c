import gzip
import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from ops.replay import orders, sellers, shop
from ops.replay.command import replay
from tests.unit.ops.replay.fake_gateway import ADMIN, FakeGateway, Server

HEADER = (
    "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country"
)


@pytest.fixture
def sheet(tmp_path):
    """Write a file of invoices from its lines, without the header."""

    def write(*lines, name="invoices.csv", header=HEADER):
        data = "\n".join((header, *lines, "")).encode()
        path = tmp_path / name
        path.write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
        return path

    return write


@pytest.fixture
def gateway():
    return FakeGateway()


@pytest.fixture
def server(gateway):
    with Server(gateway) as running:
        yield running


@pytest.fixture
def waits(monkeypatch):
    """Nobody waits in these tests; what would have been waited is kept."""
    waited = []
    for module in (orders, sellers, shop):
        monkeypatch.setattr(module, "sleep", waited.append)
    return waited


@pytest.fixture
def environment(tmp_path, monkeypatch, server):
    """Everything the command reads from outside, and nothing of this machine."""
    (tmp_path / "demo-accounts.json").write_text(json.dumps([ADMIN]))
    monkeypatch.setenv("SHOPNOW_RUN_DIR", str(tmp_path))
    monkeypatch.setenv("SHOPNOW_URL", server.url)
    monkeypatch.setenv("REPLAY_SECRET", "only for these tests")
    return monkeypatch


@pytest.fixture
def run(environment, waits):
    """Run the command, and read its last line when it is JSON."""

    def invoke(path: Path, *options):
        result = CliRunner().invoke(replay, [str(path), *options])
        assert result.exception is None or isinstance(result.exception, SystemExit)
        last = result.stdout.rstrip("\n").rpartition("\n")[2]
        result.summary = json.loads(last) if last.startswith("{") else None
        return result

    return invoke
