"""What the operator reads in the configuration is what holds without it."""

from dataclasses import asdict
from pathlib import Path

import yaml

from gateway.bounds import ANSWERING, Bounds

CONFIG = Path(__file__).parents[3] / "gateway/config.yml"


def test_the_configuration_shows_every_bound():
    settings = yaml.safe_load(CONFIG.read_text())

    assert settings["HTTP"] == asdict(Bounds())


def test_only_our_own_work_is_waited_for_without_end():
    patience = Bounds().patience

    assert patience.pop(ANSWERING) == float("inf")
    assert max(patience.values()) <= 30
