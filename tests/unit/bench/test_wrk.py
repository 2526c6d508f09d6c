import pytest

from bench import wrk
from ops.errors import Problem

SAID = """\
Running 10s test @ http://127.0.0.1:8000
  1 threads and 32 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency     1.81ms    2.07ms  40.10ms   96.27%
    Req/Sec    20.21k     1.30k   22.67k    81.00%
  Latency Distribution
     50%  950.00us
     75%    1.82ms
     90%    2.10ms
     99%    1.20s\x20
  202013 requests in 10.02s, 98.05MB read
"""
TROUBLE = """\
  Socket errors: connect 1, read 2, write 3, timeout 4
  Non-2xx or 3xx responses: 500
"""


def test_counts_and_latencies_are_read_in_one_unit_each():
    assert wrk.parse(SAID) == pytest.approx(
        {
            "requests": 202013,
            "seconds": 10.02,
            "errors": 0,
            "p50": 0.95,
            "p90": 2.1,
            "p99": 1200.0,
        }
    )


def test_every_kind_of_trouble_is_an_error():
    assert wrk.parse(SAID + TROUBLE)["errors"] == 510


def test_a_run_of_a_minute_has_sixty_seconds():
    assert wrk.parse(SAID.replace("10.02s", "1.00m"))["seconds"] == 60.0


def test_without_a_report_there_is_a_problem():
    with pytest.raises(Problem, match="unable to connect"):
        wrk.parse("unable to connect to 127.0.0.1:8000 Connection refused\n")
