import dataclasses

import pytest

from bench import chart, machine, report, targets
from bench.measurement import Measurement


def measurement(title="product", requests=1000, seconds=10.0, errors=0, **more):
    cpu = {"gateway": 1.0, "service": 0.5, "rabbitmq": 0.5, "mongod": 0.0, "other": 0.0}
    return Measurement(
        title, requests, seconds, errors, p50=1.0, p90=2.0, p99=3.0, cpu=cpu, **more
    )


def verdicts(**measured):
    return {each.text: each.met for each in targets.judged(measured)}


def test_only_good_answers_count():
    it = measurement(errors=200)
    assert it.rate == 80.0
    assert it.cpu_ms() == 2.5
    assert it.cpu_ms("gateway") == 1.25


def test_without_an_answer_there_is_a_number_still():
    it = measurement(requests=10, errors=12)
    assert (it.rate, it.cpu_ms()) == (0.0, 2000.0)


def test_a_line_of_progress_fits_the_terminal():
    slow = measurement("product, cached, 2 gateways", requests=123456, errors=3)
    assert len(dataclasses.replace(slow, p50=1234.5, p99=9999.9).line()) <= 80


def test_targets_are_met_or_not():
    stock = measurement("stock")
    met = verdicts(product=measurement(requests=3500), stock=stock)
    missed = verdicts(product=measurement(requests=3400), stock=stock)
    assert met["product: at least 3.5 x stock"]
    assert not missed["product: at least 3.5 x stock"]
    assert met["product: at most 2.2 CPU-ms"]


@pytest.mark.parametrize("trouble", [{"errors": 100}, {"note": "answers 200, not 304"}])
def test_an_unsound_measurement_meets_no_target(trouble):
    assert not any(verdicts(product=measurement(requests=9000, **trouble)).values())


def test_what_was_not_measured_is_not_met():
    assert not any(verdicts().values())


def test_the_report_says_it_all():
    measured = {
        "stock": measurement("stock: product"),
        "product": measurement(requests=4000, elsewhere=5.0, note="answers 404"),
    }
    text = report.render(measured, {"Processor": "some cores"}, 200.0)
    assert "| Processor | some cores |" in text
    assert "| product | 400 | 1.0 | 2.0 | 3.0 | 0 | **0.500** | 0.250 |" in text
    assert "| product / stock: product | 4.00 |" in text
    assert "- product: answers 404." in text
    assert "0.25 cores busy meanwhile, 0.50 at the most" in text
    assert "| **no** |" in text


def test_the_chart_is_a_picture(tmp_path):
    names = ("stock", "product", "cached", "bare_echo")
    chart.draw({name: measurement(name) for name in names}, tmp_path / "wire.png")
    assert (tmp_path / "wire.png").read_bytes().startswith(b"\x89PNG")


def test_the_processor_is_named():
    assert machine.processor("x : y\nmodel name\t: Some CPU @ 2 GHz\n") == (
        "Some CPU @ 2 GHz"
    )
