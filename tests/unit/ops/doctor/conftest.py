"""A run directory in which nothing runs, and what a check says of it."""

from dataclasses import replace

import pytest

from ops.doctor.case import Case
from ops.doctor.finding import Standing
from ops.stack.secrets import write_private
from tests.private_stack import free_ports


@pytest.fixture
def place(tmp_path):
    place = tmp_path / "run"
    place.mkdir()
    return place


@pytest.fixture
def case_of(place):
    """``case_of(REDIS_URI=…)``, on ports of its own."""
    ports = dict(zip(("GATEWAY", "REDIS"), free_ports(), strict=False))
    mine = {f"{name}_PORT": str(port) for name, port in ports.items()}
    mine |= {"SHOPNOW_RUN_DIR": str(place)}

    def make(**environ):
        variables = environ.pop("variables", None)
        case = Case.of(mine | environ)
        return case if variables is None else replace(case, variables=variables)

    return make


@pytest.fixture
def write(place):
    """``write("env", text)`` as the stack would."""
    return lambda name, text: write_private(place / name, text)


def bad(findings):
    """What is not fine, as ``[(standing, told, remedy)]``."""
    fine = (Standing.OK, Standing.LEFT_OUT)
    return [(f.standing, f.told, f.remedy) for f in findings if f.standing not in fine]


def only(findings):
    (found,) = bad(findings)
    return found
