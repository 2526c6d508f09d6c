import os
import subprocess
import sys
from pathlib import Path

import pytest

from bench import cpu
from bench.cpu import Reading

STAT = "7 (a (b) c) S 1 7 7 0 -1 4194560 9 8 7 6 {} 20 0 1 0 5 4 3"


def test_own_time_and_that_of_ended_children_count():
    ticks = [cpu.TICKS * seconds for seconds in (1, 2, 3, 4)]
    assert cpu.seconds_in(STAT.format(" ".join(map(str, ticks)))) == 10.0


def test_what_the_kernel_writes_is_read():
    assert cpu.seconds_in(Path(f"/proc/{os.getpid()}/stat").read_text()) > 0


def test_processes_are_grouped_by_their_names():
    assert cpu.group_of("gateway.2") == cpu.group_of("stock_gateway") == "gateway"
    assert cpu.group_of("product_service.1") == "service"
    assert cpu.group_of("postgres") == "other"


def test_what_was_used_is_the_difference_and_the_rest_is_elsewhere():
    before = Reading({"gateway": 10.0, "service": 1.0}, machine=100.0)
    after = Reading({"gateway": 12.5, "service": 2.0}, machine=105.0)
    assert after.since(before) == {
        "cpu": {"gateway": 2.5, "service": 1.0},
        "elsewhere": 1.5,
    }


def test_clocks_that_disagree_leave_nothing_elsewhere():
    before, after = Reading({"gateway": 1.0}, 10.0), Reading({"gateway": 3.0}, 11.0)
    assert after.since(before)["elsewhere"] == 0.0


def test_children_belong_to_who_started_them():
    script = "import subprocess, sys; subprocess.run(['cat'])"
    with subprocess.Popen([sys.executable, "-c", script], stdin=subprocess.PIPE) as it:
        try:
            while len(list(cpu.tree(it.pid))) < 2:
                pass
        finally:
            it.kill()


def test_who_is_gone_has_used_nothing():
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    assert cpu.spent({gone.pid: "gateway.1"})["gateway"] == pytest.approx(0.0)
