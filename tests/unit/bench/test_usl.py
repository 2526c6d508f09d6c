"""The universal scalability law, fitted to what is known."""

import pytest

from bench.usl import Fit, fit

CLIENTS = (1, 2, 4, 8, 16, 32)


@pytest.mark.parametrize(
    ("contention", "coherency"), [(0.05, 0.002), (0.1, 0.0), (0.0, 0.001), (0.0, 0.0)]
)
def test_a_law_is_found_again_in_its_own_points(contention, coherency):
    law = Fit(100.0, contention, coherency, ())

    found = fit([(n, law.at(n)) for n in CLIENTS])

    assert found.rate == pytest.approx(100.0)
    assert found.contention == pytest.approx(contention, abs=1e-9)
    assert found.coherency == pytest.approx(coherency, abs=1e-9)
    assert found.worst == pytest.approx(0, abs=1e-9)


def test_nothing_comes_out_that_would_make_more_clients_faster_than_alone():
    found = fit([(1, 100), (2, 260), (4, 600)])

    assert (found.contention, found.coherency) == (0.0, 0.0)
    assert found.worst > 0.1


def test_a_residual_says_how_far_above_the_law_a_point_is():
    found = fit([(1, 100), (2, 200), (4, 440), (8, 800)])

    assert len(found.residuals) == 4
    assert max(found.residuals) > 0 > min(found.residuals)


def test_the_peak_is_where_one_more_brings_nothing():
    law = fit([(n, Fit(100.0, 0.1, 0.004, ()).at(n)) for n in CLIENTS])

    assert law.peak == pytest.approx(15.0)
    assert law.at(15) > law.at(14)
    assert law.at(15) > law.at(16)
