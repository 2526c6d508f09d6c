"""What several stores say of the same thing comes together, in bounded memory."""

from itertools import count, islice

from ops.audit.merging import merged


def test_each_key_comes_once_with_what_each_stream_has_of_it():
    orders = [("a", 1), ("c", 3)]
    charges = [("b", 20), ("c", 30), ("c", 31)]

    found = list(merged({"orders": orders, "charges": charges}))

    assert found == [
        ("a", {"orders": [1], "charges": []}),
        ("b", {"orders": [], "charges": [20]}),
        ("c", {"orders": [3], "charges": [30, 31]}),
    ]


def test_it_takes_no_more_of_a_stream_than_it_needs():
    endless = ((f"{number:09}", number) for number in count())

    first = list(islice(merged({"one": endless}), 2))

    assert first == [("000000000", {"one": [0]}), ("000000001", {"one": [1]})]
