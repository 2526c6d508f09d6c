"""How the greatest rate is looked for that the shop bears."""

from bench.look import Look
from bench.mix import climb, saturation


def looked(rate, p99=10.0, errors=0):
    requests = round(rate * 10)
    return Look(
        rate=rate,
        seconds=10,
        requests=requests,
        errors=errors,
        percentiles={"p50": 1.0, "p99": p99},
        kinds={},
        cpu={},
        elsewhere=0.0,
    )


def bearing(most):
    return lambda rate: looked(rate, p99=50 if rate <= most else 5000)


def test_it_goes_up_till_it_is_too_much_and_then_between():
    looks = climb(bearing(1_100), 100, finer=3)

    assert [each.rate for each in looks] == [100, 200, 400, 800, 1000, 1100, 1200, 1600]
    assert saturation(looks).rate == 1_100


def test_it_goes_down_where_the_first_is_too_much():
    looks = climb(bearing(30), 100, finer=1)

    assert [each.rate for each in looks] == [25, 37.5, 50, 100]
    assert saturation(looks).rate == 25


def test_a_shop_that_bears_nothing_has_no_saturation_and_an_end():
    assert saturation(climb(bearing(0), 100, finer=3)) is None


def test_a_shop_that_bears_everything_has_an_end():
    assert saturation(climb(bearing(1e9), 100, finer=3)).rate == 12_800


def test_late_and_wrong_answers_are_not_borne():
    assert looked(100).bears
    assert not looked(100, p99=301).bears
    assert not looked(100, errors=2).bears
